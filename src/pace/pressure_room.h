/*
 * pressure_room: do tasks stand still for want of a processor, memory or a disk (--pressure)?
 *
 * The kernel's number is one of the last 10 s: what a job does to it shows late. So where it is
 * below the limit one more job than before may run each second, and others in the place of those
 * that end.
 */
#ifndef PEXEC_PACE_PRESSURE_ROOM_H
#define PEXEC_PACE_PRESSURE_ROOM_H

#include "base/system_load.h"
#include "pace/verdict.h"

/* Tasks stand still for `percent` of the time, and jobs may start while that is less than `limit`.
 */
void pressure_room_judge(
    struct verdict *verdict, enum system_resource resource, double percent, double limit);

#endif
