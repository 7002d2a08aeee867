/* SPDX-License-Identifier: Apache-2.0 */
/* Three ways to say how much is to be computed. Must never mix two of them: they differ, and the account says which. R-PLAN-22. */
#include "cli/plan_work.h"

#include <stdio.h>
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "cli/work_count.h"
#include "count/count.h"

#define PPM              1000000
#define DOUBT_6ND_PPM    100000 /* attention, embeddings and the rest that 6ND leaves out or puts in */
#define FACTOR_MILLI     3000
#define FACTOR_ALL_MILLI 4000

/* "7e9", "7000000000": whole and above 0; -1 where it was not given. */
static jb_rc take_number(const struct jb_args *args, const char *name, int64_t otherwise,
                         int64_t *ret, struct jb_error *err)
{
    const char *const text = jb_args_text(args, name);
    jb_i128 value = 0;

    *ret = otherwise;
    if (!text)
        return JB_OK;
    if (jb_parse_i128(text, strlen(text), &value) < 0 || value < 1 || value > INT64_MAX)
        return jb_fail(err, JB_E_USAGE, "a whole number such as 1280000 or 7e9",
                       "option '--%s': '%.40s' is none", name, text);
    *ret = (int64_t)value;
    return JB_OK;
}

static void name_of(const char *path, char *buf, size_t size)
{
    const char *const slash = strrchr(path, '/');
    const char *const name = slash ? slash + 1 : path;
    const char *const dot = strrchr(name, '.');
    char whole[256];

    (void)snprintf(whole, sizeof whole, "%.*s",
                   dot && dot > name ? (int)(dot - name) : (int)strlen(name), name);
    jb_clean_copy(whole, buf, size);
}

/* A count that lacks operators is a lower end, and a plan made of it too. */
static void doubt_missed(const struct jb_count *count, struct jb_plan_wish *wish)
{
    const char *first = NULL;
    int64_t n = 0;

    for (size_t i = 0; i < count->n_missed; i++) {
        if (!count->missed[i].is_compute)
            continue;
        first = first ? first : count->missed[i].name;
        n = jb_add_sat_i64(n, count->missed[i].n);
    }
    if (first)
        (void)snprintf(wish->doubt, sizeof wish->doubt,
                       "%lld operator%s of the model %s not counted, %.60s among them: it takes "
                       "more than is told here",
                       (long long)n, n == 1 ? "" : "s", n == 1 ? "is" : "are", first);
}

/* training = forward of one pass x factor x examples x epochs / examples of a pass */
static jb_rc from_count(const struct jb_count *count, int64_t n_examples, int64_t n_epochs,
                        int64_t factor_milli, struct jb_plan_wish *wish, struct jb_error *err)
{
    struct jb_compute *const compute = &wish->order.compute;
    const int64_t per_pass = count->examples.kind == JB_DIM_NUMBER ? count->examples.n : 0;
    jb_i128 flop = 0;

    if (!count->has_operations)
        return jb_fail(err, JB_E_INPUT,
                       "give --parameters and --tokens, or a config.json beside the file",
                       "the file tells parameters and no operations");
    if (count->flops.kind != JB_DIM_NUMBER || per_pass < 1)
        return jb_fail(err, JB_E_INPUT,
                       "bind them, such as --bind batch=1: 'joulebook count FILE' lists them",
                       "the operations of '%s' depend on sizes that are open", wish->model_name);
    if (n_examples < 0)
        return jb_fail(err, JB_E_USAGE, "such as --examples 1281167 --epochs 90",
                       "how many examples is not said");
    if (__builtin_mul_overflow((jb_i128)count->flops.n * factor_milli, (jb_i128)n_examples,
                               &flop) ||
        __builtin_mul_overflow(flop, (jb_i128)n_epochs, &flop))
        return jb_fail(err, JB_E_RANGE, "check --examples and --epochs",
                       "more operations than are ever computed");
    compute->method = JB_FLOP_COUNTED;
    compute->training_flop = flop / 1000 / per_pass;
    compute->forward_macs = count->macs.kind == JB_DIM_NUMBER ? count->macs.n / per_pass : -1;
    compute->forward_flop = count->flops.n / per_pass;
    compute->n_parameters = count->n_parameters;
    compute->n_trainable = count->n_trainable;
    compute->n_examples = jb_muldiv_sat_i64(n_examples, n_epochs, 1, JB_ROUND_NEAREST);
    compute->factor_milli = factor_milli;
    memcpy(compute->model_digest, count->digest, sizeof compute->model_digest);
    doubt_missed(count, wish);
    (void)snprintf(wish->work, sizeof wish->work,
                   "counted: %s, %lld FLOP forward an example x %lld x %lld examples x %lld epochs",
                   wish->model_name, (long long)compute->forward_flop,
                   (long long)(factor_milli / 1000), (long long)n_examples, (long long)n_epochs);
    return JB_OK;
}

