/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text of drivers, shops, papers and bills into what it says about an accelerator, word by word. It must never drop a word
 * it does not know: such a word stays part of the product's name, which then matches nothing. R-CAT-21 (words),
 * R-CAT-22 (counts, sizes).
 */
#include <string.h>

#include "base/clean.h"
#include "base/num.h"
#include "catalogue/catalogue_int.h"

/* Bits of struct catalogue__name.words; which kind each is says its place. */
enum {
    W_NVIDIA,
    W_AMD,
    W_INTEL,
    W_GOOGLE,
    W_APPLE,
    W_AWS,
    W_HUAWEI,
    W_GEFORCE,
    W_GTX,
    W_RTX,
    W_GT,
    W_QUADRO,
    W_GRID,
    W_RX,
    W_PRO,
    W_SXM = 16,
    W_SXM2,
    W_SXM3,
    W_SXM4,
    W_SXM5,
    W_PCIE,
    W_NVL,
    W_BOX,
    W_HBM2 = 24,
    W_HBM3,
    W_GDDR,
    W_GDDRX,
    W_PASSIVE = 28,
    W_ACTIVE,
    W_WORKSTATION,
    W_SFF,
    W_KEPLER = 32,
    W_MAXWELL,
    W_PASCAL,
    W_VOLTA,
    W_TURING,
    W_AMPERE,
    W_ADA,
    W_HOPPER, /* ARCHES */
    W_BLACKWELL = 40,
    W_SERVER,
    W_PRO_MAXQ,
    W_LITE,
    W_P,
    W_FIRST,
    W_SECOND,
    W_THIRD, /* STRONG */
    W_KC,
    W_KD,
    W_KM,
    W_KS,
    W_MOBILE = 52,
    W_MAXQ,
    W_KT,
    W_FHHL,
};
#define BIT(word) (UINT64_C(1) << (word))

static const struct {
    const char *text;
    int word; /* -1: says nothing */
} words[] = {
    {"gpu", -1},
    {"gpus", -1},
    {"graphics", -1},
    {"card", -1},
    {"cards", -1},
    {"accelerator", -1},
    {"accelerators", -1},
    {"generation", -1},
    {"edition", -1},
    {"with", -1},
    {"design", -1},
    {"tensor", -1},
    {"core", -1},
    {"corporation", -1},
    {"inc", -1},
    {"the", -1},
    {"a", -1},
    {"of", -1},
    {"board", -1},
    {"boards", -1},
    {"hpu", -1},
    {"gres", -1},
    {"nvidia", W_NVIDIA},
    {"tesla", W_NVIDIA},
    {"amd", W_AMD},
    {"ati", W_AMD},
    {"radeon", W_AMD},
    {"instinct", W_AMD},
    {"intel", W_INTEL},
    {"habana", W_INTEL},
    {"google", W_GOOGLE},
    {"cloud", W_GOOGLE},
    {"apple", W_APPLE},
    {"aws", W_AWS},
    {"amazon", W_AWS},
    {"huawei", W_HUAWEI},
    {"geforce", W_GEFORCE},
    {"gtx", W_GTX},
    {"rtx", W_RTX},
    {"gt", W_GT},
    {"quadro", W_QUADRO},
    {"grid", W_GRID},
    {"rx", W_RX},
    {"sxm", W_SXM},
    {"sxm2", W_SXM2},
    {"sxm3", W_SXM3},
    {"sxm4", W_SXM4},
    {"sxm5", W_SXM5},
    {"pcie", W_PCIE},
    {"nvl", W_NVL},
    {"dgxs", W_BOX},
    {"fhhl", W_FHHL},
    {"hbm2", W_HBM2},
    {"hbm2e", W_HBM2},
    {"hbm3", W_HBM3},
    {"hbm3e", W_HBM3},
    {"gddr5", W_GDDR},
    {"gddr6", W_GDDR},
    {"gddr7", W_GDDR},
    {"gddr5x", W_GDDRX},
    {"gddr6x", W_GDDRX},
    {"passive", W_PASSIVE},
    {"active", W_ACTIVE},
    {"workstation", W_WORKSTATION},
    {"sff", W_SFF},
    {"kepler", W_KEPLER},
    {"maxwell", W_MAXWELL},
    {"pascal", W_PASCAL},
    {"volta", W_VOLTA},
    {"turing", W_TURING},
    {"ampere", W_AMPERE},
    {"ada", W_ADA},
    {"lovelace", W_ADA},
    {"hopper", W_HOPPER},
    {"blackwell", W_BLACKWELL},
    {"server", W_SERVER},
    {"laptop", W_MOBILE},
    {"mobile", W_MOBILE},
    {"notebook", W_MOBILE},
    {"maxq", W_MAXQ},
};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_one_of(char c, const char *list)
{
    return c != '\0' && strchr(list, c) != NULL;
}

