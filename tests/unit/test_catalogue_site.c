/* SPDX-License-Identifier: Apache-2.0 */
/* A site's rows stand over ours, and a folder that is wrong somewhere changes nothing. R-CAT-30, R-CAT-31. */
#include <sys/stat.h>

#include "catalogue/catalogue.h"
#include "tap.h"

static char folder[512];

static void put(const char *name, const char *text)
{
    char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *const file = fopen(path, "we");
    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write '%s'", path);
}

static void refused(const char *name, const char *text, const char *want, const char *promise)
{
    struct jb_error err = {0};
    put(name, text);
    const jb_rc rc = jb_catalogue_read_site(folder, &err);
    if (!ok(rc == JB_E_INPUT && strstr(err.message, want), "%s", promise))
        diag("%d: %s", rc, err.message);
    char path[600];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)remove(path);
}

static void wrong_folders(void)
{
    struct jb_error err = {0};
    ok(jb_catalogue_read_site("/nowhere/at/all", &err) == JB_OK, "no folder is no error");
    ok(jb_catalogue_read_site(folder, &err) == JB_OK, "nor is an empty one");
    ok(!strstr(jb_catalogue_edition(), "+site"), "and the edition is ours");
    refused("accelerators.csv", "name,watts,source\nX,1,me\n",
            "accelerators.csv:1:6:", "a column that the table does not have");
    refused("accelerators.csv", "name,board_tdp_w\nX,1\n", "'source'", "figures without a source");
    refused("accelerators.csv", "name,board_tdp_w,source\nX,1,\n",
            "accelerators.csv:2:1:", "a row without its source");
    refused("accelerators.csv", "name,board_tdp_w,source\nX,many,me\n",
            "accelerators.csv:2:3:", "a figure that is no number");
    refused("accelerators.csv", "name,board_tdp_w,source\nX,-1,me\n",
            "accelerators.csv:2:3:", "a figure below zero");
    refused("accelerators.csv", "name,board_tdp_w,source\nX,1\n",
            "accelerators.csv:2:1:", "a row that is too short");
    refused("accelerators.csv", "name,board_tdp_w,source\nX,1,me\nX,2,me\n",
            "accelerators.csv:3:1:", "a row that is there twice");
    refused("accelerators.csv", "name,board_tdp_w,source\n\"X,1,me\n",
            "accelerators.csv:2:1:", "a file that is no CSV");
    refused("accelerators.csv", "name,name,source\nX,X,me\n",
            "accelerators.csv:1:6:", "a column that is there twice");
    refused("cpus.csv", "name,tdp_w,source\nNew 9000,10,me\n", "'vendor'",
            "a new row without what it needs");
    put("accelerators.csv", "name,board_tdp_w,source\nAcme X9,111,me\n");
    refused("pue.csv", "who,scope\n", "pue.csv", "a second file that is wrong");
    struct jb_accelerator board;
    ok(jb_catalogue_find_accelerator("Acme X9", &board, &err) == JB_E_INPUT,
       "and then nothing of the first is used");
}

static size_t rows_of(const char *table)
{
    for (size_t i = 0; i < jb_catalogue_n_tables(); i++)
        if (strcmp(jb_catalogue_table_at(i).name, table) == 0)
            return jb_catalogue_table_at(i).n_rows;
    return 0;
}

