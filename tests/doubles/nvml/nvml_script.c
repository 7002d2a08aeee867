/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Script to boards, and boards to what they show at this instant: the exact integral of their course of power. The file
 * that JB_NVML_SCRIPT names is read when the library is started; README.md says what may stand in it.
 */
#include "nvml_double.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct world all;

/* -- time and energy ------------------------------------------------------------------------------------------------- */

static int64_t number_in(const char *path)
{
    char line[32] = "";
    const char *at = line;
    int64_t ret = 0;
    FILE *const file = fopen(path, "re");

    if (file) {
        (void)!fgets(line, sizeof line, file);
        (void)fclose(file);
    }
    return course_number(&at, 0, &ret) ? ret : 0;
}

bool is_pci(const char *text, uint32_t *ret_domain, uint32_t *ret_bus, uint32_t *ret_device)
{
    uint32_t *const parts[] = {ret_domain, ret_bus, ret_device};
    char *end;

    for (size_t i = 0; i < 3; i++) {
        *parts[i] = (uint32_t)strtoul(text, &end, 16);
        if (end == text || (i < 2 && *end != ':'))
            return false;
        text = end + 1;
    }
    return true;
}

int64_t now_ns(void)
{
    struct timespec ts;

    if (all.read_ns > 0)
        return all.by_reads_ns;
    if (all.clock_file[0] != '\0')
        return number_in(all.clock_file) - all.t0_ns;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec - all.t0_ns;
}

bool is_within(struct span span, int64_t ns)
{
    return ns >= span.from_ns && ns < span.to_ns;
}

/* From time 0 to `ns`: each step's course runs from its begin to the next one's. */
static fj_t energy_fj(const struct board *board, int64_t ns)
{
    fj_t sum = 0;

    for (size_t i = 0; i < board->n_steps; i++) {
        const struct step *const step = &board->steps[i];
        const int64_t end_ns = i + 1 < board->n_steps && board->steps[i + 1].at_ns < ns
                                   ? board->steps[i + 1].at_ns
                                   : ns;
        sum += course_fj(&step->course, end_ns - step->at_ns);
    }
    return sum;
}

static int64_t shown_ns(const struct board *board)
{
    const int64_t ns = now_ns();

    return board->renew_ns > 0 && ns > 0 ? ns - ns % board->renew_ns : ns;
}

uint64_t counter_mj(const struct board *board)
{
    const int64_t ns = shown_ns(board);
    const bool is_reset = board->reset_ns >= 0 && ns >= board->reset_ns;
    const fj_t less = is_reset ? energy_fj(board, board->reset_ns) : 0;

    return (uint64_t)((energy_fj(board, ns) - less) / (FJ_PER_UJ * 1000)) +
           (is_reset ? 0 : board->base_mj);
}

/* A rounded-down mean; nothing without time. */
static uint32_t mean_of(fj_t fj, int64_t ns)
{
    const fj_t per_mw = (fj_t)(ns > 0 ? ns : 1) * 1000;

    return (uint32_t)(fj / per_mw);
}

uint32_t mean_mw(const struct board *board, int64_t window_ns)
{
    const int64_t ns = shown_ns(board);
    const int64_t from_ns = ns > window_ns ? ns - window_ns : 0;

    return mean_of(energy_fj(board, ns) - energy_fj(board, from_ns), ns - from_ns);
}

uint32_t course_mw(const struct board *board, const struct course *course)
{
    const int64_t ns = shown_ns(board);
    const int64_t from_ns = ns > board->window_ns ? ns - board->window_ns : 0;

    return mean_of(course_fj(course, ns) - course_fj(course, from_ns), ns - from_ns);
}

/* -- the script ------------------------------------------------------------------------------------------------------ */

__attribute__((noreturn)) static void die(int line, const char *what, const char *word)
{
    (void)fprintf(stderr, "nvml double, line %d of its script: %s '%s'\n", line, what, word);
    _exit(99);
}

static int64_t seconds(int line, const char *text)
{
    int64_t ns;

    if (!course_number(&text, 9, &ns) || *text != '\0')
        die(line, "no time in seconds:", text);
    return ns;
}

static struct span span_of(int line, int n, char *const *words)
{
    return (struct span){.from_ns = n > 0 ? seconds(line, words[0]) : 0,
                         .to_ns = n > 1 ? seconds(line, words[1]) : FOREVER};
}

static int64_t whole(int line, const char *text)
{
    int64_t value;
    const char *at = text;

    if (!course_number(&at, 0, &value) || *at != '\0')
        die(line, "no number:", text);
    return value;
}

