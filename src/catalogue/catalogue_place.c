/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A place, a year and a method into grams per kilowatt-hour with the spread of the sources. It must never take a place
 * nobody named: no guess by address, no nearest name taken silently. Rules R-CAT-09 (choice of row), R-CAT-10 (places).
 */
#include <string.h>
#include <strings.h>

#include "catalogue/catalogue_int.h"
#include "catalogue_tables.h"

#define PLACE_MAX 96

static const char *cell(size_t row, int column)
{
    return catalogue__text(CAT_grid_intensity, row, column);
}

static bool is_same(const char *a, const char *b)
{
    return a && b && strcasecmp(a, b) == 0;
}

/* --- which figure ---------------------------------------------------------------------------------------------- */

struct wish {
    int64_t year;       /* 0: the newest */
    const char *method; /* NULL: any */
};

/* Lower is better: distance to the year asked for, a tie to the newer. A figure without a year
 * counts as the year -1, far from any. */
static int64_t year_distance(int64_t row_year, int64_t wanted)
{
    if (wanted == 0)
        return 2 * (9999 - row_year);
    return row_year >= wanted ? 2 * (row_year - wanted) : 2 * (wanted - row_year) + 1;
}

static int method_rank(size_t row)
{
    const char *const method = cell(row, CAT_grid_intensity_method);
    return is_same(method, "lifecycle") ? 0 : is_same(method, "unknown") ? 1 : 2;
}

static int64_t row_year(size_t row)
{
    return catalogue__number(CAT_grid_intensity, row, CAT_grid_intensity_year);
}

/* Is row a a better figure than row b? (R-CAT-09: method first, then the year, then the order of the table.) */
static bool is_better(size_t a, size_t b, const struct wish *wish)
{
    const int by_method = method_rank(a) - method_rank(b);
    if (by_method != 0)
        return by_method < 0;
    return year_distance(row_year(a), wish->year) < year_distance(row_year(b), wish->year);
}

static bool is_wanted(size_t row, const struct wish *wish)
{
    return !wish->method || is_same(cell(row, CAT_grid_intensity_method), wish->method);
}

static int64_t intensity_of(size_t row)
{
    return catalogue__number(CAT_grid_intensity, row, CAT_grid_intensity_gco2e_per_kwh);
}

/* Best figure of rows [first, end), all of one zone, and the spread among its sources, of which each has one row
 * (tools/gen_catalogue.py refuses more). False: none by that method. */
static bool fill_zone(size_t first, size_t end, const struct wish *wish,
                      struct jb_grid_intensity *grid)
{
    struct jb_grid_intensity found = {.low_mg_per_kwh = INT64_MAX};
    size_t best = end;

    for (size_t row = first; row < end; row++) {
        if (intensity_of(row) < 0 || !is_wanted(row, wish))
            continue;
        if (best == end || is_better(row, best, wish))
            best = row;
        const int64_t mg = intensity_of(row);
        found.low_mg_per_kwh = mg < found.low_mg_per_kwh ? mg : found.low_mg_per_kwh;
        found.high_mg_per_kwh = mg > found.high_mg_per_kwh ? mg : found.high_mg_per_kwh;
        found.n_sources++;
    }
    if (best == end)
        return false;

    (void)snprintf(found.zone, sizeof found.zone, "%s", cell(best, CAT_grid_intensity_zone));
    (void)snprintf(found.name, sizeof found.name, "%s", cell(best, CAT_grid_intensity_name));
    (void)snprintf(found.method, sizeof found.method, "%s", cell(best, CAT_grid_intensity_method));
    found.best_mg_per_kwh = intensity_of(best);
    found.year = row_year(best) > 0 ? row_year(best) : 0;
    found.is_other_year = wish->year != 0 && wish->year != found.year;
    catalogue__cite(found.source, sizeof found.source, cell(best, CAT_grid_intensity_source));
    *grid = found;
    return true;
}

