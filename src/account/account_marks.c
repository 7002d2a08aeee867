/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of a mark to kind, name and metrics (R-MARK-11), and marks to the epochs of an account (R-MARK-12, -13). Must
 * never fail a run for what its marks hold.
 */
#include "account/account_marks.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "account/account_int.h"
#include "base/clean.h"

#define MARK_TEXT_MAX 4096

static const struct {
    const char *word;
    enum jb_mark_kind kind;
} kinds[] = {
    {"epoch", JB_MARK_EPOCH},  {"step", JB_MARK_STEP},     {"phase", JB_MARK_PHASE},
    {"total", JB_MARK_STATED}, {"metric", JB_MARK_STATED}, {"budget", JB_MARK_STATED},
};

/* Appends the word to a bounded text, parted by a blank. With `whole`, only if all of it fits. */
static void append(char *to, size_t size, const char *word, size_t len, bool whole)
{
    size_t used = strlen(to);
    const size_t need = len + (used > 0 ? 1 : 0);

    if (whole && used + need >= size)
        return;
    if (used > 0 && used + 1 < size)
        to[used++] = ' ';
    for (size_t i = 0; i < len;) {
        const size_t n = jb_clean_character(word + i, len - i);
        const size_t step = n > 0 ? n : 1;
        if (used + step >= size)
            break;
        if (n > 0)
            memcpy(to + used, word + i, n);
        else
            to[used] = '?';
        used += step;
        i += step;
    }
    to[used] = '\0';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f' || c == '\0';
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word(const char *text, size_t len, const char *word)
{
    if (strlen(word) != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if (lower(text[i]) != word[i])
            return false;
    return true;
}

/* The first word: "epoch", or "epoch=3", whose value is the name. True if it has been dealt with. */
static bool take_first(const char *word, size_t len, struct jb_mark *mark)
{
    const char *const equals = memchr(word, '=', len);
    const size_t n = equals ? (size_t)(equals - word) : len;

    for (size_t i = 0; i < JB_ARRAY_LEN(kinds); i++) {
        if (!is_word(word, n, kinds[i].word))
            continue;
        mark->kind = kinds[i].kind;
        append(mark->name, sizeof mark->name, kinds[i].word, n, true);
        if (equals && len > n + 1)
            append(mark->name, sizeof mark->name, equals + 1, len - n - 1, false);
        return true;
    }
    mark->kind = equals && n > 0 ? JB_MARK_METRIC : JB_MARK_OTHER;
    return false;
}

void jb_mark_parse(const char *text, size_t len, struct jb_mark *ret_mark)
{
    struct jb_mark mark = {.kind = JB_MARK_OTHER};
    bool is_first = true;

    if (len > MARK_TEXT_MAX)
        len = MARK_TEXT_MAX;
    for (size_t at = 0; at < len;) {
        if (is_blank(text[at])) {
            at++;
            continue;
        }
        size_t end = at;
        while (end < len && !is_blank(text[end]))
            end++;
        const char *const word = text + at;
        const size_t n = end - at;
        at = end;
        if (is_first && take_first(word, n, &mark)) {
            is_first = false;
            continue;
        }
        is_first = false;
        if (word[0] != '=' && memchr(word, '=', n))
            append(mark.metrics, sizeof mark.metrics, word, n, true);
        else if (mark.kind != JB_MARK_METRIC)
            append(mark.name, sizeof mark.name, word, n, false);
    }
    *ret_mark = mark;
}

/* A moment of the run with what had been consumed by then. */
struct point {
    int64_t mono_ns, run_uj, total_uj, half_width_uj;
};

static int64_t at_least_zero(int64_t value)
{
    return value > 0 ? value : 0;
}

/* What lies between two points; the sampling windows that both edges fall into may belong to either side. */
static void measure(struct jb_account_epoch *epoch, const struct point *from,
                    const struct point *to)
{
    epoch->duration_ns = at_least_zero(to->mono_ns - from->mono_ns);
    epoch->run_uj = at_least_zero(to->run_uj - from->run_uj);
    epoch->total_uj = at_least_zero(to->total_uj - from->total_uj);
    epoch->interpolated_uj =
        jb_add_sat_i64(at_least_zero(from->half_width_uj), at_least_zero(to->half_width_uj));
}

static void add_metrics(struct jb_account_epoch *epoch, const char *metrics)
{
    const size_t used = strlen(epoch->metrics);
    const size_t len = strlen(metrics);

    if (len == 0 || used + 1 + len >= sizeof epoch->metrics)
        return;
    append(epoch->metrics, sizeof epoch->metrics, metrics, len, true);
}

/* Where the walk over the marks stands. */
struct walk {
    struct point epoch_from; /* the last epoch or phase mark, or the run's start */
    struct point step_from;  /* the last mark of any kind but metrics */
    struct point phase_from;
    struct jb_account_epoch *phase;  /* the one still going */
    struct jb_account_epoch *latest; /* metrics go to it */
    size_t n_other;
    const char *first_other;
    size_t n_beyond; /* marks for which there was no room */
};

static void walk_mark(struct walk *walk, const struct jb_account_mark *written,
                      struct jb_account *account)
{
    const struct point here = {written->mono_ns, written->run_uj, written->total_uj,
                               written->half_width_uj};
    struct jb_account_epoch *row;
    struct jb_mark mark;

    jb_mark_parse(written->text, strnlen(written->text, sizeof written->text), &mark);
    if (mark.kind == JB_MARK_METRIC && walk->latest) {
        add_metrics(walk->latest, mark.metrics);
        return;
    }
    if (mark.kind == JB_MARK_STATED) /* R-MARK-14 */
        return;
    if (mark.kind == JB_MARK_METRIC || mark.kind == JB_MARK_OTHER) {
        if (walk->n_other++ == 0)
            walk->first_other = written->text;
        return;
    }
    if (account->n_epochs >= JB_ACCOUNT_EPOCHS_MAX) {
        walk->n_beyond++;
        return;
    }
    row = &account->epochs[account->n_epochs++];
    memcpy(row->name, mark.name, sizeof row->name);
    memcpy(row->metrics, mark.metrics, sizeof row->metrics);
    row->utc_us = written->utc_us;
    switch (mark.kind) {
    case JB_MARK_EPOCH:
        measure(row, &walk->epoch_from, &here);
        walk->epoch_from = walk->step_from = here;
        break;
    case JB_MARK_STEP:
        measure(row, &walk->step_from, &here);
        walk->step_from = here;
        break;
    default:
        if (walk->phase) {
            measure(walk->phase, &walk->phase_from, &here);
            walk->phase->utc_us = written->utc_us;
        }
        walk->phase = row;
        walk->phase_from = walk->epoch_from = walk->step_from = here;
        break;
    }
    walk->latest = row;
}

/* R-MARK-13: the last phase ends with the run whose marks these are. */
static void end_phase(const struct jb_account_builder *builder, struct walk *walk, int64_t run_uj)
{
    const struct jb_account_mark *const marks_end = &builder->marks_end;
    struct point end = {builder->run.end_mono_ns, run_uj, 0, 0};

    walk->phase->utc_us = builder->run.end_utc_us;
    for (size_t i = 0; i < builder->n_rows; i++)
        if (builder->rows[i].line.role == JB_ROLE_POST)
            end.total_uj =
                jb_add_sat_i64(end.total_uj, builder->rows[i].amount_uj[JB_AMOUNT_TOTAL]);
    if (builder->has_marks_end) {
        end = (struct point){marks_end->mono_ns, marks_end->run_uj, marks_end->total_uj, 0};
        walk->phase->utc_us = marks_end->utc_us;
    }
    measure(walk->phase, &walk->phase_from, &end);
}

jb_rc jb_account_epochs(const struct jb_account_builder *builder, struct jb_account *account,
                        struct jb_error *err)
{
    const struct jb_run *const run = &builder->run;
    struct walk walk = {0};

    if (builder->n_marks == 0)
        return JB_OK;
    const size_t n =
        builder->n_marks < JB_ACCOUNT_EPOCHS_MAX ? builder->n_marks : JB_ACCOUNT_EPOCHS_MAX;
    account->epochs = calloc(n, sizeof account->epochs[0]);
    if (!account->epochs)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu marks", n);
    walk.epoch_from.mono_ns = walk.step_from.mono_ns = run->start_mono_ns;
    for (size_t i = 0; i < builder->n_marks; i++)
        walk_mark(&walk, &builder->marks[i], account);
    if (walk.phase)
        end_phase(builder, &walk, account->energy_uj.best);
    if (walk.n_other > 0)
        jb_account_note(
            account, "%zu of the marks name no epoch, step, phase or metric; the first: '%.100s'",
            walk.n_other, walk.first_other);
    if (walk.n_beyond + builder->n_marks_dropped > 0)
        jb_account_note(
            account,
            "only the first %d epochs, steps and phases are listed; %zu marks came after them",
            JB_ACCOUNT_EPOCHS_MAX, walk.n_beyond + builder->n_marks_dropped);
    return JB_OK;
}
