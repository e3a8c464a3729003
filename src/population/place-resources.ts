// The nation's two trees as FHIR: the registered one of Organizations (region, care board, sub-ICB
// location, primary care network, practice) and the resident one of Locations (England, region,
// care board, sub-ICB location, district, small area), every member dated, every parent first.

import type { Resource } from '../fhir/types.ts';
import type { SmallArea } from './areas.ts';
import { type Day, dateText, dayOf } from './calendar.ts';
import type { Places, Practice } from './places.ts';
import { type Site, siteAddress } from './sites.ts';
import { type DistrictRow, districts } from './tables/districts.ts';
import { careBoards, regions } from './tables/health-areas.ts';
import {
  concept,
  extension,
  extensionUrls,
  profiles,
  reference,
  resource,
  sources,
  systems,
} from './terms.ts';

const ENGLAND = 'E92000001';

/** Since when areas and organisations of a kind exist, as far as it matters here. */
const since = {
  england: dayOf(1974, 4, 1),
  region: dayOf(2020, 4, 1),
  careBoard: dayOf(2022, 7, 1),
  network: dayOf(2019, 7, 1),
  smallArea: dayOf(2021, 3, 21),
  trust: dayOf(2009, 4, 1),
} as const;

/** Unitary authorities and districts that were made lately, by the GSS codes they got then. */
const newDistricts: readonly (readonly [firstCode: string, lastCode: string, since: Day])[] = [
  ['E06000058', 'E06000059', dayOf(2019, 4, 1)],
  ['E06000060', 'E06000060', dayOf(2020, 4, 1)],
  ['E06000061', 'E06000062', dayOf(2021, 4, 1)],
  ['E06000063', 'E06000066', dayOf(2023, 4, 1)],
  ['E07000244', 'E07000245', dayOf(2019, 4, 1)],
];

/** All Organizations, parents before members. */
export function* organizations(places: Places): Generator<Resource> {
  for (const { ods, name } of regions) {
    yield commissioner(ods, `NHS England ${name}`, 'region', since.region);
  }
  for (const { ods, name, region } of careBoards) {
    const parent = regions.find((row) => row.gss === region)?.ods;
    const title = `NHS ${name} Integrated Care Board`;
    yield commissioner(ods, title, 'icb', since.careBoard, parent);
  }
  for (const { ods, careBoard } of places.subIcbs) {
    const title = `NHS ${careBoard.name} ICB - ${ods}`;
    yield commissioner(ods, title, 'sub-icb', since.careBoard, careBoard.ods);
  }
  for (const { code, name, subIcb } of places.networks) {
    yield commissioner(code, name, 'pcn', since.network, subIcb.ods);
  }
  for (const practice of places.practices) {
    yield practiceOrganization(practice);
    if (practice.predecessor !== undefined) yield closedPractice(practice, practice.predecessor);
  }
  for (const { code, name, careBoard } of places.trusts) {
    yield provider(code, name, 'trust', since.trust, careBoard.ods);
  }
  for (const site of places.sites) {
    if (site.kind === 'pharmacy') yield pharmacy(site);
  }
}

type Level = 'region' | 'icb' | 'sub-icb' | 'pcn' | 'practice' | 'trust' | 'pharmacy';

const levelNames: Readonly<Record<Level, string>> = {
  region: 'NHS region',
  icb: 'Integrated care board',
  'sub-icb': 'Sub-ICB location',
  pcn: 'Primary care network',
  practice: 'General practice',
  trust: 'NHS trust',
  pharmacy: 'Community pharmacy',
};

function commissioner(
  code: string,
  name: string,
  level: Level,
  from: Day,
  parent?: string,
): Resource {
  return organization(code, name, level, 'govt', { start: dateText(from) }, parent);
}

function provider(code: string, name: string, level: Level, from: Day, parent?: string): Resource {
  return organization(code, name, level, 'prov', { start: dateText(from) }, parent);
}

function organization(
  code: string,
  name: string,
  level: Level,
  type: 'govt' | 'prov',
  period: { readonly start: string; readonly end?: string },
  parent?: string,
): Resource {
  return resource({
    resourceType: 'Organization',
    id: code,
    meta: { source: sources.directory, profile: profiles.organization },
    extension: [extension(extensionUrls.organizationPeriod, { valuePeriod: period })],
    identifier: [{ system: systems.odsOrganization, value: code }],
    active: period.end === undefined,
    type: [
      concept(systems.organisationLevel, level, levelNames[level]),
      concept(systems.organizationType, type),
    ],
    name,
    partOf: parent === undefined ? undefined : reference('Organization', parent),
  });
}

