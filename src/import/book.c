/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one table of other people's books, and the run that each makes: what the user stated stands, what the file tells
 * fills the rest, what is doubtful is a note. Rules R-BOOKS-01 to R-BOOKS-04.
 */
#include "import/book.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/hash.h"
#include "base/num.h"
#include "import/book_int.h"

#define PPM INT64_C(1000000)

const struct jb_import_book *const jb_import_books[] = {
    &book__sacct,
    &book__codecarbon,
    &book__carbontracker,
    &book__impact_tracker,
    &book__green_algorithms,
    &book__boamps,
    &book__hf_card,
    NULL,
};

const struct jb_import_book *jb_import_book_find(const char *name)
{
    for (size_t i = 0; jb_import_books[i]; i++)
        if (strcmp(jb_import_books[i]->name, name) == 0)
            return jb_import_books[i];
    return NULL;
}

void jb_import_leave(struct jb_import_told *told, const char *reason, int64_t line)
{
    static const char other[] = "other reasons";
    struct jb_import_left *left;
    size_t i = 0;

    while (i < told->n_left && strcmp(told->left[i].reason, reason) != 0)
        i++;
    if (i >= JB_IMPORT_REASONS_MAX - 1 && i == told->n_left) {
        i = JB_IMPORT_REASONS_MAX - 1;
        reason = other;
    }
    if (i >= told->n_left) {
        left = &told->left[told->n_left++];
        *left = (struct jb_import_left){.first_line = line};
        jb_clean_copy(reason, left->reason, sizeof left->reason);
        i = told->n_left - 1;
    }
    told->left[i].n++;
}

static void take_stem(const char *path, char *stem, size_t size)
{
    const char *const slash = strrchr(path, '/');
    char *dot;

    jb_clean_copy(slash ? slash + 1 : path, stem, size);
    dot = strrchr(stem, '.');
    if (dot && dot != stem)
        *dot = '\0';
}

jb_rc book__run(book__read_fn read, const char *path, const struct jb_import_asked *asked,
                const struct jb_import_progress *progress, jb_import_rebuilt_fn fn, void *arg,
                struct jb_import_told *ret_told, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct book *book = calloc(1, sizeof *book);
    JB_AUTO(jb_free_auto) struct jb_rebuilt *rebuilt = calloc(1, sizeof *rebuilt);
    jb_rc rc;

    if (!book || !rebuilt)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read '%s'", path);
    book->path = path;
    book->asked = asked;
    book->progress = progress;
    book->fn = fn;
    book->arg = arg;
    take_stem(path, book->stem, sizeof book->stem);
    rc = read(book, rebuilt, err);
    if (rc == JB_OK)
        *ret_told = book->told;
    return rc;
}

/* --- the run at hand ------------------------------------------------------------------------------------------- */

void book__begin(struct book *book, struct jb_rebuilt *rebuilt, const char *source)
{
    memset(rebuilt, 0, sizeof *rebuilt);
    if (book->asked->facts) {
        rebuilt->run = *book->asked->facts;
    } else {
        rebuilt->run.pue_milli = -1;
        rebuilt->run.market_mgco2e_per_kwh = -1;
        rebuilt->run.tariff_micro_per_kwh = -1;
    }
    rebuilt->run.exit_code = -1;
    (void)snprintf(rebuilt->source, sizeof rebuilt->source, "%s", source);
    book->is_local_time = false;
}

void book__fill(char *member, size_t size, const char *text, size_t len)
{
    char copy[JB_RUN_COMMAND];

    if (member[0] != '\0' || book__is_absent(text, len))
        return;
    if (len >= sizeof copy)
        len = sizeof copy - 1;
    memcpy(copy, text, len);
    copy[len] = '\0';
    jb_clean_copy(copy, member, size);
}

void book__tag(struct jb_rebuilt *rebuilt, const char *name, const char *text, size_t len)
{
    char whole[sizeof rebuilt->run.tags[0]];
    const size_t n = rebuilt->run.n_tags;

    if (n == JB_TAGS_MAX || book__is_absent(text, len))
        return;
    (void)snprintf(whole, sizeof whole, "%s=%.*s", name, (int)(len < 200 ? len : 200), text);
    jb_clean_copy(whole, rebuilt->run.tags[n], sizeof rebuilt->run.tags[n]);
    rebuilt->run.n_tags++;
}

void book__note(struct jb_rebuilt *rebuilt, const char *format, ...)
{
    char text[JB_NOTE];
    va_list args;

    if (rebuilt->n_notes == JB_REBUILT_NOTES_MAX)
        return;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    jb_clean_copy(text, rebuilt->notes[rebuilt->n_notes++], sizeof text);
}

