/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes as a bill: read or refused with a reason, and to the same groups whether in one go or seven bytes at a time, by
 * the quickest scanner or the plain one. R-BILL-01 to R-BILL-04.
 */
#ifndef JB_TESTS_BILL_BYTES_H
#define JB_TESTS_BILL_BYTES_H

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "import/bill_int.h"

static jb_rc bill_read_once(const struct jb_bill_format *format, const char *path,
                            const struct bill_tuning *tuning, struct jb_bill **ret,
                            struct jb_error *err)
{
    const struct jb_bill_rule rule = {JB_BILL_BY_TAG, "project"};
    struct jb_bill *bill = NULL;
    jb_rc rc = jb_bill_new(format, &rule, &bill, err);

    if (rc == JB_OK)
        rc = jb_bill__read_tuned(bill, path, tuning, NULL, err);
    if (rc == JB_OK)
        rc = jb_bill_finish(bill, err);
    if (rc < 0) {
        jb_bill_free(bill);
        bill = NULL;
    }
    *ret = bill;
    return rc;
}

static bool bill_same_groups(const struct jb_bill *a, const struct jb_bill *b)
{
    int64_t n_rows = 0;

    if (jb_bill_n_groups(a) != jb_bill_n_groups(b) || jb_bill_n_rows(a) != jb_bill_n_rows(b))
        return false;
    for (size_t i = 0; i < jb_bill_n_groups(a); i++) {
        const struct jb_bill_group *const x = jb_bill_group_at(a, i);
        const struct jb_bill_group *const y = jb_bill_group_at(b, i);
        n_rows += x->n_rows;
        if (strcmp(x->run, y->run) != 0 || strcmp(x->instance, y->instance) != 0 ||
            x->n_rows != y->n_rows || x->cost_micro != y->cost_micro ||
            x->quantity_nano != y->quantity_nano || x->first_line != y->first_line ||
            x->class != y->class)
            return false;
    }
    return n_rows == jb_bill_n_rows(a);
}

static void bill_bytes(const char *name, const uint8_t *data, size_t size)
{
    const struct bill_tuning quick = {.n_threads = 1, .block_bytes = 16384};
    const struct bill_tuning slow = {16384, 7, 1, &jb_bill__scanner_plain};
    const struct jb_bill_format *const format = jb_bill_format_find(name);
    struct jb_bill *a = NULL;
    struct jb_bill *b = NULL;
    struct jb_error err_a = {0};
    struct jb_error err_b = {0};
    char path[64];
    const int fd = memfd_create("bill", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    const jb_rc rc_a = bill_read_once(format, path, &quick, &a, &err_a);
    const jb_rc rc_b = bill_read_once(format, path, &slow, &b, &err_b);
    if (rc_a != rc_b || strcmp(err_a.message, err_b.message) != 0)
        abort();
    if (rc_a < 0 && err_a.message[0] == '\0')
        abort();
    if (rc_a == JB_OK && !bill_same_groups(a, b))
        abort();
    jb_bill_free(a);
    jb_bill_free(b);
    (void)close(fd);
}

#endif
