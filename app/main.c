#include <locale.h>

#include "app/cli.h"

int main(int argc, char *argv[])
{
	setlocale(LC_CTYPE, "");     /* only what characters are: numbers are read and written the same everywhere */
	return cli_main(argc, argv);
}
