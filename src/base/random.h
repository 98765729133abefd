/*
 * random: numbers for delays that differ and for an order that nobody expects; not for secrets.
 *
 * arc4random(3) of libbsd ends the process without a word where it gets no memory, in the middle of
 * a run. These take none, and cannot fail.
 */
#ifndef PEXEC_BASE_RANDOM_H
#define PEXEC_BASE_RANDOM_H

#include <stdint.h>

/* A number that no other run has had, as far as chance goes. */
uint64_t random_number(void);

/* A number below `bound`, each as probable as any other; 0 where there is none. */
uint32_t random_below(uint32_t bound);

#endif
