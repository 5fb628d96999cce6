#include "files.h"

#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/loop.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

const int sp_o_path = O_PATH;

int sp_loop_file(int fd, uint32_t *major_number, uint32_t *minor_number, uint64_t *inode) {
    struct loop_info64 status;
    if (ioctl(fd, LOOP_GET_STATUS64, &status) != 0) return -1;
    *major_number = major(status.lo_device);
    *minor_number = minor(status.lo_device);
    *inode = status.lo_inode;
    return 0;
}

int sp_btrfs_uuid(int fd, uint8_t uuid[16]) {
    struct btrfs_ioctl_fs_info_args info;
    memset(&info, 0, sizeof info);
    if (ioctl(fd, BTRFS_IOC_FS_INFO, &info) != 0) return -1;
    memcpy(uuid, info.fsid, 16);
    return 0;
}
