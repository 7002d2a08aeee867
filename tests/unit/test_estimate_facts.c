/* SPDX-License-Identifier: Apache-2.0 */
/* What is told and looked up, as inputs; what is refused, and what makes a work not computable. R-EST-01 to -05. */
#include "estimate/estimate_int.h"

#include "tap.h"

#define HOUR_NS INT64_C(3600000000000)

static struct jb_quantity value(int64_t n)
{
    return (struct jb_quantity){JB_KNOWN_VALUE, false, n, n, n};
}

static struct jb_answer name(const char *text)
{
    struct jb_answer answer = {JB_KNOWN_VALUE, ""};
    (void)snprintf(answer.text, sizeof answer.text, "%s", text);
    return answer;
}

static jb_rc read(const struct jb_work *work, struct estimate__facts *facts,
                  struct jb_estimate *made, struct jb_error *err)
{
    struct estimate__load load;

    if (estimate__load_read(&load, err) < 0)
        bail_out("%s", err->message);
    memset(made, 0, sizeof *made);
    return estimate__facts_of(work, &load, facts, made, err);
}

static struct estimate__facts facts_of(const struct jb_work *work, struct jb_estimate *made)
{
    struct estimate__facts facts = {0};
    struct jb_error err = {0};

    if (read(work, &facts, made, &err) < 0)
        bail_out("%s", err.message);
    return facts;
}

static bool has_note(const struct jb_estimate *made, const char *text)
{
    for (size_t i = 0; i < made->n_notes; i++)
        if (strstr(made->notes[i], text))
            return true;
    return false;
}

static bool is_value(const struct estimate__input *in, int64_t n)
{
    return in->low == n && in->best == n && in->high == n;
}

/* Standard_NC6: 6 vCPU, 56 GiB, half a K80. */
static void test_instance(void)
{
    struct jb_work work = {.instance = name("azure/Standard_NC6"),
                           .n_instances_milli = value(2000),
                           .duration_ns = value(HOUR_NS)};
    struct jb_estimate made;
    struct estimate__facts facts = facts_of(&work, &made);

    ok(is_value(&facts.in[IN_BOARDS_MILLI], 1000), "two instances of half a board are one board");
    ok(facts.is_thread && is_value(&facts.in[IN_UNITS_MILLI], 12000),
       "and twelve hardware threads");
    ok(is_value(&facts.in[IN_MEMORY_MIB], INT64_C(2) * 56 * 1024), "and 112 GiB");
    ok(is_value(&facts.in[IN_BOARD_MW], 300000), "a K80 is rated 300 W as a board");
    work.n_accelerators_milli = value(4000);
    work.memory_mib = value(1024);
    work.n_threads = value(1);
    facts = facts_of(&work, &made);
    ok(is_value(&facts.in[IN_BOARDS_MILLI], 4000) && is_value(&facts.in[IN_MEMORY_MIB], 1024) &&
           is_value(&facts.in[IN_UNITS_MILLI], 1000),
       "what is told goes before what the instance has");
    work = (struct jb_work){.instance_mw = value(500000), .duration_ns = value(HOUR_NS)};
    facts = facts_of(&work, &made);
    ok(made.is_computable && facts.has_instance_mw && has_note(&made, "taken as one"),
       "a stated draw alone is hardware enough");
}

static void test_boards(void)
{
    struct jb_work work = {.accelerator = name("NVIDIA Tesla T4"), .duration_ns = value(HOUR_NS)};
    struct jb_estimate made;
    struct estimate__facts facts = facts_of(&work, &made);

    ok(is_value(&facts.in[IN_BOARDS_MILLI], 1000) && has_note(&made, "taken as one"),
       "a board without a number is one, and a note says so");
    ok(facts.in[IN_BOARD_LOAD_PPM].low < facts.in[IN_BOARD_LOAD_PPM].high &&
           facts.in[IN_BOARD_LOAD_PPM].known == JB_KNOWN_UNKNOWN,
       "its draw is a band of other trainings");
    ok(is_value(&facts.in[IN_BOARD_USE_PPM], 1000000), "in which their use is already");
    ok(facts.has_host_cpu && facts.has_host_memory, "its host is taken by the board");
    work.n_accelerators_milli.known = JB_KNOWN_WITHHELD;
    facts = facts_of(&work, &made);
    ok(facts.in[IN_BOARDS_MILLI].low == 1000 && facts.in[IN_BOARDS_MILLI].high == 8000,
       "a withheld number is one to eight");
    work.accelerator_mw = value(40000);
    facts = facts_of(&work, &made);
    ok(facts.is_board_stated && is_value(&facts.in[IN_BOARD_MW], 40000) &&
           is_value(&facts.in[IN_BOARD_LOAD_PPM], 1000000),
       "a stated draw goes before rating and load");
    work.accelerator = name("a board of our own make");
    facts = facts_of(&work, &made);
    ok(made.is_computable && !facts.has_accelerator, "and needs no name that anybody knows");
}

