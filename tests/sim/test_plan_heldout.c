/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans against published trainings (R-PLAN-10): each is planned from its operations and hardware alone, by utilisations and
 * draws fitted without the source it stands in and without any other row of its models. The fit of R-PLAN-04 is here, and the
 * rows of the catalogue must be it. JB_REFERENCE=FILE takes another table of runs (all of training_runs.csv).
 */
#include "plan_runs.h"

/* What a run of another size counts beside one of the same; of small ones, also one on another kind of hardware. */
#define OTHER_SIZE 0.03
#define OTHER_KIND 0.3
#define UTMOST \
    0.9 /* share of a peak that no training comes to: the operations are not those of the hours */

/* --- what a run reached, and whether it may be in the fit (R-PLAN-04) ------------------------------------------------ */

static struct jb_plan_order order_of(const struct run *run)
{
    struct jb_plan_order order = {.compute = JB_COMPUTE_UNKNOWN,
                                  .tariff_micro_per_kwh = -1,
                                  .price_micro_per_device_hour = -1};

    order.compute.training_flop = (jb_i128)run->flop;
    order.accelerator.known = JB_KNOWN_VALUE;
    (void)snprintf(order.accelerator.text, sizeof order.accelerator.text, "%s", run->hardware);
    order.n_devices = run->n_devices >= 1 ? (int64_t)run->n_devices : 8;
    return order;
}

/* Half of the last digit that is given, over all: 0.5 / 16 of 1.6e19. */
static double half_digit(double flop)
{
    double power = pow(10, floor(log10(flop)));

    for (int i = 0; i < 9 && fabs(flop / power - round(flop / power)) > 1e-6 * flop / power; i++)
        power /= 10;
    return 0.5 * power / flop;
}

/* Operations that somebody computed from the device time by a round share of the peak say nothing of the share. */
static bool is_assumed(double utilisation, double flop)
{
    static const double usual[] = {0.3, 0.33, 0.4};
    const double half = half_digit(flop);

    for (int i = 1; i <= 19; i++)
        if (fabs(utilisation / (0.05 * i) - 1) < 0.003)
            return true;
    for (size_t i = 0; i < JB_ARRAY_LEN(usual); i++)
        if (fabs(utilisation / usual[i] - 1) < (half < 0.003 ? 0.003 : half > 0.05 ? 0.05 : half))
            return true;
    return fabs(utilisation * 3 - 1) < 0.003;
}

/* The same run in two rows: same hours, and the same operations or another count of them in another source. */
static bool is_same(const struct run *a, const struct run *b)
{
    const double times = a->flop > b->flop ? a->flop / b->flop : b->flop / a->flop;

    return a->kind == b->kind && fabs(a->hours / b->hours - 1) < 0.01 &&
           (times < 1.01 || (times < 2.5 && a->is_compiled != b->is_compiled));
}

static void judge(struct run *run)
{
    struct jb_error err = {0};
    const struct jb_plan_order order = order_of(run);

    if (plan__hardware_of(&order, &run->found, &err) < 0 || run->found.peak_gflops == 0) {
        diag("refused: '%s': %s", run->hardware, err.message);
        all.n_refused++;
        return;
    }
    run->kind = run->found.kind;
    run->size = plan__size_of((jb_i128)run->flop);
    run->utilisation = run->flop / (run->hours * 3600 * (double)run->found.peak_gflops * 1e9);
    run->is_assumed = !run->is_primary && is_assumed(run->utilisation, run->flop);
    run->is_used = true;
    for (const struct run *other = all.runs; other < run && run->is_used; other++)
        if (other->is_used && is_same(run, other)) {
            run->is_used = false;
            all.n_twice++;
        }
    if (!run->is_used)
        return;
    run->is_used = !run->is_assumed && !run->is_finetuning && run->utilisation <= UTMOST;
    if (run->is_finetuning)
        all.n_finetuning++;
    else if (run->utilisation > UTMOST)
        all.n_beyond++;
    else if (run->is_assumed)
        all.n_assumed++;
}

/* Rows of publications first: of the same run in a database too, the publication's stands. */
static void judge_all(void)
{
    static struct run sorted[RUNS_MAX];
    size_t n = 0;

    for (int compiled = 0; compiled < 2; compiled++)
        for (size_t i = 0; i < all.n; i++)
            if (all.runs[i].is_compiled == compiled)
                sorted[n++] = all.runs[i];
    memcpy(all.runs, sorted, sizeof sorted);
    for (size_t i = 0; i < all.n; i++)
        judge(&all.runs[i]);
}

