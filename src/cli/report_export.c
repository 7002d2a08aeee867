/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory of the selected runs and what the organisation states, into a document of others. R-EXPORT-05. */
#include "cli/report_export.h"

#include <string.h>

#include "base/num.h"
#include "cli/scope.h"
#include "pipeline/inventory.h"

#define DOCUMENT_MAX ((size_t)256 * 1024 * 1024)

const struct jb_option jb_report_export_options[] = {
    {0, "layer", "LAYER", "documents: measured or reconstructed runs, where there are both", false},
    {0, "publisher", "NAME", "documents: who publishes it", false},
    {0, "functional-unit", "UNIT", "sci: run (the default), flop, token or parameter", false},
    {0, "embodied", "MASS", "sci: of the hardware's share, as the site states it: \"12.5 kg\"",
     false},
    {0, "offset-price", "PRICE", "focus: of a tonne of CO2e, such as \"25 EUR\"", false},
    {0, NULL, NULL, NULL, false},
};

void jb_report_export_help(struct jb_buf *out)
{
    jb_buf_add_text(out, "\ndocuments (--format):\n");
    for (size_t i = 0; jb_export_formats[i]; i++)
        jb_buf_addf(out, "  %-12s %s (%s)\n", jb_export_formats[i]->name,
                    jb_export_formats[i]->summary, jb_export_formats[i]->file);
}

jb_rc jb_report_export_check(const struct jb_cli *cli, const struct jb_export_format *format,
                             struct jb_error *err)
{
    /* What would be taken for part of the figures elsewhere, and is not. */
    static const struct {
        const char *option, *format;
    } only[] = {{"functional-unit", "sci"}, {"embodied", "sci"}, {"offset-price", "focus"}};

    for (size_t i = 0; i < JB_ARRAY_LEN(only); i++)
        if (jb_args_has(&cli->args, only[i].option) &&
            (!format || strcmp(format->name, only[i].format) != 0))
            return jb_fail(err, JB_E_USAGE, NULL, "--%s is of --format %s alone", only[i].option,
                           only[i].format);
    return JB_OK;
}

static jb_rc take_layer(const struct jb_cli *cli, int *ret, struct jb_error *err)
{
    const char *const text = jb_args_text(&cli->args, "layer");
    const int layer = text ? jb_layer_from_name(text) : -1;

    if (text && layer != JB_LAYER_MEASURED && layer != JB_LAYER_RECONSTRUCTED)
        return jb_fail(err, JB_E_USAGE, "measured or reconstructed; a plan is no energy used",
                       "--layer '%s' has no document", text);
    *ret = layer;
    return JB_OK;
}

static jb_rc take_embodied(const struct jb_cli *cli, int64_t *ret, struct jb_error *err)
{
    static const struct jb_unit units[] = {
        {"g", 1000000}, {"kg", 1000000000}, {"t", 1000000000000}};
    const char *const text = jb_args_text(&cli->args, "embodied");

    *ret = -1;
    if (text && jb_parse_quantity(text, units, JB_ARRAY_LEN(units), ret) < 0)
        return jb_fail(err, JB_E_USAGE, "for example --embodied '12.5 kg' (g, kg or t of CO2e)",
                       "--embodied '%s' is no mass", text);
    return JB_OK;
}

/* "25 EUR", "25EUR": a number and three letters. */
static jb_rc take_price(const struct jb_cli *cli, int64_t *ret, const char **ret_currency,
                        struct jb_error *err)
{
    const char *const text = jb_args_text(&cli->args, "offset-price");
    const size_t n = text ? strspn(text, "0123456789.") : 0;
    const char *const currency = text ? text + n + strspn(text + n, " ") : "";
    int64_t price = -1;

    if (text && (strlen(currency) != 3 || strspn(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != 3 ||
                 jb_parse_decimal(text, n, 6, &price) < 0))
        return jb_fail(err, JB_E_USAGE, "for example --offset-price '25 EUR', of a tonne of CO2e",
                       "--offset-price '%s' is no price", text);
    *ret = price;
    *ret_currency = currency;
    return JB_OK;
}

static jb_rc take_options(const struct jb_cli *cli, struct jb_export_options *ret,
                          struct jb_error *err)
{
    const char *const publisher = jb_args_text(&cli->args, "publisher");
    const char *const unit = jb_args_text(&cli->args, "functional-unit");
    jb_rc rc;

    *ret = (struct jb_export_options){
        .publisher = publisher ? publisher : "",
        .functional_unit = unit ? unit : "",
        .now_utc_us = jb_utc_us(cli->clock),
        .software = "joulebook " JB_VERSION,
    };
    rc = take_layer(cli, &ret->layer, err);
    if (rc == JB_OK)
        rc = take_embodied(cli, &ret->embodied_ugco2e, err);
    return rc == JB_OK ? take_price(cli, &ret->carbon_price_micro_per_tonne, &ret->currency, err)
                       : rc;
}

jb_rc jb_cli_report_export(struct jb_cli *cli, const struct jb_export_format *format,
                           struct jb_error *err)
{
    JB_AUTO(jb_ledger_close_auto) struct jb_ledger *ledger = NULL;
    JB_AUTO(jb_inventory_release) struct jb_inventory inventory = {0};
    JB_AUTO(jb_buf_release) struct jb_buf document = JB_BUF(DOCUMENT_MAX);
    const char *const file = jb_args_text(&cli->args, "out");
    struct jb_export_options options;
    struct jb_inventory_scope scope;
    jb_rc rc;

    if (jb_args_has(&cli->args, "json"))
        return jb_fail(err, JB_E_USAGE, NULL, "more than one format is asked for");
    rc = jb_cli_scope(cli, &scope, err);
    if (rc == JB_OK)
        rc = take_options(cli, &options, err);
    if (rc == JB_OK)
        rc = jb_cli_open_book(cli, JB_LEDGER_READ, &ledger, err);
    if (rc == JB_OK)
        rc = jb_inventory_make(ledger, &scope, &inventory, err);
    if (rc == JB_OK)
        rc = format->write(&inventory, &options, &document, err);
    if (rc < 0)
        return rc;
    if (file)
        return jb_cli_write_file(file, jb_buf_text(&document), document.len, err);
    jb_buf_add(&cli->out, jb_buf_text(&document), document.len);
    return JB_OK;
}