static struct course course_of(int line, const char *text)
{
    struct course course;

    if (!course_parse(text, &course))
        die(line, "no course of power:", text);
    return course;
}

static void begin_board(int line, const char *uuid)
{
    if (all.n_boards == BOARDS_MAX)
        die(line, "too many boards at", uuid);
    struct board *const board = &all.boards[all.n_boards];
    *board = (struct board){.arch = 9,
                            .major = 9,
                            .limit_mw = 700000,
                            .bus = 0x10 + (uint32_t)all.n_boards,
                            .has_energy = true,
                            .has_power = true,
                            .has_usage = true,
                            .window_ns = 25000000,
                            .reset_ns = -1,
                            .n_steps = 1,
                            .sample_ns = NS_PER_S / 5,
                            .util = -1,
                            .memory_bytes = UINT64_C(80) << 30,
                            .mig_max = 7,
                            .lost = {FOREVER, FOREVER},
                            .persistence = 1};
    board->steps[0].course = course_of(line, "const:100");
    (void)snprintf(board->uuid, sizeof board->uuid, "%s", uuid);
    (void)snprintf(board->name, sizeof board->name, "NVIDIA Stand-in %zu", all.n_boards);
    all.n_boards++;
}

static void add_fault(int line, int n, char *const *words, int board)
{
    if (all.n_faults == FAULTS_MAX || n < 2)
        die(line, "too many faults, or no code, at", words[0]);
    struct fault *const fault = &all.faults[all.n_faults++];
    *fault = (struct fault){.board = board,
                            .code = (int)whole(line, words[1]),
                            .when = span_of(line, n - 2, words + 2)};
    (void)snprintf(fault->call, sizeof fault->call, "%s", words[0]);
}

static void add_process(int line, struct board *board, int n, char *const *words)
{
    struct process process = {.mig = -1};

    if (board->n_processes == PROCESSES_MAX || n < 3)
        die(line, "too many processes, or too few words, at", words[0]);
    process.pid = (uint32_t)whole(line, words[0]);
    process.sm = (uint32_t)whole(line, words[1]);
    process.bytes = words[2][0] == '-' ? UINT64_MAX : (uint64_t)whole(line, words[2]) << 20;
    int n_times = 0;
    while (3 + n_times < n && words[3 + n_times][0] >= '0' && words[3 + n_times][0] <= '9')
        n_times++;
    process.when = span_of(line, n_times, words + 3);
    for (int i = 3 + n_times; i < n; i++) {
        process.is_graphics = process.is_graphics || strcmp(words[i], "graphics") == 0;
        if (strcmp(words[i], "mig") == 0 && i + 1 < n)
            process.mig = (int)whole(line, words[++i]);
    }
    board->processes[board->n_processes++] = process;
}

static void add_mig(int line, struct board *board, int n, char *const *words)
{
    if (board->n_migs == MIGS_MAX || n < 6)
        die(line, "too many instances, or too few words, at", words[0]);
    struct mig *const mig = &board->migs[board->n_migs++];
    *mig = (struct mig){.gi = (uint32_t)whole(line, words[0]),
                        .ci = (uint32_t)whole(line, words[1]),
                        .gi_slices = (uint32_t)whole(line, words[2]),
                        .ci_slices = (uint32_t)whole(line, words[3]),
                        .mb = (uint64_t)whole(line, words[4]),
                        .board = board};
    (void)snprintf(mig->uuid, sizeof mig->uuid, "%s", words[5]);
    board->is_mig = true;
}

static void add_step(int line, struct board *board, int n, char *const *words)
{
    const struct step step = {.at_ns = n > 1 ? seconds(line, words[1]) : 0,
                              .course = course_of(line, words[0])};

    if (step.at_ns == 0)
        board->n_steps = 0;
    if (board->n_steps == STEPS_MAX)
        die(line, "too many steps of power at", words[0]);
    board->steps[board->n_steps++] = step;
}

static bool is_word(char *const *words, const char *name)
{
    return strcmp(words[0], name) == 0;
}

