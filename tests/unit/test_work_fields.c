/* SPDX-License-Identifier: Apache-2.0 */
/* A work is what its file and its options say, and what they do not say stays unknown. R-KNOWN-01. */
#include "case/work_fields.h"
#include "tap.h"

#define HOUR INT64_C(3600000000000)

static struct jb_error failure;

static jb_rc take(const char *text, struct jb_work *ret_work)
{
    JB_AUTO(jb_yaml_free_auto) struct jb_yaml *yaml = NULL;
    struct jb_work work = {.year = 0};

    if (jb_yaml_parse("w.yaml", text, strlen(text), &yaml, &failure) < 0)
        bail_out("%s", failure.message);
    const jb_rc rc = jb_yaml_take(yaml, jb_yaml_root(yaml), jb_work_fields, &work, &failure);
    if (rc == JB_OK)
        *ret_work = work;
    return rc;
}

static void test_whole(void)
{
    static const char text[] = "accelerator: RTX 2080\n"
                               "accelerators: half\n"
                               "accelerator_power: 180..215 W\n"
                               "accelerator_use: 58 %\n"
                               "processor: withheld\n"
                               "processors: 2\n"
                               "threads: 8\n"
                               "processor_use: 0.5\n"
                               "memory: 64 GB\n"
                               "node_overhead: unknown\n"
                               "instance: aws/p3.2xlarge\n"
                               "instances: 1\n"
                               "instance_power: 0.35 kW\n"
                               "idle: 10-20 %\n"
                               "duration: <= 6000 h\n"
                               "held: yes\n"
                               "repeats: {architectures: 6-7, configurations: 5-6}\n"
                               "pue: 1.58\n"
                               "place: \"unknown\"\n"
                               "year: 2020\n"
                               "sensors_now: yes\n";
    struct jb_work work;

    if (take(text, &work) < 0)
        bail_out("%s; %s", failure.message, failure.hint);
    is_str(work.accelerator.text, "RTX 2080", "a board");
    is_i64(work.n_accelerators_milli.best, 500, "half of one");
    ok(work.accelerator_mw.low == 180000 && work.accelerator_mw.high == 215000, "its power");
    is_i64(work.accelerator_use_ppm.best, 580000, "its use");
    ok(work.processor.known == JB_KNOWN_WITHHELD && !work.processor.text[0], "a name withheld");
    is_i64(work.n_processors_milli.best, 2000, "packages");
    is_i64(work.n_threads.best, 8, "threads");
    is_i64(work.processor_use_ppm.best, 500000, "their use");
    is_i64(work.memory_mib.best, 65536, "memory");
    is_i64(work.node_overhead_mw.known, JB_KNOWN_UNKNOWN, "unknown is unknown");
    is_str(work.instance.text, "aws/p3.2xlarge", "an instance");
    is_i64(work.n_instances_milli.best, 1000, "of one");
    is_i64(work.instance_mw.best, 350000, "its power");
    ok(work.idle_ppm.low == 100000 && work.idle_ppm.high == 200000, "idle share");
    is_i64(work.duration_ns.high, 6000 * HOUR, "a bound of the time");
    ok(work.is_time_held, "that it was held");
    is_i64((int64_t)work.n_repeats, 2, "two multipliers");
    is_str(work.repeats[1].name, "configurations", "in order");
    ok(work.repeats[1].n_milli.low == 5000 && work.repeats[1].n_milli.high == 6000, "with ranges");
    is_i64(work.pue_milli.best, 1580, "PUE");
    is_str(work.place.text, "unknown", "a name in quotes is itself");
    is_i64(work.year, 2020, "a year");
    ok(work.has_sensors_now, "sensors");
}