#define SEPARATORS " \t\r\n-_.,;:()[]{}|\"'*/"

/* --- words ------------------------------------------------------------------------------------------------------ */

#define WORD_MAX 24
#define TEXT_MAX 192

/* Lower case, marks of trade and UTF-8 signs of them to blanks, "max-q" as one word. */
static void clean(const char *text, size_t len, char *ret)
{
    static const struct {
        const char *from, *to;
    } marks[] = {{"(r)", " "},          {"(tm)", " "},     {"\xc2\xae", " "},
                 {"\xe2\x84\xa2", " "}, {"\xc2\xa0", " "}, {"\xc3\x97", "x"},
                 {"max-q", " maxq "},   {"'s ", " "},      {"\xe2\x80\x99s ", " "}};
    size_t n = 0;

    for (size_t at = 0; at < len && n + 8 < TEXT_MAX;) {
        size_t mark = 0, mark_len = 0;
        for (; mark < JB_ARRAY_LEN(marks); mark++) {
            mark_len = strlen(marks[mark].from);
            size_t i = 0;
            while (i < mark_len &&
                   marks[mark].from[i] == (at + i < len ? lower(text[at + i]) : ' '))
                i++;
            if (i == mark_len)
                break;
        }
        if (mark == JB_ARRAY_LEN(marks)) {
            ret[n++] = lower(text[at++]);
            continue;
        }
        for (const char *to = marks[mark].to; *to != '\0'; to++)
            ret[n++] = *to;
        at += mark_len;
    }
    ret[n] = '\0';
}

static int find_word(const char *text)
{
    for (size_t i = 0; i < JB_ARRAY_LEN(words); i++)
        if (strcmp(words[i].text, text) == 0)
            return words[i].word;
    return -2;
}

/* "80gb", "32g", "16160mib" in MiB; 0: no size. */
static int64_t read_size(const char *word, const char *unit)
{
    static const struct {
        const char *text;
        int64_t mib;
    } units[] = {{"gb", 1024}, {"gib", 1024}, {"g", 1024}, {"mb", 1}, {"mib", 1}};
    const size_t n = strspn(word, "0123456789");
    int64_t number = 0;

    if (n == 0 || n > 6 || jb_parse_i64(word, n, false, &number) < 0)
        return 0;
    for (size_t i = 0; i < JB_ARRAY_LEN(units); i++)
        if (strcmp(units[i].text, unit ? unit : word + n) == 0)
            return number * units[i].mib;
    return 0;
}

struct reader {
    struct catalogue__name name;
    int64_t slice; /* of a TPU: "v3-8" */
    bool is_cores; /* of a TPU: "8 TPU v3 cores" */
    bool is_cut;   /* the core has no room for all of it */
};

static void add_core(struct reader *reader, const char *word)
{
    char *const core = reader->name.core;
    const size_t at = strlen(core), len = strlen(word);
    if (at + len + 1 > sizeof reader->name.core)
        reader->is_cut = true;
    else
        memcpy(core + at, word, len + 1);
}

static void add_size(struct reader *reader, int64_t mib)
{
    int64_t *const told = &reader->name.memory_mib;
    *told = *told == 0 || *told == mib ? mib : CATALOGUE__UNKNOWN;
}

/* "rtx2080ti" is rtx and 2080ti, "titanxp" titan and xp; NULL: it is one word. */
static const char *peel(const char *word, int *ret_bit)
{
    static const struct {
        const char *text;
        int bit;
        bool before_digit; /* only there */
    } brands[] = {{"nvidia", W_NVIDIA, false}, {"geforce", W_GEFORCE, false},
                  {"tesla", W_NVIDIA, false},  {"quadro", W_QUADRO, false},
                  {"gtx", W_GTX, true},        {"rtx", W_RTX, false},
                  {"gt", W_GT, true},          {"rx", W_RX, true},
                  {"radeon", W_AMD, false}};
    for (size_t i = 0; i < JB_ARRAY_LEN(brands); i++) {
        const size_t len = strlen(brands[i].text);
        if (strncmp(word, brands[i].text, len) != 0 || word[len] == '\0' ||
            (brands[i].before_digit && !is_digit(word[len])))
            continue;
        *ret_bit = brands[i].bit;
        return word + len;
    }
    return NULL;
}

