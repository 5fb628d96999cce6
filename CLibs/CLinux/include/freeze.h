#ifndef STILLPOINT_FREEZE_H
#define STILLPOINT_FREEZE_H

/// FIFREEZE and FITHAW are `_IOWR` macros, which Swift's importer drops (include/uapi/linux/fs.h).
/// Both return 0, or -1 with errno.
int sp_fifreeze(int fd);
int sp_fithaw(int fd);

/// syncfs(2) is declared only under _GNU_SOURCE. Returns 0, or -1 with errno.
int sp_syncfs(int fd);

#endif
