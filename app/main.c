#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <unistd.h>
#include "app/cli.h"

/* A database opened on descriptor 2 would be overwritten by the first error message: keep 0 to 2 taken. */
static int keep_standard_descriptors(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
	return fd;
}

int main(int argc, char *argv[])
{
	if (keep_standard_descriptors() < 0)
		return 1;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);     /* a file at the limit of its size (ulimit -f) is an error of the write, with words */
	setlocale(LC_CTYPE, "");      /* only this: numbers keep their point */
	return cli_main(argc, argv);
}
