/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is told of a work, and what the catalogue knows of the names in it, to the list of inputs. It must never take a
 * value that nobody gave without a band or a note (R-EST-01 to -05), nor go on without hardware or run time (R-EST-02).
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "estimate/estimate_int.h"

#define PPM   INT64_C(1000000)
#define MILLI INT64_C(1000)

struct reader {
    const struct jb_work *work;
    const struct estimate__load *load;
    struct estimate__facts *facts;
    struct jb_estimate *estimate;
    struct jb_error *err;
};

/* --- one input -------------------------------------------------------------------------------------------------- */

/* What an input is called, what would narrow it, and with what it moves. Neutral where nothing is said of it. */
static const struct {
    const char *name;
    const char *step;
    enum estimate__cause cause;
    int64_t neutral;
} kinds[IN_N] = {
    [IN_DURATION_NS] = {"run time",
                        "take the hours from the scheduler (sacct -o Elapsed), the bill or the "
                        "log's first and last line",
                        CAUSE_TIME, 0},
    [IN_BOARDS_MILLI] = {"number of boards",
                         "list them: nvidia-smi -L; or the job's allocation: sacct -o AllocTRES",
                         CAUSE_AMOUNT, 0},
    [IN_BOARD_MW] = {"rated power of a board",
                     "tell the exact variant, or its limit: nvidia-smi -q -d POWER", CAUSE_RATING,
                     0},
    [IN_BOARD_LOAD_PPM] =
        {"draw of a board under load",
         "read the draw during a short run of the same work: nvidia-smi -q -d POWER; "
         "or joulebook run",
         CAUSE_LOAD, PPM},
    [IN_BOARD_USE_PPM] = {"use of the boards",
                          "read it while it works: nvidia-smi --query-gpu=utilization.gpu",
                          CAUSE_LOAD, PPM},
    [IN_BOARD_IDLE_MW] = {"idle draw of a board",
                          "read it with nothing running: nvidia-smi -q -d POWER", CAUSE_IDLE, 0},
    [IN_UNITS_MILLI] = {"number of processors",
                        "count packages and threads (lscpu), or ask the provider what a vCPU is",
                        CAUSE_AMOUNT, 0},
    [IN_UNIT_UW] = {"rated power of a processor", "tell the exact model: lscpu, 'Model name'",
                    CAUSE_PROCESSOR, 0},
    [IN_PROCESSOR_LOAD_PPM] =
        {"draw of the processors under load",
         "tell their use (sar -u, sacct -o TotalCPU), or read RAPL in a short run: "
         "joulebook run",
         CAUSE_PROCESSOR, PPM},
    [IN_PROCESSOR_USE_PPM] = {"use of the processors",
                              "take it from sar -u, or sacct -o TotalCPU,Elapsed", CAUSE_PROCESSOR,
                              PPM},
    [IN_PROCESSOR_CURVE] = {"power of the processors at that use",
                            "read RAPL in a short run of the same work: joulebook run",
                            CAUSE_PROCESSOR, 1},
    [IN_HOST_CPU_MW] = {"processors of the host", "tell their model and number: lscpu",
                        CAUSE_PROCESSOR, 0},
    [IN_MEMORY_MIB] = {"size of memory", "tell it: free -m, or the instance's data sheet",
                       CAUSE_MEMORY, 0},
    [IN_MEMORY_UW_PER_GIB] = {"power per GiB of memory",
                              "read the DRAM domain of RAPL in a short run: joulebook meters",
                              CAUSE_MEMORY, 0},
    [IN_HOST_MEMORY_MW] = {"memory of the host", "tell its size: free -m", CAUSE_MEMORY, 0},
    [IN_REST_MW] = {"rest of the node", "read the node's power supply: ipmitool dcmi power reading",
                    CAUSE_REST, 0},
    [IN_REST_PPM] = {"rest of the node: board, fans, disks, losses",
                     "read the node's power supply: ipmitool dcmi power reading", CAUSE_REST, 0},
    [IN_INSTANCES_MILLI] = {"number of instances", "take it from the bill", CAUSE_AMOUNT, MILLI},
    [IN_INSTANCE_MW] = {"stated draw of an instance",
                        "ask the provider for the energy of the instance by hour", CAUSE_LOAD, 0},
    [IN_IDLE_PPM] = {"idle share of the time",
                     "compare the hours held with the log's first and last line", CAUSE_IDLE, 0},
};

