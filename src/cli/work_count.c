/* SPDX-License-Identifier: Apache-2.0 */
/* Counts a model file apart, and turns the figures of a pass into those of one example. Rules R-WORK-17, R-WORK-18. */
#include "cli/work_count.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clean.h"
#include "base/clock.h"
#include "base/num.h"

static jb_rc bind_one(struct jb_count_order *order, const char *text, size_t len,
                      struct jb_error *err)
{
    const char *const equals = memchr(text, '=', len);
    struct jb_count_binding *const binding = &order->bindings[order->n_bindings];
    const size_t n = equals ? (size_t)(equals - text) : 0;

    if (n == 0 || n >= sizeof binding->name ||
        jb_parse_i64(equals + 1, len - n - 1, false, &binding->value) < 0 || binding->value < 0)
        return jb_fail(err, JB_E_USAGE, "such as --bind batch=32,seq=128",
                       "'--bind' needs names and whole numbers, not '%.*s'", (int)len, text);
    if (order->n_bindings + 1 >= JB_COUNT_BINDINGS_MAX)
        return jb_fail(err, JB_E_USAGE, NULL, "more than %d sizes are bound",
                       JB_COUNT_BINDINGS_MAX - 1);
    memcpy(binding->name, text, n);
    order->n_bindings++;
    return JB_OK;
}

jb_rc jb_work_bindings(const struct jb_args *args, struct jb_count_order *order,
                       struct jb_error *err)
{
    const char *text;

    for (size_t i = 0; (text = jb_args_nth(args, "bind", i)); i++)
        for (;;) {
            const size_t len = strcspn(text, ",");
            const jb_rc rc = bind_one(order, text, len, err);
            if (rc < 0)
                return rc;
            if (text[len] == '\0')
                break;
            text += len + 1;
        }
    return JB_OK;
}

jb_rc jb_work_order(const struct jb_args *args, bool is_privileged,
                    struct jb_count_order *ret_order, struct jb_error *err)
{
    struct jb_count_order order = {.path = jb_args_text(args, "count")};
    const jb_rc rc = jb_work_bindings(args, &order, err);

    if (rc < 0)
        return rc;
    if (!order.path && order.n_bindings > 0)
        return jb_fail(err, JB_E_USAGE, "name the model's file with --count",
                       "option '--bind' binds sizes of a model that is counted");
    if (order.path && is_privileged)
        return jb_fail(err, JB_E_USAGE, "use a copy of the program without capabilities to count",
                       "this executable carries a capability and reads no files of the user's "
                       "choice");
    *ret_order = order;
    return JB_OK;
}

/* --- figures of one example --------------------------------------------------------------------------------------- */

/* The open size that the examples of a pass are, where they are just that; NULL else. */
static const char *open_batch(const struct jb_count *count)
{
    JB_AUTO(jb_buf_release) struct jb_buf text = JB_BUF(256);

    if (count->examples.kind != JB_DIM_POLY)
        return NULL;
    jb_dim_print(count->dims, count->examples, &text);
    for (size_t i = 0; text.failed == JB_OK && i < jb_dims_n_open(count->dims); i++)
        if (strcmp(jb_dims_open_at(count->dims, i), jb_buf_text(&text)) == 0)
            return jb_dims_open_at(count->dims, i);
    return NULL;
}

/* Of one example, to the nearest: a pass over several may share work, such as a mask. */
static int64_t of_one(struct jb_dim dim, int64_t n_examples)
{
    return jb_muldiv_sat_i64(dim.n, 1, n_examples, JB_ROUND_NEAREST);
}

static void doubt_missed(const struct jb_count *count, struct jb_work_counted *ret)
{
    int64_t n = 0;
    const char *first = NULL;

    for (size_t i = 0; i < count->n_missed; i++) {
        if (!count->missed[i].is_compute)
            continue;
        first = first ? first : count->missed[i].name;
        n = jb_add_sat_i64(n, count->missed[i].n);
    }
    if (first)
        (void)snprintf(ret->doubt, sizeof ret->doubt,
                       "%" PRId64 " operators of '%.100s' are not counted, %.60s among them", n,
                       ret->model_file, first);
}

static jb_rc take_operations(const struct jb_count *count, struct jb_work_counted *ret,
                             struct jb_error *err)
{
    int64_t n_examples = 1;

    if (count->macs.kind != JB_DIM_NUMBER || count->flops.kind != JB_DIM_NUMBER) {
        const char *const open =
            jb_dims_n_open(count->dims) > 0 ? jb_dims_open_at(count->dims, 0) : "";
        char hint[160];
        (void)snprintf(hint, sizeof hint, "bind it, for example --bind %.64s=128",
                       open[0] ? open : "seq");
        return jb_fail(err, JB_E_INPUT, open[0] ? hint : NULL,
                       "the operations of '%.200s' are not known while the size '%.64s' is open",
                       ret->model_file, open);
    }
    if (count->examples.kind == JB_DIM_NUMBER && count->examples.n > 0)
        n_examples = count->examples.n;
    else
        (void)snprintf(ret->doubt, sizeof ret->doubt,
                       "how many examples one pass of '%.100s' takes is not known: one is taken",
                       ret->model_file);
    ret->forward_macs = of_one(count->macs, n_examples);
    ret->forward_flop = of_one(count->flops, n_examples);
    return JB_OK;
}

static jb_rc take_count(const struct jb_count_order *order, const struct jb_count *count,
                        struct jb_work_counted *ret, struct jb_error *err)
{
    const char *const slash = strrchr(order->path, '/');
    jb_rc rc = JB_OK;

