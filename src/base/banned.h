/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Calls that lose errors, lengths or locales; the compiler stops whoever uses one. Included last by
 * base/compiler.h, after the system headers that declare them, because a poisoned name may not even be declared.
 */
#ifndef JB_BASE_BANNED_H
#define JB_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets strtok atoi atol atoll atof
#pragma GCC poison strtol strtoll strtoul strtoull strtod strtof
#pragma GCC poison gmtime localtime ctime asctime rand srand popen

#endif
