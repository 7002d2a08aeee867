/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `joulebook top`: meters and runs as they are now, on a terminal by ncurses, or once as text. Looks only; what another
 * process records it reads from the spool, so that no meter is read twice. R-LIVE-01...
 */
#include <curses.h>
#include <langinfo.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/num.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/top_draw.h"

#define TEXT_WIDTH 120
#define FIRST_NS   JB_NS_PER_S /* two looks make a power */
#define SECOND_MS  1000
#define LOOKS_MAX  1000000
#define REFUSALS   64

static const struct jb_option options[] = {
    {0, "once", NULL, "print it once, after a second, and end (so does a pipe)", false},
    {0, "interval", "TIME", "between two looks: 1s unless given", false},
    {0, "sensors-root", "DIR", "read sensors from a recorded tree instead of /sys and /proc",
     false},
    {0, NULL, NULL, NULL, false},
};

struct top {
    struct jb_live_view *view;
    char host[JB_HOST_NAME];
    struct jb_top_size size;
    struct jb_top drawn;
    int first_row; /* scrolled down by so many */
    int64_t interval_ns;
};

static jb_rc look(struct top *top, struct jb_error *err)
{
    const struct jb_sensor_refusal *refusals[REFUSALS];
    const struct jb_live *live;
    const jb_rc rc = jb_live_look(top->view, &live, err);

    if (rc < 0)
        return rc;
    size_t n = jb_live_n_refusals(top->view);
    n = n < REFUSALS ? n : REFUSALS;
    for (size_t i = 0; i < n; i++)
        refusals[i] = jb_live_refusal(top->view, i);
    jb_top_draw(live, refusals, n, top->host, &top->size, &top->drawn);
    return JB_OK;
}

static void rest(int64_t duration_ns)
{
    struct timespec left = {.tv_sec = duration_ns / JB_NS_PER_S,
                            .tv_nsec = duration_ns % JB_NS_PER_S};

    while (clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) != 0)
        ;
}

/* Two looks a second apart, so that there is a power. */
static jb_rc once(struct jb_cli *cli, struct top *top, struct jb_error *err)
{
    jb_rc rc;

    top->size.width = cli->style.width > 0 ? cli->style.width : TEXT_WIDTH;
    rc = look(top, err);
    if (rc == JB_OK) {
        rest(FIRST_NS);
        rc = look(top, err);
    }
    for (size_t i = 0; rc == JB_OK && i < top->drawn.n; i++)
        jb_buf_addf(&cli->out, "%s\n", top->drawn.rows[i].text);
    return rc;
}

static int attribute_of(enum jb_top_look look_of)
{
    switch (look_of) {
    case JB_TOP_TITLE: return A_BOLD;
    case JB_TOP_GRAPH: return has_colors() ? COLOR_PAIR(1) : A_NORMAL;
    case JB_TOP_WARNING: return has_colors() ? COLOR_PAIR(2) : A_STANDOUT;
    case JB_TOP_QUIET: return A_DIM;
    case JB_TOP_PLAIN: return A_NORMAL;
    }
    return A_NORMAL;
}

static void show(struct top *top)
{
    const int rows = LINES - 1;
    const int most = (int)top->drawn.n > rows ? (int)top->drawn.n - rows : 0;

    top->first_row = top->first_row > most ? most : top->first_row < 0 ? 0 : top->first_row;
    (void)erase();
    const int n = (int)top->drawn.n - top->first_row;
    for (int i = 0; i < rows && i < n; i++) {
        const struct jb_top_row *const row = &top->drawn.rows[top->first_row + i];
        (void)attrset(attribute_of(row->look));
        (void)mvaddstr(i, 0, row->text);
    }
    (void)attrset(A_DIM);
    (void)mvaddstr(LINES - 1, 0, "q quit   arrows scroll");
    (void)refresh();
}

/* What the keyboard has; false to end. *ret_is_drawn: false where all must be drawn anew. */
static bool take_keys(struct top *top, bool *ret_is_drawn)
{
    for (;;) {
        switch (getch()) {
        case 'q':
        case 'Q':
        case 27: return false;
        case KEY_DOWN:
        case 'j': top->first_row++; break;
        case KEY_UP:
        case 'k': top->first_row--; break;
        case KEY_NPAGE: top->first_row += LINES - 2; break;
        case KEY_PPAGE: top->first_row -= LINES - 2; break;
        case KEY_RESIZE: *ret_is_drawn = false; return true;
        case ERR: return true;
        default: continue;
        }
        show(top);
    }
}

/* Until the next look, a key that ends it or a signal that does; false to end. */
static bool wait_and_scroll(struct top *top, int signals, int64_t until_ns)
{
    struct pollfd fds[] = {{.fd = signals, .events = POLLIN},
                           {.fd = STDIN_FILENO, .events = POLLIN}};
    bool is_drawn = true;

    while (is_drawn) {
        const int64_t left_ns = until_ns - jb_mono_ns(&jb_clock_system);
        if (left_ns <= 0)
            break;
        const int n = poll(fds, JB_ARRAY_LEN(fds), (int)(left_ns / JB_NS_PER_MS) + 1);
        if (n > 0 && fds[0].revents) {
            struct signalfd_siginfo taken; /* or it would be delivered later */
            if (read(signals, &taken, sizeof taken) == (ssize_t)sizeof taken)
                return false;
        }
        /* A keyboard that is gone or never was always has something to say: the end. */
        if (n > 0 && fds[1].revents && (fds[1].revents != POLLIN || !isatty(STDIN_FILENO))) {
            fds[1].fd = -1;
            continue;
        }
        if (!take_keys(top, &is_drawn)) /* also after a signal: the window may have another size */
            return false;
    }
    return true;
}

