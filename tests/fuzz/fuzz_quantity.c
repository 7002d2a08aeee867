/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a quantity of each form: refused in clean words, or in order and within bounds, and shown so that it can
 * be read again. R-KNOWN-02. */
#include "base/clean.h"
#include "model/quantity_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool held)
{
    if (!held)
        abort();
}

static void check(const char *text, const struct jb_quantity_form *form)
{
    struct jb_quantity quantity, again;
    struct jb_error err = {0};
    char shown[JB_QUANTITY_TEXT];

    if (jb_quantity_parse(text, form, &quantity, &err) < 0) {
        must(err.code == JB_E_INPUT && err.message[0] && err.hint[0]);
        return;
    }
    if (quantity.known == JB_KNOWN_UNKNOWN || quantity.known == JB_KNOWN_WITHHELD) {
        must(quantity.low == 0 && quantity.best == 0 && quantity.high == 0);
        return;
    }
    must(form->min <= quantity.low && quantity.low <= quantity.best &&
         quantity.best <= quantity.high && quantity.high <= form->max);
    must((quantity.known == JB_KNOWN_VALUE) == (quantity.low == quantity.high));
    (void)jb_quantity_format(&quantity, form, shown, sizeof shown);
    /* Ends further apart than a unit with three decimals can show are shown, but not whole. */
    must(quantity.high / 1000000 > quantity.low ||
         jb_quantity_parse(shown, form, &again, &err) == JB_OK);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct jb_quantity_form *const forms[] = {
        &jb_form_duration_ns, &jb_form_power_mw,  &jb_form_memory_mib, &jb_form_count_milli,
        &jb_form_whole,       &jb_form_share_ppm, &jb_form_pue_milli};
    struct jb_answer answer;
    char text[256];

    if (size >= sizeof text)
        return 0;
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    for (size_t i = 0; i < JB_ARRAY_LEN(forms); i++)
        check(text, forms[i]);
    if (jb_answer_parse(text, false, &answer, NULL) == JB_OK)
        must((answer.known == JB_KNOWN_VALUE) == (answer.text[0] != '\0') &&
             jb_clean_is(answer.text));
    return 0;
}
