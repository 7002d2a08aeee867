/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documented cases: what somebody knows of a training that no sensor watched, question by question, where known,
 * unknown and withheld are three different answers. Must never fill an answer in. Rules R-CASE-*: docs/method/case.md;
 * the file: docs/format/case.md. The program alone has this, not the library.
 */
#ifndef JB_CASE_CASE_H
#define JB_CASE_CASE_H

#include "base/buf.h"
#include "base/error.h"
#include "model/quantity.h"
#include "model/work.h"
#include "yaml/yaml.h"

/* --- the questionnaire ----------------------------------------------------------------------------------------- */

/* In the order of the questionnaire; the row of each is jb_case_questions[id]. */
enum jb_case_question_id {
    JB_CASE_QUESTION,
    JB_CASE_PROBLEM,
    JB_CASE_REQUIREMENTS,
    JB_CASE_WISHES,
    JB_CASE_CONFLICTS,
    JB_CASE_ENERGY_MENTIONED,
    JB_CASE_SECTOR,
    JB_CASE_EXPERIENCE,
    JB_CASE_STAKEHOLDERS,
    JB_CASE_PURPOSE,
    JB_CASE_APPLICATIONS,
    JB_CASE_ARCHITECTURE,
    JB_CASE_ARCHITECTURE_REASON,
    JB_CASE_START,
    JB_CASE_INPUT,
    JB_CASE_INPUT_DIMENSIONS,
    JB_CASE_RESULT,
    JB_CASE_ACCURACY,
    JB_CASE_TRAINING_TIME,
    JB_CASE_PROVIDER,
    JB_CASE_DATA_CENTRE,
    JB_CASE_PUE,
    JB_CASE_LOCATION,
    JB_CASE_HARDWARE,
    JB_CASE_COMPUTING_POWER,
    JB_CASE_EFFICIENCY,
    JB_CASE_ENERGY,
    JB_CASE_QUESTIONS, /* how many there are */
};

struct jb_case_question {
    const char *section; /* of the file: "project", "model", "provider" */
    const char *key;     /* within the section */
    const char *title;   /* short, for tables */
    const char *english, *dutch;
};
extern const struct jb_case_question jb_case_questions[JB_CASE_QUESTIONS];

#define JB_CASE_TEXT 512
/*
 * VALUE: `text`. RANGE: `low` and `high`. UNKNOWN and WITHHELD: `text` is what was said about it ("can be asked of the
 * cloud's team") or "". `is_told` false: the question was never answered, which is not the same as "unknown".
 */
struct jb_case_answer {
    enum jb_known known;
    bool is_told;
    char text[JB_CASE_TEXT];
    char low[64], high[64];
};
/* "Faster R-CNN", "5 weeks to 10 weeks", "unknown: ...", "known, withheld", "not answered". */
void jb_case_answer_words(const struct jb_case_answer *answer, struct jb_buf *out);

/* --- restrictions ---------------------------------------------------------------------------------------------- */

/* Nine from cases, six from experts, in the order of docs/method/case.md. */
enum jb_restriction_id {
    JB_RESTRICTION_COMPLEXITY,
    JB_RESTRICTION_INNOVATION,
    JB_RESTRICTION_INCENTIVE,
    JB_RESTRICTION_KNOWLEDGE,
    JB_RESTRICTION_AWARENESS,
    JB_RESTRICTION_EVALUATION,
    JB_RESTRICTION_TRAINING_TIME,
    JB_RESTRICTION_HARDWARE,
    JB_RESTRICTION_UPDATING,
    JB_RESTRICTION_CONFLICTS,
    JB_RESTRICTION_PROVIDER_TOOLS,
    JB_RESTRICTION_ENFORCEMENT,
    JB_RESTRICTION_SCIENCE_TOOLS,
    JB_RESTRICTION_PROVIDER_INFORMATION,
    JB_RESTRICTION_SCIENCE_SOCIETY,
    JB_RESTRICTIONS,
};
#define JB_RESTRICTIONS_CASES 9 /* the first nine are those found in cases */

