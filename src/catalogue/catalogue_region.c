/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A region of a cloud into its grid zone and PUE: by its id, a zone of availability in it, the name on a bill, or the prefix
 * of AWS usage types. It must never take a city for one of several regions in it: R-CAT-26, R-CAT-28, R-CAT-29 (PUE).
 */
#include <string.h>
#include <strings.h>

#include "base/clean.h"
#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

#define KEY_MAX  64
#define HITS_MAX 8

static const char *cell(size_t row, int column)
{
    return catalogue__text(CAT_regions, row, column);
}

struct hits {
    size_t n;
    size_t rows[HITS_MAX];
};

static void add_hit(struct hits *hits, size_t row)
{
    if (hits->n < HITS_MAX)
        hits->rows[hits->n++] = row;
}

/* "eu-west-1a" of "eu-west-1", "europe-west4-a" of "europe-west4". */
static bool is_zone_in(const char *asked, const char *region)
{
    const size_t len = strlen(region);
    const char *tail = asked + len;
    if (strncasecmp(asked, region, len) != 0 || len == 0 || region[len - 1] < '0' ||
        region[len - 1] > '9')
        return false;
    tail += *tail == '-';
    return ((tail[0] >= 'a' && tail[0] <= 'z') || (tail[0] >= 'A' && tail[0] <= 'Z')) &&
           tail[1] == '\0';
}

static void by_id(const char *provider, const char *asked, struct hits *hits)
{
    char key[KEY_MAX];
    catalogue__squeeze(asked, "", key, sizeof key);
    for (size_t row = 0; row < catalogue__n_rows(CAT_regions); row++) {
        const char *const id = cell(row, CAT_regions_region);
        if (!catalogue__is_provider(provider, cell(row, CAT_regions_provider)))
            continue;
        if (strcasecmp(id, asked) == 0 || is_zone_in(asked, id) ||
            (!strchr(id, '-') && strcmp(id, key) == 0))
            add_hit(hits, row);
    }
}

/* "europe west 4": marks apart; "us east 1" is of two providers then. Hyphens are not apart where no provider is told:
 * "us-west-4" looks like AWS, which has none, and is Google's with one hyphen less. */
static void by_loose_id(const char *provider, const char *asked, struct hits *hits)
{
    char key[KEY_MAX], own[KEY_MAX];
    if (!provider && strchr(asked, '-') && !strchr(asked, ' '))
        return;
    catalogue__squeeze(asked, "", key, sizeof key);
    for (size_t row = 0; row < catalogue__n_rows(CAT_regions); row++) {
        catalogue__squeeze(cell(row, CAT_regions_region), "", own, sizeof own);
        if (catalogue__is_provider(provider, cell(row, CAT_regions_provider)) &&
            strcmp(own, key) == 0)
            add_hit(hits, row);
    }
}

/* "EU (Ireland)", as consoles and bills of AWS write it: the part of the world and the place must both fit. */
static void by_aws_name(const char *asked, struct hits *hits)
{
    static const struct {
        const char *area, *prefix;
    } areas[] = {{"eu", "eu-"},          {"europe", "eu-"},      {"useast", "us-east-"},
                 {"uswest", "us-west-"}, {"asiapacific", "ap-"}, {"southamerica", "sa-"},
                 {"canada", "ca-"},      {"middleeast", "me-"},  {"africa", "af-"},
                 {"israel", "il-"},      {"mexico", "mx-"}};
    char area[KEY_MAX], place[KEY_MAX], own[KEY_MAX];
    const char *const bracket = strchr(asked, '(');

    if (!bracket || bracket == asked || (size_t)(bracket - asked) >= sizeof own)
        return;
    (void)snprintf(own, sizeof own, "%.*s", (int)(bracket - asked), asked);
    catalogue__squeeze(own, "", area, sizeof area);
    catalogue__squeeze(bracket, "", place, sizeof place);
    for (size_t i = 0; i < JB_ARRAY_LEN(areas); i++) {
        for (size_t row = 0;
             strcmp(area, areas[i].area) == 0 && row < catalogue__n_rows(CAT_regions); row++) {
            const char *const location = cell(row, CAT_regions_location);
            catalogue__squeeze(location ? location : "", "", own, sizeof own);
            if (strcmp(cell(row, CAT_regions_provider), "aws") == 0 && strcmp(own, place) == 0 &&
                strncmp(cell(row, CAT_regions_region), areas[i].prefix, strlen(areas[i].prefix)) ==
                    0)
                add_hit(hits, row);
        }
    }
}

