#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# The work of a training beside its energy: told before or later, per example, operation and parameter exactly (R-WORK-11, -16).
. tests/cli/lib_book.sh

work() { # EXPRESSION over w: of the account in $out
    json "$out" "(lambda w: ($1))(d[\"work\"])"
}
# Run 1 has 3000 J, 2970 to 3030, and two epochs marked.
jb report "$R1" -f json
is "$(json "$out" 'd["work"]')" None 'of a run of which nobody told the work nothing is known'
jb_ok 'examples and operations are told later' amend "$R1" examples=1.5e6 epochs=90 flop=6e12 parameters=60000 --reason 'from its paper'
jb report "$R1" -f json
is "$(work 'w["n_examples"], w["n_epochs"]')" '(3000000, 2)' 'epochs are those marked, and not those told'
# 3000 J / 3e6 = 1 mJ; / 6e12 = 500 pJ; / 60000 = 50 mJ
is "$(work '[w[k]["best"] for k in ("energy_per_example_nj", "energy_per_flop_aj", "energy_per_parameter_nj")]')" \
    '[1000000, 500000000, 50000000]' 'energy per example, operation and parameter is exact'
is "$(work '[w["energy_per_example_nj"][k] for k in ("low", "high")]')" '[990000, 1010000]' "with the energy's band"
is "$(work 'w["method"], w["training_flop"]')" "('stated', '6000000000000')" 'operations are text, and say where they are from'
is "$(work 'w["n_boards"], w["busy_ppm"], w["mfu_ppm"], w["n_tokens"]')" '(None, None, None, None)' 'what is not known is absent'
is "$(json "$out" 'd["run"]["n_examples"], d["run"]["training_flop"], "n_tokens" in d["run"]')" "(1500000, '6000000000000', False)" \
    'the facts stand with the run'
jb_ok 'it is shown' show "$R1"
like "$(cat "$out")" 'work +6\.00e12 FLOP, stated' 'with its operations'
like "$(cat "$out")" '1\.00 mJ \(990 uJ \.\. 1\.01 mJ\) per example' 'its energy per example'
like "$(cat "$out")" '500 pJ \(495 \.\. 505 pJ\) per FLOP' 'and per operation'
jb_ok 'the list has columns of it' runs
like "$(head -1 "$out")" 'CO2e +FLOP +per FLOP +per example' 'of what some run has'
like "$(cat "$out")" '6\.00e12 +500 pJ +1\.00 mJ' 'and the figures'
jb runs --json
is "$(json "$out" '[r["work"] and r["work"]["energy_per_flop_aj"]["best"] for r in d]')" '[None, None, 500000000]' 'JSON has all of it'
jb runs --csv
is "$(/usr/bin/python3 -c '
import csv, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
print([(r["flop_method"], r["training_flop"], r["energy_per_example_best_nj"], r["mfu_best_ppm"]) for r in rows])' "$out")" \
    "[('', '', '', ''), ('', '', '', ''), ('stated', '6000000000000', '1000000', '')]" 'and CSV, empty where it is not known'

jb_ok 'what was stated is taken away' amend "$R1" flop= parameters=175e9 tokens=300e9 --reason 'it was of another model'
jb report "$R1" -f json
is "$(work 'w["method"], w["training_flop"], w["millipfsd"]')" "('6nd', '315000000000000000000000', 3645833)" \
    '6 x parameters x tokens takes its place, in petaFLOP/s-days: 3.15e23 / 8.64e19'
for wrong in examples=0 examples=1.5 examples=-3 epochs=many flop=1.5 flop=1e31 flop=0 factor=0.5 tokens=1e19; do
    jb amend "$R1" $wrong --reason why
    is "$rc" 3 "'$wrong' is refused"
done
like "$(cat "$err")" "'tokens' cannot be '1e19'" 'by its name'
jb balance
is "$rc" 0 'the book balances'
jb_ok 'what was told can be erased' amend "$R1" --erase training_flop --reason 'confidential'

