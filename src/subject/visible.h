/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The variables by which an environment limits a program to some boards, to the channels that it can and cannot see. Pure but
 * for jb_visible_of_process. Rule R-USE-05: docs/method/boards.md.
 */
#ifndef JB_SUBJECT_VISIBLE_H
#define JB_SUBJECT_VISIBLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/os.h"
#include "model/channel.h"

/* Bit i % 64 of word i / 64 is channel i's. */
struct jb_visible {
    uint64_t unseen[JB_CHANNELS_MAX / 64]; /* of a board that the environment excludes */
    uint64_t named[JB_CHANNELS_MAX / 64];  /* of a board that it names */
    bool is_doubtful;                      /* which boards it means is not certain */
    bool is_unmetered;                     /* it names a board that no channel is of */
};

/*
 * Adds "NAME=value" to the lines in `texts`, if it is one of those variables; any other is left out. False if there is no
 * room for it.
 */
bool jb_visible_add(char *texts, size_t size, const char *assignment);

/* The same for every variable of a NULL-ended environment, and of a process; what cannot be read says nothing. */
void jb_visible_of_environment(char *const *environment, char *ret_texts, size_t size);
void jb_visible_of_process(const struct jb_os *os, pid_t pid, char *ret_texts, size_t size);

/* `texts` as jb_visible_add made them, from wherever: it is taken for what it is. */
void jb_visible_resolve(const char *texts, const struct jb_channel *channels, size_t n,
                        struct jb_visible *ret);

#endif
