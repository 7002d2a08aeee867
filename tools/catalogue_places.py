# SPDX-License-Identifier: Apache-2.0
"""Cloud regions and their history for src/catalogue/data; used by tools/update_catalogue.py.

A region's place is what its provider publishes; its grid is a zone of grid_intensity.csv. Zones of Electricity Maps
(ODbL) become the ISO code of the state or country (R-CAT-16). Never carries an intensity that another firm computed.
"""
import re

SOURCES = [('GSF Cloud_Region_Metadata', 'gsf-regions'), ('Google region-carbon-info', 'google-carbon'),
           ('Cloud Carbon Footprint', 'ccf'), ('CodeCarbon', 'codecarbon-cpu'),
           ('Green Algorithms', 'green-algorithms'), ('mlco2/impact', 'mlco2-impact')]
PUE_SOURCES = [('GSF real-time-cloud', 'gsf-regions'), ('Cloud Carbon Footprint', 'ccf'),
               ('mlco2/impact', 'mlco2-impact')]
# The state a region's provider names, where the tables give the country only: (provider, region) -> ISO 3166-2.
STATES = {('aws', 'us-east-1'): 'US-VA', ('aws', 'us-east-2'): 'US-OH', ('aws', 'us-west-1'): 'US-CA',
          ('aws', 'us-west-2'): 'US-OR', ('azure', 'eastus3'): 'US-GA', ('azure', 'westus3'): 'US-AZ',
          ('gcp', 'us-east5'): 'US-OH', ('gcp', 'us-south1'): 'US-TX', ('gcp', 'us-west2'): 'US-CA',
          ('ovh', 'us-hillsboro'): 'US-OR', ('ovh', 'us-vint_hill'): 'US-VA', ('aws', 'ca-central-1'): 'CA-QC',
          ('aws', 'ca-west-1'): 'CA-AB', ('gcp', 'northamerica-northeast1'): 'CA-QC',
          ('gcp', 'northamerica-northeast2'): 'CA-ON', ('azure', 'canadacentral'): 'CA-ON',
          ('azure', 'canadaeast'): 'CA-QC', ('ovhcloud', 'ca-east-bhs'): 'CA-QC',
          ('ovhcloud', 'ca-east-tor'): 'CA-ON', ('ovhcloud', 'us-east-vin'): 'US-VA',
          ('ovhcloud', 'us-west-hil'): 'US-OR', ('ovhcloud', 'ap-southeast-syd'): 'AU-NSW'}


def zone_of(row, zones):
    for zone in (STATES.get((row['provider'], row['region'])), row['state'], row['zone'], row['country']):
        if zone and zone in zones:
            return zone
    return ''


REGION_COLUMNS = ['provider', 'region', 'location', 'country', 'zone', 'pue', 'pue_year', 'gco2e_per_kwh_provider',
                  'gco2e_year', 'source', 'pue_source']


def regions(rows, zones, left_out):
    out = []
    for row in rows:
        if row['provider'] in ('hlrs', 'itenos', 'ovh'):
            left_out['regions: data centres without a name that a bill uses'] += 1
            continue
        source = next((s for mark, s in SOURCES if mark in row['source']), None)
        if source is None:
            source = f"{row['provider']}-docs"
            left_out['regions: carried as the provider publishes it, no open table has it (counted, not left out)'] += 1
        zone = zone_of(row, zones)
        left_out['regions: no grid of an allowed source'] += not zone
        location = row['location'] if row['location'] and not re.search('Electricity', row['location']) else ''
        pue_source = next((s for mark, s in PUE_SOURCES if mark in row['pue_source']), '') if row['pue'] else ''
        out.append({'provider': row['provider'], 'region': row['region'], 'location': location,
                    'country': row['country'], 'zone': zone, 'pue': row['pue'] if pue_source else '',
                    'pue_year': row['pue_year'] if pue_source else '',
                    'gco2e_per_kwh_provider': row['gco2e_per_kwh_provider'],
                    'gco2e_year': row['gco2e_provider_year'], 'source': source, 'pue_source': pue_source})
    return sorted(out, key=lambda r: (r['provider'].encode(), r['region'].encode()))


HISTORY_COLUMNS = ['provider', 'region', 'year', 'pue', 'gco2e_per_kwh', 'source', 'pue_source']
INTENSITY = 'google_grid_gco2e_per_kwh'


def region_history(rows, left_out):
    """One row per region and year. Intensities that Electricity Maps computed (ODbL) come through the Green Software
    Foundation's table only and stay out; Google's own are carried."""
    out = {}
    for row in rows:
        if row['metric'] not in ('pue', INTENSITY):
            left_out['region_history: intensity computed by others, or a figure that no estimate uses'] += 1
            continue
        kept = out.setdefault((row['provider'], row['region'], row['year']),
                              {'provider': row['provider'], 'region': row['region'], 'year': row['year'], 'pue': '',
                               'gco2e_per_kwh': '', 'source': '', 'pue_source': ''})
        if row['metric'] == INTENSITY:
            # the later, life-cycle edition of a year replaces the operational one
            if kept['gco2e_per_kwh'] and 'lifecycle' not in row['source']:
                continue
            kept['gco2e_per_kwh'] = row['value']
            kept['source'] = 'google-carbon'
        else:
            kept['pue'] = row['value']
            kept['pue_source'] = 'gsf-regions'
    for kept in out.values():
        kept['source'] = kept['source'] or kept['pue_source']
    return [out[k] for k in sorted(out, key=lambda k: tuple(part.encode() for part in k))]


OPERATORS = ['AWS', 'Amazon', 'Google', 'Microsoft', 'Meta', 'OVHcloud', 'Oracle', 'Infomaniak', 'Scaleway', 'Equinix',
             'Digital Realty', 'Alibaba', 'Baidu', 'Apple', 'NREL', 'Ai2', 'IDRIS', 'CSC']


def operator_of(who):
    """Whose data centre a figure of pue.csv is of; '' where it is of a country, an industry or a tool."""
    found = next((o for o in OPERATORS if who.startswith(o)), '')
    return {'Amazon': 'AWS'}.get(found, found)