static jb_rc count_model(const struct jb_cli *cli, struct jb_plan_wish *wish, struct jb_error *err)
{
    struct jb_count_order order = {.path = cli->args.words[0]};
    struct jb_count count;
    int64_t n_examples = -1, n_epochs = 1, factor = 3;

    name_of(order.path, wish->model_name, sizeof wish->model_name);
    jb_rc rc = take_number(&cli->args, "examples", -1, &n_examples, err);
    if (rc == JB_OK)
        rc = take_number(&cli->args, "epochs", 1, &n_epochs, err);
    if (rc == JB_OK)
        rc = jb_args_decimal(&cli->args, "factor", 0, 3, 4, 3, &factor, err);
    if (rc == JB_OK)
        rc = jb_work_bindings(&cli->args, &order, err);
    if (rc == JB_OK)
        rc = jb_count_file(&order, &count, err);
    if (rc < 0)
        return rc;
    rc = from_count(&count, n_examples, n_epochs, factor == 4 ? FACTOR_ALL_MILLI : FACTOR_MILLI,
                    wish, err);
    jb_count_release(&count);
    return rc;
}

static jb_rc take_6nd(const struct jb_args *args, struct jb_plan_wish *wish, struct jb_error *err)
{
    struct jb_compute *const compute = &wish->order.compute;
    int64_t tokens = -1;
    jb_rc rc = take_number(args, "parameters", -1, &compute->n_parameters, err);

    if (rc == JB_OK)
        rc = take_number(args, "tokens", -1, &tokens, err);
    if (rc < 0)
        return rc;
    if (compute->n_parameters < 0 || tokens < 0)
        return jb_fail(err, JB_E_USAGE, "such as --parameters 7e9 --tokens 2e12",
                       "parameters and tokens are wanted together");
    compute->method = JB_FLOP_6ND;
    if (__builtin_mul_overflow((jb_i128)6 * compute->n_parameters, (jb_i128)tokens,
                               &compute->training_flop) ||
        compute->training_flop > JB_FLOP_MAX)
        return jb_fail(err, JB_E_RANGE, "check --parameters and --tokens",
                       "more operations than are ever computed");
    wish->order.flop_low_ppm = PPM - DOUBT_6ND_PPM;
    wish->order.flop_high_ppm = PPM + DOUBT_6ND_PPM;
    (void)snprintf(wish->work, sizeof wish->work, "6 x %lld parameters x %lld tokens, within 10 %%",
                   (long long)compute->n_parameters, (long long)tokens);
    return JB_OK;
}

/* What says nothing about work said otherwise is a mistake of who says it, and is not passed over. */
static jb_rc check_idle_options(const struct jb_args *args, struct jb_error *err)
{
    static const char *const of_a_model[] = {"examples", "epochs", "factor", "bind"};

    for (size_t i = 0; args->n_words == 0 && i < JB_ARRAY_LEN(of_a_model); i++)
        if (jb_args_has(args, of_a_model[i]))
            return jb_fail(err, JB_E_USAGE, "leave it out, or name the model's file",
                           "option '--%s' is for a model file, and none is given", of_a_model[i]);
    return JB_OK;
}

jb_rc jb_plan_work_take(const struct jb_cli *cli, struct jb_plan_wish *wish, struct jb_error *err)
{
    const char *const flop = jb_args_text(&cli->args, "flop");
    const bool is_6nd = jb_args_has(&cli->args, "parameters") || jb_args_has(&cli->args, "tokens");
    struct jb_compute *const compute = &wish->order.compute;

    *compute = JB_COMPUTE_UNKNOWN;
    wish->order.flop_low_ppm = wish->order.flop_high_ppm = PPM;
    if ((cli->args.n_words > 0) + (flop != NULL) + is_6nd != 1)
        return jb_fail(
            err, JB_E_USAGE,
            "one of: a model file with --examples and --epochs; --parameters and --tokens; --flop",
            "the work is said %s",
            cli->args.n_words + (flop != NULL) + is_6nd ? "twice" : "not at all");
    const jb_rc rc = check_idle_options(&cli->args, err);
    if (rc < 0)
        return rc;
    if (cli->args.n_words > 0)
        return count_model(cli, wish, err);
    if (is_6nd)
        return take_6nd(&cli->args, wish, err);
    if (jb_parse_i128(flop, strlen(flop), &compute->training_flop) < 0 ||
        compute->training_flop < 1)
        return jb_fail(err, JB_E_USAGE, "such as 3.14e23",
                       "option '--flop': '%.40s' is no number of operations", flop);
    compute->method = JB_FLOP_STATED;
    (void)snprintf(wish->work, sizeof wish->work, "as stated");
    return JB_OK;
}