static bool is_given(const struct jb_quantity *quantity)
{
    return quantity->known == JB_KNOWN_VALUE || quantity->known == JB_KNOWN_RANGE;
}

static void set_neutral(struct estimate__facts *facts)
{
    for (int id = 0; id < IN_N; id++) {
        struct estimate__input *const in = &facts->in[id];
        const bool is_repeat = id >= IN_REPEAT_MILLI && id < IN_REPEAT_MILLI + JB_WORK_REPEATS_MAX;
        *in = (struct estimate__input){
            .cause = is_repeat ? CAUSE_TIME : kinds[id].cause,
            .step = is_repeat ? "count them in the logs or the code that started them"
                              : kinds[id].step};
        in->low = in->best = in->high = is_repeat ? MILLI : kinds[id].neutral;
        (void)snprintf(in->name, sizeof in->name, "%s", is_repeat ? "repeats" : kinds[id].name);
    }
}

static void set_told(struct reader *reader, int id, const struct jb_quantity *quantity)
{
    struct estimate__input *const in = &reader->facts->in[id];

    in->known = quantity->known;
    in->is_told = true;
    in->low = quantity->low;
    in->best = quantity->best;
    in->high = quantity->high;
}

static void set_band(struct reader *reader, int id, enum jb_known known, int64_t low, int64_t best,
                     int64_t high)
{
    struct estimate__input *const in = &reader->facts->in[id];

    in->known = known;
    in->is_told = false;
    in->low = low < best ? low : best;
    in->best = best;
    in->high = high > best ? high : best;
}

/* "0.259 to 1.014, best 0.737" */
static const char *span_text(int64_t low, int64_t best, int64_t high, unsigned decimals, char *buf,
                             size_t size)
{
    char text[3][32];

    (void)jb_format_decimal(low, decimals, text[0], sizeof text[0]);
    (void)jb_format_decimal(best, decimals, text[1], sizeof text[1]);
    (void)jb_format_decimal(high, decimals, text[2], sizeof text[2]);
    if (low == high)
        (void)snprintf(buf, size, "%s", text[1]);
    else
        (void)snprintf(buf, size, "%s to %s, best %s", text[0], text[2], text[1]);
    return buf;
}

static void set_load(struct reader *reader, int id, enum jb_known known,
                     enum estimate__load_row row)
{
    static const struct {
        unsigned decimals;
        const char *unit;
    } units[LOAD_N] = {
        [LOAD_BOARD] = {6, "of the rating"},   [LOAD_BOARD_IDLE] = {6, "of the rating"},
        [LOAD_PROCESSOR] = {6, "of TDP"},      [LOAD_MOBILE] = {6, "of TDP"},
        [LOAD_HOST] = {6, "of TDP"},           [LOAD_HOST_CPU] = {3, "W a board"},
        [LOAD_HOST_MEMORY] = {3, "W a board"}, [LOAD_GIB_PER_VCPU] = {0, "MiB a thread"},
        [LOAD_REST] = {6, "of the devices"},
    };
    const struct jb_catalogue_band *const band = &reader->load->rows[row];
    char text[100];

    set_band(reader, id, known == JB_KNOWN_WITHHELD ? known : JB_KNOWN_UNKNOWN, band->low,
             band->best, band->high);
    estimate__factor(
        reader->estimate, reader->facts->in[id].name, band->source, "%s %s",
        span_text(band->low, band->best, band->high, units[row].decimals, text, sizeof text),
        units[row].unit);
}

