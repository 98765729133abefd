/*
 * hash: FNV-1a for 64 bits, by Fowler, Noll and Vo. It is fast and spreads names well; it is no
 * protection against who looks for two that have the same.
 */
#ifndef PEXEC_BASE_HASH_H
#define PEXEC_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of no bytes. */
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

/* The hash of what `hash` is of, with so many bytes behind it. */
uint64_t hash_add(uint64_t hash, const void *bytes, size_t length);

#endif
