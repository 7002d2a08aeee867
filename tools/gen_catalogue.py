#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns src/catalogue/data/*.csv into one C file and its header. Run by Meson; refuses data it does not understand.

    tools/gen_catalogue.py DATA_DIR OUT.c OUT.h

A new table is one CSV file and one row of TABLES. Every number becomes an integer: value x 10^scale, stored as
value + 1 in the narrowest of 8, 16, 32, 64 bits, 0 meaning unknown ('?'). Every text becomes a 16-bit index of one pool
in which it stands once; index 0 means unknown. No pointers per row, so nothing is relocated at start.
"""
import csv
import decimal
import hashlib
import os
import sys

sys.dont_write_bytecode = True  # run from the source tree by the build

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from update_catalogue import normal_name  # noqa: E402

# Columns whose texts together may stand in one row only: two years of one source would pass for a disagreement.
UNIQUE = {'grid_intensity': ('zone', 'method', 'source'), 'sources': ('id',), 'cpu_curve': ('bound',),
          'accelerators': ('name',), 'instances': ('provider', 'instance_type'), 'regions': ('provider', 'region'),
          'region_history': ('provider', 'region', 'year'), 'training_runs': ('run_id',), 'equivalents': ('key',)}
# Columns that name a row of another table: (table, column, other table, its column).
REFERENCES = [('instances', 'accelerator', 'accelerators', 'name'), ('regions', 'zone', 'grid_intensity', 'zone')]

# Table, title, {number column: decimal digits kept}, sort key of a row (None: as in the file).
TABLES = [
    ('cpus', 'processors: cores, hardware threads, TDP of a package',
     {'cores': 0, 'threads_min': 0, 'threads_best': 0, 'threads_max': 0, 'tdp_w': 3, 'released_year': 0},
     lambda r: normal_name(r['name']).encode()),
    ('cpu_family', 'name patterns of processors and the family they stand for', {'year': 0}, None),
    ('cpu_curve', 'package power as a fraction of TDP over load',
     {'tdp_fraction_idle': 6, 'tdp_fraction_10pct': 6, 'tdp_fraction_50pct': 6, 'tdp_fraction_100pct': 6, 'year': 0},
     None),
    ('cpu_power', 'package power per hardware thread of single processors over load',
     {'w_per_thread_idle': 6, 'w_per_thread_10pct': 6, 'w_per_thread_50pct': 6, 'w_per_thread_100pct': 6, 'year': 0},
     lambda r: normal_name(r['name']).encode()),
    ('memory_power', 'power of main memory per GiB', {'load_pct': 0, 'w_per_gib': 6, 'year': 0}, None),
    ('accelerators', 'accelerators: power of a board, devices on it, peak rates (dense), memory',
     {'released_year': 0, 'dies_per_board': 0, 'board_tdp_w': 3, 'idle_w': 3, 'fp32_tflops': 3, 'fp16_tflops': 3,
      'bf16_tflops': 3, 'fp8_tflops': 3, 'int8_tops': 3, 'memory_gb': 3}, lambda r: r['name'].encode()),
    ('instances', 'machine types of clouds: size, accelerator (whole boards), processor, modelled watts of the share',
     {'vcpus': 3, 'memory_gib': 3, 'n_boards': 3, 'idle_w': 3, 'max_w': 3},
     lambda r: (r['provider'].encode(), r['instance_type'].encode())),
    ('regions', 'regions of clouds: grid zone, power usage effectiveness, intensity as the provider states it',
     {'pue': 3, 'pue_year': 0, 'gco2e_per_kwh_provider': 3, 'gco2e_year': 0},
     lambda r: (r['provider'].encode(), r['region'].encode())),
    ('grid_intensity', 'carbon intensity of electricity by place and year', {'year': 0, 'gco2e_per_kwh': 3},
     lambda r: r['zone'].encode()),
    ('region_history', 'regions of clouds by year: power usage effectiveness, intensity as the provider states it',
     {'year': 0, 'pue': 3, 'gco2e_per_kwh': 3},
     lambda r: (r['provider'].encode(), r['region'].encode(), r['year'].encode())),
    ('pue', 'power usage effectiveness of data centres', {'year': 0, 'pue': 3}, None),
    ('training_load', 'what boards, processors and nodes were measured to draw in training',
     {'p05': 6, 'p50': 6, 'p95': 6, 'n_runs': 0, 'n_sources': 0}, lambda r: r['key'].encode()),
    ('training_runs', 'training runs that others reported: size, hardware, hours, energy and its scope',
     {'published_year': 0, 'parameters': 0, 'training_pflop': 3, 'n_devices': 3, 'device_hours': 6, 'hours': 6,
      'avg_power_w': 3, 'energy_kwh': 9, 'pue': 3}, lambda r: r['run_id'].encode()),
    ('training_utilisation', 'share of its peak that hardware reached in training, and draw at it',
     {'p05': 6, 'p50': 6, 'p95': 6, 'n_runs': 0, 'n_sources': 0}, lambda r: r['key'].encode()),
    ('equivalents', 'what an energy or a mass of CO2e is as much as', {'value': 6, 'year': 0},
     lambda r: r['key'].encode()),
    ('carbon_price', 'prices of a tonne of CO2e: markets, taxes, social cost', {'year': 0, 'price': 3},
     lambda r: (r['scheme'].encode(), r['year'].encode(), r['basis'].encode())),
    ('sources', 'where the figures come from, and under which terms', {'snapshot_year': 0},
     lambda r: r['id'].encode()),
]
UNKNOWN = '?'
TEXTS_MAX = 65535
COLUMNS_MAX = 24  # JB_CATALOGUE_COLUMNS_MAX


def fail(message):
    raise SystemExit(f'gen_catalogue: {message}')


class Pool:
    """Every text once; index 0 is kept for 'unknown'."""

    def __init__(self):
        self.index = {}
        self.offsets = [0]
        self.bytes = bytearray(b'\0')

    def add(self, text):
        if text not in self.index:
            raw = text.encode('utf-8')
            if b'\0' in raw:
                fail(f'a NUL in {text!r}')
            self.index[text] = len(self.offsets)
            self.offsets.append(len(self.bytes))
            self.bytes += raw + b'\0'
        return self.index[text]


def number(text, scale, where):
    if text == UNKNOWN:
        return 0
    try:
        value = decimal.Decimal(text).scaleb(scale)
    except decimal.InvalidOperation:
        fail(f'{where}: {text!r} is not a number')
    if value != value.to_integral_value() or not 0 <= value < 2**63 - 1:
        fail(f'{where}: {text} does not fit {scale} decimal digits')
    return int(value) + 1


def numbers(values, per_line=24):
    lines = []
    for i in range(0, len(values), per_line):
        lines.append('\t' + ', '.join(str(v) for v in values[i:i + per_line]) + ',')
    return '\n'.join(lines)


def read_table(folder, table, key):
    path = os.path.join(folder, table + '.csv')
    with open(path, newline='', encoding='utf-8') as f:
        reader = csv.reader(f)
        columns = next(reader)
        if len(columns) > COLUMNS_MAX:
            fail(f'{path}: more than {COLUMNS_MAX} columns')
        rows = []
        for line, cells in enumerate(reader, 2):
            if len(cells) != len(columns) or '' in cells:
                fail(f'{path}:{line}: {len(columns)} cells wanted, none of them empty (unknown is {UNKNOWN!r})')
            rows.append(dict(zip(columns, cells)))
    if key:
        keys = [key(r) for r in rows]
        if keys != sorted(keys):
            fail(f'{path}: rows are not in order')
    seen = set()
    for r in rows if table in UNIQUE else []:
        name = tuple(r[c] for c in UNIQUE[table])
        if name in seen:
            fail(f"{path}: {', '.join(name)} stands there twice")
        seen.add(name)
    with open(path, 'rb') as f:
        return columns, rows, f.read()


def main():
    folder, out_c, out_h = sys.argv[1:]
    with open(os.path.join(folder, 'EDITION'), encoding='ascii') as f:
        date = f.read().strip()
    tables = [(name, title, scales, *read_table(folder, name, key)) for name, title, scales, key in TABLES]
    known = {r['id'] for name, _, _, _, rows, _ in tables if name == 'sources' for r in rows}
    for table, column, other, other_column in REFERENCES:
        there = {r[other_column] for name, _, _, _, rows, _ in tables if name == other for r in rows} | {UNKNOWN}
        for r in next(rows for name, _, _, _, rows, _ in tables if name == table):
            if r[column] not in there:
                fail(f'{table}.csv: {column} {r[column]!r} is not in {other}.csv')
    digest = hashlib.sha256()
    pool, body, table_rows, enums = Pool(), [], [], []
    for name, title, scales, columns, rows, raw in tables:
        digest.update(raw)
        if name not in ('sources', 'pue'):
            for column in (c for c in columns if c.endswith('source')):
                for r in rows:
                    if r[column] not in known and (column == 'source' or r[column] != UNKNOWN):
                        fail(f'{name}.csv: {column} {r[column]!r} is not in sources.csv')
        described = []
        for column in columns:
            scale = scales.get(column, -1)
            if scale >= 0:
                cells = [number(r[column], scale, f'{name}.{column}') for r in rows]
            else:
                cells = [0 if r[column] == UNKNOWN else pool.add(r[column]) for r in rows]
            width = 2 if scale < 0 else 1 if max(cells) < 2**8 else 2 if max(cells) < 2**16 else 4 if max(cells) < 2**32 else 8
            body.append(f'static const uint{8 * width}_t {name}_{column}[] = {{\n{numbers(cells)}\n}};\n')
            described.append(f'\t{{"{column}", {name}_{column}, {width}, {scale}}},\n')
        body.append(f'static const struct catalogue__column {name}_columns[] = {{\n{"".join(described)}}};\n')
        table_rows.append(f'\t{{"{name}", "{title}", {name}_columns, {len(columns)}, {len(rows)}}},\n')
        enums.append(f'enum {{\n{"".join(f"{chr(9)}CAT_{name}_{c},{chr(10)}" for c in columns)}}};\n')
    if len(pool.offsets) > TEXTS_MAX:
        fail('more texts than 16 bits can number')
    notice = '/* SPDX-License-Identifier: Apache-2.0 */\n/* Made by tools/gen_catalogue.py from data/; not edited. */\n'
    with open(out_h, 'w', encoding='ascii') as f:
        f.write(notice + '#ifndef JB_CATALOGUE_TABLES_H\n#define JB_CATALOGUE_TABLES_H\n\nenum {\n')
        f.write(''.join(f'\tCAT_{name},\n' for name, *_ in tables) + '\tCAT_n_tables,\n};\n')
        f.write(''.join(enums) + '\n#endif\n')
    with open(out_c, 'w', encoding='ascii') as f:
        f.write(notice + '#include "catalogue/catalogue_int.h"\n\n')
        f.write(f'const char catalogue__edition[] = "{date}-{digest.hexdigest()[:12]}";\n\n')
        f.write(f'const uint32_t catalogue__text_offsets[] = {{\n{numbers(pool.offsets)}\n}};\n')
        f.write(f'const char catalogue__texts[] = {{\n{numbers([b if b < 128 else b - 256 for b in pool.bytes], 32)}\n}};\n\n')
        f.write('\n'.join(body))
        f.write(f'\nconst struct catalogue__table catalogue__tables[] = {{\n{"".join(table_rows)}}};\n')


if __name__ == '__main__':
    main()
