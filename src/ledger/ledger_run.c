/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs: opened by one entry, closed by another, amended and voided by more. What a run is, is what its entries say
 * in their order; nothing about it is stored twice.
 */
#include <string.h>

#include "ledger/facts_int.h"
#include "ledger/ledger_int.h"

#define PREFIX_MIN 4

static void set_text(char *ret, const char *text, size_t size)
{
    memset(ret, 0, size);
    memcpy(ret, text, strnlen(text, size - 1));
}

jb_rc jb_ledger_open_run(struct jb_ledger *ledger, const struct jb_run *run, struct jb_error *err)
{
    struct jb_buf texts = JB_BUF(256 * 1024);
    struct jb_field fields[JB_ENTRY_FIELDS_MAX];
    struct jb_entry entry = {.kind = LEDGER_KIND_OPENED, .layer = run->layer, .fields = fields};
    const struct ledger__index index = {.opened = run};
    int64_t seq = 0;
    jb_rc rc = ledger__check_writing(ledger, err);

    if (rc == JB_OK && (run->id[0] == '\0' || memchr(run->id, '\0', sizeof run->id) == NULL))
        rc = jb_fail(err, JB_E_INPUT, NULL, "a run has no id");
    if (rc == JB_OK)
        rc = store__find_run(ledger->store, run->id, &seq, err);
    if (rc == JB_OK && seq > 0)
        rc = jb_fail(err, JB_E_CONFLICT,
                     "give each run an id of its own; ranks of one training share a group",
                     "run %s is in the book already", run->id);
    if (rc == JB_OK)
        rc = facts__from_run(run, FACTS_AT_OPEN, &texts, fields, JB_ARRAY_LEN(fields),
                             &entry.n_fields, err);
    if (rc == JB_OK) {
        set_text(entry.run_id, run->id, sizeof entry.run_id);
        rc = ledger__enter(ledger, &entry, &index, NULL, err);
    }
    jb_buf_release(&texts);
    return rc;
}

/* Sets what one entry of the run tells. A field that was erased tells nothing. */
jb_rc ledger__apply_to_run(struct jb_run *run, const struct ledger__stored *stored,
                           struct jb_error *err)
{
    const bool is_known_kind = strcmp(stored->entry.kind, LEDGER_KIND_OPENED) == 0 ||
                               strcmp(stored->entry.kind, LEDGER_KIND_CLOSED) == 0 ||
                               strcmp(stored->entry.kind, LEDGER_KIND_AMEND) == 0;
    jb_rc rc = JB_OK;

    if (strcmp(stored->entry.kind, LEDGER_KIND_VOID) == 0)
        run->status = JB_RUN_VOID;
    if (strcmp(stored->entry.kind, LEDGER_KIND_OPENED) == 0)
        run->layer = stored->entry.layer;
    if (strcmp(stored->entry.kind, LEDGER_KIND_RECONCILED) == 0) {
        const char *same_as = ledger__field(stored, LEDGER_FIELD_SAME_AS);
        set_text(run->same_as, same_as ? same_as : "", sizeof run->same_as);
        run->status = JB_RUN_RECONCILED;
    }
    for (size_t i = 0; is_known_kind && i < stored->entry.n_fields && rc == JB_OK; i++) {
        bool is_known;
        if (stored->fields[i].value)
            rc = facts__set_run(run, stored->fields[i].name, stored->fields[i].value, &is_known,
                                err);
    }
    return rc;
}

/* An account as it is found on the way through the entries of a run. */
struct found_account {
    struct jb_buf text;
    struct jb_run_account account; /* json NULL: none so far */
};

/* R-BOOK-04: the last entry with an account has it. */
static jb_rc take_account(const struct ledger__stored *stored, struct found_account *found,
                          struct jb_error *err)
{
    const char *json = ledger__field(stored, LEDGER_FIELD_ACCOUNT);

    if (!json)
        return JB_OK;
    jb_buf_clear(&found->text);
    jb_buf_add_text(&found->text, json);
    if (found->text.failed < 0)
        return jb_fail(err, found->text.failed, NULL, "cannot hold the account of run %.36s",
                       stored->entry.run_id);
    found->account = (struct jb_run_account){jb_buf_text(&found->text), stored->seq, stored->leaf};
    return JB_OK;
}

/* `found` NULL: the account is not wanted. A void, or a reconciliation, that came before the close in another book's order still holds. */
static jb_rc load_run(struct jb_ledger *ledger, const char *run_id, struct ledger__stored *stored,
                      struct jb_run *run, struct found_account *found, struct jb_error *err)
{
    struct store *const store = ledger->store;
    struct store__row row;
    bool has = false;
    bool is_void = false;
    bool is_reconciled = false;
    jb_rc rc = store__run_entry(store, run_id, &row, &has, err);

