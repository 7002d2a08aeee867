/* SPDX-License-Identifier: Apache-2.0 */
/* Reference files: what they say is taken, what they do not say is not, and errors name the place. R-RATING-20, -21. */
#include "rate/rate.h"
#include "tap.h"

#define HEADER "reference_1,source,application,stage,boundary,basis,pue_included,energy_kwh"

static jb_rc parse(const char *text, struct jb_rate_refs *refs, struct jb_error *err)
{
    return jb_rate_refs_parse(refs, "f.csv", text, strlen(text), err);
}

static void refused(const char *text, const char *where, const char *what)
{
    struct jb_rate_refs refs = {0};
    struct jb_error err = {0};

    ok(parse(text, &refs, &err) == JB_E_INPUT && strncmp(err.message, where, strlen(where)) == 0 &&
           err.hint[0] != '\0',
       "%s: %s", what, err.message);
    jb_rate_refs_release(&refs);
}

int main(void)
{
    struct jb_rate_refs refs = {0};
    struct jb_error err = {0};

    ok(parse("reference_1,source,model,application,architecture,stage,boundary,basis,pue_included,"
             "pue,energy_kwh,parameters,training_flop,examples,device_hours,note,x_ours\r\n"
             "r1,lab,\"A, B\",Image Classification,ResNet50,train,boards,measured,no,,1.5,25600000,"
             "3.14e18,1281167,2.5,from our log,7\r\n"
             "r2,lab,,speech,,finetuning,,,,,2,,,,,,\r\n"
             "\r\n"
             "r3,lab,,speech,,finetuning,nodes,estimated,yes,1.25,10,,,,,,\r\n"
             "r4,lab,,speech,,finetuning,nodes,estimated,yes,,10,,,,,,\r\n",
             &refs, &err) == JB_OK,
       "a file with every column is taken%s", err.message);
    is_i64((int64_t)refs.n, 4, "with four rows");
    if (refs.n != 4)
        return done_testing();
    const struct jb_rate_ref *const rows = refs.rows;
    ok(strcmp(rows[0].id, "r1") == 0 && strcmp(rows[0].source, "lab") == 0 &&
           strcmp(rows[0].model, "A, B") == 0,
       "texts as written");
    ok(strcmp(rows[0].application, "image-classification") == 0 &&
           strcmp(rows[0].architecture, "cnn") == 0 && strcmp(rows[0].stage, "pretraining") == 0,
       "words of classes");
    ok(rows[0].energy_uj == INT64_C(5400000000000) && rows[0].n_parameters == 25600000 &&
           rows[0].flop == (jb_i128)3140000000000000000 && rows[0].n_examples == 1281167 &&
           rows[0].device_us == INT64_C(9000000000),
       "numbers exactly");
    ok(rows[0].method.boundary == JB_RATE_BOARDS && rows[0].method.basis == JB_RATE_MEASURED &&
           rows[0].method.overhead == JB_RATE_IT,
       "and a method");
    ok(rows[1].method.boundary == JB_RATE_BOUNDARY_UNTOLD && rows[1].n_parameters == -1 &&
           rows[1].flop == -1 && rows[1].n_examples == -1 && rows[1].device_us == -1 &&
           rows[1].method.overhead == JB_RATE_OVERHEAD_UNTOLD && rows[1].architecture[0] == '\0',
       "an empty cell is not told");
    ok(rows[2].method.overhead == JB_RATE_IT && rows[2].energy_uj == (jb_i128)8 * 3600000000000,
       "10 kWh with a PUE of 1.25 are 8 without");
    ok(rows[3].method.overhead == JB_RATE_FACILITY &&
           rows[3].energy_uj == (jb_i128)10 * 3600000000000,
       "with one untold they stay with it");
    jb_rate_refs_release(&refs);

    ok(parse("reference_1,energy_j,source,application,stage,boundary,basis,pue_included\n"
             "a,0.000001,s,x,train,boards,measured,no",
             &refs, &err) == JB_OK &&
           refs.n == 1 && refs.rows[0].energy_uj == 1,
       "joules in any column, to the microjoule; no newline at the end");
    jb_rate_refs_release(&refs);
    ok(parse(HEADER "\na,s,x,train,boards,measured,no,50000000\n", &refs, &err) == JB_OK &&
           refs.rows[0].energy_uj == (jb_i128)50000000 * 3600000000000,
       "50 GWh in kilowatt-hours");
    jb_rate_refs_release(&refs);

    refused("", "f.csv:1:1:", "nothing");
    refused("id,energy\n", "f.csv:1:1:", "another file");
    refused("reference_2,source\n", "f.csv:1:1:", "a version to come");
    refused(HEADER ",colour\n", "f.csv:1:77:", "a column that nobody knows");
    refused(HEADER ",energy_kwh\n", "f.csv:1:77:", "a column twice");
    refused("reference_1,source,application,stage,boundary,basis,energy_kwh\n",
            "f.csv:1:1:", "no column for PUE");
    refused("reference_1,source,application,stage,boundary,basis,pue_included\n",
            "f.csv:1:1:", "no energy column");
    refused(HEADER ",energy_j\n", "f.csv:1:1:", "two energy columns");
    refused(HEADER "\na,s,x,train,boards,measured,no,twelve\n", "f.csv:2:32:", "no number");
    refused(HEADER "\na,s,x,train,boards,measured,no,-1\n", "f.csv:2:32:", "less than nothing");
    refused(HEADER "\na,s,x,train,boards,measured,no,0\n", "f.csv:2:32:", "no energy");
    refused(HEADER "\na,s,x,train,boards,measured,no,\n", "f.csv:2:32:", "an empty energy");
    refused(HEADER "\na,s,x,train,gpu,measured,no,1\n", "f.csv:2:13:", "another boundary");
    refused(HEADER "\na,s,x,train,boards,guessed,no,1\n", "f.csv:2:20:", "another basis");
    refused(HEADER "\na,s,x,train,boards,measured,maybe,1\n", "f.csv:2:29:", "neither yes nor no");
    refused(HEADER "\na,,x,train,boards,measured,no,1\n", "f.csv:2:3:", "no source");
    refused(HEADER "\na,s,,train,boards,measured,no,1\n", "f.csv:2:5:", "no application");
    refused(HEADER "\na,s,x,train,boards\n", "f.csv:2:13:", "a short row");
    refused(HEADER "\na,s,\x01,train,boards,measured,no,1\n", "f.csv:2:5:", "a control character");
    refused(HEADER ",pue\na,s,x,train,boards,measured,yes,1,0.9\n", "f.csv:2:35:", "no PUE");
    refused(HEADER "\na,s,\"x,train\n", "f.csv:2:5:", "an open quote");
    return done_testing();
}
