/*
 * parallel_retry: --retry-failed of parallel: the commands that are tried again are those of the
 * journal, whatever stands on the command line.
 */
#ifndef PEXEC_CLI_PARALLEL_PARALLEL_RETRY_H
#define PEXEC_CLI_PARALLEL_PARALLEL_RETRY_H

#include <stdbool.h>

#include "cli/options.h"

/*
 * Makes the commands of the journal the items, by their numbers: the run leaves out those that have
 * succeeded. False: --retry-failed is not there, or there is no such journal; what is typed counts
 * then.
 */
bool parallel_retry_settle(struct options *options);

#endif