# A transformer of one layer, 8 wide, 2 heads, 10 tokens: 12 x 64 + 80 multiply-adds a token, 2 x 8 a pair of tokens; at 4 tokens
# 4 x 848 + 16 x 16 = 3648. Parameters: 80 + 128 of tables, 32 + 216 + 72 + 288 + 264 of the layer, 16 of the last norm.
mkdir -p "$JB_TMP/model"
/usr/bin/python3 - "$JB_TMP/model" <<'END_PYTHON'
import json, math, struct, sys
h = "h.0."
shapes = {"wte.weight": [10, 8], "wpe.weight": [16, 8], h + "ln_1.weight": [8], h + "ln_1.bias": [8],
          h + "attn.c_attn.weight": [8, 24], h + "attn.c_attn.bias": [24], h + "attn.c_proj.weight": [8, 8], h + "attn.c_proj.bias": [8],
          h + "ln_2.weight": [8], h + "ln_2.bias": [8], h + "mlp.c_fc.weight": [8, 32], h + "mlp.c_fc.bias": [32],
          h + "mlp.c_proj.weight": [32, 8], h + "mlp.c_proj.bias": [8], "ln_f.weight": [8], "ln_f.bias": [8]}
header, at = {}, 0
for name, shape in shapes.items():
    n = 4 * math.prod(shape)
    header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + n]}
    at += n
text = json.dumps(header).encode()
open(sys.argv[1] + "/model.safetensors", "wb").write(struct.pack("<Q", len(text)) + text + bytes(at))
json.dump({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"], "n_embd": 8, "n_head": 2, "n_layer": 1, "n_positions": 16,
           "vocab_size": 10}, open(sys.argv[1] + "/config.json", "w"))
END_PYTHON
model=$JB_TMP/model/model.safetensors
jb amend "$R2" --count "$model" --reason 'from its file'
is "$rc" 3 'a model with an open size is not counted'
like "$(cat "$err")" "size 'seq' is open" 'which is named'
like "$(cat "$err")" '\-\-bind seq=' 'with what to do'
jb_ok 'a model is counted later' amend "$R2" --count "$model" --bind seq=4 examples=1000 epochs=2 --reason 'from its file'
jb report "$R2" -f json
is "$(work 'w["forward_macs"], w["forward_flop"], w["n_parameters"], w["method"]')" "(3648, 7296, 1096, 'counted')" \
    'to the integer, for one example'
# 7296 x 3 x 2000; 100 J
is "$(work 'w["training_flop"], w["energy_per_example_nj"]["best"]')" "('43776000', 50000000)" 'the training is three times the forward pass'
like "$(json "$out" 'd["notes"]')" "model.safetensors' (are|is) not counted" 'what a formula does not count is a doubt of the account'
is "$(json "$out" 'd["run"]["model_file"], len(d["run"]["model_digest"])')" "('model.safetensors', 64)" 'the file and its digest are kept'
jb_ok 'recomputation is told' amend "$R2" factor=4 parameters=5 --reason 'activations are computed again'
jb report "$R2" -f json
is "$(work 'w["training_flop"], w["n_parameters"]')" "('58368000', 5)" 'and makes it four times'
jb amend "$R2" --count "$JB_TMP/none.onnx" --reason why
is "$rc" 3 'a file that is not there is refused'
jb amend "$R2" --bind seq=4 --reason why
is "$rc" 2 'a size without a model is wrong use'
jb balance
is "$rc" 0 'the book balances after it'

jb run --count "$model" --bind seq=4 --examples 10 --account "$JB_TMP/account.json" -- sh -c 'exit 7'
is "$rc" 7 'a run whose model is counted ends as its command did'
is "$(json "$JB_TMP/account.json" 'd["work"]["forward_macs"], d["work"]["training_flop"], d["work"]["n_parameters"]')" "(3648, '218880', 1096)" \
    'and its account has the count'
jb report last -f json
is "$(work 'w["training_flop"]')" 218880 'so has the book'
jb run --count "$JB_TMP/later.safetensors" --bind seq=4 -- cp "$model" "$JB_TMP/model/later.safetensors"
is "$rc" 0 'a file that is not there fails no run'
like "$(cat "$err")" 'the model is not counted: .*later\.safetensors' 'and is told'
jb run --count "$JB_TMP/model/later.safetensors" --bind seq=x -- touch "$JB_TMP/ran"
is "$rc" 125 'a size that is no number is refused before the command starts'

# A run that is told all of it before it starts: what it says agrees with its own energy.
root=$JB_TMP/root
mkdir -p "$root"
JOULEBOOK_FLOP=4e9 jb run --examples 1000 --epochs 5 --parameters 7 --account "$JB_TMP/account.json" -- true
is "$rc" 0 'a command whose work is told runs'
like "$(cat "$err")" 'work +.* per example, .* per FLOP' 'the summary has a line of it'
is "$(json "$JB_TMP/account.json" 'd["work"]["n_examples"], d["work"]["training_flop"], d["work"]["n_parameters"]')" \
    "(5000, '4000000000', 7)" 'options and variables are its facts'
