#include <asm/fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

// Not from <fcntl.h>: Swift leaves variadic functions out, which its own module of the C library wraps. The calls are the same.
int open(const char *path, int flags);

// A cast is no macro that Swift takes over; its own module of the C library defines the constant too.
#undef MAP_FAILED
static void *const MAP_FAILED = (void *)-1;