function practiceOrganization(practice: Practice): Resource {
  const { code, name, pcn, site, listSize } = practice;
  const made = provider(code, name, 'practice', openedOn(practice), pcn.code);
  const extensions = made.extension as Record<string, unknown>[];
  extensions.push(extension(extensionUrls.listSize, { valueUnsignedInt: listSize }));
  return { ...made, telecom: [landline(practice)], address: [siteAddress(site)] };
}

function closedPractice(practice: Practice, code: string): Resource {
  const closed = openedOn(practice) + 365 * 9;
  const period = { start: '1974-04-01', end: dateText(Math.min(closed, dayOf(2019, 3, 31))) };
  return organization(code, `${practice.name} (old list)`, 'practice', 'prov', period);
}

/** Some day of the last fifty years, by the practice's code. */
function openedOn(practice: Practice): Day {
  return dayOf(1974 + (Number(practice.code.slice(1)) % 44), 4, 1);
}

/** Numbers 01632 960000 to 960999 are never given to anyone (Ofcom, numbers for drama use). */
function landline(practice: Practice): Record<string, unknown> {
  const number = String(Number(practice.code.slice(1)) % 1000).padStart(3, '0');
  return { system: 'phone', value: `01632 960${number}`, use: 'work' };
}

function pharmacy(site: Site): Resource {
  const made = provider(site.code, site.name, 'pharmacy', since.trust, site.area.subIcb.ods);
  return { ...made, address: [siteAddress(site)] };
}

/** All areas as Locations, parents before members. */
export function* areaLocations(places: Places): Generator<Resource> {
  yield areaLocation(ENGLAND, 'England', 'country', since.england);
  for (const { gss, name } of regions) {
    yield areaLocation(gss, name, 'region', since.region, ENGLAND);
  }
  for (const { gss, name, region } of careBoards) {
    yield areaLocation(gss, name, 'icb', since.careBoard, region);
  }
  for (const { gss, ods, careBoard } of places.subIcbs) {
    yield areaLocation(
      gss,
      `${careBoard.name} - ${ods}`,
      'sub-icb',
      since.careBoard,
      careBoard.gss,
    );
  }
  for (const district of districts) {
    const main = places.subIcbs.find((subIcb) => subIcb.ods === district.subIcbs[0]);
    yield areaLocation(district.gss, district.name, 'district', districtSince(district), main?.gss);
  }
  for (const area of places.areas) yield smallAreaLocation(area);
}

function districtSince({ gss }: DistrictRow): Day {
  const made = newDistricts.find(([first, last]) => gss >= first && gss <= last);
  return made?.[2] ?? since.england;
}

function areaLocation(
  code: string,
  name: string,
  level: string,
  from: Day,
  parent?: string,
): Resource {
  const period = { valuePeriod: { start: dateText(from) } };
  return resource({
    resourceType: 'Location',
    id: code,
    meta: { source: sources.areas, profile: profiles.location },
    extension: [extension(extensionUrls.locationPeriod, period)],
    identifier: [{ system: systems.area, value: code }],
    status: 'active',
    name,
    mode: 'instance',
    type: [concept(systems.areaLevel, level)],
    physicalType: concept(systems.physicalType, 'area', 'Area'),
    partOf: parent === undefined ? undefined : reference('Location', parent),
  });
}

function smallAreaLocation(area: SmallArea): Resource {
  const { code, name, district, decile } = area;
  const made = areaLocation(code, name, 'small-area', since.smallArea, district.gss);
  const extensions = made.extension as Record<string, unknown>[];
  extensions.push(deprivationExtension(decile));
  const longitude = area.longitudeMillidegrees / 1000;
  return { ...made, position: { longitude, latitude: area.latitudeMillidegrees / 1000 } };
}

/** A deprivation decile as people and small areas carry it. */
export function deprivationExtension(decile: number): Record<string, unknown> {
  const valueCoding = { system: systems.deprivation, code: String(decile) };
  return extension(extensionUrls.deprivation, { valueCoding });
}
