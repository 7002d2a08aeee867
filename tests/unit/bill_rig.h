/* SPDX-License-Identifier: Apache-2.0 */
/* A bill out of text, and what is in it, as lines that can be compared. */
#ifndef JB_TESTS_BILL_RIG_H
#define JB_TESTS_BILL_RIG_H

#include <fcntl.h>
#include <unistd.h>

#include "base/buf.h"
#include "import/bill_int.h"
#include "tap.h"

/* The text in a file that is gone when the test is; "" where that fails. */
TAP__UNUSED static char *bill_file(const void *bytes, size_t len)
{
    static char path[64];
    char name[] = "/tmp/jb-bill-XXXXXX";
    const int fd = mkstemp(name);

    if (fd < 0 || write(fd, bytes, len) != (ssize_t)len)
        bail_out("cannot write a file");
    (void)close(fd);
    (void)snprintf(path, sizeof path, "%s", name);
    return path;
}

static const char *const bill_classes[] = {"instance", "function", "service",
                                           "energy",   "not",      "unknown"};

/* "run|class|reason|instance|rows|quantity|us or uJ|cost|first line" a group; `with_line` 0 leaves the last out. */
TAP__UNUSED static void bill_print(const struct jb_bill *bill, bool with_line, struct jb_buf *buf)
{
    for (size_t i = 0; i < jb_bill_n_groups(bill); i++) {
        const struct jb_bill_group *const group = jb_bill_group_at(bill, i);
        jb_buf_addf(
            buf, "%s|%s|%s|%s|%lld|%lld|%lld|%lld", group->run, bill_classes[group->class],
            group->reason, group->instance, (long long)group->n_rows,
            (long long)group->quantity_nano,
            (long long)(group->class == JB_BILL_ENERGY ? group->energy_uj : group->instance_us),
            (long long)group->cost_micro);
        if (with_line)
            jb_buf_addf(buf, "|%lld", (long long)group->first_line);
        jb_buf_add_text(buf, "\n");
    }
}

/* Reads a file; the bill is the caller's. NULL with *err filled where it fails. */
TAP__UNUSED static struct jb_bill *bill_of(const char *format, enum jb_bill_by by, const char *name,
                                           const char *path, const struct bill_tuning *tuning,
                                           struct jb_error *err)
{
    const struct bill_tuning usual = {0};
    const struct jb_bill_rule rule = {by, name};
    struct jb_bill *bill = NULL;

    if (jb_bill_new(jb_bill_format_find(format), &rule, &bill, err) < 0 ||
        jb_bill__read_tuned(bill, path, tuning ? tuning : &usual, NULL, err) < 0 ||
        jb_bill_finish(bill, err) < 0) {
        jb_bill_free(bill);
        return NULL;
    }
    return bill;
}

#endif
