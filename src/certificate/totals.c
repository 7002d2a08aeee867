/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Columns of runs to totals, in whole numbers: lows, bests and highs are each summed, as if all erred alike, and layers are
 * never added together. Issuer and verifier both make totals here and nowhere else. R-CERT-05.
 */
#include <inttypes.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"
#include "certificate/certificate_int.h"

bool certificate__take_numbers(const char *line, size_t len, int64_t *ret, size_t n)
{
    const char *const end = line + len;

    for (size_t i = 0; i < n; i++) {
        const char *to = line;
        while (to < end && *to >= '0' && *to <= '9')
            to++;
        const size_t n_digits = (size_t)(to - line);
        if (n_digits == 0 || (n_digits > 1 && *line == '0') ||
            jb_parse_i64(line, n_digits, false, &ret[i]) < 0)
            return false;
        if (i + 1 < n && (to == end || *to++ != ' '))
            return false;
        line = to;
    }
    return line == end;
}

bool certificate__take_figure(const char *line, size_t len, bool *ret_is_known, int64_t ret[3])
{
    *ret_is_known = !(len == 7 && memcmp(line, "unknown", 7) == 0);
    if (!*ret_is_known)
        return true;
    return certificate__take_numbers(line, len, ret, 3) && ret[0] <= ret[1] && ret[1] <= ret[2];
}

static bool add_figure(struct certificate__sum *sum, int which, const char *line, size_t len)
{
    int64_t numbers[3] = {0, 0, 0};
    bool is_known = false;

    if (!certificate__take_figure(line, len, &is_known, numbers))
        return false;
    for (int i = 0; i < 3 && is_known; i++)
        if (jb_add_i64(sum->figures[which].low_best_high[i], numbers[i],
                       &sum->figures[which].low_best_high[i]) < 0)
            return false;
    sum->figures[which].n_known += is_known;
    return true;
}

static bool add_numbers(int64_t *sums, const char *line, size_t len, size_t n)
{
    int64_t numbers[4];

    if (!certificate__take_numbers(line, len, numbers, n))
        return false;
    for (size_t i = 0; i < n; i++)
        if (jb_add_i64(sums[i], numbers[i], &sums[i]) < 0)
            return false;
    return true;
}

/* One line of a column, by what the column is. */
static bool add(struct certificate__sum *sum, int total, const char *line, size_t len)
{
    if (total == CERTIFICATE_DURATION)
        return add_numbers(&sum->duration_ns, line, len, 1);
    if (total == CERTIFICATE_COVERAGE)
        return add_numbers(sum->fours, line, len, 4);
    return add_figure(sum, total - CERTIFICATE_ENERGY, line, len);
}

/* Cursors over all columns at once. */
struct walk {
    struct jb_certificate_lines layer, part, columns[CERTIFICATE_N_TOTALS];
};

static struct jb_certificate_lines lines_of(const struct jb_certificate_field *field)
{
    return field ? (struct jb_certificate_lines){field->value, field->value + field->len}
                 : (struct jb_certificate_lines){NULL, NULL};
}

static bool add_run(struct certificate__sums *sums, struct walk *walk, int layer)
{
    struct certificate__sum *of_part = NULL;
    const char *line = NULL;
    size_t len = 0;

    sums->layers[layer].n_runs++;
    if (jb_certificate_next_line(&walk->part, &line, &len)) {
        const int part = certificate__word(certificate__parts, line, len);
        if (part < 0)
            return false;
        of_part = &sums->parts[layer][part];
        of_part->n_runs++;
    }
    for (int total = CERTIFICATE_DURATION; total < CERTIFICATE_N_TOTALS; total++) {
        if (!jb_certificate_next_line(&walk->columns[total], &line, &len))
            continue;
        if (!add(&sums->layers[layer], total, line, len) ||
            (of_part && !add(of_part, total, line, len)))
            return false;
    }
    return true;
}

static const struct jb_certificate_field *open_field(const struct jb_certificate *certificate,
                                                     const char *name)
{
    const struct jb_certificate_field *const field = jb_certificate_field(certificate, name);

    return field && field->value ? field : NULL;
}

jb_rc certificate__sum(const struct jb_certificate *certificate, struct certificate__sums *ret,
                       struct jb_error *err)
{
    struct walk walk;
    const char *line = NULL;
    size_t len = 0;

