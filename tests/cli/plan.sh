#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# A training before it begins: what follows from operations, hardware and place by hand, choices, hours of a series and of grids'
# APIs on loopback, and what is refused. R-PLAN-01, -20 to -24, R-CARBON-24.
. tests/cli/lib.sh
JOULEBOOK_BOOK=$JB_TMP/book.db
export JOULEBOOK_BOOK

jb_ok 'parameters and tokens' plan --parameters 7e9 --tokens 2e12 --on '512 x A100' --json
is "$(json "$out" '(d["training_flop"], d["flop_method"], d["millipfsd"])')" "('84000000000000000000000', '6nd', 972222)" \
    '6 x 7e9 x 2e12 = 8.4e22, 972.222 petaFLOP/s-days'
is "$(json "$out" 'all(p[k]["low"] < p[k]["best"] < p[k]["high"] for p in d["plans"] for k in ("wall_us", "energy_mj", "utilisation_ppm"))')" \
    True 'time, energy and utilisation have bands'
is "$(json "$out" '[p[k] for p in d["plans"] for k in ("location_ugco2e", "cost_micro", "hours")]')" '[None, None, None]' \
    'without a place, a price and hours there is nothing of them'

# 1e18 / (312e12 x 0.5) = 6410.256410 s on one A100
jb_ok 'a stated utilisation' plan --flop 1e18 --on 'A100 SXM4 80GB' --utilisation 50% --place FR --json
is "$(json "$out" 'd["plans"][0]["wall_us"]["best"]')" 6410256410 'time = operations / (peak x utilisation), to the microsecond'
# 1e18 / (70e12 x 0.5) = 28571.428571 s
jb_ok 'a stated peak' plan --flop 1e18 --on A10G --utilisation 50% --peak '70 TFLOP/s' --json
is "$(json "$out" '(d["plans"][0]["wall_us"]["best"], d["plans"][0]["peak_type"])')" "(28571428571, 'stated')" 'takes the place of the catalogue'\''s'
jb_ok 'a board of no catalogue' plan --flop 1e18 --on Z9000 --utilisation 50% --peak 0.07PFLOPS --power 300W --json
is "$(json "$out" 'd["plans"][0]["wall_us"]["best"]')" 28571428571 'is planned where its peak and draw are stated'
jb_ok 'a board of which fp32 alone is known' plan --flop 1e18 --on A10G
like "$(tr -s ' \n' ' ' <"$out")" 'the catalogue has its fp32 rate alone' 'says that'
jb_ok 'on four' plan --flop 1e18 --on '4 x A100 SXM4 80GB' --utilisation 50% --json
is "$(json "$out" '(d["plans"][0]["device_us"]["best"], d["plans"][0]["wall_us"]["best"])')" '(6410256410, 1602564103)' \
    'device time is the same, the clock a quarter'
jb_ok 'of an instance' plan --flop 1e18 --on '2 x aws/p4d.24xlarge' --utilisation 50% --json
is "$(json "$out" 'd["plans"][0]["wall_us"]["best"]')" 400641026 'two of eight boards are sixteen'

jb_ok 'two boards in two places' plan --flop 1e20 --on '8 x A100 SXM4 80GB' --on '8 x V100 SXM2 16GB' --place FR --place PL --tariff 0.25 \
    --currency EUR --json
is "$(json "$out" '[(p["hardware"][4:].split()[1], p["place"]) for p in d["plans"]]')" \
    "[('A100', 'FR'), ('A100', 'PL'), ('Tesla', 'FR'), ('Tesla', 'PL')]" 'each hardware in each place'
is "$(json "$out" '(d["choices"]["cleanest"]["plan"], d["choices"]["fastest"]["n_alike"])')" '(1, 1)' \
    'the cleanest is named; time is alike in both places'
is "$(json "$out" 'all(p["cost_micro"]["best"] == round(p["facility_mj"]["best"] / 3.6e9 * 250000) for p in d["plans"])')" True \
    'cost is energy x tariff'
