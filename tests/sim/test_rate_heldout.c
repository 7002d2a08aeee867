/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ratings by sources that have not seen the run (R-RATING-14): each source of published trainings is taken away whole, and its
 * trainings are rated by the others alone. How often the verdict is the one that all sources give is printed; the figures stand in
 * docs/method/validation.md. Then the interval of the percentile on drawn studies, whose truth is known.
 */
#include <math.h>

#include "rate/rate.h"
#include "rate/rate_int.h"
#include "tap.h"

#define CLASSES_MAX 400

struct tally {
    char name[160];
    int64_t n_runs, n_sources; /* that all sources have */
    int64_t n, n_none, n_wider, n_same, n_next, n_opposite;
};

static struct tally tallies[CLASSES_MAX];
static size_t n_tallies;

static struct jb_rate_subject subject_of(const struct jb_rate_ref *ref)
{
    struct jb_rate_subject ret = {.id = "",
                                  .group = "",
                                  .model = ref->model,
                                  .n_runs = 1,
                                  .n_views = 1,
                                  .flop = ref->flop,
                                  .n_parameters = ref->n_parameters,
                                  .n_examples = ref->n_examples};
    const int64_t uj = ref->energy_uj > INT64_MAX ? INT64_MAX : (int64_t)ref->energy_uj;

    snprintf(ret.application, sizeof ret.application, "%s", ref->application);
    snprintf(ret.architecture, sizeof ret.architecture, "%s", ref->architecture);
    snprintf(ret.stage, sizeof ret.stage, "%s", ref->stage);
    ret.views[0].method = ref->method;
    ret.views[0].energy_uj =
        (struct jb_figure){.is_known = true, .low = uj, .best = uj, .high = uj};
    return ret;
}

static struct tally *tally_of(const struct jb_rate_subject *subject, const struct jb_rate_class *of)
{
    char name[sizeof tallies[0].name], size[48];

    snprintf(name, sizeof name, "%s, %s, %s | %s | %s, %s | per %s", subject->application,
             subject->architecture[0] ? subject->architecture : "untold", subject->stage,
             of->widening.size == JB_RATE_SAME_SIZE ? jb_rate_size_text(subject, size, sizeof size)
             : of->widening.size == JB_RATE_NEXT_SIZES ? "next sizes too"
                                                       : "any size",
             jb_rate_boundary_name(of->method.boundary), jb_rate_basis_name(of->method.basis),
             jb_rate_measure_name(of->measure));
    for (size_t i = 0; i < n_tallies; i++)
        if (strcmp(tallies[i].name, name) == 0)
            return &tallies[i];
    if (n_tallies == CLASSES_MAX)
        bail_out("more than %d classes", CLASSES_MAX);
    struct tally *const tally = &tallies[n_tallies++];
    *tally = (struct tally){.n_runs = (int64_t)of->n_runs, .n_sources = (int64_t)of->n_sources};
    memcpy(tally->name, name, sizeof name);
    return tally;
}

static struct jb_rating rated(const struct jb_rate_subject *subject,
                              const struct jb_rate_refs *refs, const struct jb_rate_rules *rules)
{
    struct jb_rating ret = {0};
    struct jb_error err = {0};

    if (jb_rate(subject, refs, rules, &ret, &err) < 0)
        bail_out("%s", err.message);
    return ret;
}

static struct tally hold_out(const char *title, const struct jb_rate_refs *refs,
                             const struct jb_rate_rules *rules)
{
    struct tally all = {.n = 0};
    struct jb_rate_refs rest = {0};
    int64_t n_rows = 0, n_one_source = 0;

    rest.rows = calloc(refs->n, sizeof rest.rows[0]);
    if (!rest.rows)
        bail_out("no memory");
    n_tallies = 0;
    for (size_t i = 0; i < refs->n; i++) {
        const struct jb_rate_subject subject = subject_of(&refs->rows[i]);
        const struct jb_rating with = rated(&subject, refs, rules);
        n_rows++;
        n_one_source += with.is_rated && with.of.n_sources < 2;
        if (!with.is_rated)
            continue;
        struct tally *const tally = tally_of(&subject, &with.of);
        rest.n = 0;
        for (size_t k = 0; k < refs->n; k++)
            if (strcmp(refs->rows[k].source, refs->rows[i].source) != 0)
                rest.rows[rest.n++] = refs->rows[k];
        const struct jb_rating without = rated(&subject, &rest, rules);
        n_one_source += without.is_rated && without.of.n_sources < 2;
        tally->n++;
        tally->n_wider += without.is_rated && without.of.widening.size != with.of.widening.size;
        if (!without.is_rated)
            tally->n_none++;
        else if (without.verdicts == with.verdicts)
            tally->n_same++;
        else if ((without.verdicts | with.verdicts) == (JB_RATE_LOW | JB_RATE_HIGH))
            tally->n_opposite++;
        else
            tally->n_next++;
    }
    diag("%s", title);
    diag("| class | size | method | measure | runs | sources | rated | no reference without its "
         "source | by a wider class | same | next | opposite |");
    for (size_t i = 0; i < n_tallies; i++) {
        const struct tally *const tally = &tallies[i];
        diag("| %s | %" PRId64 " | %" PRId64 " | %" PRId64 " | %" PRId64 " | %" PRId64 " | %" PRId64
             " | %" PRId64 " | %" PRId64 " |",
             tally->name, tally->n_runs, tally->n_sources, tally->n, tally->n_none, tally->n_wider,
             tally->n_same, tally->n_next, tally->n_opposite);
        all.n += tally->n;
        all.n_none += tally->n_none;
        all.n_same += tally->n_same;
        all.n_next += tally->n_next;
        all.n_opposite += tally->n_opposite;
    }
    diag("of %" PRId64 " references %" PRId64 " have a class; without their source %" PRId64
         " have no comparable reference; of the other %" PRId64 " the verdict is the same in "
         "%" PRId64 ", the next in %" PRId64 ", the opposite in %" PRId64,
         n_rows, all.n, all.n_none, all.n - all.n_none, all.n_same, all.n_next, all.n_opposite);
    ok(n_one_source == 0, "%s: never a class from one source", title);
    free(rest.rows);
    return all;
}

