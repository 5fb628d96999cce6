#ifndef STILLPOINT_CLINUX_H
#define STILLPOINT_CLINUX_H

#include "freeze.h"
#include "clock.h"
#include "memfile.h"
#include "memory.h"
#include "process.h"
#include "attach.h"
#include "attributes.h"
#include "mounts.h"
#include "dmlog.h"
#include "runrecord.h"
#include "files.h"
#include "step.h"

#endif