/* The prefix of AWS usage types, alone or as in "USE1-BoxUsage:p3.2xlarge". */
static void by_aws_usage(const char *provider, const char *asked, struct hits *hits)
{
    static const struct {
        const char *prefix, *region;
    } prefixes[] = {
        {"USE1", "us-east-1"},      {"USE2", "us-east-2"},      {"USW1", "us-west-1"},
        {"USW2", "us-west-2"},      {"EUW1", "eu-west-1"},      {"EUW2", "eu-west-2"},
        {"EUW3", "eu-west-3"},      {"EUC1", "eu-central-1"},   {"EUC2", "eu-central-2"},
        {"EUN1", "eu-north-1"},     {"EUS1", "eu-south-1"},     {"EUS2", "eu-south-2"},
        {"CAN1", "ca-central-1"},   {"SAE1", "sa-east-1"},      {"APN1", "ap-northeast-1"},
        {"APN2", "ap-northeast-2"}, {"APN3", "ap-northeast-3"}, {"APS1", "ap-southeast-1"},
        {"APS2", "ap-southeast-2"}, {"APS3", "ap-south-1"},     {"APE1", "ap-east-1"},
        {"AFS1", "af-south-1"},     {"MES1", "me-south-1"}};
    const size_t len = strcspn(asked, "-");
    for (size_t i = 0; catalogue__is_provider(provider, "aws") && i < JB_ARRAY_LEN(prefixes); i++)
        if (len == strlen(prefixes[i].prefix) && strncasecmp(asked, prefixes[i].prefix, len) == 0)
            by_id("aws", prefixes[i].region, hits);
    if (provider && strcmp(provider, "aws") == 0 && strcasecmp(asked, "EU") == 0)
        by_id("aws", "eu-west-1", hits);
}

/* "EU West", "US East 2": Azure's meters put the area first and write it short. */
static void by_azure_meter(const char *asked, struct hits *hits)
{
    static const struct {
        const char *meter, *area;
    } areas[] = {
        {"us", "us"},        {"eu", "europe"},      {"ap", "asia"},        {"uk", "uk"},
        {"ja", "japan"},     {"in", "india"},       {"br", "brazil"},      {"ca", "canada"},
        {"au", "australia"}, {"fr", "france"},      {"de", "germany"},     {"kr", "korea"},
        {"no", "norway"},    {"ch", "switzerland"}, {"za", "southafrica"}, {"ae", "uae"},
        {"se", "sweden"},    {"it", "italy"},       {"pl", "poland"},      {"qa", "qatar"},
        {"es", "spain"},     {"il", "israel"},      {"mx", "mexico"},      {"nz", "newzealand"}};
    char key[KEY_MAX], way[2 * KEY_MAX];
    catalogue__squeeze(asked, "", key, sizeof key);
    for (size_t i = 0; i < JB_ARRAY_LEN(areas); i++) {
        if (strncmp(key, areas[i].meter, 2) != 0 || key[2] == '\0')
            continue;
        const char *const rest = key + 2;
        const int n_word = (int)strcspn(rest, "0123456789");
        (void)snprintf(way, sizeof way, "%.*s%s%s", n_word, rest, areas[i].area, rest + n_word);
        by_id("azure", way, hits);
        (void)snprintf(way, sizeof way, "%s%s", areas[i].area, rest);
        by_id("azure", way, hits);
    }
}

static void by_location(const char *provider, const char *asked, struct hits *hits)
{
    char key[KEY_MAX], own[KEY_MAX];
    catalogue__squeeze(asked, "", key, sizeof key);
    for (size_t row = 0; row < catalogue__n_rows(CAT_regions); row++) {
        const char *const location = cell(row, CAT_regions_location);
        catalogue__squeeze(location ? location : "", "", own, sizeof own);
        if (own[0] != '\0' && strcmp(own, key) == 0 &&
            catalogue__is_provider(provider, cell(row, CAT_regions_provider)))
            add_hit(hits, row);
    }
}

static jb_rc fail_none(const char *provider, const char *asked, struct jb_error *err)
{
    struct catalogue__nearest nearest = {0};
    char key[KEY_MAX], own[KEY_MAX], shown[JB_CATALOGUE_NAME];
    catalogue__squeeze(asked, "", key, sizeof key);

    for (size_t row = 0; row < catalogue__n_rows(CAT_regions); row++) {
        if (!catalogue__is_provider(provider, cell(row, CAT_regions_provider)))
            continue;
        const char *const location = cell(row, CAT_regions_location);
        catalogue__squeeze(cell(row, CAT_regions_region), "", own, sizeof own);
        size_t distance = catalogue__distance(key, own);
        catalogue__squeeze(location ? location : "", "", own, sizeof own);
        if (strlen(own) > 3 && strstr(key, own) && distance > 1)
            distance = 1;
        if (distance > strlen(key) / 4 + 1)
            continue;
        (void)snprintf(shown, sizeof shown, "%s/%s", cell(row, CAT_regions_provider),
                       cell(row, CAT_regions_region));
        catalogue__nearest_add(&nearest, distance, shown);
    }
    return catalogue__fail_name(&nearest, "the region", asked,
                                "`joulebook catalogue regions TEXT` lists them", err);
}

/* --- its PUE (R-CAT-29) ----------------------------------------------------------------------------------------- */

