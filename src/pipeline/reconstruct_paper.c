/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Papers: each is in the book once, by its source and key; one of other content takes the place of the one before, whose
 * runs are voided. Never looks at a file. R-REBUILT-02, -03.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "pipeline/reconstruct_int.h"

#define FIELD_FILE   "file"
#define FIELD_ID     "id"
#define FIELD_KEY    "key"
#define FIELD_ROWS   "n_rows"
#define FIELD_SHA256 "sha256"
#define FIELD_SOURCE "source"
#define SHORT_DIGITS 12 /* of a digest in a reason */

static bool is_same(const struct jb_hash *a, const struct jb_hash *b)
{
    return memcmp(a->bytes, b->bytes, sizeof a->bytes) == 0;
}

jb_rc reconstruct__grow(void *array_pointer, size_t *size, size_t n, size_t each,
                        struct jb_error *err)
{
    void *array;

    if (n < *size)
        return JB_OK;
    const size_t wanted = *size > 0 ? *size * 2 : 64;
    memcpy(&array, array_pointer, sizeof array);
    array = wanted > SIZE_MAX / each ? NULL : realloc(array, wanted * each);
    if (!array)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu papers and runs", wanted);
    memcpy(array_pointer, &array, sizeof array);
    *size = wanted;
    return JB_OK;
}

/* --- the papers of the book -------------------------------------------------------------------------------------- */

/* The place of a paper, or the free one where it belongs. Ids are hashes already. */
static struct reconstruct__paper *place_of(const struct reconstruct__papers *papers,
                                           const struct jb_hash *id)
{
    size_t at;

    memcpy(&at, id->bytes, sizeof at);
    at &= papers->size - 1;
    while (papers->slots[at].seq != 0 && !is_same(&papers->slots[at].id, id))
        at = (at + 1) & (papers->size - 1);
    return &papers->slots[at];
}

static jb_rc make_room(struct reconstruct__papers *papers, struct jb_error *err)
{
    struct reconstruct__papers larger = {.n = papers->n, .size = papers->size * 2};

    if (papers->size > 2 * papers->n)
        return JB_OK;
    if (larger.size == 0)
        larger.size = 64;
    larger.slots = calloc(larger.size, sizeof larger.slots[0]);
    if (!larger.slots)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for %zu papers", larger.size);
    for (size_t i = 0; i < papers->size; i++)
        if (papers->slots[i].seq != 0)
            *place_of(&larger, &papers->slots[i].id) = papers->slots[i];
    free(papers->slots);
    *papers = larger;
    return JB_OK;
}

static jb_rc add_paper(struct reconstruct__papers *papers, const struct jb_hash *id,
                       const struct jb_hash *digest, int64_t seq, int64_t n_rows,
                       struct jb_error *err)
{
    const jb_rc rc = make_room(papers, err);

    if (rc < 0)
        return rc;
    struct reconstruct__paper *const paper = place_of(papers, id);
    papers->n += paper->seq == 0;
    paper->id = *id;
    paper->digest = *digest;
    paper->seq = seq;
    paper->n_versions++;
    paper->n_rows = n_rows;
    return JB_OK;
}

const char *reconstruct__field(const struct jb_entry *entry, const char *name)
{
    for (size_t i = 0; i < entry->n_fields; i++)
        if (strcmp(entry->fields[i].name, name) == 0)
            return entry->fields[i].value ? entry->fields[i].value : "";
    return "";
}

static jb_rc on_paper(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct jb_hash id;
    struct jb_hash digest;
    const char *const rows = reconstruct__field(entry, FIELD_ROWS);
    int64_t n_rows = 0;

    /* Papers of one run have none, and neither have those of books of before. */
    if (rows[0] != '\0' && (jb_parse_i64(rows, strlen(rows), false, &n_rows) < 0 || n_rows < 0))
        n_rows = 0;
    if (jb_unhex(reconstruct__field(entry, FIELD_ID), id.bytes, sizeof id.bytes) < 0 ||
        jb_unhex(reconstruct__field(entry, FIELD_SHA256), digest.bytes, sizeof digest.bytes) < 0)
        return jb_fail(err, JB_E_DAMAGED, "`joulebook balance` tells what else",
                       "entry %" PRId64 " does not say which paper it is of", seq);
    return add_paper(arg, &id, &digest, seq, n_rows, err);
}

jb_rc reconstruct__read_papers(struct jb_reconstruct *reconstruct, struct jb_error *err)
{
    const jb_rc rc = make_room(&reconstruct->papers, err);

    return rc < 0 ? rc
                  : jb_ledger_each_entry(reconstruct->ledger, JB_PAPER_KIND, NULL, on_paper,
                                         &reconstruct->papers, err);
}

/* --- the runs of papers ------------------------------------------------------------------------------------------ */

