/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a mark of a training: parsed within bounds to clean text, and made into an account. */
#include <stdlib.h>
#include <string.h>

#include "account/account.h"
#include "account/account_marks.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A parsed text is shown and stored: it must be whole UTF-8 without control characters. */
static void check_text(const char *text, size_t size)
{
    const size_t len = strnlen(text, size);

    if (len == size)
        abort();
    for (size_t i = 0; i < len; i++) {
        const unsigned char c = (unsigned char)text[i];
        size_t n = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;
        if (c < 0x20 || c == 0x7F || (c >= 0x80 && c < 0xC2) || c > 0xF4 || i + n >= len + (n == 0))
            abort();
        for (; n > 0; n--)
            if (((unsigned char)text[++i] & 0xC0) != 0x80)
                abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct jb_run run = {
        .id = "r", .market_mgco2e_per_kwh = -1, .pue_milli = -1, .tariff_micro_per_kwh = -1};
    struct jb_account_builder *builder = NULL;
    struct jb_account account;
    struct jb_mark mark;
    char *const bytes = malloc(size > 0 ? size : 1);

    if (!bytes)
        return 0;
    if (size > 0)
        memcpy(bytes, data, size);
    jb_mark_parse(bytes, size, &mark);
    check_text(mark.name, sizeof mark.name);
    check_text(mark.metrics, sizeof mark.metrics);
    if (mark.kind == JB_MARK_METRIC && mark.name[0])
        abort();

    /* Each line a mark of one run. */
    if (jb_account_builder_new(&run, &builder, NULL) < 0)
        abort();
    for (size_t at = 0; at < size;) {
        const char *const end = memchr(bytes + at, '\n', size - at);
        const size_t len = end ? (size_t)(end - bytes) - at : size - at;
        struct jb_account_mark written = {.mono_ns = (int64_t)at, .run_uj = (int64_t)at};
        memcpy(written.text, bytes + at, len < sizeof written.text ? len : sizeof written.text);
        if (jb_account_add_mark(builder, &written, NULL) < 0)
            abort();
        at += len + 1;
    }
    if (jb_account_finish(builder, &account, NULL) < 0)
        abort();
    for (size_t i = 0; i < account.n_epochs; i++) {
        check_text(account.epochs[i].name, sizeof account.epochs[i].name);
        check_text(account.epochs[i].metrics, sizeof account.epochs[i].metrics);
        if (account.epochs[i].run_uj < 0 || account.epochs[i].duration_ns < 0)
            abort();
    }
    jb_account_release(&account);
    jb_account_builder_free(builder);
    free(bytes);
    return 0;
}