/* Words that mean something only behind others. True: taken. */
static bool take_in_place(struct reader *reader, const char *word, const char *next)
{
    const char *const core = reader->name.core;
    const bool is_tpu = strncmp(core, "tpu", 3) == 0;
    int64_t number = 0;

    if (strcmp(word, "pro") == 0 && (next[0] == 'w' || (next[0] == 'v' && is_digit(next[1])))) {
        reader->name.words |= BIT(W_PRO);
        return true;
    }
    if (is_tpu && strpbrk(core, "0123456789") && reader->slice == 0 &&
        strspn(word, "0123456789") == strlen(word) &&
        jb_parse_i64(word, strlen(word), false, &number) == JB_OK && number > 0 &&
        number < 100000) {
        reader->slice = number;
        return true;
    }
    /* "A 100" is no article. */
    const size_t n_next = strspn(next, "0123456789");
    if (strcmp(word, "a") == 0 && core[0] == '\0' && n_next > 0 && n_next <= 3 &&
        (next[n_next] == '\0' || strchr(SEPARATORS, next[n_next]))) {
        add_core(reader, word);
        return true;
    }
    static const char *const after_tpu[] = {"vm",   "pod",   "podslice", "slice",
                                            "core", "cores", "chip",     "chips"};
    reader->is_cores = reader->is_cores || (is_tpu && strncmp(word, "core", 4) == 0);
    for (size_t i = 0; is_tpu && i < JB_ARRAY_LEN(after_tpu); i++)
        if (strcmp(word, after_tpu[i]) == 0)
            return true;
    if (strcmp(word, "half") == 0 && reader->name.n_told_milli == 0) {
        reader->name.n_told_milli = 500;
        return true;
    }
    return false;
}

static void take_word(struct reader *reader, const char *word, const char *next)
{
    if (take_in_place(reader, word, next))
        return;
    const int known = find_word(word);
    if (known >= 0)
        reader->name.words |= BIT(known);
    if (known >= -1)
        return;
    const int64_t mib = read_size(word, NULL);
    int bit = 0;
    const char *const rest = peel(word, &bit);
    if (mib > 0) {
        add_size(reader, mib);
    } else if (rest) {
        reader->name.words |= BIT(bit);
        take_word(reader, rest, next);
    } else if (strncmp(word, "titan", 5) == 0 && word[5] != '\0') {
        add_core(reader, "titan");
        take_word(reader, word + 5, next);
    } else {
        add_core(reader, word);
    }
}

/* A letter or digit at the end of `core` that tells variants of one number apart becomes a word. */
static void split_variant(struct catalogue__name *name)
{
    static const struct {
        const char *stem, *tail;
        int word;
    } tails[] = {
        {"k20", "c", W_KC},           {"k20", "m", W_KM},
        {"k20x", "m", W_KM},          {"k40", "c", W_KC},
        {"k40", "m", W_KM},           {"k40", "d", W_KD},
        {"k40", "s", W_KS},           {"k40", "t", W_KT},
        {"tpuv5", "e", W_LITE},       {"tpuv5", "lite", W_LITE},
        {"tpuv5", "litepod", W_LITE}, {"tpuv5", "p", W_P},
        {"tpuv6", "e", W_LITE},       {"tpuv6", "lite", W_LITE},
        {"gaudi", "1", W_FIRST},      {"gaudi", "2", W_SECOND},
        {"gaudi", "3", W_THIRD},      {"trainium", "1", W_FIRST},
        {"trainium", "2", W_SECOND},  {"trainium", "3", W_THIRD},
        {"inferentia", "1", W_FIRST}, {"inferentia", "2", W_SECOND},
    };
    for (size_t i = 0; i < JB_ARRAY_LEN(tails); i++) {
        const size_t len = strlen(tails[i].stem);
        if (strncmp(name->core, tails[i].stem, len) != 0 ||
            strcmp(name->core + len, tails[i].tail) != 0)
            continue;
        name->core[len] = '\0';
        name->words |= BIT(tails[i].word);
        return;
    }
}

/* TPU v2 to v5p count two cores a chip, v5e and v6e chips. */
static int64_t chip_milli_of(const struct reader *reader)
{
    static const char *const two_cores[] = {"tpuv2", "tpuv3", "tpuv4"};
    bool is_two = (reader->name.words & BIT(W_P)) != 0;
    for (size_t i = 0; i < JB_ARRAY_LEN(two_cores); i++)
        is_two = is_two || strcmp(reader->name.core, two_cores[i]) == 0;
    return is_two ? 500 : 1000;
}