    facts__clear_run(run);
    set_text(run->id, run_id, sizeof run->id);
    while (rc == JB_OK && has) {
        rc = ledger__load(store, &row, stored, err);
        if (rc == JB_OK && !stored->is_memo)
            rc = ledger__apply_to_run(run, stored, err);
        if (rc == JB_OK && found)
            rc = take_account(stored, found, err);
        is_void = is_void || run->status == JB_RUN_VOID;
        is_reconciled = is_reconciled || run->status == JB_RUN_RECONCILED;
        if (rc == JB_OK)
            rc = store__run_entry(store, NULL, &row, &has, err);
    }
    store__run_done(store);
    if (is_void)
        run->status = JB_RUN_VOID;
    else if (is_reconciled)
        run->status = JB_RUN_RECONCILED;
    return rc;
}

jb_rc ledger__load_run(struct jb_ledger *ledger, const char *run_id, struct jb_run *ret_run,
                       struct jb_error *err)
{
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    int64_t seq = 0;
    jb_rc rc = store__find_run(ledger->store, run_id, &seq, err);

    if (rc < 0)
        return rc;
    if (seq == 0)
        return jb_fail(err, JB_E_NOT_FOUND, "`joulebook runs` lists them",
                       "there is no run %.36s in the book", run_id);
    if (!run)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot read run %s", run_id);
    rc = ledger__stored_new(&stored, err);
    if (rc == JB_OK)
        rc = load_run(ledger, run_id, stored, run, NULL, err);
    if (rc == JB_OK)
        *ret_run = *run;
    return rc;
}

static jb_rc enter_close(struct jb_ledger *ledger, const struct jb_run *run,
                         const char *account_json, const struct jb_field *extra, size_t n_extra,
                         struct jb_error *err)
{
    struct jb_buf texts = JB_BUF(64 * 1024);
    struct jb_field fields[JB_ENTRY_FIELDS_MAX];
    struct jb_entry entry = {.kind = LEDGER_KIND_CLOSED, .layer = run->layer, .fields = fields};
    jb_rc rc = facts__from_run(run, FACTS_AT_CLOSE, &texts, fields, JB_ARRAY_LEN(fields),
                               &entry.n_fields, err);

    if (rc == JB_OK && account_json)
        fields[entry.n_fields++] = (struct jb_field){LEDGER_FIELD_ACCOUNT, account_json};
    if (rc == JB_OK && n_extra > JB_ARRAY_LEN(fields) - entry.n_fields)
        rc = jb_fail(err, JB_E_INPUT, NULL, "run %s closes with more than %zu fields of its own",
                     run->id, JB_ARRAY_LEN(fields) - entry.n_fields);
    for (size_t i = 0; i < n_extra && rc == JB_OK; i++)
        fields[entry.n_fields++] = extra[i];
    if (rc == JB_OK) {
        set_text(entry.run_id, run->id, sizeof entry.run_id);
        rc = ledger__enter(ledger, &entry, NULL, NULL, err);
    }
    jb_buf_release(&texts);
    return rc;
}

jb_rc jb_ledger_close_run(struct jb_ledger *ledger, const struct jb_run *run,
                          const char *account_json, const struct jb_field *extra, size_t n_extra,
                          struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct jb_run *as_entered = malloc(sizeof *as_entered);
    jb_rc rc = ledger__check_writing(ledger, err);

    if (rc < 0)
        return rc;
    if (!as_entered)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot close run %.36s", run->id);
    if (run->status != JB_RUN_DONE && run->status != JB_RUN_INTERRUPTED)
        return jb_fail(err, JB_E_INPUT, NULL, "run %.36s cannot be closed as '%s'", run->id,
                       jb_run_status_name(run->status));
    rc = ledger__load_run(ledger, run->id, as_entered, err);
    if (rc < 0)
        return rc;
    if (as_entered->status != JB_RUN_OPEN)
        return jb_fail(err, JB_E_CONFLICT, "amend it if something is to be changed",
                       "run %s is %s already", run->id, jb_run_status_name(as_entered->status));
    if (as_entered->layer != run->layer)
        return jb_fail(err, JB_E_CONFLICT, NULL, "run %s was opened in the layer '%s'", run->id,
                       jb_layer_name(as_entered->layer));
    return enter_close(ledger, run, account_json, extra, n_extra, err);
}