/* What asks us to end is read beside the keys, so that the terminal is given back whatever it was. */
static int signals_open(sigset_t *ret_before)
{
    static const int enders[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    sigset_t signals;

    (void)sigemptyset(&signals);
    for (size_t i = 0; i < JB_ARRAY_LEN(enders); i++)
        (void)sigaddset(&signals, enders[i]);
    (void)sigprocmask(SIG_BLOCK, &signals, ret_before);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

static jb_rc on_screen(struct top *top, struct jb_error *err)
{
    jb_rc rc = JB_OK;
    sigset_t before;
    SCREEN *const screen = newterm(NULL, stdout, stdin);

    if (!screen)
        return jb_fail(err, JB_E_UNAVAILABLE, "`joulebook top --once` needs none",
                       "the terminal '%s' cannot be used", getenv("TERM") ? getenv("TERM") : "");
    const int signals = signals_open(&before);
    (void)set_term(screen);
    (void)cbreak();
    (void)noecho();
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)curs_set(0);
    if (has_colors()) {
        (void)start_color();
        (void)use_default_colors();
        (void)init_pair(1, COLOR_GREEN, -1);
        (void)init_pair(2, COLOR_RED, -1);
    }
    bool is_on = true;
    while (is_on && rc == JB_OK) {
        const int64_t until_ns = jb_mono_ns(&jb_clock_system) + top->interval_ns;
        top->size.width = COLS;
        rc = look(top, err);
        if (rc == JB_OK) {
            show(top);
            is_on = wait_and_scroll(top, signals, until_ns);
        }
    }
    (void)endwin();
    delscreen(screen);
    (void)close(signals);
    (void)sigprocmask(SIG_SETMASK, &before, NULL);
    return rc;
}

static jb_rc run(struct jb_cli *cli, struct jb_error *err)
{
    JB_AUTO(jb_free_auto) struct top *top = calloc(1, sizeof *top);
    JB_AUTO(jb_free_auto) struct jb_meters *meters = NULL;
    JB_AUTO(jb_live_close_auto) struct jb_live_view *view = NULL;
    const char *root = NULL;
    char book[PATH_MAX];
    jb_rc rc;

    if (!top)
        return jb_fail(err, JB_E_NOMEM, NULL, "no memory to look at the meters");
    rc = jb_args_duration(&cli->args, "interval", JB_NS_PER_S, &top->interval_ns, err);
    if (rc == JB_OK &&
        (top->interval_ns < 100 * JB_NS_PER_MS || top->interval_ns > 60 * JB_NS_PER_S))
        rc = jb_fail(err, JB_E_USAGE, "choose between 100ms and 60s", "option '--interval': '%s'",
                     jb_args_text(&cli->args, "interval"));
    if (rc == JB_OK)
        rc = jb_cli_sensors_root(cli, &root, err);
    if (rc == JB_OK)
        rc = jb_cli_meters(cli, &meters, err);
    if (rc == JB_OK)
        rc = jb_cli_book_path(jb_args_text(&cli->args, "book"), book, sizeof book, err);
    if (rc < 0)
        return rc;
    const struct jb_os os = jb_os_real(root ? root : "");
    const struct jb_sensor_env env = {
        .os = &os, .clock = cli->clock, .meters = meters, .is_privileged = cli->is_privileged};
    rc = jb_live_open(book, &env, &view, err);
    if (rc < 0)
        return rc;
    top->view = view;
    if (jb_os_host_name(&os, top->host, sizeof top->host, NULL) < 0)
        (void)snprintf(top->host, sizeof top->host, "this machine");
    (void)setlocale(LC_CTYPE, "");
    top->size.is_utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    if (jb_args_has(&cli->args, "once") || !isatty(STDOUT_FILENO))
        return once(cli, top, err);
    return on_screen(top, err);
}

const struct jb_command jb_cmd_top = {
    .name = "top",
    .summary = "meters and runs as they are now",
    .usage = "[OPTION...]",
    .about =
        "Shows the tree of meters with power and energy, the runs that are measured with their "
        "share, carbon,\n"
        "cost, last mark and prediction, the power of the last minutes, and what is not seen.\n"
        "While a run is measured, its recorder's figures are shown; otherwise the meters are read "
        "here.",
    .examples = "  joulebook top\n"
                "  joulebook top --once        # as text, for a script or a mail\n",
    .options = options,
    .flags = JB_COMMAND_BOOK | JB_COMMAND_METERS | JB_COMMAND_MEASURES,
    .words_max = 0,
    .run = run,
};
