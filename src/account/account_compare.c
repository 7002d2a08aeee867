/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redundant and overlapping meters of a run to notes: what they read, how far apart, and whether that is more than
 * their bands allow (R-ACCOUNT-08). Must never move a figure: what is compared is in no sum.
 */
#include <stdio.h>
#include <string.h>

#include "account/account_int.h"

/* What two readings have to do with each other. */
enum relation {
    NOTHING,
    THE_SAME, /* they see the same energy */
    WITHIN,   /* one lies in the other, and can read no more */
};

/* A reading with the half-width in which it has to agree with another. */
struct compared {
    const char *name;
    int64_t energy_uj, half_uj;
};

const struct jb_account_row *jb_account_row_of(const struct jb_account_builder *builder,
                                               const struct jb_account_row *row, const char *id)
{
    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const other = &builder->rows[i];
        if (other != row && strcmp(other->line.channel, id) == 0 &&
            strcmp(other->line.host, row->line.host) == 0)
            return other;
    }
    return NULL;
}

/* What follows the driver's name: the same domain has it through every kernel path, "rapl/package-0". */
static const char *domain_of(const char *channel)
{
    const char *const slash = strchr(channel, '/');

    return slash ? slash + 1 : channel;
}

/* The posted row that sees what a duplicate sees: same domain name, else the only one of its scope. */
static const struct jb_account_row *twin_of(const struct jb_account_builder *builder,
                                            const struct jb_account_row *row)
{
    const struct jb_account_row *only = NULL;
    size_t n = 0;

    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const other = &builder->rows[i];
        if (other->is_unposted || other->line.role != JB_ROLE_POST ||
            other->line.scope != row->line.scope || strcmp(other->line.host, row->line.host) != 0)
            continue;
        if (strcmp(domain_of(other->line.channel), domain_of(row->line.channel)) == 0)
            return other;
        only = other;
        n++;
    }
    return n == 1 ? only : NULL;
}

/* "<board>/power" is the power that the board's own counter sums. */
static bool is_power_of(const char *channel, const char *board)
{
    const size_t len = strlen(board);

    return strncmp(channel, board, len) == 0 && strcmp(channel + len, "/power") == 0;
}

