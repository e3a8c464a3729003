// How a person can be reached: telephone numbers, e-mail addresses and what they prefer. Numbers
// are Ofcom's for drama use and domains those of RFC 2606, so that nothing can ever be sent to
// anyone.

import type { Day } from './calendar.ts';
import { pickByParts } from './parts.ts';
import { age, type Person } from './person.ts';
import type { Random } from './random.ts';
import {
  contactRoutes,
  PREFERENCE_STATED,
  personFaults,
  preferredMethods,
  WRITTEN_FORMAT,
  writtenFormats,
} from './tables/feeds.ts';
import { concept, extension, extensionUrls, systems } from './terms.ts';

/** A ContactPoint. */
export interface Telecom {
  readonly system: 'phone' | 'email';
  readonly value: string;
  readonly use: 'mobile' | 'home';
}

/** What is known to reach somebody by; undefined when nothing is. */
export function telecoms(person: Person, today: Day): readonly Telecom[] | undefined {
  const { random } = person;
  const years = age(person, today);
  const routes = contactRoutes.findLast((row) => row.ageFrom <= years);
  if (routes === undefined || years < 13) return undefined;
  const found: Telecom[] = [];
  if (random.chance(routes.mobile)) {
    found.push({ system: 'phone', value: mobile(random), use: 'mobile' });
  }
  if (random.chance(routes.landline)) {
    found.push({ system: 'phone', value: `01632 960${threeDigits(random)}`, use: 'home' });
  }
  if (random.chance(routes.email)) {
    found.push({ system: 'email', value: email(person), use: 'home' });
  }
  return found.length > 0 ? found : undefined;
}

function mobile(random: Random): string {
  const digits = threeDigits(random);
  // A digit short, as typed at a reception desk.
  return random.chance(personFaults.badPhone) ? `07700 90${digits}` : `07700 900${digits}`;
}

function threeDigits(random: Random): string {
  return String(random.below(1000)).padStart(3, '0');
}

function email(person: Person): string {
  const { random } = person;
  const first = (person.given[0] ?? 'mail').replaceAll(/[^A-Za-z]/g, '').toLowerCase();
  const at = random.chance(personFaults.badEmail) ? '' : '@';
  return `${first}.${person.number}${at}example.com`;
}

/** UK Core's contact preference, for those who have stated one. */
export function contactPreference(random: Random): Record<string, unknown> | undefined {
  if (!random.chance(PREFERENCE_STATED)) return undefined;
  const [code, display] = pickByParts(preferredMethods, random);
  const parts = [
    extension('PreferredContactMethod', {
      valueCodeableConcept: concept(systems.contactMethod, code, display),
    }),
  ];
  if (random.chance(WRITTEN_FORMAT)) {
    const [format, name] = pickByParts(writtenFormats, random);
    parts.push(
      extension('PreferredWrittenCommunicationFormat', {
        valueCodeableConcept: concept(systems.writtenFormat, format, name),
      }),
    );
  }
  return { url: extensionUrls.contactPreference, extension: parts };
}