is "$(json "$JB_TMP/account.json" 'd["energy_uj"] is None or d["work"]["energy_per_flop_aj"]["best"] == (d["energy_uj"]["best"] * 10 ** 12 + 2 * 10 ** 9) // (4 * 10 ** 9)')" True \
    'energy per operation is its own energy over its own operations'
jb run --examples 1000 --account "$JB_TMP/account.json" -- true
like "$(json "$JB_TMP/account.json" 'd["notes"]')" 'neither told nor marked' 'one epoch is taken where none was told, aloud'
jb run --examples some -- touch "$JB_TMP/ran"
is "$rc" 125 'a mistake is refused before the command starts'
ok 'which then does not' [ ! -e "$JB_TMP/ran" ]
jb run -- true
unlike "$(cat "$err")" '^  work ' 'a run of which nothing is told has no such line'

# A paper of others: 0.2 kWh are 720 kJ; / 3000 examples, / 1e18 operations.
printf '%s\n%s\n' timestamp,project_name,run_id,duration,emissions,gpu_energy,energy_consumed,codecarbon_version,pue \
    2024-03-05T13:00:00,bert,a,3600,0.1,0.2,0.2,2.4.0,1.0 >"$JB_TMP/emissions.csv"
jb_ok 'a reconstructed run carries its work too' import codecarbon "$JB_TMP/emissions.csv" --utc-offset 1 --examples 1000 --epochs 3 --flop 1e18
jb runs --json --layer reconstructed
is "$(json "$out" '[[r["work"][k]["best"] for k in ("energy_per_example_nj", "energy_per_flop_aj")] for r in d]')" '[[240000000000, 720000]]' \
    'and its energy is told for each example and operation'

# A board that others keep busy 60 % of its time while the run has it: 989.4e12 operations a second in bf16, at 700 W.
doubles=$JB_BUILD/tests/doubles/nvml
[ -e "$doubles/libnvidia-ml.so.1" ] || { skip 'no stand-in for the library of NVIDIA: built with the tests'; done_testing; exit; }
mkdir -p "$root/proc/sys/kernel/random" "$root/sys/class/powercap"
printf 'node9\n' >"$root/proc/sys/kernel/hostname"
printf '9d9f0f1c-0000-4000-8000-000000000001\n' >"$root/proc/sys/kernel/random/boot_id"
printf 'board GPU-aaaa\nname NVIDIA H100 80GB HBM3\npci 0000:65:00\npower const:250\nprocess 1 60 1000\n' >"$JB_TMP/boards"
LD_LIBRARY_PATH=$doubles JB_NVML_SCRIPT=$JB_TMP/boards CUDA_VISIBLE_DEVICES=0 jb run --flop 1e15 --sensors-root "$root" \
    --account "$JB_TMP/account.json" --book "$JB_TMP/board.db" -- sleep 4
is "$rc" 0 'a run that has a board'
cp "$JB_TMP/account.json" "$out"
is "$(work 'w["n_boards"], w["board"], w["peak_type"]')" "(1, 'NVIDIA H100 80GB HBM3', 'bf16')" 'it is told which'
is "$(work '3.9e9 < w["board_ns"] < 30e9 and w["board_ns"] <= d["duration_ns"] + 10 ** 9')" True 'for as long as it ran'
is "$(work 'abs(w["mfu_ppm"]["best"] - 10 ** 15 * 10 ** 6 / (989400 * w["board_ns"])) <= 1')" True \
    'MFU is its operations over what the board could have done meanwhile'
is "$(work 'w["busy_ppm"]["low"] <= 600000 <= w["busy_ppm"]["high"] < 10 ** 6 or w["board_ns"] < 5 * 10 ** 9')" True 'it was busy 60 % of the time'
is "$(work 'abs(int(w["device_best_flop"]) - 989400 * w["board_ns"] * w["busy_ppm"]["best"] / 10 ** 6) <= 989400 * w["board_ns"] / 10 ** 6')" True \
    'operations by device time are its peak over the time it was busy'
is "$(work 'w["least_per_flop_aj"]["best"]')" 707499 '700 W / 989.4e12'
like "$(json "$out" 'd["notes"]')" 'others used its boards too' 'and whose use it was is told'
done_testing
