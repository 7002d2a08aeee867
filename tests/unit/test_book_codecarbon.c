/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as CodeCarbon 1, 2 and 3 write them, worked out by hand. R-BOOKS-10, R-BOOKS-11, R-BOOKS-12. */
#include "import_book.h"

#define HEADER_1                                                                            \
    "timestamp,experiment_id,project_name,duration,emissions,energy_consumed,country_name," \
    "country_iso_code,region,on_cloud,cloud_provider,cloud_region\n"
#define HEADER_2                                                                                   \
    "timestamp,project_name,run_id,duration,emissions,emissions_rate,cpu_power,gpu_power,"         \
    "ram_power,cpu_energy,gpu_energy,ram_energy,energy_consumed,country_name,country_iso_code,"    \
    "region,cloud_provider,cloud_region,os,python_version,codecarbon_version,cpu_count,cpu_model," \
    "gpu_count,gpu_model,longitude,latitude,ram_total_size,tracking_mode,on_cloud,pue\n"

static struct book_folder folder;
static const struct jb_import_asked plain = {.utc_offset_s = INT64_MIN};

static void take(const char *text)
{
    (void)take_text_as(&folder, "codecarbon", "emissions.csv", text, &plain);
}

/* One hour: 0.2 kWh of a GPU, a processor at a constant 50 W, 10 W of memory. */
static void test_row(void)
{
    const struct jb_rebuilt *const run = &took.runs[0];
    const struct jb_rebuilt_line *line;

    take(HEADER_2 "2024-03-05T13:00:00,bert,run-a,3600.0,0.0338,9.4e-06,50.0,200.0,10.0,0.05,0.2,"
                  "0.01,0.26,Netherlands,NLD,north holland,,,Linux-6,3.11.7,2.3.4,16,AMD EPYC 7302,"
                  "1,1 x Tesla T4,4.9,52.4,64.0,machine,N,1.0\n");
    ok(took.rc == JB_OK && took.n == 1 && took.told.n_rows == 1, "a row is a run");
    is_str(run->key, "run-a", "known by its run_id");
    is_str(run->run.project, "bert", "project");
    is_str(run->run.place, "NLD", "place");
    is_i64(run->run.end_utc_us, INT64_C(1709643600) * SECOND, "it ends at its timestamp");
    is_i64(run->run.start_utc_us, INT64_C(1709640000) * SECOND, "and began its duration before");
    ok(has_note(run, "taken as UTC"), "that its time has no zone is said (R-BOOKS-03)");
    is_i64(run->told_gco2e_ug.best, 33800000, "0.0338 kg are told as 33.8 g");
    line = find_line(run, "codecarbon/gpu");
    ok(line->energy_uj.best == KWH_UJ / 5 && line->origin == JB_ORIGIN_STATED &&
           line->device_ns == INT64_C(3600000000000) && line->scope == JB_SCOPE_GPU,
       "0.2 kWh of one GPU for an hour, stated by that tool");
    line = find_line(run, "codecarbon/cpu");
    ok(line->energy_uj.best == KWH_UJ / 20 && line->origin == JB_ORIGIN_MODELLED &&
           line->energy_uj.high == KWH_UJ / 10 && line->energy_uj.low == KWH_UJ / 80,
       "a processor of the same power all the time was not measured (R-BOOKS-12)");
    line = find_line(run, "codecarbon/ram");
    ok(line->energy_uj.best == KWH_UJ / 100 && line->origin == JB_ORIGIN_MODELLED,
       "memory is modelled");
    ok(run->method == JB_METHOD_C1 && !run->is_pue_included && run->run.pue_milli == -1,
       "PUE 1.0 is that tool's default, nobody's statement");
    ok(has_tag(run, "codecarbon=2.3.4") && has_tag(run, "gpu=1 x Tesla T4"), "tags");
}

