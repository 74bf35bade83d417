#include <stdio.h>
int main(void)
{
	puts("mlyard 0.1.0");
	return 0;
}
