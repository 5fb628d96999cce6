#ifndef STILLPOINT_RUNRECORD_H
#define STILLPOINT_RUNRECORD_H

#include <stdint.h>

/// The layout of a run record: a file on tmpfs that the guard's two processes and the engine map. It tells what
/// stands still, also when every process that knew it is dead. Fixed layout, so that it has no pointer to follow.
#define SP_RUN_MAGIC 0x31525053u /* "SPR1" */
#define SP_RUN_PATH_MAX 1024
#define SP_RUN_UUID_MAX 136
#define SP_RUN_NAME_MAX 136

struct sp_run_header {
    uint32_t magic;
    uint32_t filesystem_count;
    uint32_t volume_count;
    uint32_t phase;
    uint32_t fired;  // the failsafe released something before the work was over
    uint32_t release; // set from outside to end a hold early
    uint32_t udev_cookie; // libdevmapper's semaphore for the resumes; 0: none
    uint32_t reserved;
    uint64_t deadline_ns; // CLOCK_MONOTONIC; 0: none
    char set[64];
};

struct sp_run_filesystem {
    uint32_t state;
    int32_t error;
    uint32_t major;
    uint32_t minor;
    uint64_t freezing_ns;
    uint64_t frozen_ns;
    uint64_t thawed_ns;
    char path[SP_RUN_PATH_MAX];
};

struct sp_run_volume {
    uint32_t state;
    int32_t error;
    uint32_t major;
    uint32_t minor;
    uint32_t recut; // 1 while the staged thin id is deleted and not yet created anew
    uint32_t reserved;
    uint64_t suspending_ns;
    uint64_t snapped_ns;
    uint64_t resumed_ns;
    char uuid[SP_RUN_UUID_MAX];
};

#endif
