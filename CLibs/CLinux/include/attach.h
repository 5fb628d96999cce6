#ifndef STILLPOINT_ATTACH_H
#define STILLPOINT_ATTACH_H

#include <stddef.h>
#include <stdint.h>

/// A new mount that is attached nowhere yet: fsopen(2), fsconfig(2), fsmount(2) (kernel 5.2).
/// `options` are `key` or `key=value`, the last one is null; `attributes` are MOUNT_ATTR_* (linux/mount.h).
/// Returns an O_PATH descriptor of its root; closing it before sp_attach dissolves the mount. Or -1 with errno, and in
/// `message` what the file system had to say.
int sp_detached_mount(const char *type, const char *source, const char *const *options, uint64_t attributes,
                      char *message, size_t size);

/// move_mount(2): attaches a detached mount exactly at an open directory, without any path. 0, or -1 with errno.
int sp_attach(int mount, int directory);

/// mount_setattr(2) (kernel 5.12): makes the mount, not the file system, read-only. 0, or -1 with errno.
int sp_mount_read_only(int mount);

/// openat2(2) (kernel 5.6) of a directory below another one with O_PATH: no symbolic link, no `..` out of it and no
/// other mount on the way. A descriptor, or -1 with errno: ELOOP for a link, EXDEV for a mount.
int sp_open_beneath(int directory, const char *path);

/// openat2(2) of a directory with O_PATH: no symbolic link on the way. A descriptor, or -1 with errno.
int sp_open_without_links(const char *path);

/// The mount that a name in a directory leads to (statx(2), STATX_MNT_ID), no link followed, nothing automounted.
/// 0, or -1 with errno.
int sp_mount_at(int directory, const char *name, uint64_t *mount_id);

/// BLKROSET (linux/fs.h): whoever mounts the block device is told that it cannot be written. 0, or -1 with errno.
int sp_block_read_only(int fd);

#endif
