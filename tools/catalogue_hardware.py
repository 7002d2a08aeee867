# SPDX-License-Identifier: Apache-2.0
"""Accelerators and cloud instances for src/catalogue/data: what an allowed source states, and nothing else.

Used by tools/update_catalogue.py. tools/accelerator_figures.csv holds the figures as read in the allowed sources, by
hand; a figure of the public table is carried only where one of them states it too (R-CAT-13). Never guesses a watt.
"""
import csv
import os
import re

FIGURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'accelerator_figures.csv')
# What the vendor's own software and papers say, then open tables, then what the press printed.
RANK = ['dcgm', 'vantage-nvml', 'jouppi-2023', 'green-algorithms', 'epoch-hardware', 'epoch-models', 'hf-hardware', 'mlco2-gpus',
        'composer', 'torchtitan', 'nvidia-smi', 'custompc-2020', 'toms-2019', 'pcgamer-2014']
# What the source column of the public table says was read about the board's power.
POWER_MARKS = [('NVIDIA/DCGM', 'dcgm'), ('(NVML)', 'vantage-nvml'), ('W limit', 'nvidia-smi'),
               ('Jouppi et al.', 'jouppi-2023')]
RATIO = 'derived from FP32 by the architecture ratio'
# As runs and reports write it, with the form it is sold in.
ALSO = {'NVIDIA B200': ['B200 SXM 180GB']}
# One spelling of several boards: no alias of one of them, or a lookup would be a silent guess (R-CAT-20).
GENERIC = {'a100', 'nvidia a100', 'tesla a100', 'a100-80gb', 'v100', 'tesla v100', 'v100-32gb', 'h100', 'nvidia h100',
           'h100-80gb', 'p100', 'tesla p100', 'rtx 3060', 'rtx 3080', 'k40', 'tesla k40', 'm40', 'tesla m40'}
BASIS = [('TDP is an Epoch estimate', 'estimate'), ('package power is an estimate', 'estimate'),
         ('not a TDP', 'measured maximum'), ('(module, ', 'module with CPU')]


def is_near(a, b, part=0.02, least=0.0):
    return abs(a - b) <= max(part * max(a, b), least)


def figures():
    table = {}
    with open(FIGURES, newline='', encoding='utf-8') as f:
        for row in csv.DictReader(line for line in f if not line.startswith('#')):
            table.setdefault(row['name'], []).append(row)
    for rows in table.values():
        rows.sort(key=lambda r: RANK.index(r['source']))
    return table


def power_of(row, told):
    """(watts, source id) or ('', '')."""
    marks = [s for mark, s in POWER_MARKS if mark in row['source']]
    claims = [(float(t['board_w']), t['source']) for t in told if t['board_w']]
    if row['board_tdp_w']:
        watts = float(row['board_tdp_w'])
        agree = marks + [s for w, s in claims if is_near(w, watts, least=2)]
        if agree:
            return row['board_tdp_w'], min(agree, key=RANK.index)
    if claims and all(is_near(w, claims[0][0]) for w, _ in claims) and not is_laptop(row):
        return f'{claims[0][0]:g}', claims[0][1]
    return '', ''


def is_laptop(row):
    return 'laptop part' in row['source'] or re.search(r'\b(Mobile|Max-Q|Laptop)\b', row['name']) is not None


def told_rate(row, column, told):
    """The source that states this rate of the row, or ''. Hugging Face gives one rate of unstated kind: the plain
    FP32 rate of Ampere, Ada and Pascal boards, twice or four times it on others."""
    if not row[column]:
        return ''
    value = float(row[column])
    mine = {'fp32_tflops': 'fp32_tflops', 'fp16_tensor_tflops': 'fp16_tflops', 'bf16_tensor_tflops': 'fp16_tflops',
            'fp8_tflops': 'fp8_tflops', 'int8_tops': 'int8_tops'}[column]
    for t in told:
        if t['source'] == 'hf-hardware' and column == 'fp16_tensor_tflops':
            if is_near(float(t['fp32_tflops'] or 0), value, part=0.03):
                return t['source']
        if not t[mine]:
            continue
        factors = (1, 2, 4) if t['source'] == 'hf-hardware' else (1,)
        if any(is_near(float(t[mine]), f * value, part=0.03) for f in factors):
            return t['source']
    return ''


def memory_of(row, told):
    if not row['memory_gb']:
        return '', ''
    value = float(row['memory_gb'])
    for t in told:
        if any(is_near(float(m), value, part=0.03) for m in t['memory_gb'].split('/') if m):
            return row['memory_gb'], t['source']
    if re.search(rf'\b{value:g} ?GB', row['name'] + ';' + row['aliases']):
        return row['memory_gb'], 'product-names'
    return '', ''


