/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bill's bytes to blocks of whole rows, and blocks to two threads. Where a block ends is known before the next one is
 * read: quotes are counted on the way, so nothing is guessed and nothing read twice. R-BILL-02.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "base/clean.h"
#include "import/bill_int.h"

#define THREADS_MAX 2 /* each has about 5 MiB of its own, and reading is one after the other */

struct feed {
    struct bill_source *source;
    const struct bill_scanner *scanner;
    size_t block_bytes, read_bytes;
    pthread_mutex_t lock; /* of all below */
    char *carry;          /* the begin of a row whose end was not read */
    size_t n_carry, n_carry_newlines;
    bool is_carry_open; /* a quote in it is */
    bool is_end, is_stopped;
    int64_t line; /* of the next block */
    int64_t n_bytes;
    int64_t n_blocks;
    /* The failure in the first of the blocks that failed. */
    jb_rc rc;
    int64_t failed_block;
    struct jb_error err;
};

struct block {
    size_t len, n_newlines;
    int64_t line, number;
};

/* Where the last row ends in the bytes from `begin` on; 0 if none does. `is_open`: whether a quote is at the end. */
static size_t last_row_end(const char *bytes, size_t begin, size_t end, bool is_open)
{
    for (size_t at = end; at > begin; at--) {
        if (bytes[at - 1] == '"')
            is_open = !is_open;
        else if (bytes[at - 1] == '\n' && !is_open)
            return at;
    }
    return 0;
}

static jb_rc end_of_file(struct feed *feed, char *bytes, bool is_open, struct block *block,
                         struct jb_error *err)
{
    feed->is_end = true;
    feed->n_carry = 0;
    if (is_open)
        return jb_fail(err, JB_E_INPUT, "is the file whole?",
                       "line %lld: a quote that is never closed", (long long)block->line);
    if (block->len > 0 && bytes[block->len - 1] != '\n') {
        bytes[block->len++] = '\n';
        block->n_newlines++;
    }
    return JB_OK;
}

/* The next whole rows, under the lock. */
static jb_rc fill(struct feed *feed, char *bytes, struct block *block, struct jb_error *err)
{
    bool is_open = feed->is_carry_open;
    size_t cut = 0;

    *block = (struct block){feed->n_carry, feed->n_carry_newlines, feed->line, feed->n_blocks++};
    memcpy(bytes, feed->carry, feed->n_carry);
    while (cut == 0) {
        const size_t room = feed->block_bytes - block->len;
        size_t n = 0;
        if (room == 0)
            return jb_fail(err, JB_E_INPUT, "is a quote missing, or is it no CSV?",
                           "line %lld: a row longer than %zu bytes", (long long)block->line,
                           feed->block_bytes);
        const jb_rc rc =
            jb_bill__source_read(feed->source, bytes + block->len,
                                 room < feed->read_bytes ? room : feed->read_bytes, &n, err);
        if (rc < 0)
            return rc;
        if (n == 0) {
            feed->line += (int64_t)block->n_newlines;
            return end_of_file(feed, bytes, is_open, block, err);
        }
        feed->n_bytes += (int64_t)n;
        const struct bill_count count = feed->scanner->count(bytes + block->len, n);
        is_open = is_open != (count.n_quotes % 2 == 1);
        block->n_newlines += count.n_newlines;
        cut = last_row_end(bytes, block->len, block->len + n, is_open);
        block->len += n;
    }
    feed->n_carry = block->len - cut;
    memcpy(feed->carry, bytes + cut, feed->n_carry);
    feed->n_carry_newlines = feed->scanner->count(feed->carry, feed->n_carry).n_newlines;
    feed->is_carry_open = is_open;
    block->len = cut;
    block->n_newlines -= feed->n_carry_newlines;
    feed->line += (int64_t)block->n_newlines;
    return JB_OK;
}

