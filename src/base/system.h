/*
 * system: what this machine grants us, each idea in a header of its own. A portable way stands
 * beside everything that only some systems have (features.h says which do).
 */
#ifndef PEXEC_BASE_SYSTEM_H
#define PEXEC_BASE_SYSTEM_H

#include "base/system_companion.h"
#include "base/system_limits.h"
#include "base/system_memory.h"
#include "base/system_pipes.h"
#include "base/system_processes.h"
#include "base/system_signals.h"
#include "base/system_title.h"

#endif
