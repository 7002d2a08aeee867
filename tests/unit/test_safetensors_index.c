/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a model in parts (R-COUNT-20): its names once each and in order, and no way out of its folder. */
#include <string.h>

#include "count/tensors_int.h"
#include "tap.h"

static struct jb_arena *arena;
static struct jb_shards shards;
static struct jb_error err;

static jb_rc reads(const char *text)
{
    shards = (struct jb_shards){0};
    err = (struct jb_error){0};
    return jb_shards_read(jb_span_of(text), arena, &shards, &err);
}

static void refused(const char *text, jb_rc want, const char *what)
{
    is_i64(reads(text), want, "%s is refused", what);
    ok(err.message[0] && shards.n_files == 0, "%s: with a word, and nothing is handed out", what);
}

int main(void)
{
    if (jb_arena_new((size_t)1 << 20, &arena, NULL) < 0)
        bail_out("no arena");
    is_i64(reads("{\"weight_map\":{\"c\":\"2.st\",\"a\":\"1.st\",\"b\":\"2.st\"}}"), JB_OK,
           "an index");
    is_i64((int64_t)shards.n_files, 2, "of three tensors in two files");
    is_i64((int64_t)shards.n_names, 3, "each tensor once");
    is_str(shards.names[0], "a", "in order");
    is_str(shards.names[2], "c", "to the last");
    is_str(shards.files[0], "1.st", "and the files");
    is_str(shards.files[1], "2.st", "too");
    refused("{\"weight_map\":{\"a\":\"../1.st\"}}", JB_E_INPUT, "a way up");
    refused("{\"weight_map\":{\"a\":\"/1.st\"}}", JB_E_INPUT, "a way from the root");
    refused("{\"weight_map\":{\"a\":\"x/1.st\"}}", JB_E_INPUT, "a way down");
    refused("{\"weight_map\":{\"a\":\"..\"}}", JB_E_INPUT, "the folder above");
    refused("{\"weight_map\":{\"a\":\"\"}}", JB_E_INPUT, "no name");
    refused("{\"weight_map\":{\"a\":1}}", JB_E_INPUT, "a number");
    refused("{\"weight_map\":{\"a\":\"1\",\"a\":\"2\"}}", JB_E_INPUT, "a tensor in two places");
    refused("{\"weight_map\":{}}", JB_E_INPUT, "an index of nothing");
    refused("{}", JB_E_INPUT, "no index");
    refused("", JB_E_INPUT, "an empty text");
    jb_arena_free(arena);
    return done_testing();
}
