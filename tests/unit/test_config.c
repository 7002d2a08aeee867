/* SPDX-License-Identifier: Apache-2.0 */
/* The file of facts is taken whole or refused by line. */
#include <ftw.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/config.h"
#include "tap.h"

static const struct jb_option names[] = {
    {0, "place", "PLACE", "", false},
    {0, "pue", "RATIO", "", false},
    {0, "tag", "NAME=VALUE", "", true},
    {0, NULL, NULL, NULL, false},
};

static char root[] = "/tmp/jb-config-XXXXXX";

static void test_good(void)
{
    static const char text[] = "# my facts\r\n\n  place = US-CA   # the lab\r\n\tpue=1.2\n"
                               "tag = seed=3\ntag = note=C# and \xC3\xA4";
    struct jb_config config;

    ok(jb_config_parse("f", text, sizeof text - 1, names, &config, NULL) == JB_OK,
       "remarks, empty lines, blanks, tabs, CRLF and no last newline are taken");
    is_i64((int64_t)config.n_rows, 4, "four settings are there");
    is_str(config.rows[0].value, "US-CA", "a value ends before its remark");
    is_i64((int64_t)config.rows[0].line, 3, "and knows its line");
    ok(config.rows[1].option == &names[1] && strcmp(config.rows[1].value, "1.2") == 0,
       "blanks around the = do not matter");
    is_str(config.rows[2].value, "seed=3", "a value may hold an =");
    is_str(config.rows[3].value, "note=C# and \xC3\xA4",
           "a # within a word is none; a name that may repeat does");
    jb_config_release(&config);

    ok(jb_config_parse("f", "", 0, names, &config, NULL) == JB_OK && config.n_rows == 0,
       "an empty file says nothing");
    jb_config_release(&config);
}

static void test_refused(void)
{
    static const struct {
        const char *text;
        size_t len;
        const char *where, *hint, *promise;
    } bad[] = {
#define TEXT(t) t, sizeof t - 1
        {TEXT("place NL\n"), "f:1: not a setting: 'place NL'", "name = value", "no ="},
        {TEXT("\n= NL\n"), "f:2: not a setting", "name = value", "no name"},
        {TEXT("place =  # x\n"), "f:1: setting 'place' has no value", "value", "no value"},
        {TEXT("plce = NL\n"), "f:1: there is no setting 'plce'", "did you mean 'place'?",
         "a slip of the name"},
        {TEXT("colour = red\n"), "f:1: there is no setting 'colour'", "joulebook-config(5)",
         "another name"},
        {TEXT("pue = 1\n\npue = 2\n"), "f:3: setting 'pue' stands in line 1 already", "keep one",
         "a name twice"},
        {TEXT("place = \x1B[2J\n"), "f:1: not plain text", "UTF-8", "a control character"},
        {TEXT("# \xFF\n"), "f:1: not plain text", "UTF-8", "bytes that are not UTF-8"},
        {TEXT("place = NL\0\n"), "f:1: not plain text", "UTF-8", "a zero byte"},
        {TEXT("place = N\rL\n"), "f:1: not plain text", "UTF-8", "a lone carriage return"},
#undef TEXT
    };

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct jb_config config = {.n_rows = 77};
        struct jb_error err = {0};
        const jb_rc rc = jb_config_parse("f", bad[i].text, bad[i].len, names, &config, &err);
        ok(rc == JB_E_INPUT && strstr(err.message, bad[i].where) && strstr(err.hint, bad[i].hint) &&
               config.n_rows == 77,
           "refused with its line and a hint: %s", bad[i].promise);
        diag("%s; %s", err.message, err.hint);
    }
}

static void test_bounds(void)
{
    static char many[JB_CONFIG_BYTES_MAX + 2];
    struct jb_config config;
    struct jb_error err = {0};
    size_t len = 0;

    memset(many, '#', sizeof many);
    ok(jb_config_parse("f", many, JB_CONFIG_BYTES_MAX, names, &config, NULL) == JB_OK,
       "64 KiB are taken");
    jb_config_release(&config);
    ok(jb_config_parse("f", many, JB_CONFIG_BYTES_MAX + 1, names, &config, &err) == JB_E_INPUT,
       "a byte more is not");
    for (int i = 0; i <= JB_CONFIG_ROWS_MAX; i++)
        len += (size_t)snprintf(many + len, sizeof many - len, "tag = n%d=1\n", i);
    ok(jb_config_parse("f", many, len, names, &config, &err) == JB_E_INPUT &&
           strstr(err.message, "f:65: more than 64 settings"),
       "more settings than there is room for are refused");
}

static void write_file(const char *path, const char *text)
{
    FILE *const file = fopen(path, "we");

    if (!file || fputs(text, file) < 0 || fclose(file) != 0)
        bail_out("cannot write '%s'", path);
}

static void test_places(void)
{
    char path[256];
    char other[256];
    struct jb_config config;
    struct jb_error err = {0};

    (void)setenv("HOME", root, 1);
    (void)unsetenv("XDG_CONFIG_HOME");
    ok(jb_config_read(false, names, &config, NULL) == JB_OK && config.n_rows == 0,
       "no file says nothing");
    jb_config_release(&config);

    (void)snprintf(path, sizeof path, "%s/.config", root);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/.config/joulebook", root);
    (void)mkdir(path, 0700);
    (void)snprintf(path, sizeof path, "%s/.config/joulebook/config", root);
    write_file(path, "place = NL\n");
    (void)setenv("XDG_CONFIG_HOME", "relative", 1);
    ok(jb_config_read(true, names, &config, NULL) == JB_OK && config.n_rows == 1 &&
           strcmp(config.path, path) == 0,
       "without $XDG_CONFIG_HOME, or where it is relative, it lies in ~/.config");
    jb_config_release(&config);

    (void)snprintf(other, sizeof other, "%s/joulebook", root);
    (void)mkdir(other, 0700);
    (void)snprintf(other, sizeof other, "%s/joulebook/config", root);
    (void)setenv("XDG_CONFIG_HOME", root, 1);
    if (symlink(path, other) < 0)
        bail_out("cannot link");
    ok(jb_config_read(false, names, &config, NULL) == JB_OK && config.n_rows == 1,
       "a link is followed");
    jb_config_release(&config);
    ok(jb_config_read(true, names, &config, &err) < 0 && strstr(err.message, other),
       "but not by a privileged executable");

    (void)unlink(other);
    if (mkfifo(other, 0600) < 0)
        bail_out("cannot make a pipe");
    ok(jb_config_read(false, names, &config, &err) == JB_E_INPUT &&
           strstr(err.message, "not a regular file"),
       "a pipe is refused and blocks nobody");
    (void)unlink(other);
    write_file(other, "\nplce = NL\n");
    char want[300];
    (void)snprintf(want, sizeof want, "%s:2:", other);
    ok(jb_config_read(false, names, &config, &err) == JB_E_INPUT && strstr(err.message, want),
       "a mistake in it is named with file and line");

    (void)unsetenv("XDG_CONFIG_HOME");
    (void)unsetenv("HOME");
    ok(jb_config_read(false, names, &config, NULL) == JB_OK && config.n_rows == 0,
       "without a home there is no file");
    jb_config_release(&config);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int main(void)
{
    if (!mkdtemp(root))
        bail_out("cannot make a folder");
    test_good();
    test_refused();
    test_bounds();
    test_places();
    (void)nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
    return done_testing();
}
