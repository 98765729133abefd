/*
 * own_rules: the personality of pexec under its own name.
 */
#ifndef PEXEC_CLI_OWN_RULES_H
#define PEXEC_CLI_OWN_RULES_H

#include "cli/personality.h"

extern const struct personality own_rules;

#endif
