/* SPDX-License-Identifier: Apache-2.0 */
/* An order is the file with the options over it; every field of a file has its option. */
#include <unistd.h>

#include "case/work_fields.h"
#include "cli/estimate_order.h"
#include "tap.h"

static const struct jb_option others[] = {
    {0, "model", "NAME", "", false},
    {0, "start", "MOMENT", "", false},
    {0, "end", "MOMENT", "", false},
    {0, NULL, NULL, NULL, false},
};

struct line {
    char text[512];
    char *argv[32];
    struct jb_args args;
};

/* Words divided by ';'. */
static void parse(struct line *line, const char *text)
{
    const struct jb_option *const tables[] = {jb_estimate_options, others};
    int argc = 0;
    struct jb_error err = {0};

    (void)snprintf(line->text, sizeof line->text, "%s", text);
    for (char *at = line->text; at && *at; argc++) {
        line->argv[argc] = at;
        at = strchr(at, ';');
        if (at)
            *at++ = '\0';
    }
    line->argv[argc] = NULL;
    if (jb_args_parse(tables, 2, false, argc, line->argv, &line->args, &err) < 0)
        bail_out("%s", err.message);
}

static void write_file(const char *path, const char *text)
{
    FILE *const file = fopen(path, "we");

    if (!file)
        bail_out("no %s", path);
    (void)fputs(text, file);
    (void)fclose(file);
}

static void test_tables(void)
{
    size_t n_options = 0, n_fields = 0;

    for (const struct jb_yaml_field *field = jb_work_fields; field->key; field++, n_fields++) {
        bool is_there = false;
        for (const struct jb_option *o = jb_estimate_options; o->name; o++) {
            bool is_it = strlen(o->name) == strlen(field->key);
            for (size_t i = 0; is_it && o->name[i]; i++)
                is_it = o->name[i] == (field->key[i] == '_' ? '-' : field->key[i]);
            is_there = is_there || is_it;
        }
        ok(is_there, "%s has its option", field->key);
    }
    for (const struct jb_option *o = jb_estimate_options; o->name; o++)
        n_options++;
    is_i64((int64_t)n_options, (int64_t)n_fields, "and there is no other");
}

static void test_file_and_options(const char *path)
{
    static struct jb_estimate_order order;
    static struct jb_run run;
    static struct line line;
    struct jb_error err = {0};

    write_file(path, "accelerator: V100\nduration: 12 h\nrepeats: {folds: 5}\nmodel: bert\n"
                     "stage: train\nproject: \"unknown\"\nstart: 2020-03-01\n");
    if (jb_estimate_order_read(path, &order, &err) < 0)
        bail_out("%s", err.message);
    is_i64(order.start, INT64_C(1583020800000000), "2020-03-01 begins at midnight UTC");
    parse(&line,
          "--duration;6-7 h;--repeats;folds=4;--repeats;seeds=3;--sensors-now;--held;--model;gpt;"
          "--end=2020-03-02T12:00:00Z");
    ok(jb_estimate_order_options(&line.args, &order, &err) == JB_OK, "options are taken %s",
       err.message);
    is_str(order.work.accelerator.text, "V100", "what only the file says stays");
    is_i64(order.work.duration_ns.high, INT64_C(7) * 3600 * 1000000000, "an option overrides");
    ok(order.work.n_repeats == 2 && order.work.repeats[0].n_milli.best == 4000,
       "a multiplier of the same name is replaced");
    ok(order.work.has_sensors_now && order.work.is_time_held, "flags");
    is_i64(order.end_utc - order.start, INT64_C(36) * 3600 * 1000000, "36 hours");
    (void)snprintf(run.model, sizeof run.model, "gpt");
    jb_estimate_order_facts(&line.args, &order, &run);
    is_str(run.model, "gpt", "an option states the model");
    is_str(run.stage, "train", "the file states the rest");
    is_str(run.project, "unknown", "in quotes, a name");
}

static void test_refused(const char *path)
{
    static const struct {
        const char *text, *message;
    } files[] = {
        {"duration: 12\n", ":1:11: 'duration': '12' is not a time: it has no unit"},
        {"stage: trian\n", ":1:8: 'stage' cannot be 'trian'"},
        {"start: yesterday\n", ":1:8: 'start': 'yesterday' is not a moment"},
        {"start: [1]\n", ":1:8: 'start': '' is not a moment"},
        {"# nothing\n", ":1:1: nothing is said in it"},
        {"gpu: V100\n", ":1:1: there is no 'gpu'"},
        {"- a\n", ":1:1: a mapping is expected here"},
    };
    static const struct {
        const char *text, *message;
    } lines[] = {
        {"--duration;12", "option '--duration': '12' is not a time: it has no unit"},
        {"--repeats;5", "option '--repeats': '5' has no '=' after the multiplier's name"},
        {"--start;2020-13-01", "option '--start': '2020-13-01' is not a moment"},
        {"--start;2020-03-02;--end;2020-03-01", "it ends before it starts"},
        {"--accelerator;", "option '--accelerator': the name is empty"},
    };
    static struct jb_estimate_order order;
    static struct line line;
    struct jb_error err = {0};

    for (size_t i = 0; i < JB_ARRAY_LEN(files); i++) {
        order = (struct jb_estimate_order){.start = 0};
        write_file(path, files[i].text);
        is_i64(jb_estimate_order_read(path, &order, &err), JB_E_INPUT, "file %zu is refused", i);
        ok(strstr(err.message, files[i].message), "by its place: %s", err.message);
    }
    for (size_t i = 0; i < JB_ARRAY_LEN(lines); i++) {
        order = (struct jb_estimate_order){.start = 0};
        if (strcmp(lines[i].text, "--accelerator;") == 0) {
            parse(&line, "--accelerator= ");
        } else {
            parse(&line, lines[i].text);
        }
        ok(jb_estimate_order_options(&line.args, &order, &err) < 0, "line %zu is refused", i);
        is_str(err.message, lines[i].message, "by its option");
    }
}

int main(void)
{
    char path[4096];
    const char *const folder = getenv("JB_TMP");

    (void)snprintf(path, sizeof path, "%s/order.yaml", folder ? folder : "/tmp");
    test_tables();
    test_file_and_options(path);
    test_refused(path);
    (void)unlink(path);
    return done_testing();
}
