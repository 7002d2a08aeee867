/* SPDX-License-Identifier: Apache-2.0 */
/* How far two words are from each other, to suggest the nearest one to somebody who misspelt it. Pure. */
#ifndef JB_BASE_APART_H
#define JB_BASE_APART_H

#include <stddef.h>

/* Letters to add, drop or change to make one word of the other, at most 64 of each. */
size_t jb_words_apart(const char *a, const char *b);

#endif