/* A told or looked-up number of something, times the number of instances. */
static void set_product(struct reader *reader, int id, int64_t each)
{
    const struct estimate__input *const n = &reader->facts->in[IN_INSTANCES_MILLI];
    struct estimate__input *const in = &reader->facts->in[id];

    in->known = n->known == JB_KNOWN_UNKNOWN ? JB_KNOWN_VALUE : n->known;
    in->is_told = true;
    in->low = jb_muldiv_sat_i64(each, n->low, MILLI, JB_ROUND_NEAREST);
    in->best = jb_muldiv_sat_i64(each, n->best, MILLI, JB_ROUND_NEAREST);
    in->high = jb_muldiv_sat_i64(each, n->high, MILLI, JB_ROUND_NEAREST);
}

static void why_not(struct reader *reader, const char *format, ...) JB_PRINTF(2, 3);
static void why_not(struct reader *reader, const char *format, ...)
{
    va_list args;

    if (!reader->estimate->is_computable)
        return; /* the first reason stands */
    reader->estimate->is_computable = false;
    va_start(args, format);
    (void)vsnprintf(reader->estimate->why_not, sizeof reader->estimate->why_not, format, args);
    va_end(args);
}

/* --- time, instances -------------------------------------------------------------------------------------------- */

static const char *word(enum jb_known known)
{
    return known == JB_KNOWN_WITHHELD ? "known but withheld" : "unknown";
}

static void read_time(struct reader *reader)
{
    const struct jb_work *const work = reader->work;

    if (is_given(&work->duration_ns))
        set_told(reader, IN_DURATION_NS, &work->duration_ns);
    else
        why_not(reader, "run time %s", word(work->duration_ns.known));
    if (work->duration_ns.known == JB_KNOWN_RANGE &&
        work->duration_ns.best == work->duration_ns.high)
        estimate__note(reader->estimate,
                       "the run time is an upper bound: the true figure is at most so much");
    for (size_t i = 0; i < work->n_repeats; i++) {
        const struct jb_work_repeat *const repeat = &work->repeats[i];
        const int id = IN_REPEAT_MILLI + (int)i;
        (void)snprintf(reader->facts->in[id].name, sizeof reader->facts->in[id].name,
                       "number of %.32s", repeat->name[0] ? repeat->name : "repeats");
        if (is_given(&repeat->n_milli))
            set_told(reader, id, &repeat->n_milli);
        else
            why_not(reader, "run time %s: the number of %.32s is not told",
                    word(repeat->n_milli.known), repeat->name[0] ? repeat->name : "repeats");
        if (repeat->n_milli.known == JB_KNOWN_RANGE && repeat->n_milli.best == repeat->n_milli.high)
            estimate__note(reader->estimate,
                           "the %s is an upper bound: the true figure is at most so much",
                           reader->facts->in[id].name);
    }
}

static jb_rc read_instance(struct reader *reader)
{
    const struct jb_work *const work = reader->work;
    struct estimate__facts *const facts = reader->facts;

    if (is_given(&work->n_instances_milli))
        set_told(reader, IN_INSTANCES_MILLI, &work->n_instances_milli);
    else if (work->instance.known == JB_KNOWN_VALUE || is_given(&work->instance_mw))
        estimate__note(reader->estimate, "the number of instances is not told: taken as one");
    if (is_given(&work->instance_mw)) {
        set_told(reader, IN_INSTANCE_MW, &work->instance_mw);
        facts->has_instance_mw = true;
    }
    if (work->instance.known != JB_KNOWN_VALUE)
        return JB_OK;
    const jb_rc rc =
        jb_catalogue_find_instance(NULL, work->instance.text, &facts->instance, reader->err);
    if (rc < 0)
        return rc;
    facts->has_instance = true;
    estimate__factor(reader->estimate, "instance", facts->instance.source, "%s/%s",
                     facts->instance.provider, facts->instance.type);
    return JB_OK;
}

/* --- boards (R-EST-04, -11, -12) ---------------------------------------------------------------------------------- */

