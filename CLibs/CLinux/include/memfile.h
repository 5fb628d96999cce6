#ifndef STILLPOINT_MEMFILE_H
#define STILLPOINT_MEMFILE_H

/// memfd_create(2) with MFD_CLOEXEC: Swift's Glibc module lacks it. Returns a descriptor, or -1 with errno.
int sp_memfile(const char *name);

#endif