/* A full id, or the only one that begins so. */
static jb_rc resolve_prefix(struct jb_ledger *ledger, const char *text, char ret_id[JB_RUN_ID],
                            struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    const char *run_id = NULL;
    int64_t seq = 0;
    int64_t start_utc_us = 0;
    char found[JB_RUN_ID] = "";
    jb_rc rc = store__find_run(ledger->store, text, &seq, err);

    if (rc < 0)
        return rc;
    if (seq > 0) {
        set_text(ret_id, text, JB_RUN_ID);
        return JB_OK;
    }
    if (strlen(text) < PREFIX_MIN)
        return jb_fail(err, JB_E_NOT_FOUND, "give at least 4 characters of an id, or 'last'",
                       "there is no run '%s' in the book", text);
    rc = store__runs(ledger->store, text, &cursor, err);
    if (rc == JB_OK)
        rc = store__next_run(cursor, &run_id, &seq, &start_utc_us, err);
    if (rc == JB_OK && !run_id)
        return jb_fail(err, JB_E_NOT_FOUND, "`joulebook runs` lists them",
                       "there is no run '%.36s' in the book", text);
    if (rc < 0)
        return rc;
    set_text(found, run_id, sizeof found);
    rc = store__next_run(cursor, &run_id, &seq, &start_utc_us, err);
    if (rc == JB_OK && run_id)
        return jb_fail(err, JB_E_CONFLICT, "give more of the id",
                       "'%.36s' could be %s or %.36s, or more", text, found, run_id);
    if (rc == JB_OK)
        set_text(ret_id, found, JB_RUN_ID);
    return rc;
}

static jb_rc resolve_last(struct jb_ledger *ledger, char ret_id[JB_RUN_ID], struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    const char *run_id = NULL;
    int64_t seq = 0;
    int64_t start_utc_us = 0;
    jb_rc rc = store__runs(ledger->store, NULL, &cursor, err);

    if (rc == JB_OK)
        rc = store__next_run(cursor, &run_id, &seq, &start_utc_us, err);
    if (rc < 0)
        return rc;
    if (!run_id)
        return jb_fail(err, JB_E_NOT_FOUND, "`joulebook run` enters one",
                       "there is no run in the book yet");
    set_text(ret_id, run_id, JB_RUN_ID);
    return JB_OK;
}

jb_rc jb_ledger_find_run(struct jb_ledger *ledger, const char *text, struct jb_run *ret_run,
                         struct jb_error *err)
{
    char run_id[JB_RUN_ID] = "";
    const jb_rc rc = strcmp(text, "last") == 0 ? resolve_last(ledger, run_id, err)
                                               : resolve_prefix(ledger, text, run_id, err);

    return rc == JB_OK ? ledger__load_run(ledger, run_id, ret_run, err) : rc;
}

static bool is_wanted_text(const char *wanted, const char *text)
{
    return !wanted || strcmp(wanted, text) == 0;
}

/* "name=value" asks for that tag, "name" for one of any value. */
static bool has_tag(const struct jb_run *run, const char *wanted)
{
    const size_t len = wanted ? strlen(wanted) : 0;

    if (!wanted)
        return true;
    for (size_t i = 0; i < run->n_tags; i++) {
        if (strncmp(run->tags[i], wanted, len) == 0 &&
            (run->tags[i][len] == '\0' || (run->tags[i][len] == '=' && !strchr(wanted, '='))))
            return true;
    }
    return false;
}

static bool is_wanted(const struct jb_run *run, const struct jb_run_filter *filter)
{
    if (filter->status >= 0 && (int)run->status != filter->status)
        return false;
    if (run->status == JB_RUN_VOID && !filter->with_void && filter->status != JB_RUN_VOID)
        return false;
    if (filter->layer && strcmp(filter->layer, jb_layer_name(run->layer)) != 0)
        return false;
    return is_wanted_text(filter->project, run->project) &&
           is_wanted_text(filter->model, run->model) && is_wanted_text(filter->stage, run->stage) &&
           is_wanted_text(filter->group, run->group) && has_tag(run, filter->tag);
}

/* One walk over the runs: with their accounts for `account_fn`, or without for `fn`. */
struct run_walk {
    struct jb_ledger *ledger;
    const struct jb_run_filter *filter;
    jb_run_fn fn;
    jb_run_account_fn account_fn;
    void *arg;
    int64_t n_given;
    struct ledger__stored *stored;
    struct jb_run *run;
    struct found_account found;
};

static jb_rc give_run(struct run_walk *walk, const char *run_id, int64_t seq, struct jb_error *err)
{
    const char *const layer = walk->filter->layer;
    int64_t number = -1;
    jb_rc rc = layer ? store__layer(walk->ledger->store, seq, &number, err) : JB_OK;

    /* A run has the layer that it was opened in: of another one it need not be read. */
    if (rc < 0 || (number >= JB_LAYER_MEASURED && number <= JB_LAYER_PREDICTED &&
                   strcmp(layer, jb_layer_name((enum jb_layer)number)) != 0))
        return rc;
    walk->found.account.json = NULL;
    rc = load_run(walk->ledger, run_id, walk->stored, walk->run,
                  walk->account_fn ? &walk->found : NULL, err);
    if (rc < 0 || !is_wanted(walk->run, walk->filter))
        return rc;
    walk->n_given++;
    return walk->account_fn
               ? walk->account_fn(walk->arg, walk->run,
                                  walk->found.account.json ? &walk->found.account : NULL, err)
               : walk->fn(walk->arg, walk->run, err);
}

