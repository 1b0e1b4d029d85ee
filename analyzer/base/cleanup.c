#include "base/cleanup.h"

#include <stdlib.h>

void free_pointer(void *variable)
{
	free(*(void **)variable);
}
