/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plain TAP for C tests: one line per promise on stdout, diagnostics as `# ` lines, a plan at the end and a non-zero
 * exit if a promise was broken. Include it from the one source file of a test program; main() ends with
 * `return done_testing();`. A name states the promise: "wrap across 32 bits loses nothing".
 */
#ifndef JB_TESTS_TAP_H
#define JB_TESTS_TAP_H

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    int n_run;
    int n_failed;
} tap__state;

#define TAP__UNUSED                  __attribute__((unused))
#define TAP__PRINTF(fmt_at, args_at) __attribute__((format(printf, fmt_at, args_at)))

/* A note for the reader of a failure. */
TAP__PRINTF(1, 2) TAP__UNUSED static void diag(const char *fmt, ...)
{
    va_list args;
    char line[2048];

    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    for (char *at = line; at;) {
        char *const end = strchr(at, '\n');
        if (end)
            *end = '\0';
        printf("# %s\n", at);
        at = end && end[1] != '\0' ? end + 1 : NULL;
    }
    (void)fflush(stdout);
}

TAP__PRINTF(4, 0)
TAP__UNUSED static bool tap__vreport(bool passed, const char *file, int line, const char *fmt,
                                     va_list args)
{
    tap__state.n_run++;
    printf("%sok %d - ", passed ? "" : "not ", tap__state.n_run);
    (void)vprintf(fmt, args);
    putchar('\n');
    if (!passed) {
        tap__state.n_failed++;
        diag("failed at %s:%d", file, line);
    }
    /* A test that forks must not print a buffered line twice. */
    (void)fflush(stdout);
    return passed;
}

TAP__PRINTF(4, 5)
TAP__UNUSED static bool tap__ok(bool passed, const char *file, int line, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)tap__vreport(passed, file, line, fmt, args);
    va_end(args);
    return passed;
}

TAP__PRINTF(5, 6)
TAP__UNUSED static bool tap__is_i64(int64_t got, int64_t want, const char *file, int line,
                                    const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)tap__vreport(got == want, file, line, fmt, args);
    va_end(args);
    if (got != want)
        diag("got  %" PRId64 "\nwant %" PRId64, got, want);
    return got == want;
}

TAP__PRINTF(5, 6)
TAP__UNUSED static bool tap__is_str(const char *got, const char *want, const char *file, int line,
                                    const char *fmt, ...)
{
    const bool same = got && want ? strcmp(got, want) == 0 : got == want;
    va_list args;

    va_start(args, fmt);
    (void)tap__vreport(same, file, line, fmt, args);
    va_end(args);
    if (!same)
        diag("got  \"%s\"\nwant \"%s\"", got ? got : "(null)", want ? want : "(null)");
    return same;
}

/* ok(claim, "promise %d", ...); is_i64(got, want, "promise"); is_str(got, want, "promise"). Each returns the verdict. */
#define ok(claim, ...)         tap__ok((claim), __FILE__, __LINE__, __VA_ARGS__)
#define is_i64(got, want, ...) tap__is_i64((got), (want), __FILE__, __LINE__, __VA_ARGS__)
#define is_str(got, want, ...) tap__is_str((got), (want), __FILE__, __LINE__, __VA_ARGS__)

/* Stands for one promise that cannot be tested here; the reason is shown by the runner. */
TAP__PRINTF(1, 2) TAP__UNUSED static void skip(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    printf("ok %d # SKIP ", ++tap__state.n_run);
    (void)vprintf(fmt, args);
    va_end(args);
    putchar('\n');
    (void)fflush(stdout);
}

/* Stops the whole run: nothing after it would mean anything. */
TAP__PRINTF(1, 2)
__attribute__((noreturn)) TAP__UNUSED static void bail_out(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    printf("Bail out! ");
    (void)vprintf(fmt, args);
    va_end(args);
    putchar('\n');
    (void)fflush(stdout);
    _Exit(255);
}

/* Prints the plan. A program that ran no test has failed. */
TAP__UNUSED static int done_testing(void)
{
    printf("1..%d\n", tap__state.n_run);
    if (tap__state.n_failed > 0)
        diag("%d of %d promises broken", tap__state.n_failed, tap__state.n_run);
    (void)fflush(stdout);
    return tap__state.n_failed > 0 || tap__state.n_run == 0 ? 1 : 0;
}

#endif
