#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cuts the public fact tables down to what an Apache-2.0 program may carry, and writes src/catalogue/data/*.csv.

    tools/update_catalogue.py TABLES_DIR REFERENCE_DIR

TABLES_DIR holds cpus.csv, cpu_power_profile.csv, memory_power.csv, accelerators.csv, cloud_instances.csv; REFERENCE_DIR
grid_intensity.csv, pue.csv, cloud_regions.csv, cloud_region_history.csv, training_runs.csv, equivalents.csv and
carbon_price.csv.
Nothing is guessed: a figure that no allowed source gives is written '?'. What was left out is counted on stderr,
by reason. cpu_family.csv, sources.csv and EDITION are kept by hand. Rules: docs/method/catalogue.md.
"""
import collections
import csv
import fnmatch
import os
import re
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import catalogue_hardware  # noqa: E402
import catalogue_places  # noqa: E402
import catalogue_runs  # noqa: E402

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'src', 'catalogue', 'data')
UNKNOWN = '?'
left_out = collections.Counter()


def read(folder, name):
    with open(os.path.join(folder, name), newline='', encoding='utf-8') as f:
        return list(csv.DictReader(f))


def write(name, columns, rows):
    with open(os.path.join(OUT, name), 'w', newline='', encoding='utf-8') as f:
        w = csv.writer(f, lineterminator='\n')
        w.writerow(columns)
        for row in rows:
            w.writerow([UNKNOWN if row[c] in ('', None) else row[c] for c in columns])
    print(f'{name}: {len(rows)} rows', file=sys.stderr)


CORE_OR_GENERATION = r'(\d+|dual|triple|quad|six|eight)-cores?|\d+(st|nd|rd|th)|gen'


def normal_name(text):
    """R-CAT-01; the same rule as jb_catalogue__normal_name in C, which a test compares over every row."""
    t = text.lower().replace('(tm)-', '-').replace('(r)-', '-')
    for mark in ('(r)', '(tm)', '(c)', '®', '™'):
        t = t.replace(mark, ' ')
    words = t.split('@')[0].split()
    for i in range(len(words) - 1):
        if words[i] in ('w/', 'with') and words[i + 1] == 'radeon':
            words = words[:i]
            break
    words = [w for w in words if w not in ('cpu', 'processor', 'apu') and not re.fullmatch(CORE_OR_GENERATION, w)]
    return ' '.join(words)


# --- processors -------------------------------------------------------------------------------------------------

SOURCE_RANK = ['codecarbon-ark', 'codecarbon-amd', 'green-algorithms', 'codecarbon-cpu', 'eco2ai']


def cpu_source(sources):
    """The id of the source that is cited, or None where only one we may not carry gives the figure (R-CAT-03)."""
    told = sources.split(' | ')
    table = [('Boavizta/', None), ('(name only)', None),
             ('intel_cpu_ark_dataset', 'codecarbon-ark'), ('amd_cpu_desktop_dataset', 'codecarbon-amd'),
             ('amd_cpu_server_dataset', 'codecarbon-amd'), ('codecarbon/data/hardware/cpu_power.csv', 'codecarbon-cpu'),
             ('GreenAlgorithms/green-algorithms-tool', 'green-algorithms'), ('sb-ai-lab/Eco2AI', 'eco2ai')]
    # Those behind the first overrode or confirmed its TDP.
    for one in told:
        found = [source for mark, source in table if mark in one]
        if not found and one == told[0]:
            raise SystemExit(f'no rule for the source {one!r}')
        if found and found[0]:
            return found[0]
    return None


def product_line(name):
    words = []
    for word in name.split()[1:]:
        head = re.match(r'(i[3579]|[emd])-?\d{3,}', word, re.I)
        if head and word[:1] == 'i':
            words.append(head.group(1))
            break
        if head or re.search(r'\d{3,}|\d[A-Za-z]|[A-Za-z]\d{2}', word):
            break
        words.append(word)
    return ' '.join(words[:4]) or 'other'


def segment(name):
    """server, desktop or other: decides only which rows stand for an unknown processor (R-CAT-07)."""
    if re.search(r'\b(EPYC Embedded|Xeon Phi|Xeon D-)', name):
        return 'other'
    if re.search(r'\b(EPYC|Xeon|Opteron)\b', name):
        return 'server'
    if re.search(r'\b(Threadripper|Core i[3579]-\d{4,5}(K|KF|KS|F|S|T|TE|E|X|XE|R)?$|Core Ultra \d \d{3}(K|KF|F|T)?$'
                 r'|Ryzen (PRO )?[3579] (PRO )?\d{4}(X|XT|X3D|G|GE|GT|F|E)?$)', name):
        return 'desktop'
    return 'other'


def threads_of(row, source, name, seg):
    """R-CAT-04: (min, best, max) hardware threads of a package, or unknown."""
    if row['source'].startswith('Boavizta/'):
        return ('', '', '')
    if source == 'codecarbon-amd' and row['threads']:
        return (int(row['threads']),) * 3
    if not row['cores'] or source not in ('codecarbon-ark', 'codecarbon-amd', 'green-algorithms'):
        return ('', '', '')
    cores = int(row['cores'])
    if re.search(r'Xeon Phi', name):
        return (4 * cores,) * 3
    if re.search(r'Xeon 6\d{3}E', name):
        return (cores,) * 3
    if re.search(r'Xeon Bronze', name):
        return (cores,) * 3
    if re.search(r'Xeon (Platinum|Gold|Silver|Max) |Xeon 6\d{3}P|Xeon CPU Max', name):
        return (2 * cores,) * 3
    if seg == 'server':
        return (cores, 2 * cores, 2 * cores)
    return (cores, (4 * cores + 2) // 3, 2 * cores)


def cpus(folder):
    families = [f for f in read(OUT, 'cpu_family.csv') if f['kind'] == 'model']
    rows = {}
    for row in read(folder, 'cpus.csv'):
        source = cpu_source(row['source'])
        if source is None or not row['tdp_w']:
            left_out['cpus: no permissible source, or no TDP'] += 1
            continue
        if not re.search(r'\d', row['name']):
            left_out['cpus: a name without a number is no model'] += 1
            continue
        name = row['name'].replace('®', '').replace('™', '')
        key = normal_name(name)
        family = next((f['family'] for f in families if fnmatch.fnmatchcase(key, f['pattern'])), None)
        seg = segment(name)
        is_base_kept_out = row['source'].startswith('Boavizta/')
        low, best, high = threads_of(row, source, name, seg)
        out = {'name': name, 'vendor': row['vendor'], 'family': family or product_line(name), 'segment': seg,
               'cores': '' if is_base_kept_out or source == 'eco2ai' else row['cores'], 'threads_min': low, 'threads_best': best,
               'threads_max': high, 'tdp_w': row['tdp_w'], 'released_year': '' if is_base_kept_out else row['released'][:4],
               'source': source}
        if key in rows:
            left_out['cpus: same name after normalising, the better source is kept'] += 1
            if SOURCE_RANK.index(rows[key]['source']) <= SOURCE_RANK.index(source):
                continue
        rows[key] = out
    write('cpus.csv', ['name', 'vendor', 'family', 'segment', 'cores', 'threads_min', 'threads_best', 'threads_max',
                       'tdp_w', 'released_year', 'source'], [rows[k] for k in sorted(rows, key=str.encode)])
    return rows


def cpu_power(folder, known):
    """Package power per hardware thread. Whole-server figures (SPECpower, CCF) have another scope and stay out."""
    rows = []
    low = [None] * 4
    for row in read(folder, 'cpu_power_profile.csv'):
        if 'package' not in row['scope'] or not row['cpu_model']:
            left_out['cpu_power: not package power of one model'] += 1
            continue
        full = float(row['max_w_per_thread'])
        watts = [float(row['idle_w_per_thread'])] + [round(full * float(row[f'load{p}_factor']), 4) for p in (10, 50, 100)]
        rapl = row['scope'].startswith('codecarbon')
        name = row['cpu_model']
        if not name.lower().startswith(row['vendor'].lower()):
            name = f"{row['vendor']} {name}"
        rows.append({'name': name, 'vendor': row['vendor'], 'basis': 'measured' if rapl else 'modelled',
                     'w_per_thread_idle': f'{watts[0]:g}', 'w_per_thread_10pct': f'{watts[1]:g}',
                     'w_per_thread_50pct': f'{watts[2]:g}', 'w_per_thread_100pct': f'{watts[3]:g}',
                     'year': '2026' if rapl else '2021', 'source': 'codecarbon-load' if rapl else 'teads'})
        cpu = known.get(normal_name(name))
        if rapl and cpu and cpu['threads_best'] != '':
            share = [w * int(cpu['threads_best']) / float(cpu['tdp_w']) for w in watts]
            low = [s if m is None else min(m, s) for m, s in zip(low, share)]
    rows.sort(key=lambda r: normal_name(r['name']).encode())
    write('cpu_power.csv', ['name', 'vendor', 'basis', 'w_per_thread_idle', 'w_per_thread_10pct',
                            'w_per_thread_50pct', 'w_per_thread_100pct', 'year', 'source'], rows)

    # R-CAT-05. The best curve is Teads'; the lowest is the least that codecarbon's RAPL profiles show; the highest is
    # 1.35 x the best: AMD's package power limit over TDP, which also covers every Teads row.
    best = (0.12, 0.32, 0.75, 1.02)
    curves = [{'bound': 'low', 'source': 'codecarbon-load', 'year': '2026', 'v': low},
              {'bound': 'best', 'source': 'teads', 'year': '2021', 'v': best},
              {'bound': 'high', 'source': 'amd-ppt', 'year': '2022', 'v': [1.35 * b for b in best]}]
    names = ('tdp_fraction_idle', 'tdp_fraction_10pct', 'tdp_fraction_50pct', 'tdp_fraction_100pct')
    for curve in curves:
        curve.update({n: f'{v:.4g}' for n, v in zip(names, curve['v'])})
    write('cpu_curve.csv', ['bound', *names, 'year', 'source'], curves)


# --- memory -----------------------------------------------------------------------------------------------------

def memory(folder):
    table = [('Boavizta', None), ('GreenAlgorithms/GreenAlgorithms4HPC', None), ('cited in cloud-carbon', 'ccf'),
             ('cloud-carbon-footprint/ccf-coefficients', 'teads'), ('cloud-carbon-footprint/', 'ccf'),
             ('GreenAlgorithms/green-algorithms-tool', 'green-algorithms'), ('codecarbon/external', 'codecarbon-ram'),
             ('sb-ai-lab/Eco2AI', 'eco2ai')]
    years = {'ccf': '2026', 'teads': '2021', 'green-algorithms': '2026', 'codecarbon-ram': '2026', 'eco2ai': '2026'}
    rows = []
    for row in read(folder, 'memory_power.csv'):
        source = next(s for mark, s in table if mark in row['source'])
        if source is None or not row['w_per_gb']:
            left_out['memory_power: no permissible source, or not a figure per GB'] += 1
            continue
        kind = 'linear' if row['model'] == 'linear' else 'by load' if row['load_pct'] else 'by module'
        rows.append({'model': row['tool'], 'kind': kind, 'load_pct': row['load_pct'], 'w_per_gib': row['w_per_gb'],
                     'applies_to': row['applies_to'], 'year': years[source], 'source': source})
    write('memory_power.csv', ['model', 'kind', 'load_pct', 'w_per_gib', 'applies_to', 'year', 'source'], rows)


# --- grids ------------------------------------------------------------------------------------------------------

def grid(folder):
    table = [('Electricity Maps', None), ('electricityMap', None), ('via CO2.js', None), ('Boavizta', None),
             ('IEA Global', None),
             ('carbontracker carbon-intensities.csv, 2023', 'owid-2023'),
             ('carbontracker carbon-intensities.csv, snapshot 2025', 'owid-2025'),
             ('global_energy_mix', 'owid-mix'), ('Green Algorithms', 'green-algorithms'), ('eGRID2016', 'egrid-2016'),
             ('European Environment Agency', 'eea'), ('nordic_emissions', 'codecarbon-nordic')]
    rows = []
    for row in read(folder, 'grid_intensity.csv'):
        source = next(s for mark, s in table if mark in row['source'])
        if source is None:
            left_out['grid_intensity: licence'] += 1
            continue
        if float(row['gco2e_per_kwh']) == 0:
            left_out['grid_intensity: 0 g/kWh over a life cycle is not a figure'] += 1
            continue
        rows.append({'zone': row['zone'], 'alpha3': row['alpha3'], 'name': row['name'], 'zone_type': row['zone_type'],
                     'year': row['year'], 'gco2e_per_kwh': row['gco2e_per_kwh'], 'method': row['method'],
                     'basis': row['basis'], 'source': source})
    rows.sort(key=lambda r: (r['zone'].encode(), r['year'], r['method'], r['source']))
    write('grid_intensity.csv', ['zone', 'alpha3', 'name', 'zone_type', 'year', 'gco2e_per_kwh', 'method', 'basis',
                                 'source'], rows)
    return {r['zone'] for r in rows}


# --- data centres -----------------------------------------------------------------------------------------------

def pue(folder):
    rows = []
    for row in read(folder, 'pue.csv'):
        if row['scope'] == 'cloud region':
            left_out['pue: one row per cloud region comes with the table of regions'] += 1
            continue
        if row['kind'] == 'target':
            left_out['pue: a target is not a figure'] += 1
            continue
        rows.append({'who': row['who'], 'operator': catalogue_places.operator_of(row['who']), 'scope': row['scope'], 'year': row['year'], 'pue': row['pue'],
                     'kind': row['kind'], 'source': row['source']})
    rows.sort(key=lambda r: (r['scope'], r['who'], r['year'], r['pue']))
    write('pue.csv', ['who', 'operator', 'scope', 'year', 'pue', 'kind', 'source'], rows)


def main():
    if len(sys.argv) != 3:
        raise SystemExit(__doc__)
    tables, reference = sys.argv[1:]
    cpu_power(tables, cpus(tables))
    memory(tables)
    boxes = catalogue_hardware.instances(read(tables, 'cloud_instances.csv'), left_out)
    boards = catalogue_hardware.accelerators(read(tables, 'accelerators.csv'), {b['accelerator'] for b in boxes},
                                             left_out)
    write('accelerators.csv', catalogue_hardware.ACCELERATOR_COLUMNS, boards)
    write('instances.csv', catalogue_hardware.INSTANCE_COLUMNS, boxes)
    zones = grid(reference)
    write('regions.csv', catalogue_places.REGION_COLUMNS,
          catalogue_places.regions(read(reference, 'cloud_regions.csv'), zones, left_out))
    write('region_history.csv', catalogue_places.HISTORY_COLUMNS,
          catalogue_places.region_history(read(reference, 'cloud_region_history.csv'), left_out))
    pue(reference)
    write('training_runs.csv', catalogue_runs.RUN_COLUMNS,
          catalogue_runs.training_runs(read(reference, 'training_runs.csv'), left_out))
    write('equivalents.csv', catalogue_runs.EQUIVALENT_COLUMNS,
          catalogue_runs.equivalents(read(reference, 'equivalents.csv'), left_out))
    write('carbon_price.csv', catalogue_runs.PRICE_COLUMNS,
          catalogue_runs.carbon_price(read(reference, 'carbon_price.csv'), left_out))
    for reason, n in sorted(left_out.items()):
        print(f'left out: {n:5d}  {reason}', file=sys.stderr)


if __name__ == '__main__':
    main()