static size_t zone_end(size_t first)
{
    size_t end = first + 1;
    while (end < catalogue__n_rows(CAT_grid_intensity) &&
           strcmp(cell(end, CAT_grid_intensity_zone), cell(first, CAT_grid_intensity_zone)) == 0)
        end++;
    return end;
}

/* R-CAT-10: the world's average, between its cleanest and its dirtiest country. */
static jb_rc fill_world(const struct wish *wish, struct jb_grid_intensity *ret_grid,
                        struct jb_error *err)
{
    struct jb_grid_intensity world = {.low_mg_per_kwh = INT64_MAX};
    int64_t high_mg = 0, n_countries = 0;
    const struct wish any_method = {.year = wish->year};

    for (size_t first = 0, end; first < catalogue__n_rows(CAT_grid_intensity); first = end) {
        struct jb_grid_intensity zone;
        end = zone_end(first);
        if (strcmp(cell(first, CAT_grid_intensity_zone), "WORLD") == 0) {
            const int64_t low_mg = world.low_mg_per_kwh;
            if (fill_zone(first, end, &any_method, &zone)) {
                world = zone;
                world.low_mg_per_kwh = low_mg;
            }
        } else if (is_same(cell(first, CAT_grid_intensity_zone_type), "country") &&
                   fill_zone(first, end, wish, &zone)) {
            n_countries++;
            if (zone.best_mg_per_kwh < world.low_mg_per_kwh)
                world.low_mg_per_kwh = zone.best_mg_per_kwh;
            high_mg = zone.best_mg_per_kwh > high_mg ? zone.best_mg_per_kwh : high_mg;
        }
    }
    if (n_countries == 0 || world.zone[0] == '\0')
        return jb_fail(err, JB_E_NOT_FOUND, "give lifecycle, direct, unknown, or no method",
                       "no country has a figure by method '%s'",
                       wish->method ? wish->method : "any");
    if (world.best_mg_per_kwh < world.low_mg_per_kwh)
        world.low_mg_per_kwh = world.best_mg_per_kwh;
    world.high_mg_per_kwh = high_mg > world.best_mg_per_kwh ? high_mg : world.best_mg_per_kwh;
    world.is_unknown_place = true;
    *ret_grid = world;
    return JB_OK;
}

/* --- which place ----------------------------------------------------------------------------------------------- */

/* How far a zone is from what was typed: 0 is the zone itself. A name that contains the text is near. */
static size_t distance_to(size_t row, const char *place)
{
    const char *const name = cell(row, CAT_grid_intensity_name);
    const char *const zone = cell(row, CAT_grid_intensity_zone);
    size_t best = catalogue__distance(place, name);
    if (strlen(place) >= 4 && strcasestr(name, place) && best > 1)
        best = 1;
    if (strchr(
            zone,
            '-')) { /* "US-C" is near "US-CA"; two-letter codes are all near each other and say nothing */
        const size_t by_zone = catalogue__distance(place, zone);
        best = by_zone < best ? by_zone : best;
    }
    return best;
}

#define NEAREST_MAX 5

/* "Georgia (GE), Georgia (US-GA)": the zones in `rows`. */
static void list_zones(const size_t *rows, size_t n, char *ret, size_t size)
{
    size_t at = 0;
    ret[0] = '\0';
    for (size_t i = 0; i < n && at + 1 < size; i++) {
        const int wrote = snprintf(ret + at, size - at, "%s%s (%s)", i > 0 ? ", " : "",
                                   cell(rows[i], CAT_grid_intensity_name),
                                   cell(rows[i], CAT_grid_intensity_zone));
        at += wrote > 0 ? (size_t)wrote : 0;
    }
}

