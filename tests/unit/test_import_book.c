/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of other people's books in the book: places nobody knows, work that cannot be estimated, all or nothing. R-BOOKS-05. */
#include "import_book.h"
#include "pipeline/import_book.h"

static struct book_folder folder;
static struct jb_clock_manual manual = {.utc_us = INT64_C(1790000000) * SECOND};
static struct jb_clock clock_;
static struct jb_import_book_result result;
static struct jb_import_asked asked = {.utc_offset_s = 0};
static char last_place[64];
static bool has_doubt;

static jb_rc see(void *arg, const struct jb_rebuilt *rebuilt,
                 const struct jb_reconstructed *entered, struct jb_error *err)
{
    (void)arg;
    (void)entered;
    (void)err;
    (void)snprintf(last_place, sizeof last_place, "%s", rebuilt->run.place);
    has_doubt = has_note(rebuilt, "is none that the tables know");
    return JB_OK;
}

static jb_rc enter(struct jb_ledger *ledger, const char *format, const char *text, bool is_dry_run)
{
    char path[768];
    struct jb_error err = {0};
    struct jb_import_book_order order = {
        .book = jb_import_book_find(format),
        .path = path,
        .asked = &asked,
        .clock = &clock_,
        .command = "",
        .is_dry_run = is_dry_run,
        .fn = see,
    };
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/paper", folder.path);
    file = fopen(path, "we");
    if (!file || fwrite(text, 1, strlen(text), file) != strlen(text) || fclose(file) != 0)
        bail_out("cannot write a paper");
    memset(&result, 0, sizeof result);
    has_doubt = false;
    const jb_rc rc = jb_import_book_enter(ledger, &order, &result, &err);
    if (rc < 0)
        diag("%s", err.message);
    return rc;
}

int main(void)
{
    struct jb_ledger *ledger = NULL;
    struct jb_error err = {0};

    folder = book_new_folder();
    clock_ = jb_clock_from_manual(&manual);
    if (jb_ledger_open(folder.book, JB_LEDGER_CREATE, &clock_, &ledger, &err) < 0)
        bail_out("%s", err.message);

    is_i64(enter(ledger, "sacct",
                 "JobID|Start|Elapsed|NCPUS|AllocTRES\n"
                 "1|2026-01-02T03:00:00|01:00:00|4|gres/gpu:thing=1\n"
                 "2|2026-01-02T03:00:00|01:00:00|4|\n",
                 false),
           JB_OK, "jobs, one of them with a GPU that nobody knows");
    is_i64(result.n_new + (int64_t)result.told.n_left, 2, "each is a run or listed with a reason");
    ok(result.told.n_runs == result.n_new, "and counted as the one or the other");

    is_i64(enter(ledger, "codecarbon",
                 "timestamp,run_id,duration,energy_consumed,country_iso_code\n"
                 "2024-03-05T13:00:00,x,60,1,Atlantis\n",
                 false),
           JB_OK, "a place that nobody knows");
    ok(last_place[0] == '\0' && has_doubt, "is no place, and said");
    is_i64(enter(ledger, "codecarbon",
                 "timestamp,run_id,duration,energy_consumed,country_iso_code\n"
                 "2024-03-05T13:00:00,y,60,1,NLD\n",
                 true),
           JB_OK, "a dry run");
    is_str(last_place, "NL", "a place by its other code");
    is_i64(result.n_new, 1, "it would be new");
    is_i64(enter(ledger, "codecarbon",
                 "timestamp,run_id,duration,energy_consumed\n2024-03-05T13:00:00,y,60,1\n"
                 "2024-03-05T13:00:00,z,60,oops\n",
                 false),
           JB_E_INPUT, "a broken file");
    is_i64(enter(ledger, "codecarbon",
                 "timestamp,run_id,duration,energy_consumed\n2024-03-05T13:00:00,y,60,1\n", false),
           JB_OK, "then the first of it");
    is_i64(result.n_new, 1, "is new: nothing stayed of the dry run and of the broken file");
    jb_ledger_close(ledger);
    book_remove_folder(&folder);
    return done_testing();
}