/* Under the lock. */
static void note_failure(struct feed *feed, int64_t block, jb_rc rc, const struct jb_error *err)
{
    feed->is_stopped = true;
    if (feed->rc < 0 && feed->failed_block < block)
        return;
    feed->rc = rc;
    feed->failed_block = block;
    feed->err = *err;
}

struct hand {
    struct feed *feed;
    struct bill_worker *worker;
    const struct jb_import_progress *progress; /* of the caller's own */
    pthread_t thread;
    bool is_started;
};

static bool next_block(const struct hand *hand, struct block *block)
{
    struct feed *const feed = hand->feed;
    struct jb_error err = {0};
    bool is_one = false;

    (void)pthread_mutex_lock(&feed->lock);
    if (!feed->is_stopped && !feed->is_end) {
        const jb_rc rc = fill(feed, jb_bill__worker_bytes(hand->worker), block, &err);
        if (rc < 0)
            note_failure(feed, feed->n_blocks, rc, &err);
        is_one = rc == JB_OK;
    }
    (void)pthread_mutex_unlock(&feed->lock);
    return is_one;
}

static void take_block(const struct hand *hand, const struct block *block)
{
    struct jb_error err = {0};
    const jb_rc rc =
        jb_bill__worker_take(hand->worker, block->len, block->n_newlines, block->line, &err);

    if (rc == JB_OK)
        return;
    (void)pthread_mutex_lock(&hand->feed->lock);
    note_failure(hand->feed, block->number, rc, &err);
    (void)pthread_mutex_unlock(&hand->feed->lock);
}

static void *work(void *arg)
{
    const struct hand *const hand = arg;
    struct block block;
    int64_t told_bytes = 0;

    while (next_block(hand, &block)) {
        take_block(hand, &block);
        if (!hand->progress)
            continue;
        (void)pthread_mutex_lock(&hand->feed->lock);
        const int64_t n_bytes = hand->feed->n_bytes;
        (void)pthread_mutex_unlock(&hand->feed->lock);
        if (n_bytes - told_bytes >= INT64_C(1) << 20) {
            hand->progress->fn(hand->progress->arg, n_bytes - told_bytes);
            told_bytes = n_bytes;
        }
    }
    return NULL;
}

static unsigned n_processors(void)
{
    cpu_set_t set;

    return sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
}

/* The first row out of the first block. */
static jb_rc take_heading(const struct bill_intake *intake, struct feed *feed, char *bytes,
                          struct block *block, struct bill_layout *ret, struct jb_error *err)
{
    static const char mark[] = "\xEF\xBB\xBF";
    bool is_open = false;
    size_t end = 0;
    const size_t begin = block->len >= 3 && memcmp(bytes, mark, 3) == 0 ? 3 : 0;

    while (end < block->len && (is_open || bytes[end] != '\n')) {
        is_open = is_open != (bytes[end] == '"');
        end++;
    }
    size_t len = end - (end < begin ? end : begin);
    if (len > 0 && bytes[end - 1] == '\r')
        len--;
    const jb_rc rc = jb_bill__layout(intake->format, intake->rule, bytes + begin, len, ret, err);
    if (rc < 0)
        return rc;
    if (end < block->len)
        end++;
    const size_t n_newlines = feed->scanner->count(bytes, end).n_newlines;
    block->len -= end;
    block->n_newlines -= n_newlines;
    block->line += (int64_t)n_newlines;
    memmove(bytes, bytes + end, block->len);
    return JB_OK;
}

