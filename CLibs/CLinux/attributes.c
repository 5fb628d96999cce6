#include "attributes.h"

#include <sys/xattr.h>

int sp_attribute_set(int fd, const char *name, const void *value, size_t size) {
    return fsetxattr(fd, name, value, size, 0);
}

ssize_t sp_attribute_get(int fd, const char *name, void *value, size_t size) {
    return fgetxattr(fd, name, value, size);
}

ssize_t sp_attribute_list(int fd, void *names, size_t size) { return flistxattr(fd, names, size); }
