/* SPDX-License-Identifier: Apache-2.0 */
/* The only place where compiler attributes are spelled. Every source file sees it through some base header. */
#ifndef JB_BASE_COMPILER_H
#define JB_BASE_COMPILER_H

#include <stdlib.h>

#define JB_MUST_USE                     __attribute__((warn_unused_result))
#define JB_PRINTF(fmt_index, first_arg) __attribute__((format(printf, fmt_index, first_arg)))
#define JB_NORETURN                     __attribute__((noreturn))
#define JB_NOINLINE                     __attribute__((noinline))
#define JB_INLINE                       __attribute__((always_inline)) inline
#define JB_TARGET(features)             __attribute__((target(features)))
#define JB_UNUSED                       __attribute__((unused))
#define JB_PUBLIC                       __attribute__((visibility("default")))

/* A local that cleans itself up: JB_AUTO(jb_buf_release) struct jb_buf b = ...; the function takes a pointer to it. */
#define JB_AUTO(release) __attribute__((cleanup(release)))

/* Defines name##_auto(T **p) for JB_AUTO from a NULL-safe free function. */
#define JB_AUTO_POINTER(T, free_function)                    \
    JB_UNUSED static inline void free_function##_auto(T **p) \
    {                                                        \
        if (*p)                                              \
            free_function(*p);                               \
    }

JB_UNUSED static inline void jb_free_auto(void *p)
{
    free(*(void **)p);
}

/* Only inside a calculation, never in an interface but for numbers of operations (model/compute.h). */
__extension__ typedef __int128 jb_i128;
__extension__ typedef unsigned __int128 jb_u128;

/* True where `a op b` does not fit *ret; *ret then holds the wrapped result. */
#define JB_ADD_OVERFLOWS(a, b, ret) __builtin_add_overflow((a), (b), (ret))
#define JB_SUB_OVERFLOWS(a, b, ret) __builtin_sub_overflow((a), (b), (ret))
#define JB_MUL_OVERFLOWS(a, b, ret) __builtin_mul_overflow((a), (b), (ret))

#define JB_ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#include "base/banned.h"

#endif
