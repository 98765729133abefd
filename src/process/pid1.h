/*
 * pid1: the duties of process 1.
 *
 * In a container pexec may be process 1: orphans become its children, and a signal without a
 * handler does not end it. So process 1 stays behind as a minimal init, and pexec runs in its
 * child.
 */
#ifndef PEXEC_PROCESS_PID1_H
#define PEXEC_PROCESS_PID1_H

#include <stdbool.h>

/*
 * As process 1: forks, and returns true in the child alone. The parent reaps its children, passes
 * signals on to that child, and exits as the child did (128 + N when signal N ended it). As another
 * process: returns false.
 */
bool pid1_stay_behind(void);

#endif