enum jb_category {
    JB_CATEGORY_O, /* organisational */
    JB_CATEGORY_S, /* social */
    JB_CATEGORY_T, /* technical */
    JB_CATEGORY_P, /* policy */
    JB_CATEGORIES,
};
const char *jb_category_name(enum jb_category category); /* "organisational" */
char jb_category_letter(enum jb_category category);      /* 'O' */

struct jb_restriction {
    const char *key;   /* "training_time": of files and JSON */
    const char *title; /* "long and diverse training time" */
    const char *means;
    const char *directions[JB_CATEGORIES]; /* towards a solution; NULL: not of this category */
    const char *remark; /* where print differs, or how far it was validated; NULL for none */
};
extern const struct jb_restriction jb_restrictions[JB_RESTRICTIONS];
/* -1: no such key. */
int jb_restriction_from_key(const char *key);

/* --- one case -------------------------------------------------------------------------------------------------- */

/* Who saw it. The shipped interviews with experts use the last three; a case's own people are of JB_PERSPECTIVE_CASE. */
enum jb_perspective {
    JB_PERSPECTIVE_CASE,
    JB_PERSPECTIVE_GOVERNMENTAL,
    JB_PERSPECTIVE_SCIENTIFIC,
    JB_PERSPECTIVE_PROVIDER,
    JB_PERSPECTIVES,
};
const char *jb_perspective_name(enum jb_perspective perspective);
int jb_perspective_from_name(const char *name);

/* A passage of an interview that was coded. */
struct jb_observation {
    enum jb_restriction_id restriction;
    char code[96];        /* "" where only the restriction is told */
    char interviewee[64]; /* a role, never a name; "" if it is not told */
    enum jb_perspective perspective;
    int64_t times; /* > 0 */
};

/* The same case understood in another way. */
struct jb_case_reading {
    char name[64];
    char why[JB_CASE_TEXT];
    struct jb_work work; /* the case's own with what this reading changes */
};

/* What a publication printed for it, and by which of our readings that is to come out again. */
struct jb_case_documented {
    bool is_told;
    bool is_computable;
    char why_not[128];       /* of one that is not: "hardware unknown" */
    char reading[64];        /* "" for the case's own work */
    char formula[8];         /* "4.8" */
    int64_t low_uj, high_uj; /* as computed there */
    char printed[64], source[128];
};

#define JB_CASE_READINGS_MAX     6
#define JB_CASE_DOUBTS_MAX       16
#define JB_CASE_OBSERVATIONS_MAX 256

struct jb_case {
    char id[64];     /* of file names and commands: "asphalt-damage" */
    char title[128]; /* in words */
    struct jb_case_answer answers[JB_CASE_QUESTIONS];
    bool has_work;
    struct jb_work work;
    struct jb_case_documented documented;
    size_t n_readings, n_doubts, n_observations;
    struct jb_case_reading readings[JB_CASE_READINGS_MAX];
    char doubts[JB_CASE_DOUBTS_MAX][JB_CASE_TEXT];
    struct jb_observation observations[JB_CASE_OBSERVATIONS_MAX];
};

void jb_case_free(struct jb_case *one);
JB_AUTO_POINTER(struct jb_case, jb_case_free)

/* R-CASE-01: nothing is mended; JB_E_INPUT "NAME:LINE:COLUMN: ..." with what was expected. */
JB_MUST_USE jb_rc jb_case_parse(const char *name, const void *bytes, size_t len,
                                struct jb_case **ret, struct jb_error *err);
JB_MUST_USE jb_rc jb_case_read(const char *path, struct jb_case **ret, struct jb_error *err);

/* R-CASE-02: YAML that reads back as the same case, answer by answer; a question never answered is left out. */
JB_MUST_USE jb_rc jb_case_write(const struct jb_case *one, struct jb_buf *out,
                                struct jb_error *err);

/* Cases that are in the executable; NULL past the last. */
const char *jb_case_shipped_name(size_t i);
const char *jb_case_shipped_text(const char *name); /* its YAML; NULL: no such case */
/* A shipped case by its name, else the file of that path. JB_E_NOT_FOUND lists the shipped ones. */
JB_MUST_USE jb_rc jb_case_open(const char *name_or_path, struct jb_case **ret,
                               struct jb_error *err);

#endif