struct catalogue__name catalogue__read_name(const char *text, size_t len)
{
    struct reader reader = {.is_cut = len + 1 > TEXT_MAX - 16};
    char line[TEXT_MAX];
    clean(text, len, line);

    for (char *at = line + strspn(line, SEPARATORS), *next; *at != '\0'; at = next) {
        char *const end = at + strcspn(at, SEPARATORS);
        next = end + strspn(end, SEPARATORS);
        *end = next > end ? '\0' : *end;
        /* "80 GB": a number and its unit in two words. */
        char unit[8] = "";
        const size_t unit_len = strcspn(next, SEPARATORS);
        if (unit_len < sizeof unit) {
            memcpy(unit, next, unit_len);
            unit[unit_len] = '\0';
        }
        const bool is_number = at[0] != '\0' && strspn(at, "0123456789") == strlen(at);
        const int64_t mib = is_number && unit[0] != '\0' ? read_size(at, unit) : 0;
        if (mib > 0) {
            add_size(&reader, mib);
            next += unit_len;
            next += strspn(next, SEPARATORS);
        } else {
            take_word(&reader, at, next);
        }
    }
    split_variant(&reader.name);
    /* On a workstation card Max-Q is a variant that the shop leaves out; elsewhere it is a laptop's part. */
    if (strncmp(reader.name.core, "pro", 3) == 0 && (reader.name.words & BIT(W_MAXQ)))
        reader.name.words ^= BIT(W_MAXQ) | BIT(W_PRO_MAXQ);
    if (reader.slice > 0)
        reader.name.n_told_milli = reader.slice * chip_milli_of(&reader);
    else if (reader.is_cores)
        reader.name.core_milli = chip_milli_of(&reader);
    if (reader.is_cut)
        reader.name.core[0] = '\0';
    return reader.name;
}

bool catalogue__is_not_meant(uint64_t told, uint64_t row)
{
    const bool is_maxq_left_out = (row & BIT(W_PRO_MAXQ)) && !(told & BIT(W_PRO_MAXQ));
    return (is_maxq_left_out && (told & BIT(W_WORKSTATION))) ||
           ((row & BIT(W_FHHL)) && !(told & BIT(W_FHHL)));
}

bool catalogue__is_older_line(uint64_t told, uint64_t row)
{
    return (told & BIT(W_QUADRO)) && !(told & BIT(W_RTX)) && (row & BIT(W_RTX));
}

bool catalogue__form_fits(uint64_t told, uint64_t row)
{
    const uint64_t any_sxm = BIT(W_SXM) | BIT(W_SXM2) | BIT(W_SXM3) | BIT(W_SXM4) | BIT(W_SXM5);
    const bool is_nvidia = (row & BIT(W_NVIDIA)) != 0;
    told &= CATALOGUE__FORMS;
    row &= CATALOGUE__FORMS;
    if (told == 0 || told == row || (told & ~row) == 0)
        return true;
    /* Gaudi and Instinct are modules unless their name says otherwise. */
    if (row == 0)
        return told == BIT(W_PCIE) && is_nvidia;
    return (told == BIT(W_SXM) && (row & any_sxm)) || ((told & any_sxm) && row == BIT(W_SXM));
}

bool catalogue__arch_fits(uint64_t words_told, const char *core, int64_t year)
{
    /* The letters are those of NVIDIA's own boards; K and M were used twice. */
    static const struct {
        int word;
        char letter;
        int64_t first, last;
    } arches[] = {{W_KEPLER, '\0', 2012, 2015},  {W_MAXWELL, '\0', 2014, 2016},
                  {W_PASCAL, 'p', 2016, 2018},   {W_VOLTA, 'v', 2017, 2019},
                  {W_TURING, 't', 2018, 2021},   {W_AMPERE, 'a', 2020, 2023},
                  {W_ADA, 'l', 2022, 2025},      {W_HOPPER, 'h', 2022, 2025},
                  {W_BLACKWELL, 'b', 2024, 2027}};
    const char letter = is_digit(core[0]) || !is_digit(core[1]) ? '\0' : core[0];
    bool is_letter = false;

    for (size_t i = 0; i < JB_ARRAY_LEN(arches); i++)
        is_letter = is_letter || (letter != '\0' && arches[i].letter == letter);
    for (size_t i = 0; i < JB_ARRAY_LEN(arches); i++)
        if (words_told & BIT(arches[i].word))
            return year >= arches[i].first && year <= arches[i].last &&
                   (!is_letter || arches[i].letter == letter);
    return false;
}

/* --- counts ----------------------------------------------------------------------------------------------------- */