def accelerator(row, told, wanted):
    watts, source = power_of(row, told)
    rates = {}
    rates_source = ''
    for column in ('fp32_tflops', 'fp16_tensor_tflops', 'bf16_tensor_tflops', 'fp8_tflops', 'int8_tops'):
        found = told_rate(row, column, told)
        if not found and column != 'fp32_tflops' and RATIO in row['source'] and rates.get('fp32_tflops'):
            found = rates_source
        rates[column] = row[column] if found else ''
        # The one that is cited gives the rate trainings are compared by, where another gives FP32.
        is_tensor = column == 'fp16_tensor_tflops' and found
        rates_source = found if is_tensor else rates_source or found
    memory, memory_source = memory_of(row, told)
    if not watts and not (row['aliases'] or row['kind'] != 'gpu' or row['name'] in wanted):
        return None
    aliases = [a for a in row['aliases'].split(';') if a and a.lower() not in GENERIC] + ALSO.get(row['name'], [])
    basis = 'laptop' if is_laptop(row) else next((b for mark, b in BASIS if mark in row['source']), 'board')
    idle = row['idle_w'] if 'idle:' in row['source'] or 'Jouppi' in row['source'] else ''
    return {'name': row['name'], 'aliases': ';'.join(aliases), 'vendor': row['vendor'], 'kind': row['kind'],
            'released_year': row['released'][:4], 'dies_per_board': row['dies_per_board'],
            'board_tdp_w': watts, 'power_basis': basis if watts or basis == 'laptop' else '', 'idle_w': idle,
            'fp32_tflops': rates['fp32_tflops'], 'fp16_tflops': rates['fp16_tensor_tflops'],
            'bf16_tflops': rates['bf16_tensor_tflops'], 'fp8_tflops': rates['fp8_tflops'],
            'int8_tops': rates['int8_tops'], 'memory_gb': memory,
            'source': source or 'product-names', 'rates_source': rates_source or memory_source,
            'idle_source': '' if not idle else 'jouppi-2023' if 'Jouppi' in row['source'] else 'nvidia-smi'}


ACCELERATOR_COLUMNS = ['name', 'aliases', 'vendor', 'kind', 'released_year', 'dies_per_board', 'board_tdp_w',
                       'power_basis', 'idle_w', 'fp32_tflops', 'fp16_tflops', 'bf16_tflops', 'fp8_tflops',
                       'int8_tops', 'memory_gb', 'source', 'rates_source', 'idle_source']


def accelerators(rows, wanted, left_out):
    told = figures()
    unused = set(told) - {r['name'] for r in rows}
    if unused:
        raise SystemExit(f'accelerator_figures.csv: no board is called {sorted(unused)}')
    out = []
    for row in rows:
        kept = accelerator(row, told.get(row['name'], []), wanted)
        if kept is None:
            left_out['accelerators: no allowed source states the power, and no driver lists the name'] += 1
            continue
        left_out['accelerators: carried by name, without watts'] += not kept['board_tdp_w']
        left_out['accelerators: FP32 rate not stated by an allowed source'] += bool(
            row['fp32_tflops'] and not kept['fp32_tflops'])
        out.append(kept)
    return sorted(out, key=lambda r: r['name'].encode())


# --- instances ---------------------------------------------------------------------------------------------------

INSTANCE_SOURCES = [('kubernetes/autoscaler', 'k8s-autoscaler'), ('aws/karpenter-provider-aws', 'karpenter-aws'),
                    ('Azure/karpenter-provider-azure', 'karpenter-azure'),
                    ('cloud-carbon-footprint/ccf-coefficients', 'ccf-instances'),
                    ('Cyclenerd/google-cloud-pricing', 'cyclenerd-gcp'), ('vantage-sh/', 'vantage'),
                    ('MicrosoftDocs/', 'azure-docs')]
# Facts that the provider itself publishes about its machine types; the tables below only say so as well.
PROVIDER_DOCS = {'azure': 'azure-docs', 'gcp': 'gcp-docs', 'aws': 'aws-docs', 'oci': 'oci-docs',
                 'nebius': 'nebius-docs', 'lambda': 'lambda-docs', 'ovhcloud': 'ovhcloud-docs',
                 'scaleway': 'scaleway-docs'}
PROVIDER_MARKS = ('dstackai/gpuhunt', 'skypilot-org/', 'aws-neuron/', 'quoted in public repository docs')
TEADS = '(Teads; idle_w/max_w = CPU+RAM+GPU+platform'


def instance(row, left_out):
    parts = row['source'].split(' | ')
    free = [p for p in parts if 'Boavizta' not in p]
    if not free:
        left_out['instances: only Boavizta (AGPL) has the row'] += 1
        return None
    source = next((s for p in free for mark, s in INSTANCE_SOURCES if mark in p), None)
    if source is None and any(m in p for p in free for m in PROVIDER_MARKS):
        source = PROVIDER_DOCS[row['provider']]
    if source is None:
        left_out['instances: no rule for the source'] += 1
        return None
    cpu = row['cpu_model']
    if len(free) < len(parts) and 'Boavizta' in row['source'] and row['provider'] != 'aws':
        left_out['instances: processor may come from Boavizta (AGPL), left unknown'] += bool(cpu)
        cpu = ''
    watts = TEADS in row['source']
    if row['max_w'] and not watts:
        left_out['instances: modelled watts of another scope than the whole share (Boavizta, CCF)'] += 1
    count = row['accelerator_count']
    return {'provider': row['provider'], 'instance_type': row['instance_type'], 'vcpus': row['vcpus'],
            'memory_gib': row['memory_gb'], 'accelerator': row['accelerator'],
            'n_boards': f'{float(count):.3f}'.rstrip('0').rstrip('.') if count else '', 'processor': cpu,
            'idle_w': row['idle_w'] if watts else '', 'max_w': row['max_w'] if watts else '', 'source': source,
            'watts_source': 'teads' if watts and row['max_w'] else ''}


INSTANCE_COLUMNS = ['provider', 'instance_type', 'vcpus', 'memory_gib', 'accelerator', 'n_boards', 'processor',
                    'idle_w', 'max_w', 'source', 'watts_source']


def instances(rows, left_out):
    out = [i for i in (instance(row, left_out) for row in rows) if i]
    return sorted(out, key=lambda r: (r['provider'].encode(), r['instance_type'].encode()))
