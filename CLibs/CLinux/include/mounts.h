#ifndef STILLPOINT_MOUNTS_H
#define STILLPOINT_MOUNTS_H

#include <stdint.h>

/// The mount that an open descriptor lies on: `stx_mnt_id` of statx(2) (kernel 5.8) and the device number.
/// Returns 0, or -1 with errno.
int sp_mount_of(int fd, uint64_t *mount_id, uint32_t *major, uint32_t *minor);

/// `f_type` of fstatfs(2), or -1 with errno.
long sp_filesystem_magic(int fd);

#endif