static void read_board_count(struct reader *reader)
{
    const struct jb_quantity *const n = &reader->work->n_accelerators_milli;
    const struct estimate__facts *const facts = reader->facts;

    if (is_given(n)) {
        set_told(reader, IN_BOARDS_MILLI, n);
    } else if (facts->has_instance && facts->instance.n_accelerators_milli > 0) {
        set_product(reader, IN_BOARDS_MILLI, facts->instance.n_accelerators_milli);
    } else if (n->known == JB_KNOWN_WITHHELD) {
        set_band(reader, IN_BOARDS_MILLI, n->known, MILLI, MILLI, 8 * MILLI);
        estimate__note(reader->estimate,
                       "the number of boards is withheld: one to eight, one as best");
    } else {
        set_band(reader, IN_BOARDS_MILLI, n->known, MILLI, MILLI, MILLI);
        estimate__note(reader->estimate, "the number of boards is not told: taken as one");
    }
}

static void read_rated(struct reader *reader, const char *name)
{
    struct estimate__facts *const facts = reader->facts;
    const struct jb_accelerator *const found = &facts->accelerator;
    const struct jb_catalogue_band *const idle = &reader->load->rows[LOAD_BOARD_IDLE];
    const struct jb_span *const rated = &found->board_mw;
    char text[100];

    set_band(reader, IN_BOARD_MW, JB_KNOWN_VALUE, rated->low, rated->best, rated->high);
    estimate__factor(reader->estimate, "rated power of a board", found->source, "%s W, %s",
                     span_text(rated->low, rated->best, rated->high, 3, text, sizeof text),
                     found->name);
    if (found->match == JB_MATCH_SEVERAL)
        estimate__note(reader->estimate,
                       "'%s' names %zu variants: their rated powers are in the band", name,
                       found->candidates.n_all);
    set_load(reader, IN_BOARD_LOAD_PPM, JB_KNOWN_UNKNOWN, LOAD_BOARD);

    int64_t low_mw = jb_muldiv_sat_i64(rated->best, idle->low, PPM, JB_ROUND_FLOOR);
    int64_t best_mw = jb_muldiv_sat_i64(rated->best, idle->best, PPM, JB_ROUND_NEAREST);
    const int64_t high_mw = jb_muldiv_sat_i64(rated->best, idle->high, PPM, JB_ROUND_CEIL);
    if (found->idle_mw.n_rows > 0) {
        low_mw = found->idle_mw.low;
        best_mw = found->idle_mw.best;
    }
    set_band(reader, IN_BOARD_IDLE_MW, JB_KNOWN_UNKNOWN, low_mw, best_mw,
             found->idle_mw.high > high_mw ? found->idle_mw.high : high_mw);
}

static jb_rc read_boards(struct reader *reader)
{
    const struct jb_work *const work = reader->work;
    struct estimate__facts *const facts = reader->facts;
    const char *name = work->accelerator.text;
    const bool is_none =
        is_given(&work->n_accelerators_milli) && work->n_accelerators_milli.high == 0;
    const bool is_stated = is_given(&work->accelerator_mw);

    if (work->accelerator.known != JB_KNOWN_VALUE && facts->has_instance)
        name = facts->instance.accelerator;
    else if (name[0] != '\0' && facts->has_instance && facts->instance.accelerator[0] != '\0')
        estimate__note(reader->estimate,
                       "the board is taken as '%s', as told, and not as the '%s' of the instance",
                       name, facts->instance.accelerator);
    if (is_none || (name[0] == '\0' && !is_stated)) {
        if (work->accelerator.known == JB_KNOWN_WITHHELD && !facts->has_instance_mw && !is_none)
            why_not(reader, "hardware known but withheld");
        return JB_OK;
    }
    if (name[0] != '\0') {
        const jb_rc rc = jb_catalogue_find_accelerator(name, &facts->accelerator, reader->err);
        if (rc < 0 && (rc != JB_E_INPUT || !is_stated))
            return rc;
        facts->has_accelerator = rc >= 0;
    }
    facts->has_boards = true;
    read_board_count(reader);
    if (is_stated) {
        facts->is_board_stated = true;
        set_told(reader, IN_BOARD_MW, &work->accelerator_mw);
        (void)snprintf(facts->in[IN_BOARD_MW].name, sizeof facts->in[IN_BOARD_MW].name,
                       "stated draw of a board");
        facts->in[IN_BOARD_MW].cause = CAUSE_LOAD;
        return JB_OK;
    }
    if (facts->accelerator.board_mw.n_rows == 0) {
        why_not(reader, "rated power of '%s' unknown: state the draw of a board",
                facts->accelerator.name);
        return JB_OK;
    }
    read_rated(reader, name);
    if (is_given(&work->accelerator_use_ppm))
        set_told(reader, IN_BOARD_USE_PPM, &work->accelerator_use_ppm);
    return JB_OK;
}

