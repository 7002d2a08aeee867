/* SPDX-License-Identifier: Apache-2.0 */
/* R-REBUILT-02: what a run tells changes its digest, where it was read does not. */
#include "rebuilt.h"

static struct jb_hash digest_of(const struct jb_rebuilt *rebuilt)
{
    struct jb_hash hash;
    struct jb_error err = {0};

    book_must(jb_rebuilt_digest(rebuilt, &hash, &err), &err, "digest");
    return hash;
}

static void is_changed(const struct jb_rebuilt *rebuilt, struct jb_hash *last, const char *what)
{
    const struct jb_hash now = digest_of(rebuilt);

    ok(memcmp(&now, last, sizeof now) != 0, "%s changes the digest", what);
    *last = now;
}

static void is_kept(const struct jb_rebuilt *rebuilt, const struct jb_hash *last, const char *what)
{
    const struct jb_hash now = digest_of(rebuilt);

    ok(memcmp(&now, last, sizeof now) == 0, "%s does not", what);
}

int main(void)
{
    struct jb_rebuilt *const rebuilt = rebuilt_new();
    struct jb_hash last = digest_of(rebuilt);
    struct jb_error err = {0};

    book_text(rebuilt->run.id, sizeof rebuilt->run.id, "x");
    book_text(rebuilt->run.command, sizeof rebuilt->run.command, "x");
    book_text(rebuilt->key, sizeof rebuilt->key, "x");
    rebuilt->run.status = JB_RUN_DONE;
    rebuilt->run.project[20] = 'x';
    rebuilt->factors[0] = (struct jb_factor){.edition = "2026-11"};
    rebuilt->n_factors = 1;
    rebuilt->work.year = 2020;
    is_kept(rebuilt, &last, "where it was read, an edition, work that is not used");
    rebuilt->lines[0].energy_uj.high++;
    is_changed(rebuilt, &last, "one microjoule");
    rebuilt->lines[0].device_ns++;
    is_changed(rebuilt, &last, "a nanosecond of a device");
    rebuilt->run.end_utc_us++;
    is_changed(rebuilt, &last, "a microsecond");
    book_text(rebuilt->run.tags[rebuilt->run.n_tags++], 128, "team=vision");
    is_changed(rebuilt, &last, "a tag");
    rebuilt->run.pue_milli = 1200;
    is_changed(rebuilt, &last, "a PUE");
    rebuilt->has_work = true;
    is_changed(rebuilt, &last, "work");
    rebuilt->work.duration_ns = (struct jb_quantity){JB_KNOWN_RANGE, true, 1, 2, 3};
    is_changed(rebuilt, &last, "how long it took");
    rebuilt->work.is_time_held = true;
    is_changed(rebuilt, &last, "that so long it was held");
    rebuilt->work.processor = (struct jb_answer){JB_KNOWN_WITHHELD, ""};
    is_changed(rebuilt, &last, "that something is withheld");
    rebuilt->work.processor = (struct jb_answer){JB_KNOWN_VALUE, "withheld"};
    is_changed(rebuilt, &last, "and a processor of that name");
    rebuilt->told_gco2e_ug = rebuilt_figure(1, 2, 3);
    is_changed(rebuilt, &last, "told carbon");
    rebuilt->has_no_times = true;
    is_changed(rebuilt, &last, "that no time is known");
    rebuilt->run.start_utc_us++;
    is_kept(rebuilt, &last, "a time that is not known");
    book_text(rebuilt->run.project, sizeof rebuilt->run.project, "");
    book_text(rebuilt->run.model, sizeof rebuilt->run.model, "asphalt");
    is_changed(rebuilt, &last, "the same word as another fact");
    rebuilt->n_lines = JB_REBUILT_LINES_MAX + 1;
    is_i64(jb_rebuilt_digest(rebuilt, &last, &err), JB_E_INPUT, "too many parts are refused");
    free(rebuilt);
    return done_testing();
}
