/* SPDX-License-Identifier: Apache-2.0 */
/* Model cards with and without a place. R-BOOKS-70. */
#include "catalogue/catalogue.h"
#include "import_book.h"

static struct book_folder folder;
static struct jb_import_asked asked = {.utc_offset_s = 0};

static void take(const char *text)
{
    (void)take_text_as(&folder, "hf-card", "README.md", text, &asked);
}

static void refuses(const char *text, const char *part)
{
    take(text);
    ok(took.rc == JB_E_INPUT && took.n == 0 && strstr(took.err.message, part),
       "refused for '%s': %s", part, took.err.message);
}

int main(void)
{
    static struct jb_run facts = {.place = "NL", .pue_milli = -1};
    const struct jb_rebuilt *const run = &took.runs[0];
    struct jb_grid_intensity grid;

    folder = book_new_folder();
    if (jb_catalogue_find_grid("Singapore", 0, NULL, &grid, NULL) < 0)
        bail_out("no grid of Singapore");
    take("---\ntags:\n- x\nco2_eq_emissions:\n  emissions: 1710\n  source: CodeCarbon\n"
         "  training_type: fine-tuning\n  geographical_location: Singapore\n"
         "  hardware_used: NVIDIA A100\nmodel-index:\n- name: aira\n---\n# Aira\n");
    ok(took.rc == JB_OK && took.n == 1, "a card is a run: %s", took.err.message);
    is_str(run->key, "aira", "known by its model");
    is_i64(run->told_gco2e_ug.best, INT64_C(1710000000), "1710 g are told");
    /* back again: uJ x mg/kWh / 3.6e12 is mg; 1710 g are 1710000 mg */
    ok(run->lines[0].energy_uj.best / 1000000 * grid.best_mg_per_kwh / 3600000 > 1709990 &&
           run->lines[0].energy_uj.best / 1000000 * grid.best_mg_per_kwh / 3600000 < 1710010,
       "its energy times the grid is its carbon");
    ok(run->lines[0].energy_uj.low <= run->lines[0].energy_uj.best &&
           run->lines[0].energy_uj.best <= run->lines[0].energy_uj.high,
       "in the band of the grid");
    is_str(run->run.stage, "fine-tuning", "stage");
    ok(has_tag(run, "hardware=NVIDIA A100") && run->has_no_times, "hardware; no time");
    take("---\nco2_eq_emissions: 0.5988\n---\n");
    ok(took.rc == JB_OK && took.n == 0 && took.told.n_left == 1,
       "carbon without a place has no energy (R-BOOKS-70)");
    asked.facts = &facts;
    take("---\nco2_eq_emissions: 0.5988\n---\n");
    ok(took.n == 1 && run->told_gco2e_ug.best == 598800 && strcmp(run->run.place, "NL") == 0,
       "the older form, and a place that the user states");
    take("---\ntags: x\n---\n");
    ok(took.n == 0 && n_left("no co2_eq_emissions") == 1, "a card that tells nothing");
    refuses("# Model\n", "no YAML");
    refuses("---\na: 1\n", "no end");
    refuses("---\nco2_eq_emissions: much\n---\n", ":2:");
    refuses("---\nco2_eq_emissions:\n  source: x\n---\n", "tells no number");
    refuses("---\na: 1\na: 2\n---\n", ":3:");
    book_remove_folder(&folder);
    return done_testing();
}