static void test_pue(void)
{
    take(HEADER_2 "2024-03-05T13:00:00,p,r,3600,0.1,0,80,200,10,0.06,0.3,0.015,0.375,France,FRA,,,,"
                  "Linux,3.11,2.4.0,16,EPYC,1,1 x A100,,,64,machine,N,1.5\n");
    ok(took.runs[0].is_pue_included && took.runs[0].run.pue_milli == 1500,
       "its energy holds its PUE (R-BOOKS-10)");
    is_i64(find_line(&took.runs[0], "codecarbon/gpu")->energy_uj.best, KWH_UJ * 3 / 10,
           "lines as the file tells them");
    ok(find_line(&took.runs[0], "codecarbon/cpu")->origin == JB_ORIGIN_STATED,
       "0.06 kWh with PUE 1.5 are 40 W, not the last 80 W: not constant");
}

static void test_totals(void)
{
    take(HEADER_2 "2024-04-13T21:30:53,p,r1,1.3,1e-07,1e-07,12.5,0.0,2.7,4.5e-06,0,1e-06,5.5e-06,"
                  "France,FRA,,,,Linux,3.11,2.3.4,4,i3,,,2.3,48.8,7.3,machine,N,1.0\n"
                  "2024-04-13T21:31:00,p,r2,4,1e-07,1e-07,12.5,0.0,2.7,1e-05,0,1e-06,1.1e-05,"
                  "France,FRA,,,,Linux,3.11,2.3.4,4,i3,,,2.3,48.8,7.3,machine,N,1.0\n"
                  "2024-04-13T21:31:07,p,r1,16.5,1e-06,1e-07,12.5,0.0,2.7,5.7e-05,0,1e-06,5.8e-05,"
                  "France,FRA,,,,Linux,3.11,2.3.4,4,i3,,,2.3,48.8,7.3,machine,N,1.0\n");
    ok(took.rc == JB_OK && took.n == 2 && took.told.n_rows == 3, "three rows of two runs");
    is_str(took.runs[1].key, "r1", "the later total of the first run");
    is_i64(find_line(&took.runs[1], "codecarbon/cpu")->energy_uj.best, 205200000,
           "counts with all its energy, once (R-BOOKS-11)");
    is_i64(n_left("an earlier total of a run that is told again"), 1, "the earlier one is listed");
}

static void test_versions(void)
{
    take(HEADER_1 "2021-01-05T13:00:00,e1,p,7200,0.2,0.5,Germany,DEU,hesse,N,,\n");
    ok(took.rc == JB_OK && took.n == 1 && took.runs[0].n_lines == 1, "version 1");
    is_i64(find_line(&took.runs[0], "codecarbon/total")->energy_uj.best, KWH_UJ / 2,
           "tells one total");
    ok(took.runs[0].method == JB_METHOD_B, "of which nobody knows how it was read");
    take("run_id,timestamp,task_name,energy_consumed,gpu_energy,duration\n"
         "r,2024-03-05T13:00:00,load,0.1,0.1,60\nr,2024-03-05T13:01:00,fit,0.4,0.4,60\n");
    ok(took.rc == JB_OK && took.n == 2, "each row of a task file is a task");
    is_str(took.runs[1].key, "r task fit", "with a name of its own");
    is_str(took.runs[1].run.group, "r", "in the group of its run");
    ok(has_note(&took.runs[1], "emissions.csv holds the same energy"), "twice is warned of");
}

/* Appended rows lack the columns in which nothing was. */
static void test_short(void)
{
    take(HEADER_2 "2024-03-05T13:00:00,p,r,3600,0.1,0,40,0,10,0.06,0.0,0.015,0.075,France,FRA,"
                  "Linux,3.11,2.4.0,16,EPYC,64,machine,N,1.5\n");
    ok(took.rc == JB_OK && took.n == 1 && took.runs[0].is_pue_included,
       "a row without its empty columns is put right from both ends (R-BOOKS-11)");
    ok(has_note(&took.runs[0], "lacks 7 empty columns"), "which is said");
    take(HEADER_2 "2024-03-05T13:00:00,p,r,3600,0.1,0,40,0,10,0.06,0.015,0.075,France,FRA,"
                  "Linux,3.11,2.4.0,16,EPYC,64,machine,N,1.5\n");
    ok(took.rc == JB_E_INPUT && strstr(took.err.message, "line 2"),
       "one whose sum then is wrong is refused: %s", took.err.message);
    take(HEADER_2 "2024-03-05T13:00:00,p,r,3600,0.1,0,40,0,10,0.06,0.0,0.015,0.075,N,1.5\n");
    is_i64(took.rc, JB_E_INPUT, "and one that ends in something else");
}

