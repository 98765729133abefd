/*
 * parallel_rules: the personalities of GNU parallel 20221122: parallel, and sem, which is what
 * parallel --semaphore does.
 */
#ifndef PEXEC_CLI_PARALLEL_PARALLEL_RULES_H
#define PEXEC_CLI_PARALLEL_PARALLEL_RULES_H

#include "cli/personality.h"

extern const struct personality parallel_rules, sem_rules;

#endif
