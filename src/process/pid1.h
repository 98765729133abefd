/*
 * init: the duties of process 1.
 *
 * In a container pexec may be the first process: then orphans become its children, and a signal
 * that has no handler does not end it. So process 1 stays behind as a minimal init, and pexec
 * itself runs in its child.
 */
#ifndef PEXEC_PROCESS_PID__H
#define PEXEC_PROCESS_PID__H

#include <stdbool.h>

/*
 * As process 1: forks, and returns in the child alone. The parent reaps whatever ends, passes
 * signals on, and exits as the child did (128 + N when that died of signal N). Returns whether it
 * was so; otherwise it does nothing.
 */
bool pid1_stay_behind(void);

#endif
