/*
 * load_room: is the machine free enough for another job (--load)?
 *
 * As in GNU parallel, the load is how many threads run or wait for a disk at this instant, not the
 * average of minutes that uptime(1) shows: a job is seen in it at once, and so at most one of them
 * takes the load over the limit.
 */
#ifndef PEXEC_PACE_LOAD_ROOM_H
#define PEXEC_PACE_LOAD_ROOM_H

#include "pace/verdict.h"

/* `running` threads run, and as many jobs may start as bring that to `limit`. */
void load_room_judge(struct verdict *verdict, double running, double limit);

#endif