static jb_rc on_opened(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct reconstruct__links *const links = arg;
    struct reconstruct__link link = {.seq = seq};
    jb_rc rc;

    if (entry->layer == JB_LAYER_MEASURED ||
        jb_unhex(reconstruct__field(entry, "paper"), link.paper.bytes, sizeof link.paper.bytes) < 0)
        return JB_OK;
    rc = reconstruct__grow(&links->list, &links->size, links->n, sizeof links->list[0], err);
    if (rc < 0)
        return rc;
    memcpy(link.run_id, entry->run_id, sizeof link.run_id);
    links->list[links->n++] = link;
    return JB_OK;
}

static int compare_links(const void *a, const void *b)
{
    const struct reconstruct__link *const x = a;
    const struct reconstruct__link *const y = b;
    const int order = memcmp(x->paper.bytes, y->paper.bytes, sizeof x->paper.bytes);

    return order != 0 ? order : (x->seq > y->seq) - (x->seq < y->seq);
}

jb_rc reconstruct__read_links(struct jb_ledger *ledger, struct reconstruct__links *links,
                              struct jb_error *err)
{
    const jb_rc rc = jb_ledger_each_entry(ledger, "run-opened", NULL, on_opened, links, err);

    if (rc < 0)
        return rc;
    if (links->n > 0)
        qsort(links->list, links->n, sizeof links->list[0], compare_links);
    links->n_sorted = links->n;
    links->is_read = true;
    return JB_OK;
}

/* Read when they are first asked for: most orders bring papers that are new, and ask nothing of what is there. */
static jb_rc read_links(struct jb_reconstruct *reconstruct, struct jb_error *err)
{
    return reconstruct->links.is_read
               ? JB_OK
               : reconstruct__read_links(reconstruct->ledger, &reconstruct->links, err);
}

jb_rc reconstruct__remember_run(struct jb_reconstruct *reconstruct, const char *run_id,
                                struct jb_error *err)
{
    struct reconstruct__links *const links = &reconstruct->links;
    struct reconstruct__link link = {.paper = reconstruct->paper, .seq = INT64_MAX};

    if (!links->is_read)
        return JB_OK; /* it will be read with the others */
    const jb_rc rc =
        reconstruct__grow(&links->list, &links->size, links->n, sizeof links->list[0], err);
    if (rc < 0)
        return rc;
    (void)snprintf(link.run_id, sizeof link.run_id, "%s", run_id);
    links->list[links->n++] = link;
    return JB_OK;
}

