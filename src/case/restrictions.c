/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fifteen restrictions on accounting: what each means, what kind of cause it has, and where a solution may lie by
 * kind. R-CASE-10: a restriction is of a category exactly where it has a direction for it.
 */
#include <string.h>

#include "case/case.h"

static const char not_validated[] = "named by experts, not validated";

const struct jb_restriction jb_restrictions[JB_RESTRICTIONS] = {
    [JB_RESTRICTION_COMPLEXITY] =
        {"complexity",
         "complexity of deep learning",
         "nobody quite sees why one architecture, configuration or machine does better, so many "
         "are tried",
         {[JB_CATEGORY_S] = "teach those involved what to expect of the technique",
          [JB_CATEGORY_T] = "collect what worked elsewhere, so that less has to be tried"},
         NULL},
    [JB_RESTRICTION_INNOVATION] =
        {"innovation",
         "innovative stage of deep learning",
         "the technique is young and worth keeping secret, and making it work comes before its "
         "side effects",
         {[JB_CATEGORY_S] = "speak of side effects while a technique is still new",
          [JB_CATEGORY_T] = "keep a register of what techniques can do, and of new ones"},
         NULL},
    [JB_RESTRICTION_INCENTIVE] =
        {"incentive",
         "lack of incentive to determine energy",
         "cost and speed are watched, energy for itself is not",
         {[JB_CATEGORY_O] = "have the account asked for from the top of the organisation",
          [JB_CATEGORY_S] = "make energy a subject between client, developer and provider"},
         NULL},
    [JB_RESTRICTION_KNOWLEDGE] =
        {"knowledge",
         "lack of developers' accounting knowledge",
         "developers know neither what training draws nor how to make it less",
         {[JB_CATEGORY_O] = "give developers training and tools to account with",
          [JB_CATEGORY_S] = "let developers learn from each other's accounts"},
         NULL},
    [JB_RESTRICTION_AWARENESS] =
        {"awareness",
         "lack of societal awareness",
         "clients and the public do not know that training takes energy, so nobody asks",
         {[JB_CATEGORY_O] = "publish the energy of the models that the organisation uses",
          [JB_CATEGORY_S] = "tell clients and the public what training takes"},
         NULL},
    [JB_RESTRICTION_EVALUATION] =
        {"evaluation",
         "lack of systematic evaluation",
         "nothing says beforehand when a model is good enough, so training goes on",
         {[JB_CATEGORY_O] = "agree on one way to judge models, and on good enough before training"},
         NULL},
    [JB_RESTRICTION_TRAINING_TIME] =
        {"training_time",
         "long and diverse training time",
         "many attempts over a long time, few of them written down",
         {[JB_CATEGORY_O] =
              "log every training hour and server hour by a protocol, with its energy",
          [JB_CATEGORY_T] = "ask which training the result needs, plan it and record it"},
         "section 6.5 of the thesis prints social and technical; its tables and its text say "
         "organisational and technical"},
    [JB_RESTRICTION_HARDWARE] =
        {"hardware",
         "no hardware details available",
         "virtual machines, platforms and departments stand between the developer and the machine",
         {[JB_CATEGORY_O] = "have each layer pass on what hardware lies beneath it",
          [JB_CATEGORY_S] = "have those who run machines and those who train share what they know"},
         NULL},
    [JB_RESTRICTION_UPDATING] =
        {"updating",
         "updating the model over time",
         "scope, input and customers change, and each change trains again",
         {[JB_CATEGORY_O] =
              "fix the outputs beforehand and adapt those per customer, not the model",
          [JB_CATEGORY_S] = "bring the wishes of different customers together first"},
         "seen in two of four cases, and by one of three groups of experts: not taken to be "
         "general"},
    [JB_RESTRICTION_CONFLICTS] =
        {"conflicts",
         "conflicting interests at provider and data centre",
         "who lets servers wants them used well and rented much; showing the energy may rent fewer",
         {[JB_CATEGORY_O] = "price energy apart from hours, so that saving it costs no revenue",
          [JB_CATEGORY_S] = "have customers ask for energy figures when they choose a provider"},
         not_validated},
    [JB_RESTRICTION_PROVIDER_TOOLS] =
        {"provider_tools",
         "lack of accounting tools at the provider",
         "the figures lie about in the provider's departments and nothing joins them",
         {[JB_CATEGORY_O] = "join the provider's own readings into a statement per machine or job"},
         not_validated},
    [JB_RESTRICTION_ENFORCEMENT] =
        {"enforcement",
         "lack of governmental enforcement tools",
         "law reaches the machine and not what runs on it, and every firm measures in its own way",
         {[JB_CATEGORY_P] = "ask for a statement by one method, not for a measure to be taken",
          [JB_CATEGORY_T] = "settle one way to measure that a stranger can check"},
         not_validated},
    [JB_RESTRICTION_SCIENCE_TOOLS] =
        {"science_tools",
         "lack of scientific tools",
         "methods are several, each an estimate, none plain to use",
         {[JB_CATEGORY_T] = "state method and band with each figure, and test them against meters"},
         not_validated},
    [JB_RESTRICTION_PROVIDER_INFORMATION] =
        {"provider_information",
         "limited information from providers",
         "what would be needed is kept back, because providers compete on it too",
         {[JB_CATEGORY_O] = "agree on a statement of energy per machine or job in the contract",
          [JB_CATEGORY_S] = "let a provider withhold a figure and still prove it later"},
         not_validated},
    [JB_RESTRICTION_SCIENCE_SOCIETY] =
        {"science_society",
         "separation of science and society",
         "science counts operations, practice knows hours and bills",
         {[JB_CATEGORY_S] = "build methods on what practice has: hours, names of hardware, bills"},
         not_validated},
};

static const char *const category_names[JB_CATEGORIES] = {"organisational", "social", "technical",
                                                          "policy"};
static const char *const perspective_names[JB_PERSPECTIVES] = {"case", "governmental", "scientific",
                                                               "provider"};

const char *jb_category_name(enum jb_category category)
{
    return category_names[category];
}

char jb_category_letter(enum jb_category category)
{
    return "OSTP"[category];
}

const char *jb_perspective_name(enum jb_perspective perspective)
{
    return perspective_names[perspective];
}

int jb_perspective_from_name(const char *name)
{
    for (int i = 0; i < JB_PERSPECTIVES; i++)
        if (strcmp(perspective_names[i], name) == 0)
            return i;
    return -1;
}

int jb_restriction_from_key(const char *key)
{
    for (int i = 0; i < JB_RESTRICTIONS; i++)
        if (strcmp(jb_restrictions[i].key, key) == 0)
            return i;
    return -1;
}
