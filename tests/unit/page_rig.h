/* SPDX-License-Identifier: Apache-2.0 */
/* A document with one of every block, and programs of others that look at what is written. */
#ifndef JB_TESTS_PAGE_RIG_H
#define JB_TESTS_PAGE_RIG_H

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "page/chart.h"
#include "page/document.h"

#define RIG_EVIL "<script>alert(\"x\")</script>&'\xff"

static inline void rig_document(struct jb_document *document, size_t n_rows)
{
    const struct jb_chart_bar bars[] = {{"training", "2 kWh", true, 1, 2, 3, {0}}};
    const struct jb_chart_bars chart = {.title = "energy by stage",
                                        .description = "training 2",
                                        .kind = JB_SCALE_COUNT,
                                        .n_bars = 1,
                                        .bars = bars};
    struct jb_picture narrow, wide;

    jb_document_init(document, "A report of " RIG_EVIL, "about \xc3\xa4ll",
                     INT64_C(1764000000000000));
    jb_document_figure(document, "energy", "12.3 kWh", "11.0 to 14.1 kWh");
    jb_document_heading(document, "Heading " RIG_EVIL);
    jb_document_text(document, "Prose " RIG_EVIL);
    jb_document_note(document, "Note " RIG_EVIL);
    jb_document_fact(document, "name", "value " RIG_EVIL);
    jb_document_fact(document, "second", "fact");
    jb_chart_bars(&chart, JB_CHART_NARROW, &narrow);
    jb_chart_bars(&chart, JB_CHART_WIDE, &wide);
    jb_document_picture(document, &narrow, &wide);
    jb_document_table(document, "runs " RIG_EVIL, 2, (const char *const[]){"run", "Wh"}, 2);
    for (size_t i = 0; i < n_rows; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "row-%zu", i);
        jb_document_row(document, (const char *const[]){name, RIG_EVIL});
    }
}

/* Runs a program with the bytes in a file as the argument after `args`; -1: it is not installed; else its status. What it writes
 * comes into `out`. */
static inline int rig_ask(const char *const *args, const char *bytes, size_t len, char *out,
                          size_t size)
{
    const char *const folder = getenv("JB_TMP");
    char in_path[512], out_path[512];
    const char *argv[8] = {0};
    size_t n = 0;

    (void)snprintf(in_path, sizeof in_path, "%s/rig_in", folder ? folder : "/tmp");
    (void)snprintf(out_path, sizeof out_path, "%s/rig_out", folder ? folder : "/tmp");
    FILE *file = fopen(in_path, "we");
    if (!file || fwrite(bytes, 1, len, file) != len || fclose(file) != 0)
        return -2;
    for (; args[n] && n < 5; n++)
        argv[n] = strcmp(args[n], "FILE") == 0 ? in_path : args[n];
    (void)fflush(stdout);
    const pid_t pid = fork();
    if (pid == 0) {
        if (!freopen(out_path, "w", stdout) || !freopen("/dev/null", "w", stderr))
            _exit(126);
        (void)execvp(argv[0], (char *const *)(const void *)argv);
        _exit(127);
    }
    int status = 0;
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        return -2;
    out[0] = '\0';
    file = fopen(out_path, "re");
    if (file) {
        out[fread(out, 1, size - 1, file)] = '\0';
        (void)fclose(file);
    }
    return WIFEXITED(status) && WEXITSTATUS(status) != 127 ? WEXITSTATUS(status) : -1;
}

#endif