static void test_nothing_said(void)
{
    struct jb_work work;
    char text[512];
    size_t n_said = 0;

    if (take("accelerator: V100\n", &work) < 0)
        bail_out("%s", failure.message);
    for (const struct jb_yaml_field *field = jb_work_fields; field->key; field++)
        n_said += jb_work_field_text(field, &work, text, sizeof text)[0] != '\0';
    is_i64((int64_t)n_said, 1, "what was not said stays unknown");
}

static void test_refused(void)
{
    static const struct {
        const char *text, *message, *hint;
    } cases[] = {
        {"accelerator: V100\nduration: 12\n",
         "w.yaml:2:11: 'duration': '12' is not a time: it has no unit", "'12 h'"},
        {"duration:\n", "w.yaml:1:10: 'duration': '' is not a time: nothing is written", "unknown"},
        {"duration: [1, 2]\n", "w.yaml:1:11: 'duration' is a text or number, not a list", "12 h"},
        {"accelerater: x\n", "w.yaml:1:1: there is no 'accelerater'",
         "did you mean 'accelerator'?"},
        {"accelerator:\n", "w.yaml:1:13: 'accelerator': the name is empty", "'unknown'"},
        {"repeats: 6\n", "w.yaml:1:10: 'repeats' is a mapping of names to numbers",
         "architectures"},
        {"repeats: {a: x}\n", "w.yaml:1:14: 'a': 'x' is not a number: a number is expected at 'x'",
         "write"},
        {"repeats: {a: [1]}\n", "w.yaml:1:14: 'a' is a number", "architectures"},
        {"repeats: {a: 1, b: 1, c: 1, d: 1, e: 1}\n", "w.yaml:1:38: 'e': more than 4 multipliers",
         "multiply"},
        {"year: 20\n", "w.yaml:1:7: 'year': '20' is not a year", "2020"},
        {"sensors_now: perhaps\n", "w.yaml:1:14: 'sensors_now' cannot be 'perhaps'", "yes"},
    };
    struct jb_work work;

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        is_i64(take(cases[i].text, &work), JB_E_INPUT, "refused: %zu", i);
        is_str(failure.message, cases[i].message, "with its place");
        ok(strstr(failure.hint, cases[i].hint), "and what to write: %s", failure.hint);
    }
}

/* An option says the same as a key. */
static void test_set(void)
{
    static const struct {
        const char *key, *text, *shown;
    } cases[] = {
        {"accelerator", "RTX 2080", "RTX 2080"},
        {"accelerator", "withheld", "withheld"},
        {"accelerators", "1/2", "0.5"},
        {"duration", "5-10 weeks", "840..1680 h"},
        {"repeats", "architectures=6-7", "architectures=6..7"},
        {"repeats", "configurations=5-6", "architectures=6..7, configurations=5..6"},
        {"repeats", "architectures=6", "architectures=6, configurations=5..6"},
        {"year", "2019", "2019"},
        {"sensors_now", "yes", "yes"},
        {"place", "NL", "NL"},
        {"place", "unknown", ""},
    };
    struct jb_work work = {.year = 0};
    char text[512];

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        const struct jb_yaml_field *const field = jb_work_field_find(cases[i].key);
        ok(field && jb_work_field_set(field, cases[i].text, false, &work, &failure) == JB_OK,
           "%s '%s' is taken", cases[i].key, cases[i].text);
        if (field)
            is_str(jb_work_field_text(field, &work, text, sizeof text), cases[i].shown,
                   "and shown again");
    }
    ok(!jb_work_field_find("nothing"), "there is no field of another name");
    is_i64(jb_work_field_set(jb_work_field_find("repeats"), "6-7", false, &work, &failure),
           JB_E_INPUT, "a multiplier without a name is refused");
    is_str(failure.message, "'6-7' has no '=' after the multiplier's name", "with the reason");
    is_i64(jb_work_field_set(jb_work_field_find("sensors_now"), "1", false, &work, &failure),
           JB_E_INPUT, "so is a number for yes");
}

int main(void)
{
    test_whole();
    test_nothing_said();
    test_refused();
    test_set();
    return done_testing();
}