static size_t skip_any(const char *text, size_t len, size_t at, const char *of)
{
    while (at < len && is_one_of(text[at], of))
        at++;
    return at;
}

/* Bytes of 'x', '*' or the sign of multiplication at text[at..len); 0: none. */
static size_t times_sign(const char *text, size_t len, size_t at)
{
    if (at < len && is_one_of(text[at], "xX*"))
        return 1;
    return len - at >= 2 && text[at] == '\xc3' && text[at + 1] == '\x97' ? 2 : 0;
}

/* "x8" or ":8" at the end; the bytes left, `len` if there is none. */
static size_t without_tail_count(const char *text, size_t len, int64_t *ret_milli)
{
    size_t end = len, begin;
    int64_t n = 0;
    while (end > 0 && is_one_of(text[end - 1], " \t)"))
        end--;
    for (begin = end; begin > 0 && is_digit(text[begin - 1]); begin--)
        ;
    if (begin == end || end - begin > 5 || jb_parse_i64(text + begin, end - begin, false, &n) < 0 ||
        n == 0)
        return len;
    size_t sign = begin;
    while (sign > 0 && is_one_of(text[sign - 1], " \t"))
        sign--;
    *ret_milli = n * 1000;
    if (sign > 1 && is_one_of(text[sign - 1], ":=") && sign == begin)
        return sign - 1;
    if (sign > 2 && is_one_of(text[sign - 1], "xX*") && is_one_of(text[sign - 2], " \t("))
        return sign - 2;
    return sign > 3 && times_sign(text, len, sign - 2) == 2 ? sign - 2 : len;
}

static bool strip_number_word(const char **text, size_t *len, int64_t *ret_milli)
{
    static const struct {
        const char *text;
        int64_t milli;
    } numbers[] = {{"half a ", 500},  {"half of a ", 500}, {"1/2 ", 500},      {"one ", 1000},
                   {"single ", 1000}, {"a single ", 1000}, {"two ", 2000},     {"dual ", 2000},
                   {"four ", 4000},   {"eight ", 8000},    {"sixteen ", 16000}};
    for (size_t i = 0; i < JB_ARRAY_LEN(numbers); i++) {
        const size_t n = strlen(numbers[i].text);
        size_t at = 0;
        while (at < n && at < *len && lower((*text)[at]) == numbers[i].text[at])
            at++;
        if (at < n)
            continue;
        *text += n;
        *len -= n;
        *ret_milli = numbers[i].milli;
        return true;
    }
    return false;
}

bool catalogue__strip_count(const char **text, size_t *len, bool is_bare, int64_t *ret_milli)
{
    if (strip_number_word(text, len, ret_milli))
        return true;
    const size_t begin = skip_any(*text, *len, 0, " \t*");
    size_t at =
        times_sign(*text, *len, begin) == 1 && begin + 1 < *len && is_digit((*text)[begin + 1])
            ? begin + 1
            : begin; /* "x8 A100" */
    const bool is_sign_first = at > begin;
    const size_t first = at;
    while (at < *len && (is_digit((*text)[at]) || ((*text)[at] == '.' && at > first)))
        at++;
    int64_t milli = 0;
    const size_t after = skip_any(*text, *len, at, " \t");
    const size_t sign = is_sign_first ? 0 : times_sign(*text, *len, after);
    if (at > first && at - first <= 7 &&
        jb_parse_decimal(*text + first, at - first, 3, &milli) == JB_OK && milli > 0 &&
        (sign > 0 || ((is_sign_first || is_bare) && after > at))) {
        *text += after + sign;
        *len -= after + sign;
        *ret_milli = milli;
        return true;
    }
    const size_t left = without_tail_count(*text, *len, &milli);
    if (left == *len)
        return false;
    *len = left;
    *ret_milli = milli;
    return true;
}

bool catalogue__may_be_plural(const char *text, size_t len, const struct catalogue__name *told,
                              struct catalogue__name *ret)
{
    const size_t n = strlen(told->core);
    const bool is_letter_of_card = (told->words & BIT(W_KS)) != 0;
    bool is_small = false;

    for (size_t i = 1; i < len; i++)
        is_small = is_small || (text[i] == 's' && is_digit(text[i - 1]) &&
                                (i + 1 == len || !jb_clean_is_alnum(text[i + 1])));
    if (!is_small ||
        (!is_letter_of_card && (n < 2 || told->core[n - 1] != 's' || !is_digit(told->core[n - 2]))))
        return false;
    *ret = *told;
    if (is_letter_of_card)
        ret->words &= ~BIT(W_KS);
    else
        ret->core[n - 1] = '\0';
    return true;
}
