/* SPDX-License-Identifier: Apache-2.0 */
/* What a secret is, by the name it is given under and by its form (docs/method/privacy.md). Pure functions. */
#ifndef JB_CLI_SECRET_H
#define JB_CLI_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum jb_secret_level {
    JB_SECRET_NONE,
    JB_SECRET_WEAK,   /* token, key, auth, pass: small numbers and yes or no are none */
    JB_SECRET_STRONG, /* password, secret ...: whatever it is */
    JB_SECRET_LOGIN,  /* the word after `login`, if it is long and made by a machine */
    JB_SECRET_BEARER, /* the word after `Bearer` */
};

/* R-PRIVACY-03: of the values that stand under this name (an option with its dashes, a variable, a key of JSON). */
enum jb_secret_level jb_secret_level_of(const char *name, size_t len);
/* Whether this value under a name of `level`, not JB_SECRET_NONE, must not be seen. */
bool jb_secret_is_value(const char *value, size_t len, enum jb_secret_level level);

/* R-PRIVACY-04: bytes of the secret that begins at text[0], where no letter or digit stands before it; 0: none. */
size_t jb_secret_known(const char *text, size_t len);

#endif
