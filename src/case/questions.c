/* SPDX-License-Identifier: Apache-2.0 */
/* The questionnaire: what is asked of a case, in English and Dutch, and where in the file the answer stands. */
#include <string.h>

#include "case/case.h"

const struct jb_case_question jb_case_questions[JB_CASE_QUESTIONS] = {
    [JB_CASE_QUESTION] = {"project", "question", "asked for", "What did the client ask for?",
                          "Waar vroeg de klant om?"},
    [JB_CASE_PROBLEM] = {"project", "problem", "problem", "Which problem was behind it?",
                         "Welk probleem zat daarachter?"},
    [JB_CASE_REQUIREMENTS] = {"project", "requirements", "requirements",
                              "What did the client require?", "Welke eisen stelde de klant?"},
    [JB_CASE_WISHES] = {"project", "wishes", "further wishes",
                        "What else would the client have liked?",
                        "Wat had de klant verder nog graag gehad?"},
    [JB_CASE_CONFLICTS] = {"project", "conflicts", "conflicting interests",
                           "Which interests stood against each other?",
                           "Welke belangen stonden tegenover elkaar?"},
    [JB_CASE_ENERGY_MENTIONED] = {"project", "energy_mentioned", "energy mentioned",
                                  "Did the client speak of energy (no, or what was said)?",
                                  "Sprak de klant over energie (nee, of wat er gezegd is)?"},
    [JB_CASE_SECTOR] = {"project", "sector", "client's sector", "In which sector is the client?",
                        "In welke sector werkt de klant?"},
    [JB_CASE_EXPERIENCE] = {"project", "experience", "client's experience",
                            "What did the client know of deep learning?",
                            "Wat wist de klant al van deep learning?"},
    [JB_CASE_STAKEHOLDERS] = {"project", "stakeholders", "stakeholders", "Who had a stake in it?",
                              "Wie hadden er belang bij?"},
    [JB_CASE_PURPOSE] = {"model", "purpose", "purpose", "What is the model for?",
                         "Waarvoor dient het model?"},
    [JB_CASE_APPLICATIONS] = {"model", "applications", "applications",
                              "Which kinds of deep learning are in it (language, speech, images)?",
                              "Welke soorten deep learning zitten erin (taal, spraak, beeld)?"},
    [JB_CASE_ARCHITECTURE] = {"model", "architecture", "architecture",
                              "Which architecture was taken?",
                              "Welke architectuur is het geworden?"},
    [JB_CASE_ARCHITECTURE_REASON] = {"model", "architecture_reason", "how it was chosen",
                                     "Why that one, and what else was tried?",
                                     "Waarom juist die, en wat is er nog meer geprobeerd?"},
    [JB_CASE_START] = {"model", "start", "started from",
                       "Did training start from nothing or from a trained model?",
                       "Begon de training vanaf nul of vanaf een al getraind model?"},
    [JB_CASE_INPUT] = {"model", "input", "input", "What did the model learn from?",
                       "Waarvan heeft het model geleerd?"},
    [JB_CASE_INPUT_DIMENSIONS] = {"model", "input_dimensions", "size of the input",
                                  "How large is one input, and how many were there?",
                                  "Hoe groot is één invoer, en hoeveel waren er?"},
    [JB_CASE_RESULT] = {"model", "result", "wanted result", "What was to come out?",
                        "Wat moest eruit komen?"},
    [JB_CASE_ACCURACY] = {"model", "accuracy", "wanted accuracy", "How good was good enough?",
                          "Hoe goed was goed genoeg?"},
    [JB_CASE_TRAINING_TIME] = {"model", "training_time", "training time",
                               "How long did training take, all attempts together?",
                               "Hoe lang duurde het trainen, alle pogingen samen?"},
    [JB_CASE_PROVIDER] = {"provider", "name", "provider",
                          "Whose machines were they (internal, or which provider)?",
                          "Van wie waren de machines (eigen, of welke aanbieder)?"},
    [JB_CASE_DATA_CENTRE] = {"provider", "data_centre", "data centre",
                             "What is known of the data centre?",
                             "Wat is er bekend van het datacentrum?"},
    [JB_CASE_PUE] = {"provider", "pue", "PUE", "Which PUE does the data centre have?",
                     "Welke PUE heeft het datacentrum?"},
    [JB_CASE_LOCATION] = {"provider", "location", "location", "Where is the data centre?",
                          "Waar staat het datacentrum?"},
    [JB_CASE_HARDWARE] = {"provider", "hardware", "hardware", "On which hardware did it train?",
                          "Op welke hardware is er getraind?"},
    [JB_CASE_COMPUTING_POWER] = {"provider", "computing_power", "computing power",
                                 "How fast is that hardware (TFLOPS)?",
                                 "Hoe snel is die hardware (TFLOPS)?"},
    [JB_CASE_EFFICIENCY] = {"provider", "efficiency", "efficiency",
                            "How efficient is that hardware (GFLOPS per watt)?",
                            "Hoe zuinig is die hardware (GFLOPS per watt)?"},
    [JB_CASE_ENERGY] = {"provider", "energy", "energy",
                        "What is known of the energy that training took?",
                        "Wat is er bekend van de energie die het trainen kostte?"},
};

void jb_case_answer_words(const struct jb_case_answer *answer, struct jb_buf *out)
{
    if (!answer->is_told) {
        jb_buf_add_text(out, "not answered");
        return;
    }
    switch (answer->known) {
    case JB_KNOWN_VALUE: jb_buf_add_text(out, answer->text); return;
    case JB_KNOWN_RANGE: jb_buf_addf(out, "%s to %s", answer->low, answer->high); return;
    case JB_KNOWN_WITHHELD: jb_buf_add_text(out, "known, withheld"); break;
    case JB_KNOWN_UNKNOWN: jb_buf_add_text(out, "unknown"); break;
    }
    if (answer->text[0])
        jb_buf_addf(out, ": %s", answer->text);
}