static jb_rc walk_runs(struct run_walk *walk, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    const struct jb_run_filter *const filter = walk->filter;
    const char *run_id = NULL;
    int64_t seq = 0;
    int64_t start_utc_us = 0;
    jb_rc rc = store__runs(walk->ledger->store, NULL, &cursor, err);

    while (rc == JB_OK && (filter->limit == 0 || walk->n_given < filter->limit)) {
        rc = store__next_run(cursor, &run_id, &seq, &start_utc_us, err);
        if (rc < 0 || !run_id || (filter->since_utc_us != 0 && start_utc_us < filter->since_utc_us))
            break;
        if (filter->until_utc_us == 0 || start_utc_us < filter->until_utc_us)
            rc = give_run(walk, run_id, seq, err);
    }
    return rc;
}

static jb_rc each_run(struct run_walk *walk, struct jb_error *err)
{
    static const struct jb_run_filter all = {.status = -1};
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    JB_AUTO(jb_free_auto) struct jb_run *run = malloc(sizeof *run);
    jb_rc rc = run ? JB_OK : jb_fail(err, JB_E_NOMEM, NULL, "cannot read the runs");

    if (rc == JB_OK)
        rc = ledger__stored_new(&stored, err);
    walk->filter = walk->filter ? walk->filter : &all;
    walk->stored = stored;
    walk->run = run;
    walk->found.text = JB_BUF(JB_FIELD_VALUE_MAX + 1);
    if (rc == JB_OK)
        rc = walk_runs(walk, err);
    jb_buf_release(&walk->found.text);
    return rc;
}

jb_rc jb_ledger_each_run(struct jb_ledger *ledger, const struct jb_run_filter *filter, jb_run_fn fn,
                         void *arg, struct jb_error *err)
{
    struct run_walk walk = {.ledger = ledger, .filter = filter, .fn = fn, .arg = arg};

    return each_run(&walk, err);
}

jb_rc jb_ledger_each_run_account(struct jb_ledger *ledger, const struct jb_run_filter *filter,
                                 jb_run_account_fn fn, void *arg, struct jb_error *err)
{
    struct run_walk walk = {.ledger = ledger, .filter = filter, .account_fn = fn, .arg = arg};

    return each_run(&walk, err);
}

/* R-BOOK-04: the last entry with an account. It can only be a close or an amendment, and most often is the newest. */
static jb_rc load_account(struct jb_ledger *ledger, const char *run_id,
                          struct ledger__stored *stored, struct jb_error *err)
{
    JB_AUTO(store__cursor_close_auto) struct store__cursor *cursor = NULL;
    struct store__row row;
    bool has = false;
    jb_rc rc = store__account_entries(ledger->store, run_id, &cursor, err);

    if (rc == JB_OK)
        rc = store__next_entry(cursor, &row, &has, err);
    while (rc == JB_OK && has) {
        rc = ledger__load(ledger->store, &row, stored, err);
        if (rc == JB_OK && ledger__field(stored, LEDGER_FIELD_ACCOUNT))
            return JB_OK;
        if (rc == JB_OK)
            rc = store__next_entry(cursor, &row, &has, err);
    }
    return rc < 0 ? rc
                  : jb_fail(err, JB_E_NOT_FOUND, "it is entered when the run ends",
                            "run %.36s has no account in the book", run_id);
}

jb_rc jb_ledger_run_account(struct jb_ledger *ledger, const char *run_id, char **ret_json,
                            struct jb_error *err)
{
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    jb_rc rc = ledger__stored_new(&stored, err);

    if (rc == JB_OK)
        rc = load_account(ledger, run_id, stored, err);
    if (rc < 0)
        return rc;
    char *const json = strdup(ledger__field(stored, LEDGER_FIELD_ACCOUNT));
    if (!json)
        return jb_fail(err, JB_E_NOMEM, NULL, "cannot hold the account of run %.36s", run_id);
    *ret_json = json;
    return JB_OK;
}

jb_rc jb_ledger_account_entry(struct jb_ledger *ledger, const char *run_id, int64_t *ret_seq,
                              struct jb_hash *ret_leaf, struct jb_error *err)
{
    JB_AUTO(ledger__stored_free_auto) struct ledger__stored *stored = NULL;
    jb_rc rc = ledger__stored_new(&stored, err);

    if (rc == JB_OK)
        rc = load_account(ledger, run_id, stored, err);
    if (rc < 0)
        return rc;
    *ret_seq = stored->seq;
    *ret_leaf = stored->leaf;
    return JB_OK;
}
