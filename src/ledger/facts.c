/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of facts. Numbers are decimal, words are those of the model, texts are as given. A fact that was not
 * given is not entered: absent is not zero.
 */
#include "ledger/facts_int.h"

#include <inttypes.h>
#include <string.h>

#include "base/compiler.h"
#include "base/num.h"

enum fact_type { FACT_TEXT, FACT_I64, FACT_U64, FACT_U32, FACT_WORD };

struct fact {
    const char *name;
    uint32_t offset;
    uint32_t size;  /* of a text, with its NUL */
    int64_t absent; /* the number that means "not given" */
    uint8_t type;
    uint8_t when;
    const char *(*word)(int value);
    int (*from_word)(const char *word);
};

static const char *run_status_word(int value)
{
    return jb_run_status_name((enum jb_run_status)value);
}

static const char *scope_word(int value)
{
    return jb_scope_name((enum jb_scope)value);
}

static const char *device_word(int value)
{
    return jb_device_name((enum jb_device)value);
}

static const char *semantics_word(int value)
{
    return jb_semantics_name((enum jb_semantics)value);
}

static const char *origin_word(int value)
{
    return jb_origin_name((enum jb_origin)value);
}

static const char *role_word(int value)
{
    return jb_role_name((enum jb_role)value);
}

#define TEXT(type, member, at)                                                                    \
    {                                                                                             \
#member, (uint32_t)offsetof(type, member), sizeof(((type *)0)->member), 0, FACT_TEXT, at, \
            NULL, NULL                                                                            \
    }
#define NUMBER(type, member, kind, none, at)                                     \
    {                                                                            \
#member, (uint32_t)offsetof(type, member), 0, none, kind, at, NULL, NULL \
    }
#define WORD(type, member, name, at)                                                 \
    {                                                                                \
#member, (uint32_t)offsetof(type, member), 0, 0, FACT_WORD, at, name##_word, \
            jb_##name##_from_name                                                    \
    }

#define OPEN  FACTS_AT_OPEN
#define CLOSE FACTS_AT_CLOSE
#define AMEND (FACTS_AT_OPEN | FACTS_AMENDABLE)

/* clang-format off */
static const struct fact run_facts[] = {
    TEXT(struct jb_run, group, AMEND),
    TEXT(struct jb_run, rank, AMEND),
    TEXT(struct jb_run, parent_id, AMEND),
    TEXT(struct jb_run, source, OPEN),
    TEXT(struct jb_run, paper, OPEN),
    TEXT(struct jb_run, method, OPEN),
    TEXT(struct jb_run, host, OPEN),
    TEXT(struct jb_run, boot_id, OPEN),
    TEXT(struct jb_run, project, AMEND),
    TEXT(struct jb_run, model, AMEND),
    TEXT(struct jb_run, model_version, AMEND),
    TEXT(struct jb_run, architecture, AMEND),
    TEXT(struct jb_run, application, AMEND),
    TEXT(struct jb_run, configuration, AMEND),
    TEXT(struct jb_run, stage, AMEND),
    TEXT(struct jb_run, command, OPEN),
    TEXT(struct jb_run, directory, OPEN),
    TEXT(struct jb_run, git_commit, AMEND),
    TEXT(struct jb_run, user, OPEN),
    TEXT(struct jb_run, environment, OPEN),
    TEXT(struct jb_run, place, AMEND),
    TEXT(struct jb_run, hourly_file, AMEND),
    NUMBER(struct jb_run, market_mgco2e_per_kwh, FACT_I64, -1, AMEND),
    NUMBER(struct jb_run, pue_milli, FACT_I64, -1, AMEND),
    NUMBER(struct jb_run, tariff_micro_per_kwh, FACT_I64, -1, AMEND),
    TEXT(struct jb_run, currency, AMEND),
    NUMBER(struct jb_run, n_examples, FACT_I64, 0, AMEND),
    NUMBER(struct jb_run, n_epochs, FACT_I64, 0, AMEND),
    NUMBER(struct jb_run, n_tokens, FACT_I64, 0, AMEND),
    NUMBER(struct jb_run, n_parameters, FACT_I64, 0, AMEND),
    NUMBER(struct jb_run, n_trainable, FACT_I64, 0, AMEND),
    NUMBER(struct jb_run, forward_macs, FACT_I64, 0, AMEND),
    NUMBER(struct jb_run, forward_flop, FACT_I64, 0, AMEND),
    NUMBER(struct jb_run, factor_milli, FACT_I64, 0, AMEND),
    TEXT(struct jb_run, training_flop, AMEND),
    TEXT(struct jb_run, plan, AMEND),
    TEXT(struct jb_run, model_file, AMEND),
    TEXT(struct jb_run, model_digest, AMEND),
    NUMBER(struct jb_run, start_mono_ns, FACT_I64, 0, OPEN),
    NUMBER(struct jb_run, start_utc_us, FACT_I64, 0, OPEN),
    NUMBER(struct jb_run, machine_ns, FACT_I64, 0, OPEN),
    NUMBER(struct jb_run, pid, FACT_I64, 0, OPEN),
    NUMBER(struct jb_run, period_ns, FACT_I64, 0, OPEN | CLOSE),
    NUMBER(struct jb_run, end_mono_ns, FACT_I64, 0, CLOSE),
    NUMBER(struct jb_run, end_utc_us, FACT_I64, 0, CLOSE),
    WORD(struct jb_run, status, run_status, CLOSE),
    NUMBER(struct jb_run, exit_code, FACT_I64, -1, CLOSE),
    NUMBER(struct jb_run, n_ticks, FACT_I64, 0, CLOSE),
    NUMBER(struct jb_run, n_missed, FACT_I64, 0, CLOSE),
    NUMBER(struct jb_run, cpu_ns, FACT_I64, 0, CLOSE),
    NUMBER(struct jb_run, n_left, FACT_I64, 0, CLOSE),
};

