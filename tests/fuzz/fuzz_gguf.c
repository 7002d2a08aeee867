/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a GGUF; what is read is counted. R-COUNT-21. */
#include "fuzz/weights_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    JB_AUTO(jb_arena_free_auto) struct jb_arena *arena = NULL;
    struct jb_model_facts facts;
    struct jb_error err = {0};
    size_t n = 0;

    if (jb_arena_new((size_t)1 << 26, &arena, NULL) < 0)
        abort();
    struct jb_tensors tensors = {.arena = arena};
    if (refused(jb_gguf_read((struct jb_span){data, size}, &tensors, &facts, &n, &err), &err))
        return 0;
    must(n <= size);
    count_weights(&tensors, &facts);
    return 0;
}