jb_ok 'for people' plan --flop 1e20 --on '8 x A100 SXM4 80GB' --on '8 x V100 SXM2 16GB' --place FR --place PL
like "$(cat "$out")" '^cheapest +no cost is known: give --tariff or --price' 'what cannot be compared is said, with the step'
like "$(cat "$out")" '^cleanest +1' 'what can is named'
jb_ok 'a place with a PUE beside one without' plan --flop 1e20 --on 'A100 SXM4 80GB' --place IE --place aws/eu-west-1
like "$(cat "$out")" '^- 1: no PUE is told' 'that one row lacks it is said'
like "$(cat "$out")" "^- 2: place .aws/eu-west-1. is region" 'and what the other is'
jb_ok 'as CSV' plan --flop 1e20 --on '8 x A100' --on '8 x V100' --place FR --csv
is "$(grep -c , "$out")" 3 'a title and a line each'

jb_ok 'a price for the hour of a device' plan --flop 1e18 --on 'A100 SXM4 80GB' --utilisation 50% --price 2 --currency USD --json
is "$(json "$out" 'd["plans"][0]["cost_micro"]["best"]')" 3561254 '6410.256410 s x 2 / h = 3.561254'

# 365 trainings a year; each figure 365 times one
jb_ok 'trained anew every day' plan --flop 1e18 --on 'A100 SXM4 80GB' --place FR --retrain daily --life 730d --json
is "$(json "$out" '(lambda p: [p[k]["n_trainings"] for k in ("per_year", "per_life")] + [p["per_year"]["facility_mj"][e] == 365 * p["facility_mj"][e]
    for e in ("low", "best", "high")])(d["plans"][0])')" '[365, 730, True, True, True]' 'a year and its life, linear in every edge'

# --- hours ------------------------------------------------------------------------------------------------------------
cat >"$JB_TMP/fr.csv" <<'CSV'
utc_hour_start,gco2e_per_kwh
2026-01-01T00:00:00Z,400
2026-01-01T01:00:00Z,200
2026-01-01T02:00:00Z,100
2026-01-01T03:00:00Z,300
CSV
# Two hours: 7200 s x 156e12 = 1.1232e18
hours() {
    jb_ok "$1" plan --flop 1.1232e18 --on 'A100 SXM4 80GB' --utilisation 50% --from 2026-01-01T00:00:00Z "${@:2}" --json
}
mass='(lambda h, p: h["best"]["ugco2e"]["best"] == round(p["facility_mj"]["best"] * h["best"]["mean_mg_per_kwh"] / 3.6e6))(d["plans"][0]["hours"], d["plans"][0])'
when='(lambda h: (h["n_starts"], h["first"]["mean_mg_per_kwh"], h["best"]["start"], h["best"]["mean_mg_per_kwh"]))(d["plans"][0]["hours"])'
hours 'a file of hours' --place FR --hourly "$JB_TMP/fr.csv"
is "$(json "$out" "$when")" "(3, 300000, '2026-01-01T01:00:00Z', 150000)" 'two hours from one o'\''clock are the cleanest'
is "$(json "$out" "$mass")" True 'carbon is energy x that mean'
# 8,760 of them cannot all begin at the best hour
jb_ok 'trained anew every hour' plan --flop 1e17 --on 'A100 SXM4 80GB' --place FR --hourly "$JB_TMP/fr.csv" --from 2026-01-01T00:00:00Z \
    --retrain hourly --json
is "$(json "$out" '(lambda p: [p["per_year"]["ugco2e"][e] == 8760 * p["location_ugco2e"][e] for e in ("low", "best", "high")])(d["plans"][0])')" \
    '[True, True, True]' 'the year is by the year'\''s grid'