/* --- processors (R-EST-05, -13) ----------------------------------------------------------------------------------- */

static void share_of_curve(int64_t ret_ppm[JB_CURVE_POINTS], const int64_t uw[JB_CURVE_POINTS],
                           int64_t tdp_uw)
{
    for (int i = 0; i < JB_CURVE_POINTS; i++)
        ret_ppm[i] = jb_muldiv_sat_i64(uw[i], PPM, tdp_uw, JB_ROUND_NEAREST);
}

/* A unit is a hardware thread where threads were told, else a package. */
static void set_unit(struct reader *reader, bool is_thread)
{
    struct estimate__facts *const facts = reader->facts;
    const struct jb_cpu_power *const cpu = &facts->cpu;
    const struct estimate__input *const unit = &facts->in[IN_UNIT_UW];
    char text[100];

    facts->is_thread = is_thread || !cpu->has_tdp;
    if (facts->is_thread)
        set_band(reader, IN_UNIT_UW, JB_KNOWN_UNKNOWN, cpu->thread_tdp_low_uw,
                 cpu->thread_tdp_best_uw, cpu->thread_tdp_high_uw);
    else
        set_band(reader, IN_UNIT_UW, JB_KNOWN_UNKNOWN, cpu->tdp_low_mw * MILLI,
                 cpu->tdp_best_mw * MILLI, cpu->tdp_high_mw * MILLI);
    share_of_curve(facts->curve_ppm[0], cpu->per_thread.low_uw, cpu->thread_tdp_low_uw);
    share_of_curve(facts->curve_ppm[1], cpu->per_thread.best_uw, cpu->thread_tdp_best_uw);
    share_of_curve(facts->curve_ppm[2], cpu->per_thread.high_uw, cpu->thread_tdp_high_uw);
    estimate__factor(reader->estimate, "rated power of a processor", cpu->source, "%s W a %s, %s",
                     span_text(unit->low, unit->best, unit->high, 6, text, sizeof text),
                     facts->is_thread ? "thread" : "package", cpu->name);
}

static void read_units(struct reader *reader)
{
    const struct jb_work *const work = reader->work;
    struct estimate__facts *const facts = reader->facts;
    const int64_t boards = facts->has_boards ? facts->in[IN_BOARDS_MILLI].best : 0;

    if (is_given(&work->n_processors_milli) && facts->cpu.has_tdp) {
        set_unit(reader, false);
        set_told(reader, IN_UNITS_MILLI, &work->n_processors_milli);
    } else if (is_given(&work->n_threads)) {
        set_unit(reader, true);
        struct jb_quantity milli = work->n_threads;
        milli.low = jb_muldiv_sat_i64(milli.low, MILLI, 1, JB_ROUND_NEAREST);
        milli.best = jb_muldiv_sat_i64(milli.best, MILLI, 1, JB_ROUND_NEAREST);
        milli.high = jb_muldiv_sat_i64(milli.high, MILLI, 1, JB_ROUND_NEAREST);
        set_told(reader, IN_UNITS_MILLI, &milli);
    } else if (facts->has_instance && facts->instance.n_vcpus > 0) {
        set_unit(reader, true);
        set_product(reader, IN_UNITS_MILLI, facts->instance.n_vcpus * MILLI);
    } else if (boards > 0) {
        /* R-EST-05: from one package for eight boards to one for each, and up to two for a single board. */
        set_unit(reader, false);
        const int64_t best = boards / 4 > MILLI ? boards / 4 : MILLI;
        set_band(reader, IN_UNITS_MILLI, JB_KNOWN_UNKNOWN,
                 boards / 8 < MILLI ? best / 2 : boards / 8, best,
                 boards > 2 * MILLI ? boards : 2 * MILLI);
    } else {
        set_unit(reader, false);
        set_band(reader, IN_UNITS_MILLI, JB_KNOWN_UNKNOWN, MILLI, MILLI, MILLI);
        estimate__note(reader->estimate, "the number of processors is not told: taken as one");
    }
}