static bool board_number(int line, struct board *board, int n, char *const *words)
{
    const struct {
        const char *name;
        uint32_t *to;
    } rows[] = {{"arch", &board->arch}, {"mig_max", &board->mig_max}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (is_word(words, rows[i].name) && n == 2) {
            *rows[i].to = (uint32_t)whole(line, words[1]);
            return true;
        }
    return false;
}

static void board_line(int line, struct board *board, int n, char *const *words)
{
    if (board_number(line, board, n, words))
        return;
    if (is_word(words, "name"))
        (void)snprintf(board->name, sizeof board->name, "%s", words[1]);
    else if (is_word(words, "pci") && is_pci(words[1], &board->domain, &board->bus, &board->device))
        return;
    else if (is_word(words, "cc") && n == 3) {
        board->major = (int)whole(line, words[1]);
        board->minor = (int)whole(line, words[2]);
    } else if (is_word(words, "limit"))
        board->limit_mw = whole(line, words[1]) * 1000;
    else if (is_word(words, "power") && strcmp(words[1], "none") == 0)
        board->has_power = board->has_usage = false;
    else if (is_word(words, "power") && strcmp(words[1], "usage") == 0)
        board->has_power = false; /* the old call only, no fields */
    else if (is_word(words, "power"))
        add_step(line, board, n - 1, words + 1);
    else if (is_word(words, "energy") && strcmp(words[1], "none") == 0)
        board->has_energy = false;
    else if (is_word(words, "energy"))
        board->base_mj = (uint64_t)whole(line, words[1]);
    else if (is_word(words, "renew"))
        board->renew_ns = whole(line, words[1]) * 1000000;
    else if (is_word(words, "window"))
        board->window_ns = whole(line, words[1]) * 1000000;
    else if (is_word(words, "reset"))
        board->reset_ns = seconds(line, words[1]);
    else if (is_word(words, "module")) {
        board->has_module = true;
        board->module = course_of(line, words[1]);
    } else if (is_word(words, "memory")) {
        board->has_memory = true;
        board->memory = course_of(line, words[1]);
    } else if (is_word(words, "scopes") && strcmp(words[1], "ignored") == 0)
        board->is_scope_blind = true;
    else if (is_word(words, "process"))
        add_process(line, board, n - 1, words + 1);
    else if (is_word(words, "sample"))
        board->sample_ns = whole(line, words[1]) * 1000000;
    else if (is_word(words, "util"))
        board->util = (int)whole(line, words[1]);
    else if (is_word(words, "mig"))
        add_mig(line, board, n - 1, words + 1);
    else if (is_word(words, "lost"))
        board->lost = span_of(line, n - 1, words + 1);
    else if (is_word(words, "persistence"))
        board->persistence = (int)whole(line, words[1]);
    else
        die(line, "nobody knows", words[0]);
}

static void script_line(int number, int n, char **words)
{
    if (is_word(words, "board") && n == 2)
        begin_board(number, words[1]);
    else if (is_word(words, "fail"))
        add_fault(number, n - 1, words + 1, (int)all.n_boards - 1);
    else if (is_word(words, "delay") && n >= 3) {
        add_fault(number, n - 1, words + 1, (int)all.n_boards - 1);
        struct fault *const fault = &all.faults[all.n_faults - 1];
        fault->delay_ns = (int64_t)fault->code * 1000000;
        fault->code = OK;
    } else if (is_word(words, "driver") && n == 2)
        (void)snprintf(all.driver, sizeof all.driver, "%s", words[1]);
    else if (is_word(words, "t0") && n == 2)
        all.t0_ns = whole(number, words[1]);
    else if (is_word(words, "clock") && n == 3 && strcmp(words[1], "file") == 0)
        (void)snprintf(all.clock_file, sizeof all.clock_file, "%s", words[2]);
    else if (is_word(words, "clock") && n == 3 && strcmp(words[1], "reads") == 0)
        all.read_ns = whole(number, words[2]) * 1000000;
    else if (all.n_boards > 0 && n >= 2)
        board_line(number, &all.boards[all.n_boards - 1], n, words);
    else
        die(number, "nobody knows", words[0]);
}

void read_script(void)
{
    const char *const path = getenv("JB_NVML_SCRIPT");
    FILE *const file = path ? fopen(path, "re") : NULL;
    char line[512];

    memset(&all, 0, sizeof all);
    (void)snprintf(all.driver, sizeof all.driver, "550.54.15");
    for (int number = 1; file && fgets(line, sizeof line, file); number++) {
        char *words[16];
        int n = 0;
        char *at = line;
        line[strcspn(line, "#\n")] = '\0';
        while (n < 16 && *(at += strspn(at, " \t")) != '\0') {
            words[n++] = at;
            /* A name goes to the end of its line. */
            at += n == 2 && strcmp(words[0], "name") == 0 ? strlen(at) : strcspn(at, " \t");
            if (*at != '\0')
                *at++ = '\0';
        }
        if (n > 0)
            script_line(number, n, words);
    }
    if (file)
        (void)fclose(file);
}
