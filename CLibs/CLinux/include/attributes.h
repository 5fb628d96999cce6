#ifndef STILLPOINT_ATTRIBUTES_H
#define STILLPOINT_ATTRIBUTES_H

#include <stddef.h>
#include <sys/types.h>

// Swift's Glibc module lacks sys/xattr.h.

/// fsetxattr(2): makes or replaces an extended attribute. 0, or -1 with errno.
int sp_attribute_set(int fd, const char *name, const void *value, size_t size);

/// fgetxattr(2): the size of the value, that is put into `value` unless `size` is 0. -1 with errno: ENODATA when there
/// is no such attribute, ERANGE when it is longer.
ssize_t sp_attribute_get(int fd, const char *name, void *value, size_t size);

/// flistxattr(2): the size of all names, each with a zero byte behind it, that are put into `names` unless `size` is 0.
/// -1 with errno: ERANGE when they are longer.
ssize_t sp_attribute_list(int fd, void *names, size_t size);

#endif
