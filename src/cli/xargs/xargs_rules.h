/*
 * xargs_rules: the personality of xargs: what POSIX has for it, and GNU findutils 4.9.
 */
#ifndef PEXEC_CLI_XARGS_XARGS_RULES_H
#define PEXEC_CLI_XARGS_XARGS_RULES_H

#include "cli/personality.h"

extern const struct personality xargs_rules;

#endif