/* --- the fit ---------------------------------------------------------------------------------------------------------- */

static bool is_alike(const char *a, const char *b)
{
    const size_t n_a = strlen(a), n_b = strlen(b);
    return strncmp(a, b, n_a < n_b ? n_a : n_b) == 0;
}

/* Whether `run` may say nothing where `held` is planned: of its study, or a row of a model that the study has. */
static bool is_held(const struct run *run, const struct run *held)
{
    if (!held)
        return false;
    if (strcmp(run->study, held->study) == 0)
        return true;
    for (size_t i = 0; i < all.n; i++)
        if (strcmp(all.runs[i].study, held->study) == 0 && is_alike(all.runs[i].key, run->key))
            return true;
    return false;
}

static struct jb_catalogue_band band_of(struct point *points, size_t n)
{
    qsort(points, n, sizeof points[0], compare);
    return (struct jb_catalogue_band){.low = llround(quantile(points, n, 0.05) * 1e3) * 1000,
                                      .best = llround(quantile(points, n, 0.50) * 1e3) * 1000,
                                      .high = llround(quantile(points, n, 0.95) * 1e3) * 1000};
}

static struct jb_catalogue_band fit_utilisation(enum plan__size size, enum plan__kind kind,
                                                const bool *is_out)
{
    struct point points[RUNS_MAX];
    size_t n = 0;
    int64_t n_own = 0, n_studies = 0;

    for (size_t i = 0; i < all.n; i++) {
        const struct run *const run = &all.runs[i];
        if (!run->is_used || is_out[i])
            continue;
        const bool is_kind = size != SIZE_SMALL || run->kind == kind;
        points[n++] = (struct point){run->utilisation, (run->size == size ? 1 : OTHER_SIZE) *
                                                           (is_kind ? 1 : OTHER_KIND)};
        if (run->size != size || !is_kind)
            continue;
        bool is_seen = false;
        for (size_t k = 0; k < i; k++)
            is_seen = is_seen || (all.runs[k].is_used && !is_out[k] && all.runs[k].size == size &&
                                  (size != SIZE_SMALL || all.runs[k].kind == kind) &&
                                  strcmp(all.runs[k].study, run->study) == 0);
        n_own++;
        n_studies += !is_seen;
    }
    struct jb_catalogue_band band = band_of(points, n);
    band.n_rows = n_own;
    band.n_sources = n_studies;
    return band;
}

/* Mean draw that is published, over what is estimated at the run's own utilisation. */
static double draw_ratio(const struct run *run, const struct plan__refs *refs)
{
    const struct jb_plan_order order = order_of(run);
    const struct plan__facts facts = {
        .order = &order, .refs = refs, .hardware = run->found, .size = run->size};
    struct jb_estimate made;
    struct jb_error err = {0};
    const int64_t mw = plan__board_mw(&facts, llround(run->utilisation * 1e6));

    if (plan__power(&facts, mw, &made, &err) < 0)
        bail_out("%s", err.message);
    const double minute_kwh =
        (double)(run->is_chip ? made.parts[0].energy_uj.best : made.energy_uj.best) / 3.6e12;
    return run->kwh / (run->hours * 60 / (double)order.n_devices) / minute_kwh;
}

static bool has_truth(const struct run *run)
{
    return !run->is_modelled && run->kwh > 0 && run->found.peak_gflops > 0;
}

static void fit_draw(struct plan__refs *refs, const bool *is_out)
{
    struct point points[RUNS_MAX];
    size_t n = 0;
    int64_t n_studies = 0;

    for (size_t i = 0; i < all.n; i++) {
        double n_of_study = 0;
        bool is_first = true;
        if (!has_truth(&all.runs[i]) || is_out[i])
            continue;
        for (size_t k = 0; k < all.n; k++)
            if (has_truth(&all.runs[k]) && strcmp(all.runs[k].study, all.runs[i].study) == 0) {
                n_of_study++;
                is_first = is_first && k >= i;
            }
        n_studies += is_first;
        points[n++] = (struct point){draw_ratio(&all.runs[i], refs), 1 / n_of_study};
    }
    refs->draw = band_of(points, n);
    refs->draw.n_rows = (int64_t)n;
    refs->draw.n_sources = n_studies;
}

static struct plan__refs fit(const struct plan__refs *shipped, const struct run *held)
{
    static bool is_out[RUNS_MAX];
    struct plan__refs refs = *shipped;