static void right_folder(void)
{
    struct jb_error err = {0};
    struct jb_accelerator board;
    struct jb_instance instance;
    struct jb_region region;
    struct jb_grid_intensity grid;
    struct jb_cpu_power cpu;
    const size_t n_boards = rows_of("accelerators"), n_cpus = rows_of("cpus");

    put("accelerators.csv", "name,board_tdp_w,source\r\nAcme X9,111.5,our lab\r\n"
                            "NVIDIA Tesla T4,65,our lab\r\n");
    put("instances.csv",
        "provider,instance_type,vcpus,accelerator,n_boards,source\n"
        "aws,p3.2xlarge,8,NVIDIA Tesla T4,1,our bill\nmine,rack-1,64,Acme X9,4,me\n");
    put("regions.csv", "provider,region,location,zone,pue,source\nmine,cellar,Cellar,NL,1.9,me\n");
    put("grid_intensity.csv", "zone,name,zone_type,year,gco2e_per_kwh,method,source\n"
                              "NL,Netherlands,country,2026,12.5,lifecycle,our contract\n");
    put("cpus.csv", "name,vendor,family,segment,threads_min,threads_best,threads_max,tdp_w,source\n"
                    "Acme Zeta 9000,Acme,other,server,8,8,8,80,me\n");
    put("pue.csv", "who,scope,year,pue,kind,source\nour cellar,site,2026,1.9,site,me\n");
    if (!ok(jb_catalogue_read_site(folder, &err) == JB_OK, "a folder is read"))
        diag("%s", err.message);
    ok(strstr(jb_catalogue_edition(), "+site-") &&
           strlen(strstr(jb_catalogue_edition(), "+site-")) == 18,
       "the edition tells that there is one");
    is_i64((int64_t)rows_of("accelerators"), (int64_t)n_boards + 1, "a row is added");
    is_i64((int64_t)rows_of("cpus"), (int64_t)n_cpus + 1, "to each table");

    ok(jb_catalogue_find_accelerator("acme x9", &board, NULL) == JB_OK &&
           board.board_mw.best == 111500 && strcmp(board.source, "our lab") == 0,
       "it is found, with the site's source");
    ok(jb_catalogue_find_accelerator("T4", &board, NULL) == JB_OK && board.board_mw.best == 65000,
       "a row of ours has the site's figure, and is found by its old aliases");
    ok(board.memory_mib.best == 16384 && strstr(board.source, "our lab; otherwise"),
       "what the site does not say stays, and so does where that is from");
    ok(jb_catalogue_find_accelerator("A100-SXM4-40GB", &board, NULL) == JB_OK &&
           board.board_mw.best == 400000,
       "other rows are as they were");
    ok(jb_catalogue_find_instance("AWS", "p3.2xlarge", &instance, NULL) == JB_OK &&
           strcmp(instance.accelerator, "NVIDIA Tesla T4") == 0,
       "a machine type is the site's");
    ok(jb_catalogue_find_instance(NULL, "rack-1", &instance, NULL) == JB_OK &&
           instance.n_accelerators_milli == 4000,
       "and so is one of its own");
    ok(jb_catalogue_find_region(NULL, "cellar", 0, &region, NULL) == JB_OK &&
           region.pue_milli.best == 1900 && strcmp(region.zone, "NL") == 0,
       "a region of its own");
    ok(jb_catalogue_find_grid("NL", 0, NULL, &grid, NULL) == JB_OK &&
           grid.best_mg_per_kwh == 12500 && grid.high_mg_per_kwh == 12500 && grid.n_sources == 1,
       "a grid of the site's replaces all of ours");
    ok(jb_catalogue_find_grid("DE", 0, NULL, &grid, NULL) == JB_OK && grid.n_sources > 1,
       "but no other's");
    ok(jb_catalogue_find_cpu("Acme Zeta 9000 Processor", 0, &cpu, NULL) == JB_OK &&
           cpu.match == JB_CPU_EXACT && cpu.tdp_best_mw == 80000,
       "a processor is found among ours");
    ok(jb_catalogue_find_cpu("AMD EPYC 7763 64-Core Processor", 0, &cpu, NULL) == JB_OK &&
           cpu.match == JB_CPU_EXACT,
       "which are still in order");
}

int main(void)
{
    const char *const home = getenv("JB_TMP");
    (void)snprintf(folder, sizeof folder, "%s/site", home ? home : "/tmp");
    if (mkdir(folder, 0700) != 0)
        bail_out("cannot make '%s'", folder);
    wrong_folders();
    right_folder();
    return done_testing();
}