static void refuses(const char *text, const char *part)
{
    take(text);
    ok(took.rc == JB_E_INPUT && took.n == 0 && strstr(took.err.message, part),
       "refused for '%s': %s", part, took.err.message);
}

static void test_refused(void)
{
    refuses("energy_consumed,tracking_mode,a,b,c,d,timestamp,duration\n1\n",
            "7 fields fewer than its header has");
    refuses("", "empty");
    refuses("a,b,c\n1,2,3\n", "no header with");
    refuses("timestamp,duration,energy_consumed,duration\n", "twice");
    refuses("timestamp,duration,energy_consumed\n5.3.2024,1,1\n", "line 2, 'timestamp'");
    refuses("timestamp,duration,energy_consumed\n2024-03-05T13:00:00,x,1\n", "line 2, 'duration'");
    refuses("timestamp,duration,energy_consumed\n2024-03-05T13:00:00,1,-1\n",
            "line 2, 'energy_consumed'");
    refuses("timestamp,duration,energy_consumed\n2024-03-05T13:00:00,1,inf\n",
            "line 2, 'energy_consumed'");
    refuses("timestamp,duration,energy_consumed\n2024-03-05T13:00:00,1,1,1\n", "4 fields");
    refuses("timestamp,duration,energy_consumed,on_cloud\n2024-03-05T13:00:00,1,1,1.0\n",
            "'on_cloud'");
    refuses("timestamp,duration,energy_consumed\n2024-03-05T13:00:00,1,1\n2024-03-05T13:00:00,1,"
            "oops\n",
            "line 3");
}

static void test_absent(void)
{
    take("timestamp,duration,energy_consumed\n2024-03-05T13:00:00,1,nan\n"
         "2024-03-05T13:00:00,1,0.0\n");
    ok(took.rc == JB_OK && took.n == 0 && n_left("no energy") == 2,
       "no energy is no run of 0 kWh (R-BOOKS-02)");
    take(HEADER_2 "2024-03-05T13:00:00,p,r,3600,0.1,0,80,0,10,0.06,0,0.015,0.075,Canada,CAN,,,,"
                  "Linux,3.11,2.4.0,16,EPYC,2,2 x A100,,,64,process,N,1.0\n");
    ok(has_note(&took.runs[0], "2 GPUs are listed with no energy"), "a GPU of 0 kWh is missing");
    ok(has_note(&took.runs[0], "Canada"), "Canada is a doubt");
    ok(has_note(&took.runs[0], "tracking mode process"), "process mode is said");
}

static void test_key(void)
{
    take("run_id,timestamp,task_name,energy_consumed,duration\n"
         "r,2024-03-05T13:00:00,a\001,0.1,60\nr,2024-03-05T13:00:00,a\002,0.1,60\n");
    ok(took.n == 2 && strncmp(took.runs[0].key, "r task a? ", 10) == 0 &&
           strcmp(took.runs[0].key, took.runs[1].key) != 0,
       "names of odd bytes are shown clean and stay apart");
}

static void test_facts(void)
{
    static struct jb_run facts = {.project = "stated", .pue_milli = 1200};
    const struct jb_import_asked asked = {.facts = &facts, .utc_offset_s = 3600};

    (void)take_text_as(&folder, "codecarbon", "e.csv",
                       "timestamp,project_name,duration,energy_consumed\n"
                       "2024-03-05T13:00:00,told,60,1\n",
                       &asked);
    is_str(took.runs[0].run.project, "stated", "what the user states stands (R-BOOKS-01)");
    is_i64(took.runs[0].run.pue_milli, 1200, "also of PUE");
    is_i64(took.runs[0].run.end_utc_us, INT64_C(1709640000) * SECOND,
           "local times by the offset given (R-BOOKS-03)");
    ok(!has_note(&took.runs[0], "taken as UTC"), "then nothing is to be said of them");
}