hours 'for one of two places' --place FR --place PL --hourly "FR=$JB_TMP/fr.csv"
is "$(json "$out" '[bool(p["hours"]) for p in d["plans"]]')" '[True, False]' 'the other goes by the year'
jb_ok 'for people' plan --flop 1e18 --on A100 --place FR --place PL --hourly "FR=$JB_TMP/fr.csv" --from 2026-01-01T00:00:00Z
like "$(cat "$out")" 'else by the year.s grid: the two are not alike' 'a best hour beside a year is said to be that'
jb plan --flop 1e18 --on A100 --place FR --place PL --hourly "$JB_TMP/fr.csv"
is "$rc" 2 'of which place has to be said'
jb_ok 'a training longer than the series' plan --flop 1e20 --on 'A100 SXM4 80GB' --utilisation 50% --place FR --hourly "$JB_TMP/fr.csv" --from 2026-01-01
like "$(cat "$out")" 'no start from which the series covers the whole training: it is of 2026-01-01T00:00:00Z .. 2026-01-01T04:00:00Z' 'has no best hour'

coproc API { tests/doubles/grid_api.py 2>"$JB_TMP/asked"; }
read -r word port <&"${API[0]}"
is "$word" ready 'APIs of grids stand on loopback'
umask 077
echo 'token k3y' >"$JB_TMP/maps"
echo 'token no' >"$JB_TMP/wrong"
echo 'ann:secret' >"$JB_TMP/watt"
url=http://127.0.0.1:$port
if curl --version >/dev/null 2>&1; then
    hours 'Electricity Maps' --place NL --hourly electricity-maps:NL --hourly-url "$url" --credentials "$JB_TMP/maps"
    is "$(json "$out" "$when")" "(3, 300000, '2026-01-01T01:00:00Z', 150000)" 'is asked for its forecast'
    is "$(json "$out" '(lambda h: (h["provider"], h["zone"], h["n_forecast"]))(d["plans"][0]["hours"])')" "('Electricity Maps', 'NL', 4)" \
        'which is said to be one'
    like "$(cat "$JB_TMP/asked")" 'disableCallerLookup=true&zone=NL' 'it may not look where the question comes from'
    jb plan --flop 1e18 --on A100 --place NL --hourly electricity-maps:NL --hourly-url "$url" --credentials "$JB_TMP/wrong"
    is "$rc" 5 'a key that is refused'
    like "$(cat "$err")" 'electricity-maps: it refuses' 'is told'
    hours 'GB' --place GB --hourly gb --hourly-url "$url"
    # 90 80 | 70 60 | 200: two hours from midnight (90 + 80 + 70 + 60) / 4; from half past (80 + 70 + 60 + 200) / 4
    is "$(json "$out" "$when")" "(2, 75000, '2026-01-01T00:00:00Z', 75000)" 'by the half hour'
    hours 'WattTime' --place US-CA --hourly watttime:CAISO_NORTH --hourly-url "$url" --credentials "$JB_TMP/watt"
    is "$(json "$out" '(lambda h: (h["signal"], h["best"]["start"]))(d["plans"][0]["hours"])')" "('marginal', '2026-01-01T02:00:00Z')" \
        'gives a token, then marginal intensities'
    is "$(json "$out" 'd["plans"][0]["location_ugco2e"] is not None and d["choices"]["cleanest"]["plan"]')" 1 'which choose an hour, and no place'
else
    skip 'no curl' 12
fi
jb plan --flop 1e18 --on A100 --place NL --hourly electricity-maps:NL --hourly-url http://192.0.2.1 --credentials "$JB_TMP/maps"
is "$rc" 5 'a key is not sent in the clear'
like "$(cat "$err")" 'in the clear' 'and that is why'
exec {API[1]}>&-

# --- refused ----------------------------------------------------------------------------------------------------------
refused() {
    local wanted=$1 message=$2
    jb plan "${@:3}"
    is "$rc" "$wanted" "${*:3}"
    like "$(cat "$err")" "$message" "says: $message"
}
# --- a model of which one operator is of somebody's own ---------------------------------------------------------------
/usr/bin/python3 - "$JB_TMP/own.onnx" <<'END_PYTHON'
import sys
def varint(n): return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)
def whole(tag, n): return varint(tag << 3) + varint(n)
def part(tag, body): return varint(tag << 3 | 2) + varint(len(body)) + body
def value(name, dims):
    return part(1, name) + part(2, part(1, whole(1, 1) + part(2, b"".join(part(1, whole(1, d)) for d in dims))))