    memset(ret, 0, sizeof *ret);
    ret->layer = open_field(certificate, "run.layer");
    ret->part = open_field(certificate, "run.part");
    walk.layer = lines_of(ret->layer);
    walk.part = lines_of(ret->part);
    for (int total = CERTIFICATE_DURATION; total < CERTIFICATE_N_TOTALS; total++) {
        char name[JB_FIELD_NAME];
        (void)snprintf(name, sizeof name, "run.%s", certificate__totals[total]);
        ret->columns[total] = open_field(certificate, name);
        walk.columns[total] = lines_of(ret->columns[total]);
    }
    for (int64_t i = 1; jb_certificate_next_line(&walk.layer, &line, &len); i++) {
        const int layer = certificate__word(certificate__layers, line, len);
        if (layer < 0 || !add_run(ret, &walk, layer))
            return jb_fail(err, JB_E_RANGE, NULL,
                           "run %" PRId64 " of the certificate cannot be summed", i);
    }
    return JB_OK;
}

static void add_figure_text(const struct certificate__sum *sum, int which, struct jb_buf *out)
{
    const int64_t *const numbers = sum->figures[which].low_best_high;

    if (sum->figures[which].n_known == 0)
        jb_buf_add_text(out, "unknown");
    else
        jb_buf_addf(out, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, numbers[0], numbers[1],
                    numbers[2], sum->figures[which].n_known);
}

void certificate__total_text(const struct certificate__sum *sum, int total, struct jb_buf *out)
{
    if (total == CERTIFICATE_RUNS)
        jb_buf_addf(out, "%" PRId64, sum->n_runs);
    else if (total == CERTIFICATE_DURATION)
        jb_buf_addf(out, "%" PRId64, sum->duration_ns);
    else if (total == CERTIFICATE_COVERAGE)
        jb_buf_addf(out, "%" PRId64 " %" PRId64 " %" PRId64 " %" PRId64, sum->fours[0],
                    sum->fours[1], sum->fours[2], sum->fours[3]);
    else
        add_figure_text(sum, total - CERTIFICATE_ENERGY, out);
}

void certificate__parts_text(const struct certificate__sums *sums, struct jb_buf *out)
{
    for (int layer = 0; layer < CERTIFICATE_N_LAYERS; layer++) {
        for (int part = 0; part < CERTIFICATE_N_PARTS; part++) {
            const struct certificate__sum *const sum = &sums->parts[layer][part];
            if (sum->n_runs == 0)
                continue;
            jb_buf_addf(out, "%s %s %" PRId64 " %" PRId64 " ", certificate__layers[layer],
                        certificate__parts[part], sum->n_runs, sum->duration_ns);
            add_figure_text(sum, 0, out);
            jb_buf_add_u8(out, '\n');
        }
    }
}

void certificate__methods_text(struct jb_certificate_lines lines, struct jb_buf *out)
{
    static const struct {
        const char *name, *words;
    } methods[] = {
        {"A", "energy of instructions, as counted"},
        {"B", "rated power times time"},
        {"C-1", "all that the meters gave while the run was there"},
        {"C-2", "the run's share of what the meters gave, by its use"},
    };
    int64_t n[JB_ARRAY_LEN(methods)] = {0};
    const char *line = NULL;
    size_t len = 0;

    while (jb_certificate_next_line(&lines, &line, &len))
        for (size_t i = 0; i < JB_ARRAY_LEN(methods); i++)
            n[i] += strlen(methods[i].name) == len && memcmp(methods[i].name, line, len) == 0;
    for (size_t i = 0; i < JB_ARRAY_LEN(methods); i++)
        if (n[i] > 0)
            jb_buf_addf(out, "%s: %s; %" PRId64 " run%s\n", methods[i].name, methods[i].words, n[i],
                        n[i] == 1 ? "" : "s");
}

int64_t certificate__coverage_ppm(const int64_t fours[4])
{
    int64_t seen = 0;
    int64_t all = 0;

    for (int i = 0; i < 4; i++)
        all = jb_add_sat_i64(all, fours[i]);
    seen = jb_add_sat_i64(fours[0], fours[1]);
    return all == 0 ? -1 : jb_muldiv_sat_i64(seen, 1000000, all, JB_ROUND_FLOOR);
}

void certificate__coverage_text(int64_t ppm, struct jb_buf *out)
{
    char text[32];

    if (ppm < 0)
        jb_buf_add_text(out, "nothing");
    else
        jb_buf_addf(out, "%s %%", jb_format_decimal(ppm, 4, text, sizeof text));
}