/* `when` is 1 for the text "meter", 2 for "reading". */
static const struct fact interval_facts[] = {
    TEXT(struct jb_interval, host, 1),
    TEXT(struct jb_interval, boot_id, 1),
    TEXT(struct jb_interval, channel, 1),
    TEXT(struct jb_interval, parent, 1),
    WORD(struct jb_interval, scope, scope, 1),
    WORD(struct jb_interval, device, device, 1),
    WORD(struct jb_interval, semantics, semantics, 1),
    WORD(struct jb_interval, origin, origin, 1),
    WORD(struct jb_interval, role, role, 1),
    NUMBER(struct jb_interval, unit_num, FACT_U64, 0, 1),
    NUMBER(struct jb_interval, unit_den, FACT_U64, 0, 1),
    NUMBER(struct jb_interval, modulus, FACT_U64, 0, 1),
    NUMBER(struct jb_interval, accuracy_low_ppm, FACT_I64, 0, 1),
    NUMBER(struct jb_interval, accuracy_high_ppm, FACT_I64, 0, 1),
    TEXT(struct jb_interval, correlation, 1),
    TEXT(struct jb_interval, board, 1),
    NUMBER(struct jb_interval, epoch, FACT_U32, 0, 2),
    NUMBER(struct jb_interval, mono_start_ns, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, mono_end_ns, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, utc_start_us, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, utc_end_us, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, raw_start, FACT_U64, 0, 2),
    NUMBER(struct jb_interval, raw_end, FACT_U64, 0, 2),
    NUMBER(struct jb_interval, count_start, FACT_U64, 0, 2),
    NUMBER(struct jb_interval, count_end, FACT_U64, 0, 2),
    NUMBER(struct jb_interval, energy_uj, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, low_uj, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, high_uj, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, edge_uj, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, counter_ns, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, gauge_ns, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, interpolated_ns, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, unobserved_ns, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, gap_best_uj, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, gap_high_uj, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, n_failed, FACT_U32, 0, 2),
    TEXT(struct jb_interval, gap, 2),
    TEXT(struct jb_interval, idle_source, 2),
    NUMBER(struct jb_interval, idle_power_uw, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, busy_ns, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, capacity_ns, FACT_I64, 0, 2),
    NUMBER(struct jb_interval, board_busy_ns, FACT_I64, 0, 2),
};
/* clang-format on */

/* The number a fact holds; a word's is its place in the list. Numbers of all kinds fit 65 bits. */
static jb_i128 number_of(const struct fact *fact, const void *owner)
{
    const char *at = (const char *)owner + fact->offset;
    int64_t i64;
    uint64_t u64;
    uint32_t u32;

    switch (fact->type) {
    case FACT_U64: memcpy(&u64, at, sizeof u64); return u64;
    case FACT_U32:
    case FACT_WORD: memcpy(&u32, at, sizeof u32); return u32;
    default: memcpy(&i64, at, sizeof i64); return i64;
    }
}

static void set_i64(const struct fact *fact, void *owner, int64_t value)
{
    char *at = (char *)owner + fact->offset;
    const uint64_t u64 = (uint64_t)value;
    const uint32_t u32 = (uint32_t)value;

    switch (fact->type) {
    case FACT_U64: memcpy(at, &u64, sizeof u64); break;
    case FACT_U32:
    case FACT_WORD: memcpy(at, &u32, sizeof u32); break;
    default: memcpy(at, &value, sizeof value); break;
    }
}

