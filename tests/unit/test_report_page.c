/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a report has each figure of its inventory, each layer apart, and no figure where nothing is known (R-PAGE-15). */
#include "report/report_page.h"

#include "report_page_rig.h"
#include "tap.h"

static bool has(const struct jb_buf *html, const char *text)
{
    return strstr(jb_buf_text(html), text) != NULL;
}

static void write(const struct jb_report_input *input, struct jb_buf *html)
{
    struct jb_document document;
    struct jb_error err = {0};

    jb_buf_clear(html);
    if (jb_report_page(input, &document, &err) < 0 || jb_document_html(&document, html, &err) < 0)
        bail_out("%s", err.message);
    jb_document_release(&document);
}

static void test_runs(void)
{
    enum { N = 203 };
    static struct jb_inventory_run runs[N];
    struct jb_inventory inventory;
    struct jb_buf html = JB_BUF(1 << 22);
    char id[N][40];

    rig_inventory(&inventory);
    for (int i = 0; i < N; i++) {
        (void)snprintf(id[i], sizeof id[i], "run-%03d", i);
        runs[i] = (struct jb_inventory_run){.id = id[i],
                                            .layer = JB_LAYER_MEASURED,
                                            .part = JB_PART_SEARCH,
                                            .start_utc_us = INT64_C(1764000000000000),
                                            .end_utc_us = INT64_C(1764000000000000) + i};
    }
    inventory.runs = runs;
    inventory.n_runs = N;
    write(&(struct jb_report_input){.inventory = &inventory, .software = "test"}, &html);
    ok(has(&html, "run-000") && has(&html, "run-199") && !has(&html, "run-200"),
       "a table stops at 200 runs");
    ok(has(&html, "And 3 runs more"), "and says how many are left out of it");
    ok(has(&html, "As of 2025-11-24T16:00:00Z"), "as of the end of the last run, not of a clock");
    jb_buf_release(&html);
}

int main(void)
{
    struct jb_inventory inventory;
    const struct jb_report_input input = {.inventory = &inventory, .software = "joulebook test"};
    struct jb_buf html = JB_BUF(1 << 22);

    rig_inventory(&inventory);
    write(&input, &html);
    ok(has(&html, "<h1>Energy of project &#60;vision&#62;</h1>"), "named after what was selected");
    ok(has(&html, "<b>400 Wh</b>") && has(&html, "360 .. 440 Wh"), "the sum with its band");
    ok(has(&html, "300 Wh (270 .. 330 Wh)") && has(&html, "100 Wh (90.0 .. 110 Wh)"),
       "the parts with theirs");
    ok(has(&html, ">= making the model<") || has(&html, "= making the model"),
       "what made the model, together");
    ok(has(&html, "<dt>CO2e, location-based</dt>\n<dd>not known</dd>") &&
           has(&html, "<dt>CO2e, market-based</dt>\n<dd>not known</dd>"),
       "carbon stands side by side, and what is not known is not 0");
    ok(has(&html, "3 void"), "what was left out is told");
    ok(!has(&html, "Energy, reconstructed"), "a layer without runs has no heading");
    ok(has(&html, "<dd>4711</dd>"), "the book is named");
    inventory.sums[JB_LAYER_RECONSTRUCTED] = rig_sum(1, 50);
    inventory.parts[JB_LAYER_RECONSTRUCTED][JB_PART_TRAINING] = rig_sum(1, 50);
    write(&input, &html);
    ok(has(&html, "Energy, measured") && has(&html, "Energy, reconstructed") &&
           !has(&html, "450 Wh"),
       "layers stand apart and are never added");
    jb_buf_release(&html);
    test_runs();
    return done_testing();
}
