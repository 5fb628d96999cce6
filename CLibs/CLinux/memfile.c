#include "memfile.h"

#include <sys/mman.h>

int sp_memfile(const char *name) { return memfd_create(name, MFD_CLOEXEC); }