static jb_rc fail_no_place(const char *place, struct jb_error *err)
{
    size_t rows[NEAREST_MAX], distances[NEAREST_MAX], n = 0;
    const size_t limit = strlen(place) / 4 + 1;

    for (size_t row = 0; row < catalogue__n_rows(CAT_grid_intensity); row = zone_end(row)) {
        const size_t distance = distance_to(row, place);
        if (distance > limit || (n == NEAREST_MAX && distance >= distances[n - 1]))
            continue;
        size_t at = n < NEAREST_MAX ? n++ : n - 1;
        for (; at > 0 && distances[at - 1] > distance; at--) {
            rows[at] = rows[at - 1];
            distances[at] = distances[at - 1];
        }
        rows[at] = row;
        distances[at] = distance;
    }
    char near[256],
        hint[320] =
            "give an ISO 3166 code such as NL or US-CA; `joulebook catalogue grid_intensity` "
            "lists them";
    if (n > 0) {
        list_zones(rows, n, near, sizeof near);
        (void)snprintf(hint, sizeof hint, "did you mean %s?", near);
    }
    return jb_fail(err, JB_E_INPUT, hint, "no carbon intensity is known for the place '%.64s'",
                   place);
}

/* The zone of a name that the table writes otherwise ("Holland", "the Netherlands", "UK"); NULL: none. */
static const char *usual_name(const char *place)
{
    static const struct {
        const char *written, *zone;
    } names[] = {{"holland", "NL"},
                 {"nederland", "NL"},
                 {"uk", "GB"},
                 {"greatbritain", "GB"},
                 {"britain", "GB"},
                 {"england", "GB"},
                 {"unitedkingdomofgreatbritainandnorthernireland", "GB"},
                 {"us", "US"},
                 {"usa", "US"},
                 {"unitedstatesofamerica", "US"},
                 {"america", "US"},
                 {"czechrepublic", "CZ"},
                 {"czech", "CZ"},
                 {"republicofkorea", "KR"},
                 {"southkorea", "KR"},
                 {"koreasouth", "KR"},
                 {"korearepublicof", "KR"},
                 {"russia", "RU"},
                 {"vietnam", "VN"},
                 {"turkey", "TR"},
                 {"turkiye", "TR"},
                 {"macau", "MO"},
                 {"uae", "AE"},
                 {"emirates", "AE"},
                 {"ivorycoast", "CI"},
                 {"cotedivoire", "CI"},
                 {"prc", "CN"},
                 {"mainlandchina", "CN"},
                 {"peoplesrepublicofchina", "CN"},
                 {"deutschland", "DE"},
                 {"schweiz", "CH"},
                 {"suisse", "CH"},
                 {"espana", "ES"},
                 {"brasil", "BR"},
                 {"osterreich", "AT"},
                 {"belgie", "BE"},
                 {"belgique", "BE"},
                 {"norge", "NO"},
                 {"sverige", "SE"},
                 {"danmark", "DK"},
                 {"suomi", "FI"},
                 {"polska", "PL"},
                 {"italia", "IT"},
                 {"slovakrepublic", "SK"},
                 {"republicofireland", "IE"},
                 {"eire", "IE"},
                 {"burma", "MM"},
                 {"swaziland", "SZ"},
                 {"drc", "CD"},
                 {"drcongo", "CD"},
                 {"democraticrepublicofthecongo", "CD"},
                 {"democraticrepublicofcongo", "CD"},
                 {"republicofthecongo", "CG"},
                 {"persia", "IR"},
                 {"capeverde", "CV"},
                 {"macedonia", "MK"},
                 {"washingtonstate", "US-WA"},
                 {"newyorkstate", "US-NY"},
                 {"hongkongsar", "HK"},
                 {"republicofchina", "TW"},
                 {"kingdomofthenetherlands", "NL"}};
    char key[PLACE_MAX], own[PLACE_MAX];
    catalogue__squeeze(strncasecmp(place, "the ", 4) == 0 ? place + 4 : place, "", key, sizeof key);
    for (size_t i = 0; i < JB_ARRAY_LEN(names); i++)
        if (strcmp(names[i].written, key) == 0)
            return names[i].zone;
    /* Marks and accents apart, if no other zone is called so. */
    const char *found = NULL;
    for (size_t row = 0; strlen(key) > 3 && row < catalogue__n_rows(CAT_grid_intensity);
         row = zone_end(row)) {
        catalogue__squeeze(cell(row, CAT_grid_intensity_name), "", own, sizeof own);
        if (strcmp(own, key) != 0)
            continue;
        if (found)
            return NULL;
        found = cell(row, CAT_grid_intensity_zone);
    }
    return found;
}