static int compare_i64(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

/* What the provider disclosed for that year; false: nothing. */
static bool find_history(size_t row, int64_t year, struct jb_region *found)
{
    for (size_t i = 0; year > 0 && i < catalogue__n_rows(CAT_region_history); i++) {
        const int64_t pue = catalogue__number(CAT_region_history, i, CAT_region_history_pue);
        if (pue <= 0 || catalogue__number(CAT_region_history, i, CAT_region_history_year) != year ||
            strcmp(catalogue__text(CAT_region_history, i, CAT_region_history_region),
                   cell(row, CAT_regions_region)) != 0 ||
            strcmp(catalogue__text(CAT_region_history, i, CAT_region_history_provider),
                   cell(row, CAT_regions_provider)) != 0)
            continue;
        found->pue_milli = (struct jb_span){pue, pue, pue, 1};
        found->pue_year = year;
        catalogue__cite(found->source, sizeof found->source,
                        catalogue__text(CAT_region_history, i, CAT_region_history_pue_source));
        return true;
    }
    return false;
}

/* Of the region; else between the least and the greatest region of its provider, best the middle one. */
static void fill_pue(size_t row, int64_t year_asked, struct jb_region *found)
{
    enum { REGIONS_MAX = 512 };
    int64_t values[REGIONS_MAX], newest = 0;
    size_t n = 0;
    const int64_t own = catalogue__number(CAT_regions, row, CAT_regions_pue);

    /* A site's own row of a region is for every year. */
    size_t own_row = row;
    if (!catalogue__site_cells(CAT_regions, &own_row) && find_history(row, year_asked, found))
        return;
    if (own > 0) {
        const int64_t year = catalogue__number(CAT_regions, row, CAT_regions_pue_year);
        found->pue_milli = (struct jb_span){own, own, own, 1};
        found->pue_year = year > 0 ? year : 0;
        catalogue__cite(found->source, sizeof found->source, cell(row, CAT_regions_pue_source));
        return;
    }
    for (size_t other = 0; other < catalogue__n_rows(CAT_regions) && n < REGIONS_MAX; other++) {
        const int64_t pue = catalogue__number(CAT_regions, other, CAT_regions_pue);
        if (pue <= 0 ||
            strcmp(cell(other, CAT_regions_provider), cell(row, CAT_regions_provider)) != 0)
            continue;
        const int64_t year = catalogue__number(CAT_regions, other, CAT_regions_pue_year);
        newest = year > newest ? year : newest;
        values[n++] = pue;
        catalogue__cite(found->source, sizeof found->source, cell(other, CAT_regions_pue_source));
    }
    if (n == 0)
        return;
    qsort(values, n, sizeof values[0], compare_i64);
    found->pue_milli = (struct jb_span){values[0], values[(n - 1) / 2], values[n - 1], (int64_t)n};
    found->pue_year = newest;
}

static void fill_region(size_t row, int64_t year, struct jb_region *found)
{
    const char *const location = cell(row, CAT_regions_location);
    const char *const zone = cell(row, CAT_regions_zone);

    memset(found, 0, sizeof *found);
    (void)snprintf(found->provider, sizeof found->provider, "%s", cell(row, CAT_regions_provider));
    (void)snprintf(found->region, sizeof found->region, "%s", cell(row, CAT_regions_region));
    (void)snprintf(found->location, sizeof found->location, "%s", location ? location : "");
    (void)snprintf(found->zone, sizeof found->zone, "%s", zone ? zone : "");
    catalogue__cite(found->source, sizeof found->source, cell(row, CAT_regions_source));
    fill_pue(row, year, found);
}

jb_rc jb_catalogue_find_region(const char *provider, const char *region, int64_t year,
                               struct jb_region *ret, struct jb_error *err)
{
    struct catalogue__asked asked;
    struct hits hits = {0};
    bool is_city = false;

    if (!region || region[0] == '\0')
        return jb_fail(err, JB_E_INPUT, "give a region such as 'eu-west-1'", "no region is named");
    const jb_rc rc = catalogue__read_asked(provider, region, &asked, err);
    if (rc < 0)
        return rc;
    /* First, because "Canada (Central)" is of AWS and "Canada Central" of Azure. */
    if (catalogue__is_provider(asked.provider, "aws"))
        by_aws_name(asked.name, &hits);
    if (hits.n == 0)
        by_id(asked.provider, asked.name, &hits);
    if (hits.n == 0)
        by_aws_usage(asked.provider, asked.name, &hits);
    if (hits.n == 0)
        by_loose_id(asked.provider, asked.name, &hits);
    if (hits.n == 0 && asked.provider && strcmp(asked.provider, "azure") == 0)
        by_azure_meter(asked.name, &hits);
    if (hits.n == 0) {
        by_location(asked.provider, asked.name, &hits);
        is_city = hits.n > 0 && !asked.provider;
    }
    if (hits.n == 0)
        return fail_none(asked.provider, asked.name, err);
    if (hits.n > 1 || is_city)
        return catalogue__fail_several(CAT_regions, CAT_regions_provider, CAT_regions_region,
                                       hits.rows, hits.n, "the region", region, err);
    fill_region(hits.rows[0], year, ret);
    return JB_OK;
}