weight = whole(1, 1000) + whole(1, 1000) + whole(2, 1) + part(8, b"w") + part(9, bytes(4000000))
graph = (part(1, part(1, b"x") + part(1, b"w") + part(2, b"h") + part(4, b"MatMul")) +
         part(1, part(1, b"h") + part(2, b"y") + part(4, b"Weird") + part(7, b"com.acme")) + part(2, b"g") + part(5, weight) +
         part(11, value(b"x", [4, 1000])) + part(12, value(b"y", [4, 1000])))
open(sys.argv[1], "wb").write(whole(1, 8) + part(7, graph) + part(8, whole(2, 17)) + part(8, part(1, b"com.acme") + whole(2, 1)))
END_PYTHON
jb_ok 'an operator that nobody knows' plan "$JB_TMP/own.onnx" --examples 1e9 --epochs 10 --on A100 --json
# 4 x 1000 x 1000 multiply-adds for 4 examples: 2e6 FLOP each, x 3 x 1e10
is "$(json "$out" '(d["training_flop"], d["flop_method"])')" "('60000000000000000', 'counted')" 'the rest is counted'
like "$(json "$out" 'd["doubt"]')" '1 operator of the model is not counted, com.acme.Weird among them' 'and it is not passed over'
jb_ok 'for people' plan "$JB_TMP/own.onnx" --examples 1e9 --epochs 10 --on A100
like "$(tr -s ' \n' ' ' <"$out")" 'it takes more than is told here' 'as well'

refused 2 'the work is said not at all' --on A100
refused 2 'the work is said twice' --flop 1e18 --parameters 7e9 --tokens 1e9 --on A100
refused 2 'parameters and tokens are wanted together' --parameters 7e9 --on A100
refused 2 'no hardware is said' --flop 1e18
refused 3 'A1000000' --flop 1e18 --on 'A1000000'
refused 2 'none of the classes' --flop 1e18 --on A100 --class poetry
refused 2 'no number of operations' --flop much --on A100
refused 2 'for retraining' --flop 1e18 --on A100 --life 2years
refused 3 'more operations than are ever' --parameters 9e18 --tokens 9e18 --on A100
refused 3 'more operations than are ever' --parameters 9223372036854775807 --tokens 6148914691236517205 --on A100
refused 2 "'--epochs' is for a model file" --flop 1e18 --epochs 3 --on A100
refused 2 "'--bind' is for a model file" --parameters 7e9 --tokens 1e9 --bind batch=1 --on A100
refused 2 "'--credentials' is for a provider" --flop 1e18 --on A100 --place NL --credentials "$JB_TMP/maps"
refused 2 "'--hourly-url' is for a provider" --flop 1e18 --on A100 --place FR --hourly "$JB_TMP/fr.csv" --hourly-url https://a.example
refused 2 "'--from' is where" --flop 1e18 --on A100 --place FR --from 2026-01-01
refused 3 'holds a part of one NVIDIA A10' --flop 1e18 --on azure/Standard_NV6ads_A10_v5
jb plan --flop 1 --on A100
is "$rc" 5 'a single operation takes no time that is told'
like "$(cat "$out")" 'not computable: it takes less than a microsecond' 'and no 0 s'
# 5e26 / (312e12 x 0.304) are 167,000 device-years, which fit; the high end of their band, 328,000, does not
jb plan --flop 5e26 --on '1000000 x A100 SXM4 80GB'
is "$rc" 5 'a band that goes beyond the scale'
like "$(cat "$out")" 'not computable: the training is beyond' 'is not cut off there'
jb_ok 'halves of a board of two dies' plan --flop 1e18 --on aws/p2.xlarge --json
is "$(json "$out" 'd["plans"][0]["peak_gflops"]')" 4110 'are a device each'
refused 3 'Atlantis' --flop 1e18 --on A100 --place Atlantis
refused 3 'cannot open .*nope' "$JB_TMP/nope.onnx" --examples 1 --on A100
done_testing