static void test_processors(void)
{
    struct jb_work work = {.processor = name("AMD EPYC 7742 64-Core Processor"),
                           .duration_ns = value(HOUR_NS)};
    struct jb_estimate made;
    struct estimate__facts facts = facts_of(&work, &made);

    /* AMD: 225 W, 64 cores, 128 threads. */
    ok(!facts.is_thread && is_value(&facts.in[IN_UNITS_MILLI], 1000) &&
           is_value(&facts.in[IN_UNIT_UW], 225000000),
       "a processor without a number is one package of its TDP");
    ok(facts.in[IN_MEMORY_MIB].low == INT64_C(128) * 2 * 1024,
       "memory not told: from 2 GiB for each thread");
    work.n_threads = value(64);
    facts = facts_of(&work, &made);
    ok(facts.is_thread && facts.in[IN_UNIT_UW].best == 1757813,
       "a thread has its share: 225 W / 128 = 1.7578125 W");
    ok(!facts.is_by_curve, "use not told: the load of other trainings");
    work.processor_use_ppm = value(500000);
    facts = facts_of(&work, &made);
    ok(facts.is_by_curve && is_value(&facts.in[IN_PROCESSOR_USE_PPM], 500000),
       "use told: the curve");
    work.accelerator = name("NVIDIA Tesla T4");
    work.processor_use_ppm = (struct jb_quantity){0};
    const int64_t alone_ppm = facts_of(&work, &made).in[IN_PROCESSOR_LOAD_PPM].best;
    struct estimate__load load;
    struct jb_error err = {0};
    ok(estimate__load_read(&load, &err) >= 0 && alone_ppm == load.rows[LOAD_HOST].best,
       "a host of boards has the load of hosts");
}

/* A told instance tells its board; where another board is told, that is said. */
static void test_board_beside_instance(void)
{
    struct jb_work work = {.instance = name("aws/p3.2xlarge"),
                           .accelerator = {.known = JB_KNOWN_WITHHELD},
                           .duration_ns = value(HOUR_NS)};
    struct jb_estimate made;
    struct estimate__facts facts = facts_of(&work, &made);

    ok(made.is_computable && is_value(&facts.in[IN_BOARD_MW], 300000),
       "who tells a p3.2xlarge has not withheld its V100");
    work.accelerator = name("Tesla T4");
    facts = facts_of(&work, &made);
    ok(is_value(&facts.in[IN_BOARD_MW], 70000) && has_note(&made, "taken as 'Tesla T4', as told"),
       "another board goes before the instance's, and it is said");
    work = (struct jb_work){.accelerator = name("V100"), .duration_ns = value(HOUR_NS)};
    (void)facts_of(&work, &made);
    ok(has_note(&made, "'V100' names "), "it is the name as told that has variants");
}