static jb_rc run_hands(struct bill_intake *intake, struct hand hands[THREADS_MAX],
                       unsigned n_threads, const struct bill_shared *shared,
                       const struct block *first, struct jb_error *err)
{
    struct feed *const feed = hands[0].feed;
    jb_rc rc = JB_OK;

    for (unsigned i = 1; i < n_threads && !feed->is_end; i++) {
        hands[i].worker = jb_bill__worker_new(shared, feed->block_bytes);
        /* Without another thread the first does it all. */
        hands[i].is_started =
            hands[i].worker && pthread_create(&hands[i].thread, NULL, work, &hands[i]) == 0;
    }
    take_block(&hands[0], first);
    (void)work(&hands[0]);
    for (unsigned i = 1; i < n_threads; i++)
        if (hands[i].is_started)
            (void)pthread_join(hands[i].thread, NULL);
    if (feed->rc < 0) {
        *err = feed->err;
        rc = feed->rc;
    }
    for (unsigned i = 0; i < n_threads; i++) {
        if (rc == JB_OK && hands[i].worker)
            rc = jb_bill__worker_give(hands[i].worker, intake->sums, &intake->n_rows, err);
        jb_bill__worker_free(hands[i].worker);
        hands[i].worker = NULL;
    }
    intake->n_bytes += feed->n_bytes;
    return rc;
}

static jb_rc read_source(struct bill_intake *intake, struct feed *feed, unsigned n_threads,
                         const struct jb_import_progress *progress, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct bill_layout *layout = calloc(1, sizeof *layout);
    pthread_mutex_t groups_lock = PTHREAD_MUTEX_INITIALIZER;
    struct hand hands[THREADS_MAX] = {{0}};
    struct block first;
    const struct bill_shared shared = {intake->format, intake->rule,   feed->scanner,
                                       layout,         intake->groups, &groups_lock};

    for (unsigned i = 0; i < THREADS_MAX; i++)
        hands[i].feed = feed;
    hands[0].progress = progress;
    hands[0].worker = layout ? jb_bill__worker_new(&shared, feed->block_bytes) : NULL;
    if (!hands[0].worker)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to read a bill");
    char *const bytes = jb_bill__worker_bytes(hands[0].worker);
    jb_rc rc = fill(feed, bytes, &first, err);
    if (rc == JB_OK)
        rc = take_heading(intake, feed, bytes, &first, layout, err);
    if (rc < 0) {
        jb_bill__worker_free(hands[0].worker);
        return rc;
    }
    return run_hands(intake, hands, n_threads, &shared, &first, err);
}

/* What the parts say is wrong, with the file's name before it. */
static jb_rc in_file(const char *path, jb_rc rc, struct jb_error *err)
{
    char clean[160];

    if (!err || strncmp(err->message, "line ", 5) != 0)
        return rc;
    jb_clean_copy(path, clean, sizeof clean);
    return jb_fail(err, rc, err->hint[0] ? err->hint : NULL, "'%s' %s", clean, err->message);
}

jb_rc jb_bill__read(struct bill_intake *intake, const char *path, const struct bill_tuning *tuning,
                    const struct jb_import_progress *progress, struct jb_error *err)
{
    struct feed feed = {.lock = PTHREAD_MUTEX_INITIALIZER, .line = 1};
    struct jb_error why = {0};
    unsigned n_threads = tuning->n_threads ? tuning->n_threads : n_processors();

    feed.scanner = tuning->scanner ? tuning->scanner : jb_bill__scanner();
    feed.block_bytes = tuning->block_bytes ? tuning->block_bytes : BILL_BLOCK_MAX;
    feed.read_bytes = tuning->read_bytes ? tuning->read_bytes : feed.block_bytes;
    if (n_threads > THREADS_MAX)
        n_threads = THREADS_MAX;
    jb_rc rc = jb_bill__source_open(path, &feed.source, &why);
    if (rc == JB_OK) {
        feed.carry = malloc(feed.block_bytes);
        rc = feed.carry ? read_source(intake, &feed, n_threads, progress, &why)
                        : jb_fail(&why, JB_E_NOMEM, NULL, "no memory to read a bill");
        free(feed.carry);
        jb_bill__source_close(feed.source);
    }
    if (rc < 0 && err) {
        *err = why;
        return in_file(path, rc, err);
    }
    return rc;
}
