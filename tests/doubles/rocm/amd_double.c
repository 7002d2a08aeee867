/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Script to boards, and boards to their count at this instant: the exact integral of their course of power. README.md
 * says what may stand in the file that JB_AMD_SCRIPT names.
 */
#include "amd_double.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct world all;

static void give_up(const char *line)
{
    (void)fprintf(stderr, "JB_AMD_SCRIPT: cannot read '%s'\n", line);
    _exit(99);
}

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

int64_t now_ns(void)
{
    struct timespec ts;

    if (all.clock_file[0] != '\0')
        return number_in(all.clock_file) - all.t0_ns;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * NS_PER_S + ts.tv_nsec - all.t0_ns;
}

/* -- script ---------------------------------------------------------------------------------------------------------- */

/* The next word of *line, cut off; "" at its end. */
static const char *word(char **line)
{
    char *const at = *line + strspn(*line, " \t");

    *line = at + strcspn(at, " \t");
    if (**line != '\0')
        *(*line)++ = '\0';
    return at;
}

static bool number(char **line, int places, int64_t *ret)
{
    const char *text = word(line);

    return course_number(&text, places, ret) && *text == '\0';
}

static int64_t seconds(char **line, int64_t otherwise)
{
    int64_t ns;

    return number(line, 9, &ns) ? ns : otherwise;
}

static uint64_t hex(const char *text, const char **ret_end)
{
    static const char digits[] = "0123456789abcdef";
    uint64_t value = 0;

    for (; *text != '\0' && strchr(digits, *text); text++)
        value = value * 16 + (uint64_t)(strchr(digits, *text) - digits);
    *ret_end = text;
    return value;
}

/* "0000:43:00.0" and perhaps "/2", a partition. */
static uint64_t parse_pci(const char *text)
{
    const uint64_t domain = hex(text, &text);
    const uint64_t bus = hex(text + (*text == ':'), &text);
    const uint64_t device = hex(text + (*text == ':'), &text);
    const uint64_t function = hex(text + (*text == '.'), &text);
    const uint64_t partition = *text == '/' ? hex(text + 1, &text) : 0;

    if (*text != '\0')
        give_up(text);
    return domain << 32 | partition << 28 | bus << 8 | device << 3 | function;
}

static bool take_of_board(struct board *board, const char *what, char **line)
{
    int64_t value;

    if (strcmp(what, "power") == 0 && board->n_steps < STEPS_MAX) {
        struct step *const step = &board->steps[board->n_steps++];
        if (!course_parse(word(line), &step->course))
            return false;
        step->at_ns = seconds(line, 0);
        return true;
    }
    if (strcmp(what, "energy") == 0) {
        board->has_energy = number(line, 0, &value);
        board->base = board->has_energy ? (uint64_t)value : 0;
        return true;
    }
    if (strcmp(what, "unit") == 0 && number(line, 6, &value)) {
        board->unit_uj = (float)((double)value / 1e6);
        return true;
    }
    if (strcmp(what, "renew") == 0)
        return number(line, 6, &board->renew_ns); /* ms */
    if (strcmp(what, "reset") == 0)
        return number(line, 9, &board->reset_ns);
    return false;
}

static bool take_fault(bool is_delay, char **line)
{
    int64_t value = 0;

    if (all.n_faults == FAULTS_MAX)
        return false;
    struct fault *const fault = &all.faults[all.n_faults++];
    (void)snprintf(fault->call, sizeof fault->call, "%s", word(line));
    fault->board = (int)all.n_boards - 1;
    if (!number(line, is_delay ? 6 : 0, &value))
        return false;
    if (is_delay)
        fault->delay_ns = value;
    else
        fault->code = (int)value;
    fault->from_ns = seconds(line, INT64_MIN);
    fault->to_ns = seconds(line, FOREVER);
    return true;
}

static bool take_line(char *line)
{
    const char *const what = word(&line);

    if (what[0] == '#' || what[0] == '\0')
        return true;
    if (strcmp(what, "board") == 0 && all.n_boards < BOARDS_MAX) {
        all.boards[all.n_boards++] = (struct board){.pci = parse_pci(word(&line)),
                                                    .has_energy = true,
                                                    .unit_uj = 15.3F,
                                                    .reset_ns = FOREVER};
        return true;
    }
    if (strcmp(what, "fail") == 0 || strcmp(what, "delay") == 0)
        return take_fault(what[0] == 'd', &line);
    if (strcmp(what, "t0") == 0)
        return number(&line, 0, &all.t0_ns);
    if (strcmp(what, "clock") == 0) {
        (void)snprintf(all.clock_file, sizeof all.clock_file, "%s", word(&line));
        return true;
    }
    return all.n_boards > 0 && take_of_board(&all.boards[all.n_boards - 1], what, &line);
}

void begin_world(void)
{
    char line[512];
    char copy[512];
    const char *const path = getenv("JB_AMD_SCRIPT");

    if (all.n_begun++ > 0 || !path)
        return;
    FILE *const file = fopen(path, "re");
    if (!file)
        give_up(path);
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        (void)snprintf(copy, sizeof copy, "%s", line);
        if (!take_line(line))
            give_up(copy);
    }
    (void)fclose(file);
}

/* -- what a board shows ---------------------------------------------------------------------------------------------- */

int fail_or_wait(const char *call, int board)
{
    const int64_t ns = now_ns();

    for (size_t i = 0; i < all.n_faults; i++) {
        const struct fault *const fault = &all.faults[i];
        if ((strcmp(fault->call, call) != 0 && strcmp(fault->call, "all") != 0) ||
            (fault->board >= 0 && fault->board != board) || ns < fault->from_ns ||
            ns >= fault->to_ns)
            continue;
        if (fault->delay_ns > 0) {
            const struct timespec ts = {fault->delay_ns / NS_PER_S, fault->delay_ns % NS_PER_S};
            (void)nanosleep(&ts, NULL);
        }
        if (fault->code != 0)
            return fault->code;
    }
    return 0;
}

static fj_t integral(const struct board *board, int64_t to_ns)
{
    fj_t sum = 0;

    for (size_t i = 0; i < board->n_steps; i++) {
        const struct step *const step = &board->steps[i];
        const int64_t next_ns = i + 1 < board->n_steps ? board->steps[i + 1].at_ns : FOREVER;
        const int64_t end_ns = to_ns < next_ns ? to_ns : next_ns;
        if (end_ns > step->at_ns)
            sum += course_fj(&step->course, end_ns - step->at_ns);
    }
    return sum;
}

uint64_t energy_of(const struct board *board)
{
    const fj_t fj_per_j = FJ_PER_UJ * 1000000;
    int64_t ns = now_ns();

    if (board->renew_ns > 0)
        ns -= ns % board->renew_ns;
    if (ns < board->reset_ns)
        return board->base + (uint64_t)(integral(board, ns) * 65536 / fj_per_j);
    return (uint64_t)((integral(board, ns) - integral(board, board->reset_ns)) * 65536 / fj_per_j);
}
