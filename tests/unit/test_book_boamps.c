/* SPDX-License-Identifier: Apache-2.0 */
/* Reports of the form that Boavizta publishes, worked out by hand. R-BOOKS-40. */
#include "import_book.h"

#define REPORT(measures, more)                                                              \
    "{\"header\":{\"reportId\":\"2f46\",\"reportDatetime\":\"2025-02-26 16:57:00\","        \
    "\"publisher\":{\"confidentialityLevel\":\"public\",\"projectName\":\"chat\"}},"        \
    "\"task\":{\"taskStage\":\"inference\",\"taskFamily\":\"chatbot\",\"algorithms\":["     \
    "{\"foundationModelName\":\"llama2-13b\"}]},\"measures\":[" measures "],"               \
    "\"infrastructure\":{\"infraType\":\"publicCloud\",\"components\":[{\"componentName\":" \
    "\"Tesla V100S\",\"componentType\":\"gpu\",\"nbComponent\":2,\"share\":0.5}]},"         \
    "\"environment\":{\"country\":\"france\"}" more "}"

static struct book_folder folder;
static const struct jb_import_asked plain = {.utc_offset_s = 0};

static void take(const char *text)
{
    (void)take_text_as(&folder, "boamps", "report.json", text, &plain);
}

static void test_report(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];

    take(REPORT(
        "{\"measurementMethod\":\"codecarbon\",\"cpuTrackingMode\":\"constant\","
        "\"gpuTrackingMode\":\"nvml\",\"powerConsumption\":0.5,\"measurementDuration\":3600.5,"
        "\"measurementDateTime\":\"2024-09-30 09:09:40\"}",
        ",\"quality\":\"high\""));
    ok(took.rc == JB_OK && took.n == 1, "a report is a run: %s", took.err.message);
    is_str(run->key, "2f46", "known by its id");
    is_i64(run->lines[0].energy_uj.best, KWH_UJ / 2, "powerConsumption is energy in kWh");
    ok(run->lines[0].energy_uj.low == KWH_UJ * 9 / 20 && run->lines[0].origin == JB_ORIGIN_STATED &&
           run->method == JB_METHOD_C1,
       "of high quality: 10 %% (R-BOOKS-40)");
    is_i64(run->run.start_utc_us, INT64_C(1727687380) * SECOND, "from its moment");
    is_i64(run->run.end_utc_us, INT64_C(1727690980) * SECOND + 500000, "for its duration");
    is_str(run->run.model, "llama2-13b", "model");
    is_str(run->run.project, "chat", "project");
    is_str(run->run.stage, "inference", "stage");
    is_str(run->run.place, "france", "place");
    ok(has_tag(run, "component=2 x Tesla V100S"), "hardware");
    ok(has_note(run, "only a share of 'Tesla V100S'") && has_note(run, "holds its PUE"), "doubts");
}

static void test_measures(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];

    take(REPORT("{\"measurementMethod\":\"a\",\"powerConsumption\":1},"
                "{\"measurementMethod\":\"b\",\"powerConsumption\":3,\"unit\":\"kWh\"}",
                ""));
    ok(run->lines[0].energy_uj.best == 3 * KWH_UJ && run->lines[0].energy_uj.low == KWH_UJ / 2 &&
           run->lines[0].energy_uj.high == 6 * KWH_UJ && run->n_lines == 1,
       "two measures are never added silently");
    ok(run->run.end_utc_us == INT64_C(1740589020) * SECOND && has_note(run, "when the report"),
       "without a moment it stands where the report was written");
    take(REPORT("{\"powerConsumption\":7200,\"unit\":\"J\",\"cpuTrackingMode\":\"constant\","
                "\"measurementDateTime\":1727687380}",
                ""));
    ok(run->lines[0].energy_uj.best == INT64_C(7200000000) &&
           run->lines[0].origin == JB_ORIGIN_MODELLED && run->method == JB_METHOD_B,
       "J, and a constant is modelled");
    take(REPORT("{\"measurementMethod\":\"a\"},{\"powerConsumption\":0}", ""));
    ok(took.rc == JB_OK && took.n == 0 && n_left("no energy") == 1, "no energy is no run");
    take("{\"measures\":[{\"powerConsumption\":\"6.5e-05\"}]}");
    ok(took.n == 1 && run->has_no_times && strncmp(run->key, "sha256 ", 7) == 0,
       "without header: by its content, at the time of its file");
    is_i64(run->lines[0].energy_uj.best, 234000000, "numbers in quotes are taken");
}

static void refuses(const char *text, const char *part)
{
    take(text);
    ok(took.rc == JB_E_INPUT && took.n == 0 && strstr(took.err.message, part),
       "refused for '%s': %s", part, took.err.message);
}

int main(void)
{
    folder = book_new_folder();
    test_report();
    test_measures();
    refuses("", "line 1");
    refuses("[]", "no JSON object");
    refuses("{\"a\":1,\n\"a\":2}", "line 2");
    refuses("{}", "'measures'");
    refuses(REPORT("{\"powerConsumption\":-1}", ""), "'powerConsumption'");
    refuses(REPORT("{\"powerConsumption\":\"much\"}", ""), "'powerConsumption'");
    refuses(REPORT("{\"powerConsumption\":1e30}", ""), "'powerConsumption'");
    refuses(REPORT("{\"powerConsumption\":1,\"unit\":\"W\"}", ""), "'unit'");
    refuses(REPORT("{\"powerConsumption\":1,\"measurementDateTime\":\"30/9/24\"}", ""),
            "'measurementDateTime'");
    book_remove_folder(&folder);
    return done_testing();
}
