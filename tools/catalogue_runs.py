# SPDX-License-Identifier: Apache-2.0
"""Reference runs, equivalents and carbon prices for src/catalogue/data; used by tools/update_catalogue.py.

A table taken whole needs a licence that allows it; of a paper, a model card or a report only the few figures it prints
about its own runs are quoted (R-CAT-18). What has no licence, or share-alike terms, is left out and counted.
"""
import decimal

# mark in the public table's source -> id in sources.csv; None: left out. The first that fits is taken.
RUN_SOURCES = [
    ('Epoch AI database, snapshot', 'epoch-models'),
    ('via Epoch AI database notes', 'epoch-models'),
    ('Castano et al.', None), ('Counting Carbon', None), ('MetaQuRe', None), ('AutoXPCR', None),
    ('recsys_carbonfoot_data_reduction', None), ('SEAA', None), ('RL-Energy-Leaderboard', None),
    ('co2_submissions', None), ('MLCarbon database.csv', None), ('public paper extract', None),
    ('RecSysCarbonFootprint', 'spillo-recsys'), ('ImageNetEff22', 'imagenet-eff22'), ('ml-energy/zeus', 'zeus-traces'),
    ('carbon-cost-kaggle', 'kaggle-carbon'), ('MLCommons training_results', 'mlcommons-power'),
    ('codedp', 'codedp'), ('NREL BUTTER-E', 'nrel-butter-e'),
    ('Morrison et al.', 'morrison-2025'), ('Dodge et al.', 'dodge-2022'), ('Strubell et al.', 'strubell-2019'),
    ('Patterson et al.', 'patterson-2021'), ('Luccioni, Viguier, Ligozat', 'luccioni-2022'),
    ('Luccioni, Jernite, Strubell', 'luccioni-2024'), ('Touvron et al.', 'llama-papers'),
    ('meta-llama/', 'llama-cards'), ('codellama', 'llama-cards'), ('dinov', 'llama-cards'),
    ('Kloosterman', 'thesis-2021'), ('Berthelot et al.', 'berthelot-2024'),
    ('CompVis/stable-diffusion', 'diffusion-cards'), ('Stability-AI/', 'diffusion-cards'),
    ('Wuerstchen', 'diffusion-cards'), ('carbontracker (arXiv:2007.03051)', 'register-2020'),
    ('From Clicks to Carbon', 'vente-2024')]
EQUIVALENT_SOURCES = [
    ('Kloosterman', 'thesis-2021'), ('Caruna', 'caruna'), ('Tubantia', 'tubantia'), ('UnitedConsumers', 'unitedconsumers'),
    ('ODYSSEE-MURE', 'odyssee-mure'), ('Calculator (2024', 'epa-2024'), ('Calculator (earlier', 'epa-earlier'),
    ('CodeCarbon dashboard', 'codecarbon-dash'), ('Dodge et al.', 'dodge-2022'), ('Strubell et al.', 'strubell-2019'),
    ('Green Algorithms', 'green-algorithms'), ('Patterson et al.', 'patterson-2021'),
    ('carbontracker co2eq', 'carbontracker'), ('Cloud Carbon Footprint', 'ccf'), ('The Register', 'register-2020')]
PRICE_SOURCES = [('World Bank', 'world-bank-2025'), ('US EPA', 'epa-scghg'), ('Interagency Working Group', 'us-iwg'),
                 ('RGGI', 'rggi'), ('ICAP 2005', 'ecb-ets')]


def find(table, text):
    """(is there a rule, id or None)."""
    return next(((True, s) for mark, s in table if mark in text), (False, None))


def rounded(text, digits, times=1):
    if text == '':
        return ''
    value = (decimal.Decimal(text) * times).quantize(decimal.Decimal(1).scaleb(-digits))
    return f'{value:f}'.rstrip('0').rstrip('.') if digits else f'{value:f}'


RUN_COLUMNS = ['run_id', 'model', 'published_year', 'application', 'architecture', 'parameters', 'training_pflop',
               'hardware', 'n_devices', 'device_hours', 'hours', 'avg_power_w', 'energy_kwh', 'pue', 'pue_included',
               'energy_scope', 'stage', 'measured_or_estimated', 'evidence', 'source']
SAME = ['run_id', 'model', 'application', 'architecture', 'hardware', 'pue', 'pue_included', 'energy_scope', 'stage',
        'measured_or_estimated', 'evidence']


def training_runs(rows, left_out):
    out = []
    for row in rows:
        known, source = find(RUN_SOURCES, row['source'])
        if not known:
            raise SystemExit(f"no rule for the source {row['source']!r}")
        if source is None:
            left_out['training_runs: a table without a licence that allows it, or share-alike'] += 1
            continue
        kept = {c: row[c] for c in SAME}
        kept.update(published_year=row['published'][:4], parameters=rounded(row['parameters'], 0),
                    training_pflop=rounded(row['training_flop'], 3, decimal.Decimal('1e-15')),
                    n_devices=rounded(row['device_count'], 3), device_hours=rounded(row['device_hours'], 6),
                    hours=rounded(row['hours'], 6), avg_power_w=rounded(row['avg_power_w'], 3),
                    energy_kwh=rounded(row['energy_kwh'], 9), source=source)
        out.append(kept)
    return sorted(out, key=lambda r: r['run_id'].encode())


EQUIVALENT_COLUMNS = ['key', 'quantity', 'unit_name', 'value', 'region', 'year', 'source']


def equivalents(rows, left_out):
    out = []
    for row in rows:
        known, source = find(EQUIVALENT_SOURCES, row['source'])
        if not known:
            raise SystemExit(f"no rule for the source {row['source']!r}")
        out.append({**{c: row[c] for c in EQUIVALENT_COLUMNS}, 'source': source})
    return sorted(out, key=lambda r: r['key'].encode())


PRICE_COLUMNS = ['scheme', 'kind', 'year', 'price', 'currency', 'basis', 'source']


def carbon_price(rows, left_out):
    out = []
    for row in rows:
        source = find(PRICE_SOURCES, row['source'])[1]
        if source is None:
            left_out['carbon_price: figures of paid reports and notes without an origin'] += 1
            continue
        out.append({**{c: row[c] for c in PRICE_COLUMNS}, 'source': source})
    return sorted(out, key=lambda r: (r['scheme'].encode(), r['year'].encode(), r['basis'].encode()))