/* Appends the value as text. */
static jb_rc add_value(const struct fact *fact, const void *owner, struct jb_buf *text)
{
    const char *at = (const char *)owner + fact->offset;

    if (fact->type == FACT_TEXT) {
        const size_t len = strnlen(at, fact->size);
        if (len == fact->size)
            return JB_E_INPUT;
        jb_buf_add(text, at, len);
    } else if (fact->type == FACT_WORD) {
        const char *word = fact->word((int)number_of(fact, owner));
        if (fact->from_word(word) < 0)
            return JB_E_INPUT;
        jb_buf_add_text(text, word);
    } else if (fact->type == FACT_I64) {
        jb_buf_addf(text, "%" PRId64, (int64_t)number_of(fact, owner));
    } else {
        jb_buf_addf(text, "%" PRIu64, (uint64_t)number_of(fact, owner));
    }
    return JB_OK;
}

/* JB_E_INPUT or JB_E_RANGE where the value does not fit the fact. */
static jb_rc set_value(const struct fact *fact, void *owner, const char *value, size_t len)
{
    char *at = (char *)owner + fact->offset;
    int64_t i64;
    uint64_t u64;
    jb_rc rc = JB_OK;

    if (fact->type == FACT_TEXT) {
        if (len >= fact->size)
            return JB_E_RANGE;
        memset(at, 0, fact->size);
        memcpy(at, value, len);
    } else if (fact->type == FACT_WORD) {
        char word[32] = "";
        if (len >= sizeof word)
            return JB_E_INPUT;
        memcpy(word, value, len);
        const int place = fact->from_word(word);
        if (place < 0)
            return JB_E_INPUT;
        set_i64(fact, owner, place);
    } else if (fact->type == FACT_I64) {
        rc = jb_parse_i64(value, len, false, &i64);
        if (rc == JB_OK)
            set_i64(fact, owner, i64);
    } else {
        rc = jb_parse_u64(value, len, false, &u64);
        if (rc == JB_OK && fact->type == FACT_U32 && u64 > UINT32_MAX)
            rc = JB_E_RANGE;
        if (rc == JB_OK)
            set_i64(fact, owner, (int64_t)u64);
    }
    return rc;
}

static bool is_absent(const struct fact *fact, const void *owner)
{
    if (fact->type == FACT_TEXT)
        return ((const char *)owner)[fact->offset] == '\0';
    return fact->type != FACT_WORD && number_of(fact, owner) == fact->absent;
}

static const struct fact *find_fact(const struct fact *facts, size_t n_facts, const char *name,
                                    size_t len)
{
    for (size_t i = 0; i < n_facts; i++) {
        if (strlen(facts[i].name) == len && memcmp(facts[i].name, name, len) == 0)
            return &facts[i];
    }
    return NULL;
}

void facts__clear_run(struct jb_run *run)
{
    memset(run, 0, sizeof *run);
    for (size_t i = 0; i < JB_ARRAY_LEN(run_facts); i++) {
        if (run_facts[i].type != FACT_TEXT)
            set_i64(&run_facts[i], run, run_facts[i].absent);
    }
}

/* The values lie one after the other, a NUL behind each; pointers are set once the buffer no longer moves. */
jb_rc facts__from_run(const struct jb_run *run, unsigned when, struct jb_buf *texts,
                      struct jb_field *ret_fields, size_t max, size_t *ret_n_fields,
                      struct jb_error *err)
{
    size_t n_fields = 0;

    for (size_t i = 0; i < JB_ARRAY_LEN(run_facts); i++) {
        const struct fact *fact = &run_facts[i];
        if ((fact->when & when) == 0 || is_absent(fact, run))
            continue;
        if (n_fields == max || add_value(fact, run, texts) < 0)
            return jb_fail(err, JB_E_INPUT, NULL, "'%s' of run %.36s cannot be entered", fact->name,
                           run->id);
        jb_buf_add_u8(texts, '\0');
        ret_fields[n_fields++].name = fact->name;
    }
    const size_t n_tags = (when & FACTS_AT_OPEN) != 0 ? run->n_tags : 0;
    for (size_t i = 0; i < n_tags; i++) {
        if (i == JB_TAGS_MAX || n_fields == max ||
            memchr(run->tags[i], '\0', sizeof run->tags[i]) == NULL)
            return jb_fail(err, JB_E_INPUT, NULL, "the tags of run %.36s cannot be entered",
                           run->id);
        jb_buf_add(texts, run->tags[i], strlen(run->tags[i]) + 1);
        ret_fields[n_fields++].name = "tag";
    }
    if (texts->failed < 0)
        return jb_fail(err, texts->failed, NULL, "cannot hold the facts of run %.36s", run->id);
    const char *at = jb_buf_text(texts);
    for (size_t i = 0; i < n_fields; i++) {
        ret_fields[i].value = at;
        at += strlen(at) + 1;
    }
    *ret_n_fields = n_fields;
    return JB_OK;
}

