#include "attach.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

// System calls by number: the C library has wrappers since 2.36 only, and their header excludes linux/mount.h.

static int configure(int context, unsigned command, const char *key, const char *value) {
    return (int)syscall(SYS_fsconfig, context, command, key, value, 0);
}

/// `e ext4: bad superblock`: a letter, a blank and the text, one message at each read.
static void collect(int context, char *message, size_t size) {
    char line[256];
    size_t used = 0;
    ssize_t length;
    while ((length = read(context, line, sizeof line - 1)) > 0) {
        line[length] = 0;
        line[strcspn(line, "\n")] = 0;
        const char *text = length > 2 && line[1] == ' ' ? line + 2 : line;
        const size_t room = strlen(text) + (used ? 2 : 0);
        if (used + room >= size) break;
        if (used) memcpy(message + used, "; ", 2);
        memcpy(message + used + (used ? 2 : 0), text, strlen(text));
        used += room;
    }
    message[used] = 0;
}

static int set_option(int context, const char *option) {
    char key[256];
    const char *equals = strchr(option, '=');
    const size_t length = equals ? (size_t)(equals - option) : strlen(option);
    if (length >= sizeof key) return errno = EINVAL, -1;
    memcpy(key, option, length);
    key[length] = 0;
    return equals ? configure(context, FSCONFIG_SET_STRING, key, equals + 1)
                  : configure(context, FSCONFIG_SET_FLAG, key, NULL);
}

int sp_detached_mount(const char *type, const char *source, const char *const *options, uint64_t attributes,
                      char *message, size_t size) {
    message[0] = 0;
    const int context = (int)syscall(SYS_fsopen, type, FSOPEN_CLOEXEC);
    if (context < 0) return -1;
    int mount = -1;
    int result = configure(context, FSCONFIG_SET_STRING, "source", source);
    for (; result == 0 && *options; options++) result = set_option(context, *options);
    if (result == 0) result = configure(context, FSCONFIG_CMD_CREATE, NULL, NULL);
    if (result == 0) mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, (unsigned)attributes);
    const int reason = errno;
    if (mount < 0) collect(context, message, size);
    close(context);
    errno = reason;
    return mount;
}

int sp_attach(int mount, int directory) {
    return (int)syscall(SYS_move_mount, mount, "", directory, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

int sp_mount_read_only(int mount) {
    struct mount_attr change = {.attr_set = MOUNT_ATTR_RDONLY};
    return (int)syscall(SYS_mount_setattr, mount, "", AT_EMPTY_PATH, &change, sizeof change);
}

static int open_directory(int directory, const char *path, uint64_t resolve) {
    struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = resolve};
    return (int)syscall(SYS_openat2, directory, path, &how, sizeof how);
}

int sp_open_beneath(int directory, const char *path) {
    return open_directory(directory, path, RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV);
}

int sp_open_without_links(const char *path) {
    return open_directory(AT_FDCWD, path, RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
}

int sp_mount_at(int directory, const char *name, uint64_t *mount_id) {
    struct statx result;
    if (statx(directory, name, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_MNT_ID, &result) != 0) return -1;
    *mount_id = result.stx_mnt_id;
    return 0;
}

int sp_block_read_only(int fd) {
    const int yes = 1;
    return ioctl(fd, BLKROSET, &yes);
}