/* Names of two countries, one of which the table has under this very name. */
static bool is_of_two(const char *place)
{
    return is_same(place, "Congo") || is_same(place, "Korea");
}

/* R-CAT-10: a code is taken before a name; a name of several zones is refused. */
static jb_rc find_zone(const char *place, size_t *ret_first, struct jb_error *err)
{
    size_t rows[NEAREST_MAX], n = 0;

    for (size_t row = 0; row < catalogue__n_rows(CAT_grid_intensity); row = zone_end(row)) {
        if (is_same(cell(row, CAT_grid_intensity_zone), place)) {
            *ret_first = row;
            return JB_OK;
        }
        const bool is_country = is_same(cell(row, CAT_grid_intensity_zone_type), "country");
        if (n < NEAREST_MAX &&
            (is_same(cell(row, CAT_grid_intensity_name), place) ||
             (is_country && is_same(cell(row, CAT_grid_intensity_alpha3), place))))
            rows[n++] = row;
    }
    if (is_of_two(place))
        return fail_no_place(place, err);
    const char *const zone = n == 0 ? usual_name(place) : NULL;
    for (size_t row = 0; zone && row < catalogue__n_rows(CAT_grid_intensity); row = zone_end(row)) {
        if (strcmp(cell(row, CAT_grid_intensity_zone), zone) == 0) {
            *ret_first = row;
            return JB_OK;
        }
    }
    if (n == 0)
        return fail_no_place(place, err);
    if (n > 1) {
        char zones[256], hint[320];
        list_zones(rows, n, zones, sizeof zones);
        (void)snprintf(hint, sizeof hint, "give the code: %s", zones);
        return jb_fail(err, JB_E_INPUT, hint, "the place '%.64s' is the name of several", place);
    }
    *ret_first = rows[0];
    return JB_OK;
}

jb_rc jb_catalogue_find_grid(const char *place, int64_t year, const char *method,
                             struct jb_grid_intensity *ret_grid, struct jb_error *err)
{
    const struct wish wish = {.year = year, .method = method};
    if (!place || place[0] == '\0' || is_same(place, "unknown") || is_same(place, "world"))
        return fill_world(&wish, ret_grid, err);

    size_t first = 0;
    const jb_rc rc = find_zone(place, &first, err);
    if (rc < 0)
        return rc;
    if (!fill_zone(first, zone_end(first), &wish, ret_grid))
        return jb_fail(err, JB_E_NOT_FOUND,
                       "leave the method out, or give lifecycle, direct or unknown",
                       "the place '%.64s' has no carbon intensity by method '%.16s'", place,
                       method ? method : "any");
    return JB_OK;
}

bool jb_catalogue_country(const char *zone, struct jb_catalogue_country *ret)
{
    const char *alpha3 = NULL;

    for (size_t row = 0; zone[0] && row < catalogue__n_rows(CAT_grid_intensity); row++)
        if (is_same(cell(row, CAT_grid_intensity_zone), zone) ||
            is_same(cell(row, CAT_grid_intensity_alpha3), zone)) {
            alpha3 = cell(row, CAT_grid_intensity_alpha3);
            break;
        }
    for (size_t row = 0; alpha3 && row < catalogue__n_rows(CAT_grid_intensity); row++)
        if (is_same(cell(row, CAT_grid_intensity_alpha3), alpha3) &&
            is_same(cell(row, CAT_grid_intensity_zone_type), "country")) {
            *ret = (struct jb_catalogue_country){alpha3, cell(row, CAT_grid_intensity_name)};
            return true;
        }
    return false;
}