/* --- the interval of the percentile, on studies whose truth is known: R-RATING-11 ------------------------------------------ */

static uint64_t state = 88172645463325252U;

static double uniform(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return ((double)(state >> 11) + 0.5) / 9007199254740992.0;
}

static double normal(void)
{
    return sqrt(-2 * log(uniform())) * cos(2 * 3.14159265358979323846 * uniform());
}

/* Sources differ by sd_between, runs within one by 1. How often the truth lies in the interval that a drawn set of studies gives. */
static double coverage(const int *n_of, size_t n_sources, double sd_between)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h"};
    struct rate__point points[256];
    int n_inside = 0, n_all = 0;

    for (int draw = 0; draw < 4000; draw++) {
        size_t n = 0;
        double effective = 0, low = 0, high = 0;
        for (size_t k = 0; k < n_sources; k++) {
            const double middle = sd_between * normal();
            for (int i = 0; i < n_of[k]; i++)
                points[n++] =
                    (struct rate__point){.log_value = middle + normal(), .source = names[k]};
        }
        (void)rate__weigh(points, n, &effective);
        for (int step = -2; step <= 2; step++) { /* the 16th to the 84th percentile */
            const double z = step / 2.0;
            const double truth = 0.5 * erfc(-z / sqrt(2));
            const double value = z * sqrt(1 + sd_between * sd_between);
            rate__interval(rate__share_below(points, n, value), effective, &low, &high);
            n_inside += low <= truth && truth <= high;
            n_all++;
        }
    }
    return (double)n_inside / n_all;
}

static void covers(void)
{
    static const struct {
        int n_of[8];
        size_t n_sources;
    } designs[] = {{{4, 1}, 2},
                   {{5, 5}, 2},
                   {{39, 8, 3}, 3},
                   {{1, 1, 1, 1, 1}, 5},
                   {{20, 3, 2, 2, 1, 1}, 6},
                   {{10, 10, 10, 10, 10, 10, 10, 10}, 8}};

    for (size_t i = 0; i < JB_ARRAY_LEN(designs); i++) {
        const double alike = coverage(designs[i].n_of, designs[i].n_sources, 0.5);
        const double assumed = coverage(designs[i].n_of, designs[i].n_sources, 1);
        const double apart = coverage(designs[i].n_of, designs[i].n_sources, 2);
        diag("%zu sources: the truth is inside in %.1f %%, %.1f %%, %.1f %% where sources differ "
             "half as much, as much, twice as much as runs within one",
             designs[i].n_sources, 100 * alike, 100 * assumed, 100 * apart);
        ok(assumed >= 0.87, "%zu sources: the 90 %% interval has the truth in 87 %% and more",
           designs[i].n_sources);
    }
}

int main(void)
{
    struct jb_rate_refs refs = {0};
    struct jb_error err = {0};
    const struct jb_rate_rules plain = {.measure = -1};
    const struct jb_rate_rules any_size = {{JB_RATE_ANY_SIZE, false, false}, -1};

    if (jb_rate_refs_add_catalogue(&refs, &err) < 0)
        bail_out("%s", err.message);
    const struct tally strict = hold_out("by itself", &refs, &plain);
    const struct tally wide = hold_out("with --relax size", &refs, &any_size);
    ok(strict.n >= 14 && wide.n >= 73,
       "as many trainings have a class as the catalogue's cut gives");
    ok(strict.n_opposite == 0 && wide.n_opposite == 0, "no verdict turns into its opposite");
    ok(10 * wide.n_same >= 7 * (wide.n - wide.n_none), "seven in ten stay as they are");
    jb_rate_refs_release(&refs);
    covers();
    return done_testing();
}