    *ret = (struct jb_work_counted){-1, -1, count->n_parameters, count->n_trainable, "", "", ""};
    jb_clean_copy(slash && slash[1] ? slash + 1 : order->path, ret->model_file,
                  sizeof ret->model_file);
    (void)snprintf(ret->model_digest, sizeof ret->model_digest, "%s", count->digest);
    if (count->has_operations)
        rc = take_operations(count, ret, err);
    else
        (void)snprintf(ret->doubt, sizeof ret->doubt,
                       "'%.100s' tells parameters only: no operations are counted of it",
                       ret->model_file);
    if (rc == JB_OK)
        doubt_missed(count, ret);
    return rc;
}

jb_rc jb_work_count_here(const struct jb_count_order *order, struct jb_work_counted *ret,
                         struct jb_error *err)
{
    struct jb_count_order of_batch = *order;
    struct jb_count count;
    jb_rc rc = jb_count_file(order, &count, err);

    if (rc < 0)
        return rc;
    const char *const batch = open_batch(&count);
    struct jb_count_binding *const one = &of_batch.bindings[of_batch.n_bindings];
    if (batch && of_batch.n_bindings < JB_COUNT_BINDINGS_MAX && strlen(batch) < sizeof one->name) {
        (void)snprintf(one->name, sizeof one->name, "%s", batch);
        one->value = 1;
        of_batch.n_bindings++;
        jb_count_release(&count);
        rc = jb_count_file(&of_batch, &count, err);
        if (rc < 0)
            return rc;
    }
    rc = take_count(order, &count, ret, err);
    jb_count_release(&count);
    return rc;
}

/* --- apart -------------------------------------------------------------------------------------------------------- */

/* Small enough for one write to a pipe to be whole. */
struct answer {
    jb_rc rc;
    struct jb_error err;
    struct jb_work_counted counted;
};
_Static_assert(sizeof(struct answer) < 4096, "an answer fits PIPE_BUF");

static void count_and_answer(const struct jb_count_order *order, int fd)
{
    struct answer answer = {.rc = JB_E_INTERNAL};

    answer.rc = jb_work_count_here(order, &answer.counted, &answer.err);
    _exit(write(fd, &answer, sizeof answer) == (ssize_t)sizeof answer ? 0 : 1);
}

static jb_rc await(int fd, int64_t timeout_ns, struct answer *ret)
{
    const int64_t until_ns = jb_mono_ns(&jb_clock_system) + timeout_ns;
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    for (;;) {
        const int64_t left_ns = until_ns - jb_mono_ns(&jb_clock_system);
        if (left_ns <= 0)
            return JB_E_AGAIN;
        const int n = poll(&ready, 1, (int)(left_ns / JB_NS_PER_MS) + 1);
        if (n > 0)
            return read(fd, ret, sizeof *ret) == (ssize_t)sizeof *ret ? JB_OK : JB_E_INTERNAL;
        if (n < 0 && errno != EINTR)
            return JB_E_IO;
    }
}

jb_rc jb_work_count(const struct jb_count_order *order, int64_t timeout_ns,
                    struct jb_work_counted *ret, struct jb_error *err)
{
    struct answer answer;
    int ends[2];

    if (pipe2(ends, O_CLOEXEC) < 0)
        return jb_fail_errno(err, errno, NULL, "cannot count '%.200s'", order->path);
    const pid_t pid = fork();
    if (pid == 0)
        count_and_answer(order, ends[1]);
    (void)close(ends[1]);
    if (pid < 0) {
        (void)close(ends[0]);
        return jb_fail_errno(err, errno, NULL, "cannot count '%.200s'", order->path);
    }
    const jb_rc rc = await(ends[0], timeout_ns, &answer);
    (void)close(ends[0]);
    if (rc < 0)
        (void)kill(pid, SIGKILL);
    /* One that hangs in a dead network's file is not waited for. */
    (void)waitpid(pid, NULL, rc < 0 ? WNOHANG : 0);
    if (rc == JB_E_AGAIN)
        return jb_fail(err, rc, "count it when the file can be read",
                       "'%.200s' was not counted within %lld s", order->path,
                       (long long)(timeout_ns / JB_NS_PER_S));
    if (rc < 0)
        return jb_fail(err, rc, "please report the file", "the counting of '%.200s' gave no answer",
                       order->path);
    if (answer.rc < 0) {
        if (err)
            *err = answer.err;
        return answer.rc;
    }
    *ret = answer.counted;
    return JB_OK;
}

/* --- facts -------------------------------------------------------------------------------------------------------- */

void jb_work_facts(const struct jb_work_counted *counted, bool has_parameters,
                   struct jb_work_facts *ret)
{
    const struct {
        const char *name;
        int64_t value;
    } numbers[] = {
        {"forward_macs", counted->forward_macs},
        {"forward_flop", counted->forward_flop},
        {"n_parameters", has_parameters ? -1 : counted->n_parameters},
        {"n_trainable", has_parameters ? -1 : counted->n_trainable},
    };

    ret->n = 0;
    for (size_t i = 0; i < JB_ARRAY_LEN(numbers); i++) {
        if (numbers[i].value <= 0)
            continue;
        (void)snprintf(ret->numbers[i], sizeof ret->numbers[i], "%" PRId64, numbers[i].value);
        ret->fields[ret->n++] = (struct jb_field){numbers[i].name, ret->numbers[i]};
    }
    ret->fields[ret->n++] = (struct jb_field){"model_file", counted->model_file};
    if (counted->model_digest[0])
        ret->fields[ret->n++] = (struct jb_field){"model_digest", counted->model_digest};
}