/* The first run of the paper at hand, entered after `seq`, at `from` or behind; links->n if there is none. */
static size_t next_link(const struct jb_reconstruct *reconstruct, size_t from, int64_t seq)
{
    const struct reconstruct__link wanted = {.paper = reconstruct->paper, .seq = seq + 1};
    const struct reconstruct__links *const links = &reconstruct->links;
    size_t low = from;
    size_t high = links->n_sorted;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (compare_links(&links->list[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < links->n_sorted && is_same(&links->list[low].paper, &reconstruct->paper))
        return low;
    if (low < links->n_sorted)
        low = links->n_sorted;
    while (low < links->n && !is_same(&links->list[low].paper, &reconstruct->paper))
        low++;
    return low;
}

jb_rc reconstruct__nth_run(struct jb_reconstruct *reconstruct, size_t n, char ret_run_id[JB_RUN_ID],
                           struct jb_error *err)
{
    const jb_rc rc = read_links(reconstruct, err);

    if (rc < 0)
        return rc;
    const struct reconstruct__links *const links = &reconstruct->links;
    size_t at = next_link(reconstruct, 0, reconstruct->paper_seq);
    /* Runs of a paper lie side by side where they are sorted: a bill may have thousands. */
    if (at < links->n_sorted && n < links->n_sorted - at &&
        is_same(&links->list[at + n].paper, &reconstruct->paper)) {
        at += n;
        n = 0;
    }
    while (n > 0 && at < links->n) {
        at = next_link(reconstruct, at + 1, reconstruct->paper_seq);
        n--;
    }
    ret_run_id[0] = '\0';
    if (at < links->n)
        memcpy(ret_run_id, links->list[at].run_id, JB_RUN_ID);
    return JB_OK;
}

/* --- beginning one ----------------------------------------------------------------------------------------------- */

/* R-REBUILT-03: what the older paper told goes back to where it came from. What is out of all sums stays so. */
static jb_rc reverse_runs(struct jb_reconstruct *reconstruct, const char *reason,
                          struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    jb_rc rc =
        run ? read_links(reconstruct, err) : jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");

    if (rc < 0)
        return rc;
    for (size_t at = next_link(reconstruct, 0, 0); rc == JB_OK && at < reconstruct->links.n;
         at = next_link(reconstruct, at + 1, 0)) {
        const char *const run_id = reconstruct->links.list[at].run_id;
        rc = jb_ledger_find_run(reconstruct->ledger, run_id, run, err);
        if (rc == JB_OK && run->status == JB_RUN_DONE) {
            rc = jb_ledger_void(reconstruct->ledger, run_id, reason, err);
            reconstruct->replaced.n_runs++;
            reconstruct->replaced.machine_ns =
                jb_add_sat_i64(reconstruct->replaced.machine_ns, run->machine_ns);
        }
    }
    return rc;
}

static jb_rc enter_paper(struct jb_reconstruct *reconstruct, const char *key,
                         const struct jb_hash *digest, const char *digest_text,
                         struct jb_error *err)
{
    char key_text[JB_REBUILT_KEY];
    char rows[24];
    struct jb_field fields[6] = {
        {FIELD_FILE, reconstruct->file},
        {FIELD_ID, reconstruct->paper_text},
        {FIELD_KEY, key_text},
    };
    size_t n = 3;
    struct jb_entry entry = {.layer = reconstruct->layer, .fields = fields};
    jb_rc rc;

    jb_clean_copy(key, key_text, sizeof key_text);
    (void)snprintf(rows, sizeof rows, "%" PRId64, reconstruct->n_rows);
    if (reconstruct->n_rows > 0)
        fields[n++] = (struct jb_field){FIELD_ROWS, rows};
    fields[n++] = (struct jb_field){FIELD_SHA256, digest_text};
    fields[n++] = (struct jb_field){FIELD_SOURCE, reconstruct->source};
    entry.n_fields = n;
    (void)snprintf(entry.kind, sizeof entry.kind, "%s", JB_PAPER_KIND);
    rc = jb_ledger_append(reconstruct->ledger, &entry, &reconstruct->paper_seq, err);
    return rc < 0 ? rc
                  : add_paper(&reconstruct->papers, &reconstruct->paper, digest,
                              reconstruct->paper_seq, reconstruct->n_rows, err);
}

static void name_paper(struct jb_reconstruct *reconstruct, const char *source, const char *key)
{
    const struct jb_hash_part parts[] = {{source, strlen(source) + 1}, {key, strlen(key)}};

    reconstruct->paper = jb_hash_parts(parts, JB_ARRAY_LEN(parts));
    (void)jb_hex(reconstruct->paper.bytes, sizeof reconstruct->paper.bytes, reconstruct->paper_text,
                 sizeof reconstruct->paper_text);
    jb_clean_copy(source, reconstruct->source, sizeof reconstruct->source);
    reconstruct->n_runs = 0;
}

void jb_reconstruct_set_layer(struct jb_reconstruct *reconstruct, enum jb_layer layer)
{
    reconstruct->layer = layer;
}

void jb_reconstruct_set_rows(struct jb_reconstruct *reconstruct, int64_t n_rows)
{
    reconstruct->n_rows = n_rows;
}

struct jb_replaced jb_reconstruct_replaced(const struct jb_reconstruct *reconstruct)
{
    return reconstruct->replaced;
}

jb_rc jb_reconstruct_paper(struct jb_reconstruct *reconstruct, const char *source, const char *key,
                           const struct jb_hash *digest, enum jb_paper_state *ret_state,
                           struct jb_error *err)
{
    char digest_text[2 * JB_HASH_BYTES + 1];
    char reason[80];
    jb_rc rc = JB_OK;

    reconstruct->is_begun = false;
    if (!source[0] || strlen(source) >= sizeof reconstruct->source || !key[0] ||
        strlen(key) >= JB_REBUILT_KEY)
        return jb_fail(err, JB_E_INPUT, NULL,
                       "'%.60s' of '%.23s' cannot be the name of a paper: it is empty or too long",
                       key, source);
    name_paper(reconstruct, source, key);
    const struct reconstruct__paper known = *place_of(&reconstruct->papers, &reconstruct->paper);
    reconstruct->version = known.n_versions;
    reconstruct->paper_seq = known.seq;
    reconstruct->state = known.seq == 0                   ? JB_PAPER_NEW
                         : is_same(&known.digest, digest) ? JB_PAPER_SAME
                                                          : JB_PAPER_SUPERSEDES;
    reconstruct->is_told_twice =
        reconstruct->state == JB_PAPER_SUPERSEDES && known.seq > reconstruct->first_seq;
    (void)jb_hex(digest->bytes, sizeof digest->bytes, digest_text, sizeof digest_text);
    (void)snprintf(reason, sizeof reason, "superseded by a newer %s, sha256 %.*s",
                   reconstruct->layer == JB_LAYER_PREDICTED ? "plan" : "export", SHORT_DIGITS,
                   digest_text);
    reconstruct->replaced = (struct jb_replaced){0};
    if (reconstruct->state == JB_PAPER_SUPERSEDES) {
        reconstruct->replaced.n_rows = known.n_rows;
        rc = reverse_runs(reconstruct, reason, err);
    }
    if (rc == JB_OK && reconstruct->state != JB_PAPER_SAME)
        rc = enter_paper(reconstruct, key, digest, digest_text, err);
    reconstruct->n_rows = 0;
    if (rc < 0)
        return rc;
    reconstruct->is_begun = true;
    *ret_state = reconstruct->state;
    return JB_OK;
}
