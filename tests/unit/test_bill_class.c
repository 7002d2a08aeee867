/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions, shapes of names, and the first law that holds. R-BILL-06, R-BILL-07. */
#include "import/bill_int.h"
#include "tap.h"

static void test_matches(void)
{
    ok(jb_bill__matches(BILL_IS, "Usage", "tax|usage"), "one of several, whatever the case");
    ok(!jb_bill__matches(BILL_IS, "Usages", "tax|usage"), "the whole of it");
    ok(jb_bill__matches(BILL_HAS, "EUW1-BoxUsage:p3", "boxusage"), "in the middle");
    ok(!jb_bill__matches(BILL_BEGINS, "EUW1-BoxUsage", "boxusage"), "not at the begin");
    ok(jb_bill__matches(BILL_BEGINS, "Commitment v1", "Reserved|commit"), "at the begin");
    ok(jb_bill__matches(BILL_EMPTY, "", NULL) && !jb_bill__matches(BILL_EMPTY, "x", NULL),
       "empty or not");
    ok(jb_bill__matches(BILL_IS_NOT, "x", "y|") && !jb_bill__matches(BILL_IS_NOT, "", "y|"),
       "an alternative may be nothing");
    ok(!jb_bill__matches(BILL_HAS, "ab", "abc"), "what is longer is not in it");
}

/* What a clue of this shape finds in a text; "" if nothing. */
static const char *found(enum bill_shape shape, const char *word, const char *text)
{
    static struct bill_verdict verdict;
    const struct bill_clue clues[] = {{BILL_METER, shape, NULL, word},
                                      {BILL_N_COLUMNS, BILL_SHAPE_ALL, NULL, NULL}};
    const struct bill_law law = {.class = JB_BILL_INSTANCE, .clues = clues};
    const struct jb_bill_format format = {.laws = &law, .n_laws = 1};
    struct bill_texts texts;

    for (size_t i = 0; i < BILL_N_TEXTS; i++)
        texts.text[i] = "";
    texts.text[BILL_METER] = text;
    texts.text[BILL_UNIT] = "Hours";
    jb_bill__classify(&format, &texts, true, false, &verdict);
    return verdict.class == JB_BILL_INSTANCE ? verdict.instance : "";
}

static void test_shapes(void)
{
    static const struct {
        enum bill_shape shape;
        const char *word, *text, *is;
    } cases[] = {
        {BILL_SHAPE_AWS, NULL, "EUW1-BoxUsage:p3.2xlarge", "p3.2xlarge"},
        {BILL_SHAPE_AWS, NULL, "$0.0116 per On Demand Linux t2.micro Instance Hour", "t2.micro"},
        {BILL_SHAPE_AWS, NULL, "db.r6g.large", "db.r6g.large"},
        {BILL_SHAPE_AWS, NULL, "r5.large.search", "r5.large.search"},
        {BILL_SHAPE_AWS, NULL, "m7i.metal-24xl (host)", "m7i.metal-24xl"},
        {BILL_SHAPE_AWS, NULL, "for c5.xlarge.", "c5.xlarge"},
        {BILL_SHAPE_AWS, NULL, "USD0.0595 per GB-Mo for EBS:SnapshotUsage", ""},
        {BILL_SHAPE_AWS, NULL, "a sentence. large or small", ""},
        {BILL_SHAPE_AWS, NULL, "x.notlarge", ""},
        {BILL_SHAPE_AWS, NULL, ".large 3.large", ""},
        {BILL_SHAPE_AZURE, NULL, "VM Standard_NC24ads_A100_v4, Linux", "Standard_NC24ads_A100_v4"},
        {BILL_SHAPE_AZURE, NULL, "Standard IPv4", ""},
        {BILL_SHAPE_AZURE_METER, NULL, "NC6s v3 Low Priority", "NC6s v3"},
        {BILL_SHAPE_AZURE_METER, NULL, "D2 v3/DS2 v3 Spot", "D2 v3"},
        {BILL_SHAPE_AZURE_METER, NULL, "Spot NC6", "NC6"},
        {BILL_SHAPE_AZURE_METER, NULL, "Execution Time", ""},
        {BILL_SHAPE_AZURE_METER, NULL, "100 GB", ""},
        {BILL_SHAPE_GCP, NULL, "on n1-standard-8 machines", "n1-standard-8"},
        {BILL_SHAPE_GCP, NULL, "a2-highgpu-1g", "a2-highgpu-1g"},
        {BILL_SHAPE_GCP, NULL, "us-east1-standard", ""},
        {BILL_SHAPE_GCP_FAMILY, NULL, "Spot Preemptible N2D AMD Instance Core", "N2D"},
        {BILL_SHAPE_GCP_FAMILY, NULL, "Network egress", ""},
        {BILL_SHAPE_BEFORE, " GPU", "Nvidia Tesla V100 GPU attached to VMs", "Nvidia Tesla V100"},
        {BILL_SHAPE_BEFORE, " GPU", "Training on Nvidia Tesla T4 GPU running", "Nvidia Tesla T4"},
        {BILL_SHAPE_BEFORE, " GPU", " GPU", ""},
        {BILL_SHAPE_BEFORE, " GPU", "nothing of it", ""},
        {BILL_SHAPE_ALL, NULL, " whatever it is ", "whatever it is"},
        {BILL_SHAPE_ALL, NULL, "", ""},
    };

    for (size_t i = 0; i < JB_ARRAY_LEN(cases); i++)
        is_str(found(cases[i].shape, cases[i].word, cases[i].text), cases[i].is, "'%s'",
               cases[i].text);
}

int main(void)
{
    test_matches();
    test_shapes();
    return done_testing();
}