static jb_rc read_processors(struct reader *reader)
{
    const struct jb_work *const work = reader->work;
    struct estimate__facts *const facts = reader->facts;
    const bool is_named = work->processor.known == JB_KNOWN_VALUE;
    const bool is_of_instance = !is_named && facts->has_instance;
    const char *const name = is_named         ? work->processor.text
                             : is_of_instance ? facts->instance.processor
                                              : "";
    const bool is_counted =
        is_given(&work->n_threads) || (facts->has_instance && facts->instance.n_vcpus > 0);

    if (!is_named && !is_counted) {
        if (work->processor.known == JB_KNOWN_WITHHELD && !facts->has_boards &&
            !facts->has_instance_mw)
            why_not(reader, "hardware known but withheld");
        return JB_OK;
    }
    const jb_rc rc = jb_catalogue_find_cpu(name, 0, &facts->cpu, reader->err);
    if (rc < 0)
        return rc;
    if (facts->cpu.match == JB_CPU_UNKNOWN && is_named && !facts->has_boards &&
        !facts->has_instance_mw)
        return jb_fail(reader->err, JB_E_INPUT,
                       "joulebook catalogue cpus NAME shows the names known; or tell the "
                       "number of hardware threads without a name",
                       "processor '%s' is not in the catalogue", name);
    if (facts->cpu.match != JB_CPU_EXACT)
        estimate__note(reader->estimate, "the processor is taken as '%s': %s", facts->cpu.name,
                       facts->cpu.note);
    facts->has_processor = true;
    read_units(reader);
    if (is_given(&work->processor_use_ppm)) {
        facts->is_by_curve = true;
        set_told(reader, IN_PROCESSOR_USE_PPM, &work->processor_use_ppm);
        set_band(reader, IN_PROCESSOR_CURVE, JB_KNOWN_UNKNOWN, 0, 1, 2);
        return JB_OK;
    }
    set_load(reader, IN_PROCESSOR_LOAD_PPM, work->processor_use_ppm.known,
             facts->has_boards                                               ? LOAD_HOST
             : facts->cpu.has_tdp && facts->cpu.tdp_best_mw <= MOBILE_TDP_MW ? LOAD_MOBILE
                                                                             : LOAD_PROCESSOR);
    return JB_OK;
}

/* --- the rest of the node ----------------------------------------------------------------------------------------- */

