#ifndef STILLPOINT_FILES_H
#define STILLPOINT_FILES_H

#include <stdint.h>

/// O_PATH, which Swift's Glibc module lacks.
extern const int sp_o_path;

/// LOOP_GET_STATUS64 (include/uapi/linux/loop.h): the `st_dev` and `st_ino` of the file under a loop device, as
/// stat(2) reports them. Returns 0, or -1 with errno: ENXIO when the loop device has no file.
int sp_loop_file(int fd, uint32_t *major, uint32_t *minor, uint64_t *inode);

/// BTRFS_IOC_FS_INFO (include/uapi/linux/btrfs.h): the UUID that names the file system below /sys/fs/btrfs.
/// Returns 0, or -1 with errno: ENOTTY when it is no btrfs.
int sp_btrfs_uuid(int fd, uint8_t uuid[16]);

#endif
