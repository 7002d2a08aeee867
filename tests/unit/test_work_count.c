/* SPDX-License-Identifier: Apache-2.0 */
/* A model file to the facts of a run's work: one example's figures, counted apart and within its time (R-WORK-17, -18). */
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "cli/work_count.h"

#include "tap.h"

static const struct jb_option options[] = {
    {0, "count", "FILE", "", false},
    {0, "bind", "NAME=N", "", true},
    {0, NULL, NULL, NULL, false},
};

static jb_rc order_of(const char *const *words, bool is_privileged, struct jb_count_order *ret,
                      struct jb_error *err)
{
    const struct jb_option *const tables[] = {options};
    static char *argv[16];
    static struct jb_args args;
    int n = 0;

    for (; words[n]; n++)
        argv[n] = (char *)(uintptr_t)words[n];
    argv[n] = NULL;
    if (jb_args_parse(tables, 1, false, n, argv, &args, err) < 0)
        bail_out("no arguments: %s", err->message);
    return jb_work_order(&args, is_privileged, ret, err);
}

static void test_order(void)
{
    struct jb_count_order order;
    struct jb_error err;

    ok(order_of((const char *[]){NULL}, false, &order, &err) == JB_OK && !order.path,
       "nothing given is nothing to count");
    ok(order_of((const char *[]){"--count", "m", "--bind", "seq=128", "--bind", "a=1,b=2", NULL},
                false, &order, &err) == JB_OK &&
           order.n_bindings == 3 && strcmp(order.bindings[0].name, "seq") == 0 &&
           order.bindings[0].value == 128 && strcmp(order.bindings[1].name, "a") == 0 &&
           order.bindings[1].value == 1 && strcmp(order.bindings[2].name, "b") == 0 &&
           order.bindings[2].value == 2,
       "sizes are bound by name, one at a time or several");
    static const char *const wrong[] = {"seq",     "seq=",  "=4",       "seq=-1",
                                        "seq=1.5", "seq=x", "a=1,,b=2", "a=b=2"};
    for (size_t i = 0; i < JB_ARRAY_LEN(wrong); i++)
        is_i64(order_of((const char *[]){"--count", "m", "--bind", wrong[i], NULL}, false, &order,
                        &err),
               JB_E_USAGE, "'%s' is wrong use", wrong[i]);
    is_i64(order_of((const char *[]){"--bind", "seq=4", NULL}, false, &order, &err), JB_E_USAGE,
           "a size without a model too");
    is_i64(order_of((const char *[]){"--count", "m", NULL}, true, &order, &err), JB_E_USAGE,
           "an executable with capabilities opens no file of the user's choice");
}

/* A file of weights without anything that tells what it computes. */
static const char *write_model(char *path, size_t size)
{
    static const char header[] =
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[0,24]}}";
    JB_AUTO(jb_buf_release) struct jb_buf buf = JB_BUF(4096);
    const char *const folder = getenv("JB_TMP");
    static const char weights[24];

    jb_buf_add_u64(&buf, sizeof header - 1);
    jb_buf_add(&buf, header, sizeof header - 1);
    jb_buf_add(&buf, weights, sizeof weights);
    (void)snprintf(path, size, "%s/odd.safetensors", folder ? folder : "/tmp");
    FILE *const file = fopen(path, "wb");
    if (!file || fwrite(buf.bytes, 1, buf.len, file) != buf.len || fclose(file) != 0)
        bail_out("cannot write %s", path);
    return path;
}

static void test_count(void)
{
    char path[512];
    const struct jb_count_order order = {.path = write_model(path, sizeof path)};
    const struct jb_count_order none = {.path = "/nonexistent/model.onnx"};
    struct jb_work_counted counted;
    struct jb_work_counted apart;
    struct jb_error err = {0};

    is_i64(jb_work_count_here(&order, &counted, &err), JB_OK, "a file of weights is counted");
    is_i64(counted.n_parameters, 6, "2 x 3 parameters");
    is_str(counted.model_file, "odd.safetensors", "its name goes without its folder");
    is_i64((int64_t)strlen(counted.model_digest), 64, "its digest is kept");
    ok(counted.doubt[0] != '\0', "what is missing from it is told: %s", counted.doubt);
    ok(jb_work_count(&order, 60 * JB_NS_PER_S, &apart, &err) == JB_OK && apart.n_parameters == 6 &&
           apart.forward_macs == counted.forward_macs &&
           strcmp(apart.model_file, counted.model_file) == 0 &&
           strcmp(apart.model_digest, counted.model_digest) == 0 &&
           strcmp(apart.doubt, counted.doubt) == 0,
       "a process of its own gives the same");
    is_i64(jb_work_count(&none, 60 * JB_NS_PER_S, &apart, &err), JB_E_NOT_FOUND,
           "and the same refusal");
    ok(strstr(err.message, "/nonexistent/model.onnx"), "which names the file");
    is_i64(jb_work_count(&order, 0, &apart, &err), JB_E_AGAIN, "it has its time and no more");
    (void)unlink(path);
}

static const char *fact(const struct jb_work_facts *facts, const char *name)
{
    for (size_t i = 0; i < facts->n; i++)
        if (strcmp(facts->fields[i].name, name) == 0)
            return facts->fields[i].value;
    return "";
}

static void test_facts(void)
{
    const struct jb_work_counted counted = {.forward_macs = 3648,
                                            .forward_flop = -1,
                                            .n_parameters = 1096,
                                            .n_trainable = 1000,
                                            .model_file = "m.onnx",
                                            .model_digest = "ab"};
    struct jb_work_facts facts;

    jb_work_facts(&counted, false, &facts);
    is_i64((int64_t)facts.n, 5, "what is not known is no fact");
    is_str(fact(&facts, "forward_macs"), "3648", "multiply-adds");
    is_str(fact(&facts, "n_parameters"), "1096", "parameters");
    is_str(fact(&facts, "n_trainable"), "1000", "those that are trained");
    is_str(fact(&facts, "model_file"), "m.onnx", "the file");
    is_str(fact(&facts, "model_digest"), "ab", "its digest");
    jb_work_facts(&counted, true, &facts);
    is_str(fact(&facts, "n_parameters"), "", "parameters that were told stay as told");
}

int main(void)
{
    test_order();
    test_count();
    test_facts();
    return done_testing();
}