    for (size_t i = 0; i < all.n; i++)
        is_out[i] = is_held(&all.runs[i], held);
    for (int size = 0; size < SIZE_N; size++)
        for (int kind = 0; kind < KIND_N; kind++)
            refs.utilisation[size][kind] =
                fit_utilisation((enum plan__size)size, (enum plan__kind)kind, is_out);
    fit_draw(&refs, is_out);
    return refs;
}

static bool is_row(const char *name, const struct jb_catalogue_band *now,
                   const struct jb_catalogue_band *then)
{
    diag("%s,%.3f,%.3f,%.3f,%lld,%lld", name, (double)now->low / 1e6, (double)now->best / 1e6,
         (double)now->high / 1e6, (long long)now->n_rows, (long long)now->n_sources);
    return now->low == then->low && now->best == then->best && now->high == then->high &&
           now->n_rows == then->n_rows && now->n_sources == then->n_sources;
}

static void fits_shipped(const struct plan__refs *shipped)
{
    const struct plan__refs now = fit(shipped, NULL);
    static const struct {
        const char *key;
        enum plan__size size;
        enum plan__kind kind;
    } rows[] = {{"large", SIZE_LARGE, KIND_BF16},      {"medium", SIZE_MEDIUM, KIND_BF16},
                {"small-bf16", SIZE_SMALL, KIND_BF16}, {"small-fp16", SIZE_SMALL, KIND_FP16},
                {"small-fp32", SIZE_SMALL, KIND_FP32}, {"small-npu", SIZE_SMALL, KIND_NPU}};
    bool is_fit = is_row("draw", &now.draw, &shipped->draw);

    for (size_t i = 0; i < JB_ARRAY_LEN(rows); i++)
        is_fit = is_row(rows[i].key, &now.utilisation[rows[i].size][rows[i].kind],
                        &shipped->utilisation[rows[i].size][rows[i].kind]) &&
                 is_fit;
    if (!getenv("JB_REFERENCE"))
        ok(is_fit, "the rows of training_utilisation are the fit over the catalogue's runs");
}

/* --- how draw follows utilisation (R-PLAN-07) -------------------------------------------------------------------------- */

/* ImageNetEff22's PyTorch runs beyond 1 % of the peak, 8 A100 of 312 TFLOP/s and 400 W: multiply-adds of a forward pass of the
 * models as published, 90 epochs of torchvision's recipes, device hours and watts of the eight as in training_runs. */
static const struct {
    const char *model;
    double gmacs, epochs, hours, watts;
} followed[] = {
    {"ResNet50", 4.089, 90, 177.26, 1002.7},     {"ResNet101", 7.801, 90, 295.188, 878.1},
    {"ResNet152", 11.514, 90, 393.2504, 1017.1}, {"VGG16", 15.47, 90, 104.2008, 1857.2},
    {"VGG19", 19.63, 90, 118.5376, 1968.9},
};

static void follows(const struct plan__refs *shipped)
{
    const double idle = (double)shipped->board_idle.best / 1e6;
    double x = 0, y = 0, xx = 0, xy = 0;
    const size_t n_all = JB_ARRAY_LEN(followed);
    const double n = (double)n_all;

    for (size_t i = 0; i < n_all; i++) {
        const double flop = followed[i].gmacs * 1e9 * 2 * 3 * 1281167 * followed[i].epochs;
        const double u = flop / (followed[i].hours * 3600 * 312e12);
        const double share = followed[i].watts / 8 / 400;
        diag("%s: %.5f of the peak, %.3f of the rating", followed[i].model, u, share);
        x += log(u);
        y += log(share - idle);
        xx += log(u) * log(u);
        xy += log(u) * log(share - idle);
    }
    const double slope = (n * xy - x * y) / (n * xx - x * x);
    ok(fabs(slope - (double)shipped->exponent_ppm / 1e6) < 0.005,
       "draw above idle goes with utilisation to the power of the catalogue's exponent (%.3f)",
       slope);
}

/* --- held out --------------------------------------------------------------------------------------------------------- */

static int compare_double(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof values[0], compare_double);
    return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static struct jb_plan plan_of(const struct run *run, const struct plan__refs *refs)
{
    const struct jb_plan_order order = order_of(run);
    struct jb_plan plan;
    struct jb_error err = {0};

    if (plan__make(&order, refs, &plan, &err) < 0)
        bail_out("'%s': %s", run->model, err.message);
    if (!plan.is_computable)
        bail_out("'%s': %s", run->model, plan.why_not);
    return plan;
}