/* Since 3.2 cpu_power is the mean of the run, which any run has (seen in 3.2.0 to 3.3.2; 3.1.1 still writes the last). */
static void test_mean_power(void)
{
    static const struct {
        const char *version;
        enum jb_origin origin;
    } cases[] = {
        {"2.3.4", JB_ORIGIN_MODELLED}, {"3.1.1", JB_ORIGIN_MODELLED}, {"3.2.0", JB_ORIGIN_STATED},
        {"3.10.0", JB_ORIGIN_STATED},  {"4.0.0", JB_ORIGIN_STATED},   {"main", JB_ORIGIN_STATED},
        {"", JB_ORIGIN_MODELLED},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++) {
        char text[1024];
        (void)snprintf(text, sizeof text,
                       HEADER_2 "2024-03-05T13:00:00,p,r,3600,0.1,0,50,0,10,0.05,0,0.01,0.06,"
                                "France,FRA,,,,Linux,3.11,%s,16,EPYC,,,,,64,machine,N,1.0\n",
                       cases[i].version);
        take(text);
        ok(took.n == 1 && find_line(&took.runs[0], "codecarbon/cpu")->origin == cases[i].origin,
           "50 W for an hour in version '%s' (R-BOOKS-12)", cases[i].version);
    }
    take("run_id,timestamp,task_name,energy_consumed,gpu_energy,duration,codecarbon_version\n"
         "r,2024-03-05T13:00:00,fit,0.1,0.1,60,2.3.5\n");
    ok(has_note(&took.runs[0], "no column of PUE"), "task files hold a PUE and do not tell it");
}

/* Files that CodeCarbon itself wrote, offline, on a machine whose counters it could not read: its own totals. */
static void test_real(void)
{
    static const struct {
        const char *file;
        size_t n;
        double kwh[2];
        int64_t pue_milli; /* of the second */
    } files[] = {
        {"real_2.0.0", 2, {0.0001140275588523, 5.914043418057693e-05}, -1},
        {"real_2.3.5", 2, {0.00011488797818479511, 8.879053265977452e-05}, 1500},
        {"real_3.0.0", 2, {6.627286436001064e-05, 2.2124301708631067e-05}, 1500},
        {"real_3.3.2", 2, {5.4064414037111206e-05, 2.1346705578702397e-05}, 1500},
        {"real_3.3.2_tasks", 2, {2.043457688369152e-05, 2.238994259381386e-05}, -1},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(files); i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "tests/fuzz/corpus/book_codecarbon/%s", files[i].file);
        ok(take_path("codecarbon", path, &plain) == JB_OK && took.n == files[i].n,
           "%s: %zu runs: %s", files[i].file, took.n, took.err.message);
        for (size_t j = 0; j < files[i].n; j++) {
            double sum_uj = 0;
            for (size_t k = 0; k < took.runs[j].n_lines; k++)
                sum_uj += (double)took.runs[j].lines[k].energy_uj.best;
            const double apart_uj = sum_uj - files[i].kwh[j] * (double)KWH_UJ;
            /* Parts are kept to 1e-12 kWh, 3.6 uJ. */
            ok(apart_uj < 8 && apart_uj > -8, "%s: run %zu is its energy_consumed", files[i].file,
               j);
        }
        is_i64(took.runs[1].run.pue_milli, files[i].pue_milli, "%s: PUE", files[i].file);
    }
}

int main(void)
{
    folder = book_new_folder();
    test_row();
    test_mean_power();
    test_real();
    test_pue();
    test_totals();
    test_versions();
    test_short();
    test_refused();
    test_absent();
    test_key();
    test_facts();
    book_remove_folder(&folder);
    return done_testing();
}
