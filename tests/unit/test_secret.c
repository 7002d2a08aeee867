/* SPDX-License-Identifier: Apache-2.0 */
/* Names under which secrets stand, and forms by which they are known. R-PRIVACY-03, R-PRIVACY-04. */
#include "cli/secret.h"
#include "tap.h"

static void test_names(void)
{
    static const char *const strong[] = {
        "--password",      "--db-password",         "PGPASSWORD",       "MYSQL_PWD",
        "--passwd",        "client_secret",         "--client-secret",  "clientSecret",
        "--passphrase",    "Authorization",         "--credentials",    "Cookie",
        "X-Amz-Signature", "AWS_SECRET_ACCESS_KEY", "X-Amz-Credential", "--jwt",
    };
    static const char *const weak[] = {
        "--token",    "HF_TOKEN",      "--hf-token",
        "hfToken",    "--api-key",     "api_key",
        "--apikey",   "WANDB_API_KEY", "X-Api-Key",
        "--auth",     "--oauth",       "--key",
        "--ssh-keys", "access_token",  "GITHUB_TOKEN",
        "authToken",  "--pass",        "--private-key",
        "-Dtoken",    "wandb.api_key", "X-Amz-Security-Token",
    };
    static const char *const none[] = {
        "--tokenizer",     "--tokenizer-name",
        "--author",        "--keep",
        "--epochs",        "--pad-token",
        "--eos_token",     "--mask-token",
        "--label-key",     "--sort-key",
        "--public-key",    "--token-file",
        "--password-file", "--keypoints",
        "--keywords",      "--warmup_wd",
        "--bypass-warmup", "--signature_def",
        "--cookiecutter",  "--passes",
        "--authority",     "PATH",
        "--secretary-dir",
    };

    for (size_t i = 0; i < sizeof strong / sizeof strong[0]; i++)
        ok(jb_secret_level_of(strong[i], strlen(strong[i])) == JB_SECRET_STRONG,
           "'%s' names a secret, whatever it is", strong[i]);
    for (size_t i = 0; i < sizeof weak / sizeof weak[0]; i++)
        ok(jb_secret_level_of(weak[i], strlen(weak[i])) == JB_SECRET_WEAK,
           "'%s' names a secret, if it looks like one", weak[i]);
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++)
        ok(jb_secret_level_of(none[i], strlen(none[i])) == JB_SECRET_NONE, "'%s' names no secret",
           none[i]);
}

static void test_values(void)
{
    ok(!jb_secret_is_value("512", 3, JB_SECRET_WEAK) &&
           !jb_secret_is_value("1e-4", 4, JB_SECRET_WEAK) &&
           !jb_secret_is_value("True", 4, JB_SECRET_WEAK) &&
           !jb_secret_is_value("none", 4, JB_SECRET_WEAK),
       "a small number and yes or no are no token");
    ok(jb_secret_is_value("1234567", 7, JB_SECRET_WEAK) &&
           jb_secret_is_value("abc", 3, JB_SECRET_WEAK),
       "a long number and a word may be one");
    ok(jb_secret_is_value("1234", 4, JB_SECRET_STRONG) &&
           jb_secret_is_value("true", 4, JB_SECRET_STRONG),
       "any text may be a password");
    ok(!jb_secret_is_value("", 0, JB_SECRET_STRONG), "no text is none");
    ok(jb_secret_is_value("0123456789abcdef0123456789abcdef01234567", 40, JB_SECRET_LOGIN) &&
           !jb_secret_is_value("train.py", 8, JB_SECRET_LOGIN),
       "after login, only what a machine made");
}

/* None of these was ever valid: they have the form and nothing else. */
static void test_forms(void)
{
    static const struct {
        const char *text;
        size_t n;
    } secrets[] = {
        {"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", 37},
        {"sk-proj-abcDEF123456ghiJKL7890", 30},
        {"sk-ant-api03-abcDEF123456ghi_JKL-7890", 37},
        {"sk-abcDEF123456ghiJKL7890mnopqr", 31},
        {"ghp_0123456789abcdefghijABCDEFGHIJ012345", 40},
        {"gho_0123456789abcdefghijABCDEFGHIJ012345", 40},
        {"github_pat_11ABCDEFG0123456789_abcdefghijk", 42},
        {"glpat-abcdefghij0123456789", 26},
        {"AKIAABCDEFGHIJKLMNOP", 20},
        {"AIzaSyA-1234567890abcdefghijklmnopqrstu", 39},
        {"xoxb-123456789012-abcdefghijkl", 30},
        {"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", 53},
        {"-----BEGIN OPENSSH PRIVATE KEY-----\nabc\n-----END", 48},
        {"wJalrXUtnFEMI7K7MDENG2bPxRfiCYEX4MP3LEKEY9", 42},
        {"ghp_0123456789abcdefghij/tail", 24},
    };
    static const char *const others[] = {
        "hf_model",
        "sk-learn-digits-experiment-2",
        "sk-learn-randomforestclassifier",
        "d41d8cd98f00b204e9800998ecf8427e",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "0192f0c1-2b3c-7d4e-8f50-617283940a1b",
        "Meta-Llama-3-8B-Instruct-GPTQ-Int4-128g-actorder",
        "MyVeryLongExperimentNameWithManyWords2024Final01",
        "AKIASHORT",
        "eyJ",
        "eyJhbGciOiJIUzI1NiJ9",
        "-----BEGIN CERTIFICATE-----",
        "thequickbrownfoxjumpsoverthelazydog",
    };

    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        is_i64((int64_t)jb_secret_known(secrets[i].text, strlen(secrets[i].text)),
               (int64_t)secrets[i].n, "'%.12s...' is known by its form, all of it",
               secrets[i].text);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        is_i64((int64_t)jb_secret_known(others[i], strlen(others[i])), 0, "'%s' is no secret",
               others[i]);
}

int main(void)
{
    test_names();
    test_values();
    test_forms();
    return done_testing();
}