/* Of a chip alone: the share of the boards in the best figure, applied to all of the band. */
static double share_of_chip(const struct run *run, const struct plan__refs *refs)
{
    const struct jb_plan_order order = order_of(run);
    const struct plan__facts facts = {
        .order = &order, .refs = refs, .hardware = run->found, .size = run->size};
    struct jb_estimate made;
    struct jb_error err = {0};
    const int64_t mw = plan__board_mw(&facts, refs->utilisation[run->size][run->kind].best);

    if (!run->is_chip)
        return 1;
    if (plan__power(&facts, mw, &made, &err) < 0)
        bail_out("%s", err.message);
    return (double)made.parts[0].energy_uj.best / (double)made.energy_uj.best;
}

static void hold_out_energy(const struct plan__refs *shipped)
{
    double widths[RUNS_MAX];
    size_t n = 0, n_inside = 0;

    diag("| model | hardware | operations | truth, MWh | low | best | high | high/low | inside |");
    for (size_t i = 0; i < all.n; i++) {
        const struct run *const run = &all.runs[i];
        if (!has_truth(run))
            continue;
        const struct plan__refs refs = fit(shipped, run);
        const struct jb_plan plan = plan_of(run, &refs);
        const double mwh = 3.6e12 / share_of_chip(run, &refs), truth = run->kwh / 1000;
        const double low = (double)plan.energy_mj.low / mwh,
                     high = (double)plan.energy_mj.high / mwh;
        const bool is_inside = low <= truth && truth <= high;
        diag("| %s%s | %s | %.3g | %.4g | %.4g | %.4g | %.4g | %.2f | %s |", run->model,
             run->is_assumed ? " *" : "", run->hardware, run->flop, truth, low,
             (double)plan.energy_mj.best / mwh, high, high / low, is_inside ? "yes" : "no");
        widths[n++] = high / low;
        n_inside += is_inside;
    }
    const double width = median(widths, n);
    ok(n == 16, "16 runs that are not modelled have operations, hardware and energy (%zu)", n);
    ok(n_inside >= 13, "the truth lies inside the 90 %% band in 13 of them and more (%zu)",
       n_inside);
    ok(width <= 4, "the median of high/low is 4 or less (%.2f)", width);
}

static void hold_out_time(const struct plan__refs *shipped)
{
    double widths[RUNS_MAX];
    size_t n = 0, n_inside = 0, n_all = 0, n_all_inside = 0, n_of[SIZE_N] = {0}, n_in[SIZE_N] = {0};

    for (size_t i = 0; i < all.n; i++) {
        const struct run *const run = &all.runs[i];
        if (run->found.peak_gflops == 0)
            continue;
        const struct plan__refs refs = fit(shipped, run);
        const struct jb_plan plan = plan_of(run, &refs);
        const double us = run->hours * 3.6e9;
        const bool is_inside =
            (double)plan.device_us.low <= us && us <= (double)plan.device_us.high;
        n_all++;
        n_all_inside += is_inside;
        if (!run->is_used)
            continue;
        n_of[run->size]++;
        n_in[run->size] += is_inside;
        n_inside += is_inside;
        widths[n++] = (double)plan.device_us.high / (double)plan.device_us.low;
    }
    const double width = median(widths, n);
    for (int size = 0; size < SIZE_N; size++)
        diag("time, %s: %zu of %zu inside", plan__size_text((enum plan__size)size), n_in[size],
             n_of[size]);
    diag("time, every row with a known peak, also those that are not in the fit: %zu of %zu inside",
         n_all_inside, n_all);
    ok(n >= 100, "the time of at least 100 runs is planned (%zu)", n);
    ok((double)n_inside >= 0.85 * (double)n,
       "it lies inside the 90 %% band in 85 %% and more (%zu), the median of high/low %.2f",
       n_inside, width);
}

int main(void)
{
    const char *const path = getenv("JB_REFERENCE");
    struct plan__refs shipped;
    struct jb_error err = {0};

    read_runs(path);
    if (plan__refs_read(&shipped, &err) < 0)
        bail_out("%s", err.message);
    judge_all();
    diag("%zu rows: %zu without a known peak, %zu the same run again, %zu fine-tunings, %zu that "
         "come "
         "to their peak or beyond, %zu by an assumed share of it",
         all.n, all.n_refused, all.n_twice, all.n_finetuning, all.n_beyond, all.n_assumed);
    follows(&shipped);
    fits_shipped(&shipped);
    hold_out_energy(&shipped);
    hold_out_time(&shipped);
    return done_testing();
}