static enum relation relation_of(const struct jb_account_builder *builder,
                                 const struct jb_account_row *row,
                                 const struct jb_account_row **ret_other)
{
    const struct jb_account_row *const parent = jb_account_row_of(builder, row, row->parent);

    *ret_other = parent;
    if (row->line.role == JB_ROLE_DUPLICATE) {
        *ret_other = parent ? parent : twin_of(builder, row);
        return *ret_other ? THE_SAME : NOTHING;
    }
    if (!parent)
        return NOTHING;
    return parent->line.scope == row->line.scope ||
                   is_power_of(row->line.channel, parent->line.channel)
               ? THE_SAME
               : WITHIN;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* The half-width has the edges and the gaps in it; time that was not seen is as likely above as below. */
static bool compared_of(const struct jb_account_builder *builder, const struct jb_account_row *row,
                        struct compared *ret)
{
    const struct jb_coverage *const seen = &row->line.coverage;
    struct jb_figure figure;

    if (jb_account_figure(builder, JB_AMOUNT_TOTAL, row, &figure, NULL) < 0)
        return false;
    const int64_t seen_ns =
        jb_add_sat_i64(jb_add_sat_i64(seen->counter_ns, seen->gauge_ns), seen->interpolated_ns);
    int64_t half_uj = larger(figure.high - figure.best, figure.best - figure.low);
    if (seen->unobserved_ns > 0) {
        if (seen_ns <= 0)
            return false;
        half_uj = jb_add_sat_i64(
            half_uj, jb_muldiv_sat_i64(figure.best, seen->unobserved_ns, seen_ns, JB_ROUND_CEIL));
    }
    *ret = (struct compared){row->line.channel, figure.best, half_uj};
    return true;
}

/* "12.3 %" of the second reading; "" where that is nothing. */
static const char *apart(const struct compared *a, const struct compared *b, char *buf, size_t size)
{
    const int64_t apart_uj =
        a->energy_uj > b->energy_uj ? a->energy_uj - b->energy_uj : b->energy_uj - a->energy_uj;
    char number[32];

    buf[0] = '\0';
    if (b->energy_uj > 0)
        (void)snprintf(
            buf, size, "%s %%",
            jb_format_decimal(jb_muldiv_sat_i64(apart_uj, 1000, b->energy_uj, JB_ROUND_NEAREST), 1,
                              number, sizeof number));
    return buf;
}

/* 1: a reads more than the bands allow, -1: less; 0: neither. */
static int beyond(const struct compared *a, const struct compared *b)
{
    const int64_t allowed_uj = jb_hypot_i64(a->half_uj, b->half_uj);
    const int64_t more_uj = a->energy_uj - b->energy_uj;

    if (more_uj > allowed_uj)
        return 1;
    return more_uj < -allowed_uj ? -1 : 0;
}

/* Pairs that agree, in one sentence. */
struct agreed {
    char text[JB_NOTE - 80];
    size_t n;
};

static void add_agreed(struct agreed *agreed, const struct compared *a, const struct compared *b)
{
    const size_t used = strlen(agreed->text);
    char percent[40];

    agreed->n++;
    const int n =
        snprintf(agreed->text + used, sizeof agreed->text - used, "%s'%s' with '%s' (%s apart)",
                 used > 0 ? ", " : "", a->name, b->name, apart(a, b, percent, sizeof percent));
    if (n < 0 || (size_t)n >= sizeof agreed->text - used)
        agreed->text[used] = '\0'; /* as many as one note holds */
}

static void compare_row(const struct jb_account_builder *builder, const struct jb_account_row *row,
                        struct agreed *agreed, struct jb_account *account)
{
    const struct jb_account_row *other;
    struct compared a, b;
    char text_a[32], text_b[32], percent[40];
    const enum relation relation = relation_of(builder, row, &other);

    if (relation == NOTHING || !compared_of(builder, row, &a) || !compared_of(builder, other, &b))
        return;
    const int how = beyond(&a, &b);
    const char *const posted = !other->is_unposted && (other->line.role == JB_ROLE_POST ||
                                                       other->line.role == JB_ROLE_PARENT)
                                   ? ", which is posted,"
                                   : "";
    (void)jb_format_energy(a.energy_uj, text_a, sizeof text_a);
    (void)jb_format_energy(b.energy_uj, text_b, sizeof text_b);
    (void)apart(&a, &b, percent, sizeof percent);
    if (relation == THE_SAME && how != 0)
        jb_account_note(account,
                        "two meters of the same part disagree beyond their bands: '%s' read %s, "
                        "'%s'%s %s: %s%s%s",
                        a.name, text_a, b.name, posted, text_b, percent, percent[0] ? " " : "",
                        how > 0 ? "more" : "less");
    else if (relation == THE_SAME)
        add_agreed(agreed, &a, &b);
    else if (how > 0)
        jb_account_note(account,
                        "'%s' read %s, more than '%s', in which it lies, %s: %s%sbeyond their "
                        "bands",
                        a.name, text_a, b.name, text_b, percent, percent[0] ? " more, " : "");
}

/* psys and the like overlap the cover and should hold at least its packages: less is worth a word. */
static void compare_psys(const struct jb_account_builder *builder, const struct jb_account_row *row,
                         struct jb_account *account)
{
    struct compared check;
    struct compared sum = {.name = "packages"};
    char text_a[32], text_b[32], percent[40];

    if (!compared_of(builder, row, &check))
        return;
    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const other = &builder->rows[i];
        struct compared one;
        if (other->is_unposted || other->line.role != JB_ROLE_POST ||
            other->line.scope != JB_SCOPE_PACKAGE || other->line.origin == JB_ORIGIN_MODELLED ||
            strcmp(other->line.host, row->line.host) != 0 || !compared_of(builder, other, &one))
            continue;
        sum.energy_uj = jb_add_sat_i64(sum.energy_uj, one.energy_uj);
        sum.half_uj = jb_add_sat_i64(sum.half_uj, one.half_uj);
    }
    if (beyond(&check, &sum) < 0)
        jb_account_note(account,
                        "'%s' read %s, less than the packages inside it, %s: %s less, one of them "
                        "is wrong",
                        check.name, jb_format_energy(check.energy_uj, text_a, sizeof text_a),
                        jb_format_energy(sum.energy_uj, text_b, sizeof text_b),
                        apart(&check, &sum, percent, sizeof percent));
}

void jb_account_compare(const struct jb_account_builder *builder, struct jb_account *account)
{
    struct agreed agreed = {.n = 0};

    for (size_t i = 0; i < builder->n_rows; i++) {
        const struct jb_account_row *const row = &builder->rows[i];
        if (!row->is_unposted ||
            (row->line.role != JB_ROLE_DUPLICATE && row->line.role != JB_ROLE_CHECK))
            continue;
        compare_row(builder, row, &agreed, account);
        if (row->line.scope == JB_SCOPE_PSYS)
            compare_psys(builder, row, account);
    }
    if (agreed.text[0])
        jb_account_note(account, "meters of the same part differ by no more than their bands: %s",
                        agreed.text);
}
