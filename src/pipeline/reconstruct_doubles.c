/* SPDX-License-Identifier: Apache-2.0 */
/* Papers that count in two versions, which only a merge of two books can bring about. Tells them; decides nothing.
 * R-REBUILT-05. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clean.h"
#include "pipeline/reconstruct_int.h"

struct version {
    struct jb_hash id, digest;
    int64_t seq;
};

struct versions {
    size_t n, size;
    struct version *list;
};

static void versions_release(struct versions *versions)
{
    free(versions->list);
}

static void links_release(struct reconstruct__links *links)
{
    free(links->list);
}

static jb_rc on_paper(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    struct versions *const versions = arg;
    struct version version = {.seq = seq};
    jb_rc rc;

    if (jb_unhex(reconstruct__field(entry, "id"), version.id.bytes, sizeof version.id.bytes) < 0 ||
        jb_unhex(reconstruct__field(entry, "sha256"), version.digest.bytes,
                 sizeof version.digest.bytes) < 0)
        return JB_OK;
    rc = reconstruct__grow(&versions->list, &versions->size, versions->n, sizeof versions->list[0],
                           err);
    if (rc == JB_OK)
        versions->list[versions->n++] = version;
    return rc;
}

static int compare_versions(const void *a, const void *b)
{
    const struct version *const x = a;
    const struct version *const y = b;
    const int order = memcmp(&x->id, &y->id, sizeof x->id);

    return order != 0 ? order : (x->seq > y->seq) - (x->seq < y->seq);
}

/* How many versions of the paper have a run that counts; 2 stands for more. A run is of the last entry before it. */
static jb_rc count_versions(struct jb_ledger *ledger, const struct version *list, size_t n,
                            const struct reconstruct__links *links, struct jb_run *run,
                            size_t *ret_n, struct jb_error *err)
{
    const struct version *first = NULL;
    size_t at_version = 0;

    *ret_n = 0;
    for (size_t i = 0; i < links->n; i++) {
        const struct reconstruct__link *const link = &links->list[i];
        if (memcmp(&link->paper, &list[0].id, sizeof link->paper) != 0)
            continue;
        while (at_version + 1 < n && list[at_version + 1].seq < link->seq)
            at_version++;
        const jb_rc rc = jb_ledger_find_run(ledger, link->run_id, run, err);
        if (rc < 0)
            return rc;
        const struct version *const version = &list[at_version];
        if (run->status != JB_RUN_DONE)
            continue;
        if (first && memcmp(&first->digest, &version->digest, sizeof version->digest) != 0) {
            *ret_n = 2;
            return JB_OK;
        }
        first = version;
        *ret_n = 1;
    }
    return JB_OK;
}

static bool is_changed(const struct version *list, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (memcmp(&list[0].digest, &list[i].digest, sizeof list[0].digest) != 0)
            return true;
    return false;
}

struct name {
    int64_t seq;
    char *key;
};

static jb_rc on_named(void *arg, int64_t seq, const struct jb_entry *entry, struct jb_error *err)
{
    const struct name *const name = arg;

    (void)err;
    if (seq == name->seq)
        jb_clean_copy(reconstruct__field(entry, "key"), name->key, JB_REBUILT_KEY);
    return JB_OK;
}

static jb_rc find(struct jb_ledger *ledger, const struct versions *versions,
                  const struct reconstruct__links *links, size_t *ret_n, int64_t *ret_first_seq,
                  struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    size_t to;

    *ret_n = 0;
    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory for a run");
    for (size_t from = 0; from < versions->n; from = to) {
        const struct version *const list = &versions->list[from];
        size_t n = 0;
        for (to = from + 1;
             to < versions->n && memcmp(&versions->list[to].id, &list->id, sizeof list->id) == 0;)
            to++;
        if (!is_changed(list, to - from))
            continue;
        const jb_rc rc = count_versions(ledger, list, to - from, links, run, &n, err);
        if (rc < 0)
            return rc;
        if (n > 1 && (*ret_n)++ == 0)
            *ret_first_seq = list->seq;
    }
    return JB_OK;
}

jb_rc jb_reconstruct_find_doubles(struct jb_ledger *ledger, size_t *ret_n,
                                  char ret_key[JB_REBUILT_KEY], struct jb_error *err)
{
    JB_AUTO(versions_release) struct versions versions = {0};
    JB_AUTO(links_release) struct reconstruct__links links = {0};
    struct name name = {.key = ret_key};
    size_t n = 0;
    jb_rc rc = jb_ledger_each_entry(ledger, JB_PAPER_KIND, NULL, on_paper, &versions, err);

    if (rc == JB_OK && versions.n > 0)
        rc = reconstruct__read_links(ledger, &links, err);
    if (rc < 0)
        return rc;
    if (versions.n > 0)
        qsort(versions.list, versions.n, sizeof versions.list[0], compare_versions);
    rc = find(ledger, &versions, &links, &n, &name.seq, err);
    ret_key[0] = '\0';
    if (rc == JB_OK && n > 0)
        rc = jb_ledger_each_entry(ledger, JB_PAPER_KIND, NULL, on_named, &name, err);
    if (rc == JB_OK)
        *ret_n = n;
    return rc;
}