/* "name=value" replaces the tag of that name, "name=" takes it away, a tag without "=" stands for itself. */
static jb_rc set_tag(struct jb_run *run, const char *value)
{
    const size_t len = strlen(value);
    const char *equals = strchr(value, '=');
    const size_t name_len = equals ? (size_t)(equals - value) : len;
    size_t at = 0;

    if (name_len == 0 || len >= sizeof run->tags[0])
        return JB_E_INPUT;
    while (at < run->n_tags &&
           (strncmp(run->tags[at], value, name_len) != 0 ||
            (run->tags[at][name_len] != '=' && run->tags[at][name_len] != '\0')))
        at++;
    if (equals && equals[1] == '\0') {
        if (at < run->n_tags) {
            run->n_tags--;
            memmove(run->tags[at], run->tags[at + 1], (run->n_tags - at) * sizeof run->tags[0]);
        }
        return JB_OK;
    }
    if (at == JB_TAGS_MAX)
        return JB_E_RANGE;
    if (at == run->n_tags)
        run->n_tags++;
    memcpy(run->tags[at], value, len + 1);
    return JB_OK;
}

jb_rc facts__set_run(struct jb_run *run, const char *name, const char *value, bool *ret_known,
                     struct jb_error *err)
{
    const struct fact *fact = find_fact(run_facts, JB_ARRAY_LEN(run_facts), name, strlen(name));
    jb_rc rc = JB_OK;

    *ret_known = true;
    if (strcmp(name, "tag") == 0)
        rc = set_tag(run, value);
    else if (!fact)
        *ret_known = false;
    else if (value[0] == '\0' && fact->type != FACT_TEXT)
        set_i64(fact, run, fact->absent);
    else
        rc = set_value(fact, run, value, strlen(value));
    if (rc < 0)
        return jb_fail(err, rc, "see docs/format/entry.md for what it may hold",
                       "'%.80s' does not fit '%s' of a run", value, name);
    return JB_OK;
}

jb_rc facts__check_amendment(const char *name, const char *value, struct jb_error *err)
{
    const struct fact *fact = find_fact(run_facts, JB_ARRAY_LEN(run_facts), name, strlen(name));
    JB_AUTO(jb_free_auto) struct jb_run *scratch = NULL;
    bool is_known;

    if (strcmp(name, "tag") != 0 && (!fact || (fact->when & FACTS_AMENDABLE) == 0))
        return jb_fail(err, JB_E_INPUT,
                       "energy and times are never amended; void the run if they are wrong",
                       "'%s' is not a fact of a run that can be amended", name);
    scratch = malloc(sizeof *scratch);
    if (!scratch)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot amend '%s'", name);
    facts__clear_run(scratch);
    return facts__set_run(scratch, name, value, &is_known, err);
}

static bool has_control(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] < ' ')
            return true;
    }
    return false;
}

jb_rc facts__from_interval(const struct jb_interval *interval, struct jb_buf *meter,
                           struct jb_buf *reading, struct jb_error *err)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(interval_facts); i++) {
        const struct fact *fact = &interval_facts[i];
        struct jb_buf *text = fact->when == 1 ? meter : reading;

        jb_buf_addf(text, "%s=", fact->name);
        const size_t start = text->len;
        if (add_value(fact, interval, text) < 0 ||
            (text->failed == JB_OK && has_control(text->bytes + start, text->len - start)))
            return jb_fail(err, JB_E_INPUT, NULL,
                           "'%s' of an interval of '%.95s' cannot be entered", fact->name,
                           interval->channel);
        jb_buf_add_u8(text, '\n');
    }
    if (meter->failed < 0 || reading->failed < 0)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot hold an interval of '%.95s'",
                       interval->channel);
    return JB_OK;
}

jb_rc facts__to_interval(const char *text, size_t len, struct jb_interval *interval,
                         struct jb_error *err)
{
    const char *at = text;
    const char *const end = text + len;

    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *equals = newline ? memchr(at, '=', (size_t)(newline - at)) : NULL;
        if (!equals)
            return jb_fail(err, JB_E_DAMAGED, NULL, "the text of an interval cannot be read");
        const struct fact *fact =
            find_fact(interval_facts, JB_ARRAY_LEN(interval_facts), at, (size_t)(equals - at));
        if (fact && set_value(fact, interval, equals + 1, (size_t)(newline - equals - 1)) < 0)
            return jb_fail(err, JB_E_DAMAGED, NULL, "'%s' of an interval cannot be read",
                           fact->name);
        at = newline + 1;
    }
    return JB_OK;
}
