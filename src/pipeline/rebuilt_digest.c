/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a rebuilt run tells, as one digest. Only what is given goes in, each by its name, so that a fact which a later
 * version knows of changes no digest of papers that do not tell it. Not in it: where it was read, the edition of a
 * catalogue. R-REBUILT-02.
 */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "pipeline/reconstruct.h"

struct digest {
    struct jb_hasher hasher;
    char prefix[48]; /* of the names that follow: "lines 3 " */
};

static void add_text(struct digest *digest, const char *name, const char *text, size_t max)
{
    const size_t len = strnlen(text, max);

    if (len == 0)
        return;
    jb_hasher_add(&digest->hasher, digest->prefix, strlen(digest->prefix));
    jb_hasher_add(&digest->hasher, name, strlen(name) + 1);
    jb_hasher_add(&digest->hasher, text, len);
    jb_hasher_add(&digest->hasher, "", 1);
}

static void add_number(struct digest *digest, const char *name, int64_t number, int64_t absent)
{
    char text[24];

    if (number == absent)
        return;
    (void)snprintf(text, sizeof text, "%" PRId64, number);
    add_text(digest, name, text, sizeof text);
}

static void add_three(struct digest *digest, const char *name, const char *word, int64_t low,
                      int64_t best, int64_t high)
{
    char text[96];

    (void)snprintf(text, sizeof text, "%s %" PRId64 " %" PRId64 " %" PRId64, word, low, best, high);
    add_text(digest, name, text, sizeof text);
}

static void add_figure(struct digest *digest, const char *name, const struct jb_figure *figure)
{
    if (figure->is_known)
        add_three(digest, name, figure->is_hard_bound ? "hard" : "90", figure->low, figure->best,
                  figure->high);
}

static void add_quantity(struct digest *digest, const char *name,
                         const struct jb_quantity *quantity)
{
    if (quantity->known == JB_KNOWN_WITHHELD)
        add_text(digest, name, "withheld", SIZE_MAX);
    else if (quantity->known != JB_KNOWN_UNKNOWN)
        add_three(digest, name, "", quantity->low, quantity->best, quantity->high);
}

static void add_answer(struct digest *digest, const char *name, const struct jb_answer *answer)
{
    if (answer->known == JB_KNOWN_WITHHELD)
        add_text(digest, name, "(withheld)", SIZE_MAX);
    else if (answer->known != JB_KNOWN_UNKNOWN)
        add_text(digest, name, answer->text, sizeof answer->text);
}

#define TEXT(type, member)                                           \
    {                                                                \
#member, offsetof(type, member), sizeof(((type *)0)->member) \
    }

static void add_run(struct digest *digest, const struct jb_rebuilt *rebuilt)
{
    static const struct {
        const char *name;
        size_t offset, size;
    } texts[] = {
        TEXT(struct jb_run, group),         TEXT(struct jb_run, rank),
        TEXT(struct jb_run, parent_id),     TEXT(struct jb_run, host),
        TEXT(struct jb_run, project),       TEXT(struct jb_run, model),
        TEXT(struct jb_run, model_version), TEXT(struct jb_run, architecture),
        TEXT(struct jb_run, application),   TEXT(struct jb_run, configuration),
        TEXT(struct jb_run, stage),         TEXT(struct jb_run, directory),
        TEXT(struct jb_run, git_commit),    TEXT(struct jb_run, user),
        TEXT(struct jb_run, environment),   TEXT(struct jb_run, place),
        TEXT(struct jb_run, hourly_file),   TEXT(struct jb_run, currency),
    };
    const struct jb_run *const run = &rebuilt->run;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        add_text(digest, texts[i].name, (const char *)run + texts[i].offset, texts[i].size);
    for (size_t i = 0; i < run->n_tags && i < JB_TAGS_MAX; i++)
        add_text(digest, "tag", run->tags[i], sizeof run->tags[i]);
    add_number(digest, "market_mgco2e_per_kwh", run->market_mgco2e_per_kwh, -1);
    add_number(digest, "pue_milli", run->pue_milli, -1);
    add_number(digest, "tariff_micro_per_kwh", run->tariff_micro_per_kwh, -1);
    add_number(digest, "exit_code", run->exit_code, -1);
    add_number(digest, "cpu_ns", run->cpu_ns, 0);
    add_number(digest, "machine_ns", run->machine_ns, 0);
    if (rebuilt->has_no_times)
        return;
    add_number(digest, "start_utc_us", run->start_utc_us, 0);
    add_number(digest, "end_utc_us", run->end_utc_us, 0);
}