/* R-EST-17: of hours held nobody knows how many were idle, unless use or idle share is told. */
static void test_held(void)
{
    static const struct {
        const char *what;
        struct jb_work work;
        int64_t idle_high_ppm;
    } works[] = {
        {"hours of work", {.n_accelerators_milli = {JB_KNOWN_VALUE, false, 1000, 1000, 1000}}, 0},
        {"hours held", {.is_time_held = true}, 1000000},
        {"hours held with the idle share told",
         {.is_time_held = true, .idle_ppm = {JB_KNOWN_VALUE, false, 100, 100, 100}},
         100},
        {"an idle share withheld", {.idle_ppm = {.known = JB_KNOWN_WITHHELD}}, 1000000},
        {"hours held with the use of the boards told",
         {.is_time_held = true, .accelerator_use_ppm = {JB_KNOWN_VALUE, false, 500, 500, 500}},
         0},
        {"hours held with the draw of the boards told",
         {.is_time_held = true, .accelerator_mw = {JB_KNOWN_VALUE, false, 500, 500, 500}},
         0},
        {"hours held with the use of the host told",
         {.is_time_held = true, .processor_use_ppm = {JB_KNOWN_VALUE, false, 500, 500, 500}},
         1000000},
    };
    struct jb_estimate made;

    for (size_t i = 0; i < JB_ARRAY_LEN(works); i++) {
        struct jb_work work = works[i].work;
        work.accelerator = name("NVIDIA Tesla T4");
        work.duration_ns = value(HOUR_NS);
        const struct estimate__facts facts = facts_of(&work, &made);
        is_i64(facts.in[IN_IDLE_PPM].high, works[i].idle_high_ppm, "%s", works[i].what);
        is_i64(has_note(&made, "all of it idle") || has_note(&made, "is withheld"),
               works[i].idle_high_ppm == 1000000, "and it is said where it may all be idle");
    }
    struct jb_work alone = {
        .n_threads = value(8), .duration_ns = value(HOUR_NS), .is_time_held = true};
    is_i64(facts_of(&alone, &made).in[IN_IDLE_PPM].high, 1000000, "threads held");
    alone.processor_use_ppm = value(500000);
    is_i64(facts_of(&alone, &made).in[IN_IDLE_PPM].high, 0, "their mean use has it in it");
}

static void test_not_computable(void)
{
    struct jb_work work = {.accelerator = name("NVIDIA Tesla T4")};
    struct jb_estimate made;

    (void)facts_of(&work, &made);
    is_str(made.why_not, "run time unknown", "hardware without hours is no energy");
    work.duration_ns.known = JB_KNOWN_WITHHELD;
    (void)facts_of(&work, &made);
    is_str(made.why_not, "run time known but withheld", "withheld hours are another answer");
    work.duration_ns = value(HOUR_NS);
    work.n_repeats = 1;
    (void)snprintf(work.repeats[0].name, sizeof work.repeats[0].name, "folds");
    (void)facts_of(&work, &made);
    ok(!made.is_computable && strstr(made.why_not, "folds"),
       "an unknown number of repeats is unknown run time");
    work = (struct jb_work){.duration_ns = value(HOUR_NS)};
    work.processor.known = JB_KNOWN_WITHHELD;
    (void)facts_of(&work, &made);
    is_str(made.why_not, "hardware known but withheld",
           "a withheld processor is withheld hardware");
}

static void test_refused(void)
{
    struct jb_work work = {.accelerator = name("NVIDIA Tesla T4"), .duration_ns = value(HOUR_NS)};
    struct jb_estimate made;
    struct estimate__facts facts;
    struct jb_error err = {0};

    work.idle_ppm = value(1000001);
    is_i64(read(&work, &facts, &made, &err), JB_E_INPUT, "more idle than time");
    work.idle_ppm = (struct jb_quantity){JB_KNOWN_RANGE, false, 5, 4, 6};
    is_i64(read(&work, &facts, &made, &err), JB_E_INPUT, "a range out of order");
    work.idle_ppm = value(-1);
    is_i64(read(&work, &facts, &made, &err), JB_E_INPUT, "less than nothing");
    work.idle_ppm = (struct jb_quantity){0};
    work.pue_milli = value(999);
    is_i64(read(&work, &facts, &made, &err), JB_E_INPUT, "a PUE below 1");
    work = (struct jb_work){.processor = name("Frobnicator 9000"), .duration_ns = value(HOUR_NS)};
    ok(read(&work, &facts, &made, &err) == JB_E_INPUT && strstr(err.message, "Frobnicator"),
       "a processor nobody knows, alone, is refused by name");
    work = (struct jb_work){.accelerator = name("Frobnicator 9000"), .duration_ns = value(HOUR_NS)};
    is_i64(read(&work, &facts, &made, &err), JB_E_INPUT, "and so is a board");
}

int main(void)
{
    test_instance();
    test_boards();
    test_processors();
    test_board_beside_instance();
    test_held();
    test_not_computable();
    test_refused();
    return done_testing();
}