struct jb_figure book__band(int64_t best, int64_t low_ppm, int64_t high_ppm)
{
    return (struct jb_figure){
        .is_known = true,
        .low = jb_muldiv_sat_i64(best, PPM - low_ppm, PPM, JB_ROUND_FLOOR),
        .best = best,
        .high = jb_muldiv_sat_i64(best, PPM + high_ppm, PPM, JB_ROUND_CEIL),
    };
}

/* Whether a line before the last is called so. */
static bool is_taken(const struct jb_rebuilt *rebuilt, const char *channel)
{
    for (size_t i = 0; i + 1 < rebuilt->n_lines; i++)
        if (strcmp(rebuilt->lines[i].channel, channel) == 0)
            return true;
    return false;
}

/* Names of strangers that are alike once they are clean and cut must still be two. */
static void name_line(const struct jb_rebuilt *rebuilt, const char *name,
                      struct jb_rebuilt_line *line)
{
    char clean[JB_CHANNEL_ID - 8];

    jb_clean_copy(name, clean, sizeof clean);
    (void)snprintf(line->channel, sizeof line->channel, "%s", clean);
    for (int n = 2; is_taken(rebuilt, line->channel); n++)
        (void)snprintf(line->channel, sizeof line->channel, "%s %d", clean, n);
}

struct jb_rebuilt_line *book__line(struct jb_rebuilt *rebuilt, const char *channel,
                                   enum jb_scope scope, enum jb_origin origin,
                                   struct jb_figure energy_uj, const char *basis)
{
    struct jb_rebuilt_line *line;

    if (rebuilt->n_lines == JB_REBUILT_LINES_MAX)
        return NULL;
    line = &rebuilt->lines[rebuilt->n_lines++];
    *line = (struct jb_rebuilt_line){
        .scope = scope,
        .device = jb_device_of_scope(scope),
        .origin = origin,
        .energy_uj = energy_uj,
    };
    name_line(rebuilt, channel, line);
    jb_clean_copy(channel, line->correlation, sizeof line->correlation);
    jb_clean_copy(basis, line->basis, sizeof line->basis);
    return line;
}

struct jb_quantity book__value(int64_t value)
{
    return (struct jb_quantity){
        .known = JB_KNOWN_VALUE,
        .is_best_told = true,
        .low = value,
        .best = value,
        .high = value,
    };
}

void book__answer(struct jb_answer *answer, const char *text, size_t len)
{
    answer->text[0] = '\0';
    BOOK__FILL(answer->text, text, len);
    answer->known = answer->text[0] != '\0' ? JB_KNOWN_VALUE : JB_KNOWN_UNKNOWN;
}

jb_rc book__no_times(struct book *book, struct jb_rebuilt *rebuilt, struct jb_error *err)
{
    struct stat st;

    if (stat(book->path, &st) < 0)
        return book__fail(book, NULL, err, NULL, "cannot be looked at again");
    rebuilt->has_no_times = true;
    rebuilt->run.start_utc_us = rebuilt->run.end_utc_us =
        (int64_t)st.st_mtim.tv_sec * JB_US_PER_S + st.st_mtim.tv_nsec / JB_NS_PER_US;
    book__note(rebuilt,
               "the paper tells no time: the run stands at the time at which its file was written");
    return JB_OK;
}

/* A key of odd bytes stays one of its own: what may not stand is replaced, and a hash of the bytes follows. */
static void clean_key(struct jb_rebuilt *rebuilt)
{
    const struct jb_hash_part part = {rebuilt->key, strlen(rebuilt->key)};
    const struct jb_hash hash = jb_hash_parts(&part, 1);
    char text[160];
    char digits[2 * 8 + 1];

    if (jb_clean_is(rebuilt->key))
        return;
    jb_clean_copy(rebuilt->key, text, sizeof text);
    (void)snprintf(rebuilt->key, sizeof rebuilt->key, "%s %s", text,
                   jb_hex(hash.bytes, 8, digits, sizeof digits));
}

/* R-BOOKS-03 */
jb_rc book__give(struct book *book, struct jb_rebuilt *rebuilt, int64_t line, struct jb_error *err)
{
    if (book->is_local_time && book->asked->utc_offset_s == INT64_MIN)
        book__note(rebuilt, "its times are local and name no zone: they were taken as UTC; "
                            "--utc-offset says how far from it they are");
    clean_key(rebuilt);
    book->told.n_runs++;
    return book->fn(book->arg, rebuilt, line, err);
}
