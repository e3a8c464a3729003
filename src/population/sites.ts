// Vaccination sites: where doses are given, what each kind offers, and the Locations and
// HealthcareServices that say so. Planned by places.ts; free appointments are in capacity.ts.

import type { Resource } from '../fhir/types.ts';
import type { SmallArea } from './areas.ts';
import { landmarks, streets } from './tables/names.ts';
import type { VaccineType } from './tables/vaccines.ts';
import { concept, frozen, profiles, reference, resource, sources, systems } from './terms.ts';

export type OtherSiteKind = 'pharmacy' | 'centre' | 'school' | 'hospital' | 'maternity';
export type SiteKind = 'practice' | OtherSiteKind;

export interface Site {
  readonly kind: SiteKind;
  readonly code: string;
  readonly name: string;
  readonly area: SmallArea;
  /** Id of the Organization that runs it. */
  readonly organization: string;
}

interface SiteKindRow {
  readonly display: string;
  readonly roleCode: string;
  readonly identifierSystem: string;
  readonly services: readonly VaccineType[];
  /** The national booking service offers its appointments. */
  readonly isBookable: boolean;
}

/** What each kind of site is and offers: domain.md, sections 3.3 and 4; an assumption in detail. */
const siteKinds: Readonly<Record<SiteKind, SiteKindRow>> = {
  practice: {
    display: 'General practice',
    roleCode: 'PC',
    identifierSystem: systems.odsOrganization,
    services: ['FLU', 'COVID', 'RSV', 'SHINGLES', 'PNEUMOCOCCAL', 'MMR'],
    isBookable: false,
  },
  pharmacy: {
    display: 'Community pharmacy',
    roleCode: 'PHARM',
    identifierSystem: systems.odsOrganization,
    services: ['FLU', 'COVID'],
    isBookable: true,
  },
  centre: {
    display: 'Vaccination centre',
    roleCode: 'CSC',
    identifierSystem: systems.odsSite,
    services: ['COVID', 'FLU', 'RSV'],
    isBookable: true,
  },
  school: {
    display: 'School',
    roleCode: 'SCHOOL',
    identifierSystem: systems.schoolNumber,
    services: ['FLU', 'HPV', '3IN1', 'MENACWY', 'MMR'],
    isBookable: false,
  },
  hospital: {
    display: 'Hospital',
    roleCode: 'HOSP',
    identifierSystem: systems.odsSite,
    services: ['FLU', 'COVID', 'RSV'],
    isBookable: true,
  },
  maternity: {
    display: 'Maternity unit',
    roleCode: 'OBGYN',
    identifierSystem: systems.odsSite,
    services: ['PERTUSSIS', 'RSV', 'FLU'],
    isBookable: false,
  },
};

/** A practice gives doses in its own house. */
export function practiceSite(code: string, name: string, area: SmallArea): Site {
  return { kind: 'practice', code, name, area, organization: code };
}

/**
 * A site of another kind.
 * @param number counts the sites of a kind, from 1
 * @param trust code of the care board's hospital trust, which runs all but pharmacies
 */
export function siteOf(kind: OtherSiteKind, area: SmallArea, number: number, trust: string): Site {
  const landmark = landmarks[number % landmarks.length] ?? '';
  const town = area.district.name;
  switch (kind) {
    case 'pharmacy': {
      const code = `F${String(number).padStart(4, '0')}`;
      return { kind, code, name: `${landmark} Pharmacy`, area, organization: code };
    }
    case 'school':
      return {
        kind,
        code: String(700_000 + number),
        name: `${landmark} Academy`,
        area,
        organization: trust,
      };
    case 'centre': {
      const name = `${town} ${landmark} Vaccination Centre`;
      return { kind, code: `${trust}C${number}`, name, area, organization: trust };
    }
    case 'hospital':
      return { kind, code: `${trust}01`, name: `${town} Hospital`, area, organization: trust };
    case 'maternity':
      return {
        kind,
        code: `${trust}02`,
        name: `${town} Maternity Unit`,
        area,
        organization: trust,
      };
  }
}

/** Id of the site's Location, HealthcareService and, where it has one, Schedule. */
export function siteId(site: Site): string {
  return `site-${site.code}`;
}

/** Whether the national booking service offers appointments there. */
export function isBookable(site: Site): boolean {
  return siteKinds[site.kind].isBookable;
}

/** The vaccines that a site's appointments are for. */
export function servicesOf(site: Site): readonly VaccineType[] {
  return siteKinds[site.kind].services;
}

/** What Slots, Schedules and services call the giving of a vaccine. */
export const serviceConcepts = frozen(
  Object.fromEntries(
    [...new Set(Object.values(siteKinds).flatMap((kind) => kind.services))].map((type) => [
      type,
      concept(systems.service, type, `${type} vaccination`),
    ]),
  ),
);

const mode = 'instance';

/** The Location of a site. */
export function siteLocation(site: Site): Resource {
  const kind = siteKinds[site.kind];
  const { area } = site;
  return resource({
    resourceType: 'Location',
    id: siteId(site),
    meta: { source: sources.directory, profile: profiles.location },
    identifier: [{ system: kind.identifierSystem, value: site.code }],
    status: 'active',
    name: site.name,
    mode,
    type: [
      concept(systems.siteKind, site.kind, kind.display),
      concept(systems.roleCode, kind.roleCode),
    ],
    address: siteAddress(site),
    physicalType: concept(systems.physicalType, 'bu', 'Building'),
    position: {
      longitude: area.longitudeMillidegrees / 1000,
      latitude: area.latitudeMillidegrees / 1000,
    },
    managingOrganization: reference('Organization', site.organization),
    partOf: reference('Location', area.code),
  });
}

/** The address of a site, in its small area. */
export function siteAddress(site: Site): Record<string, unknown> {
  const { area } = site;
  const street = streets[(site.code.length + site.name.length) % streets.length];
  return {
    line: [site.name, `${street}`],
    city: area.district.name,
    postalCode: `${area.postcodeStem}A`,
    country: 'GBR',
  };
}

/** What a site offers, as a HealthcareService. */
export function siteService(site: Site): Resource {
  return resource({
    resourceType: 'HealthcareService',
    id: siteId(site),
    meta: { source: sources.directory },
    active: true,
    providedBy: reference('Organization', site.organization),
    type: servicesOf(site).map((type) => serviceConcepts[type]),
    location: [reference('Location', siteId(site))],
    name: `Vaccinations at ${site.name}`,
  });
}