#define QUANTITY(member)                          \
    {                                             \
#member, offsetof(struct jb_work, member) \
    }
#define ANSWER(member)                            \
    {                                             \
#member, offsetof(struct jb_work, member) \
    }

static void add_work(struct digest *digest, const struct jb_work *work)
{
    static const struct {
        const char *name;
        size_t offset;
    } quantities[] =
        {
            QUANTITY(n_accelerators_milli),
            QUANTITY(accelerator_mw),
            QUANTITY(accelerator_use_ppm),
            QUANTITY(n_processors_milli),
            QUANTITY(n_threads),
            QUANTITY(processor_use_ppm),
            QUANTITY(memory_mib),
            QUANTITY(node_overhead_mw),
            QUANTITY(n_instances_milli),
            QUANTITY(instance_mw),
            QUANTITY(idle_ppm),
            QUANTITY(duration_ns),
            QUANTITY(pue_milli),
        },
      answers[] = {
          ANSWER(accelerator),
          ANSWER(processor),
          ANSWER(instance),
          ANSWER(place),
      };

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++)
        add_answer(digest, answers[i].name, (const void *)((const char *)work + answers[i].offset));
    for (size_t i = 0; i < sizeof quantities / sizeof quantities[0]; i++)
        add_quantity(digest, quantities[i].name,
                     (const void *)((const char *)work + quantities[i].offset));
    for (size_t i = 0; i < work->n_repeats && i < JB_WORK_REPEATS_MAX; i++) {
        add_text(digest, "repeat", work->repeats[i].name, sizeof work->repeats[i].name);
        add_quantity(digest, "repeat n_milli", &work->repeats[i].n_milli);
    }
    add_number(digest, "year", work->year, 0);
    add_number(digest, "has_sensors_now", work->has_sensors_now, 0);
    add_number(digest, "is_time_held", work->is_time_held, 0);
}

static void add_line(struct digest *digest, const struct jb_rebuilt_line *line)
{
    add_text(digest, "channel", line->channel, sizeof line->channel);
    add_text(digest, "scope", jb_scope_name(line->scope), SIZE_MAX);
    add_text(digest, "device", jb_device_name(line->device), SIZE_MAX);
    add_text(digest, "origin", jb_origin_name(line->origin), SIZE_MAX);
    add_figure(digest, "energy_uj", &line->energy_uj);
    add_number(digest, "device_ns", line->device_ns, 0);
}

jb_rc jb_rebuilt_digest(const struct jb_rebuilt *rebuilt, struct jb_hash *ret_hash,
                        struct jb_error *err)
{
    struct digest digest = {.prefix = "run "};

    if (rebuilt->n_lines > JB_REBUILT_LINES_MAX || rebuilt->n_notes > JB_REBUILT_NOTES_MAX)
        return jb_fail(err, JB_E_INPUT, NULL, "the run tells of too many parts");
    jb_hasher_begin(&digest.hasher);
    add_run(&digest, rebuilt);
    (void)snprintf(digest.prefix, sizeof digest.prefix, "work ");
    if (rebuilt->has_work)
        add_work(&digest, &rebuilt->work);
    for (size_t i = 0; i < rebuilt->n_lines; i++) {
        (void)snprintf(digest.prefix, sizeof digest.prefix, "line %zu ", i);
        add_line(&digest, &rebuilt->lines[i]);
    }
    digest.prefix[0] = '\0';
    add_text(&digest, "method", jb_method_name(rebuilt->method), SIZE_MAX);
    add_number(&digest, "has_no_times", rebuilt->has_no_times, 0);
    add_number(&digest, "is_pue_included", rebuilt->is_pue_included, 0);
    add_figure(&digest, "told_gco2e_ug", &rebuilt->told_gco2e_ug);
    *ret_hash = jb_hasher_end(&digest.hasher);
    return JB_OK;
}