static void read_memory(struct reader *reader)
{
    const struct jb_work *const work = reader->work;
    struct estimate__facts *const facts = reader->facts;
    struct jb_catalogue_band per_gib = {0};
    char text[100];

    if (is_given(&work->memory_mib)) {
        set_told(reader, IN_MEMORY_MIB, &work->memory_mib);
    } else if (facts->has_instance && facts->instance.memory_mib > 0) {
        set_product(reader, IN_MEMORY_MIB, facts->instance.memory_mib);
    } else if (facts->has_boards) {
        facts->has_host_memory = true;
        set_load(reader, IN_HOST_MEMORY_MW, work->memory_mib.known, LOAD_HOST_MEMORY);
        return;
    } else {
        const struct jb_catalogue_band *const each = &reader->load->rows[LOAD_GIB_PER_VCPU];
        const int64_t n = facts->is_thread           ? MILLI
                          : facts->cpu.n_threads > 0 ? facts->cpu.n_threads * MILLI
                                                     : facts->cpu.tdp_best_mw * MILLI * MILLI /
                                                           facts->cpu.thread_tdp_best_uw;
        const int64_t threads =
            jb_muldiv_sat_i64(facts->in[IN_UNITS_MILLI].best, n, MILLI, JB_ROUND_NEAREST);
        set_load(reader, IN_MEMORY_MIB, work->memory_mib.known, LOAD_GIB_PER_VCPU);
        set_band(reader, IN_MEMORY_MIB, facts->in[IN_MEMORY_MIB].known,
                 jb_muldiv_sat_i64(threads, each->low, MILLI, JB_ROUND_FLOOR),
                 jb_muldiv_sat_i64(threads, each->best, MILLI, JB_ROUND_NEAREST),
                 jb_muldiv_sat_i64(threads, each->high, MILLI, JB_ROUND_CEIL));
    }
    jb_catalogue_memory_uw_per_gib(&per_gib);
    set_band(reader, IN_MEMORY_UW_PER_GIB, JB_KNOWN_UNKNOWN, per_gib.low, per_gib.best,
             per_gib.high);
    estimate__factor(reader->estimate, "power per GiB of memory", per_gib.source, "%s W",
                     span_text(per_gib.low, per_gib.best, per_gib.high, 6, text, sizeof text));
}

/* R-EST-17: hours that were paid for or allocated need not be hours of work. A mean use or draw has the idle time in it. */
static void read_idle(struct reader *reader)
{
    const struct jb_work *const work = reader->work;
    const bool is_use_told = reader->facts->has_boards ? reader->facts->is_board_stated ||
                                                             is_given(&work->accelerator_use_ppm)
                                                       : is_given(&work->processor_use_ppm);

    if (is_given(&work->idle_ppm)) {
        set_told(reader, IN_IDLE_PPM, &work->idle_ppm);
    } else if (work->idle_ppm.known == JB_KNOWN_WITHHELD || (work->is_time_held && !is_use_told)) {
        set_band(reader, IN_IDLE_PPM, work->idle_ppm.known, 0, 0, PPM);
        estimate__note(
            reader->estimate,
            work->is_time_held
                ? "the time is how long the hardware was held: the band goes from all of it "
                  "idle to all of it at work, which is the best figure"
                : "the idle share is withheld: the band goes from all idle to all at work, "
                  "which is the best figure");
    }
}

static void read_host(struct reader *reader)
{
    const struct jb_work *const work = reader->work;
    struct estimate__facts *const facts = reader->facts;

    if (!facts->has_processor) {
        facts->has_host_cpu = true;
        set_load(reader, IN_HOST_CPU_MW, work->processor.known, LOAD_HOST_CPU);
    }
    read_memory(reader);
    if (is_given(&work->node_overhead_mw)) {
        facts->is_rest_stated = true;
        set_told(reader, IN_REST_MW, &work->node_overhead_mw);
    } else {
        set_load(reader, IN_REST_PPM, work->node_overhead_mw.known, LOAD_REST);
    }
    read_idle(reader);
}

/* --- all of it ---------------------------------------------------------------------------------------------------- */

jb_rc estimate__facts_of(const struct jb_work *work, const struct estimate__load *load,
                         struct estimate__facts *ret_facts, struct jb_estimate *estimate,
                         struct jb_error *err)
{
    struct estimate__facts facts = {0};
    struct reader reader = {work, load, &facts, estimate, err};
    jb_rc rc = estimate__check(work, err);

    if (rc < 0)
        return rc;
    estimate->is_computable = true;
    set_neutral(&facts);
    rc = read_instance(&reader);
    if (rc >= 0)
        rc = read_boards(&reader);
    if (rc >= 0)
        rc = read_processors(&reader);
    if (rc < 0)
        return rc;
    if (!facts.has_instance_mw && !facts.has_boards && !facts.has_processor)
        why_not(&reader, "hardware %s", word(work->instance.known));
    read_time(&reader);
    if (estimate->is_computable && !facts.has_instance_mw)
        read_host(&reader);
    *ret_facts = facts;
    return JB_OK;
}
