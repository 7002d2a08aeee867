/* SPDX-License-Identifier: Apache-2.0 */
/* What people write, and the words of classes and methods. R-RATING-01, -03. */
#include "rate/rate.h"
#include "tap.h"

static void is_word(const char *(*word)(const char *, char *, size_t), const char *text,
                    const char *want)
{
    char buf[JB_RATE_WORD];
    is_str(word(text, buf, sizeof buf), want, "'%s'", text);
}

int main(void)
{
    char buf[32];

    is_word(jb_rate_architecture, "ResNet50", "cnn");
    is_word(jb_rate_architecture, "resnet-50 v1.5", "cnn");
    is_word(jb_rate_architecture, "EfficientNetV2", "cnn");
    is_word(jb_rate_architecture, "EfficientNetV2S", "cnn");
    is_word(jb_rate_architecture, "BERT-large", "transformer-encoder");
    is_word(jb_rate_architecture, "Bertha", "bertha");
    is_word(jb_rate_architecture, "Transformer_Decoder", "transformer-decoder");
    is_word(jb_rate_architecture, "Mask R-CNN", "rcnn");
    is_word(jb_rate_architecture, "", "");
    is_word(jb_rate_application, "Image  Classification", "image-classification");
    is_word(jb_rate_application, "language model", "nlp-llm");
    is_word(jb_rate_application, "nlp", "nlp");
    is_word(jb_rate_stage, "train", "pretraining");
    is_word(jb_rate_stage, "Fine-Tuning", "finetuning");
    is_word(jb_rate_stage, "warm-up", "warm-up");

    for (int i = 0; i < JB_RATE_BOUNDARIES; i++)
        is_i64(jb_rate_boundary_from_name(jb_rate_boundary_name((enum jb_rate_boundary)i)), i,
               "boundaries have their names");
    for (int i = 0; i < JB_RATE_BASES; i++)
        is_i64(jb_rate_basis_from_name(jb_rate_basis_name((enum jb_rate_basis)i)), i,
               "so have bases");
    for (int i = 0; i < JB_RATE_MEASURES; i++)
        is_i64(jb_rate_measure_from_name(jb_rate_measure_name((enum jb_rate_measure)i)), i,
               "so have measures");
    is_i64(jb_rate_boundary_from_name("gpu"), -1, "and no others");
    is_str(jb_rate_overhead_name(JB_RATE_IT), "without PUE", "so has the overhead");
    for (int i = 0; i < JB_RATE_LEFT_OUT; i++)
        ok(jb_rate_left_out_text((enum jb_rate_left_out)i)[0] != '\0', "each reason has words");

    is_str(jb_rate_verdict_text(JB_RATE_LOW, buf, sizeof buf), "low", "one verdict");
    is_str(jb_rate_verdict_text(JB_RATE_NORMAL | JB_RATE_HIGH, buf, sizeof buf), "normal or high",
           "two");
    is_str(jb_rate_verdict_text(7, buf, sizeof buf), "low, normal or high", "all");
    is_str(jb_rate_verdict_text(0, buf, sizeof buf), "", "none");
    return done_testing();
}
