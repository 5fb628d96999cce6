#include "mounts.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

int sp_mount_of(int fd, uint64_t *mount_id, uint32_t *major, uint32_t *minor) {
    struct statx result;
    if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &result) != 0) return -1;
    *mount_id = result.stx_mnt_id;
    *major = result.stx_dev_major;
    *minor = result.stx_dev_minor;
    return 0;
}

long sp_filesystem_magic(int fd) {
    struct statfs result;
    return fstatfs(fd, &result) == 0 ? (long)result.f_type : -1;
}
