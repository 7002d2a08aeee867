/* SPDX-License-Identifier: Apache-2.0 */
/* The file of meters is found, and taken only where nobody else could have written it. R-METER-02. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/meters_file.h"
#include "remove_tree.h"
#include "tap.h"

static char root[] = "/tmp/jb-meters-XXXXXX";

static void write_file(const char *path, const char *text, mode_t mode)
{
    FILE *const file = fopen(path, "we");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0 || chmod(path, mode) < 0)
        bail_out("cannot write '%s'", path);
}

static void test_places(void)
{
    char folder[256], path[512];
    struct jb_meters *meters = NULL;
    struct jb_error err = {0};

    (void)setenv("HOME", root, 1);
    (void)unsetenv("XDG_CONFIG_HOME");
    ok(jb_meters_read(NULL, &meters, NULL) == JB_OK && !meters, "no file is no meters");
    (void)snprintf(folder, sizeof folder, "%s/.config", root);
    (void)mkdir(folder, 0700);
    (void)snprintf(folder, sizeof folder, "%s/.config/joulebook", root);
    (void)mkdir(folder, 0700);
    (void)snprintf(path, sizeof path, "%s/meters.yaml", folder);
    write_file(path, "tree:\n- channel: a\n", 0644);
    ok(jb_meters_read(NULL, &meters, NULL) == JB_OK && meters && meters->n_rules == 1,
       "the user's own lies in ~/.config/joulebook");
    free(meters);
    meters = NULL;
    (void)setenv("XDG_CONFIG_HOME", "/nowhere", 1);
    ok(jb_meters_read(NULL, &meters, NULL) == JB_OK && !meters, "or where $XDG_CONFIG_HOME says");
    ok(jb_meters_read(path, &meters, NULL) == JB_OK && meters, "or is named");
    free(meters);
    meters = NULL;
    ok(jb_meters_read("/nowhere/meters.yaml", &meters, &err) == JB_E_NOT_FOUND && !meters,
       "a file that is named must be there");
    ok(jb_meters_read(folder, &meters, &err) == JB_E_INPUT && !meters, "and be a file");
    (void)unsetenv("HOME");
    (void)unsetenv("XDG_CONFIG_HOME");
    ok(jb_meters_read(NULL, &meters, NULL) == JB_OK && !meters, "without a home there is none");
}

static void test_owner(void)
{
    static const mode_t open_modes[] = {0664, 0646, 0602};
    char path[256];
    struct jb_meters *meters = NULL;

    (void)snprintf(path, sizeof path, "%s/mine.yaml", root);
    for (size_t i = 0; i < sizeof open_modes / sizeof open_modes[0]; i++) {
        struct jb_error err = {0};
        write_file(path, "meters:\n", open_modes[i]);
        ok(jb_meters_read(path, &meters, &err) == JB_E_PERMISSION && !meters &&
               strstr(err.message, "can be written by others") && strstr(err.hint, "chmod go-w"),
           "mode %03o is refused with the step that mends it", open_modes[i]);
    }
    if (geteuid() != 0) {
        skip("only root can give a file away");
        return;
    }
    struct jb_error err = {0};
    write_file(path, "meters:\n", 0644);
    if (chown(path, 65534, 65534) < 0)
        bail_out("cannot give the file away");
    ok(jb_meters_read(path, &meters, &err) == JB_E_PERMISSION && !meters &&
           strstr(err.message, "belongs to another user"),
       "another user's file is refused");
}

int main(void)
{
    if (!mkdtemp(root))
        bail_out("no folder");
    test_places();
    test_owner();
    remove_tree(root);
    return done_testing();
}
