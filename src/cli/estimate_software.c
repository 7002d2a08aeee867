/* SPDX-License-Identifier: Apache-2.0 */
/* Options to the factors of method A, by one table for reading and telling. */
#include "cli/estimate_software.h"

#include <stddef.h>
#include <stdio.h>

#include "model/quantity_text.h"

static const struct factor {
    const char *option, *unit;
    size_t at;
    const struct jb_quantity_form *form;
} factors[] = {
    {"instructions", "", offsetof(struct jb_software, instructions), &jb_form_events},
    {"cpi", "ppm", offsetof(struct jb_software, cpi_ppm), &jb_form_cpi_ppm},
    {"epc", "fj", offsetof(struct jb_software, epc_fj), &jb_form_epc_fj},
    {"activity", "ppm", offsetof(struct jb_software, activity_ppm), &jb_form_share_ppm},
    {"capacitance", "ff", offsetof(struct jb_software, capacitance_ff), &jb_form_capacitance_ff},
    {"voltage", "uv", offsetof(struct jb_software, voltage_uv), &jb_form_voltage_uv},
    {"frequency", "hz", offsetof(struct jb_software, frequency_hz), &jb_form_frequency_hz},
};

jb_rc jb_software_from_options(const struct jb_args *args, struct jb_software *ret,
                               struct jb_error *err)
{
    struct jb_software software = {.instructions = {.known = JB_KNOWN_UNKNOWN}};
    struct jb_error why = {.code = JB_OK};

    for (size_t i = 0; i < JB_ARRAY_LEN(factors); i++) {
        const char *const text = jb_args_text(args, factors[i].option);
        void *const at = (char *)&software + factors[i].at;
        if (text && jb_quantity_parse(text, factors[i].form, at, &why) < 0)
            return jb_fail(err, JB_E_USAGE, why.hint, "option '--%s': %s", factors[i].option,
                           why.message);
    }
    *ret = software;
    return JB_OK;
}

void jb_software_inputs(const struct jb_software *software, struct jb_estimate_told *told)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(factors); i++) {
        const void *const at = (const char *)software + factors[i].at;
        const struct jb_quantity *const quantity = at;
        if (quantity->known == JB_KNOWN_UNKNOWN || told->n_inputs == JB_TOLD_INPUTS_MAX)
            continue;
        struct jb_told_input *const input = &told->inputs[told->n_inputs++];
        *input = (struct jb_told_input){.has_quantity = true, .quantity = *quantity};
        (void)snprintf(input->name, sizeof input->name, "%s", factors[i].option);
        (void)snprintf(input->unit, sizeof input->unit, "%s", factors[i].unit);
        (void)jb_quantity_format(quantity, factors[i].form, input->text, sizeof input->text);
    }
}
