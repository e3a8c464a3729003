// A person's Patient, as the demographics feed brings it: UK Core's shape, with what real feeds
// lack or have wrong, and a second Patient where an NHS number was merged into this one's.
// https://simplifier.net/hl7fhirukcorer4 UKCore-Patient

import type { Resource } from '../fhir/types.ts';
import { type Day, dateText, dateTimeText, minutesOf } from './calendar.ts';
import { contactPreference, type Telecom } from './contact.ts';
import { pickByParts } from './parts.ts';
import { age, type Home, type Person } from './person.ts';
import { deprivationExtension } from './place-resources.ts';
import type { Random } from './random.ts';
import { ethnicCategories, unrecordedEthnicity } from './tables/ethnicity.ts';
import { INFORMAL_DEATH, peopleShares, personFaults, removalReasons } from './tables/feeds.ts';
import {
  concept,
  extension,
  extensionUrls,
  frozen,
  profiles,
  reference,
  resource,
  sources,
  systems,
} from './terms.ts';

/** What the feed knows of a person beside who they are. */
export interface Registration {
  readonly nhsNumber: string;
  /** Their number before it was merged into the other. */
  readonly formerNumber: string | undefined;
  readonly telecom: readonly Telecom[] | undefined;
}

type Extension = Record<string, unknown>;

const verification = frozen({
  verified: statusOf('01', 'Number present and verified'),
  untraced: statusOf('02', 'Number present but not traced'),
  postponed: statusOf('08', 'Trace postponed (baby under six weeks old)'),
});

const restricted = frozen([{ system: systems.confidentiality, code: 'R', display: 'restricted' }]);

function statusOf(code: string, display: string): readonly Extension[] {
  const valueCodeableConcept = concept(systems.verificationStatus, code, display);
  return [extension(extensionUrls.verificationStatus, { valueCodeableConcept })];
}

/** The Patient, and after it the one that a superseded number belonged to. */
export function* patients(
  person: Person,
  registration: Registration,
  today: Day,
): Generator<Resource> {
  const main = patient(person, registration, today);
  yield main;
  if (registration.formerNumber !== undefined) {
    yield replacedPatient(person, main, registration.formerNumber);
  }
}

function patient(person: Person, registration: Registration, today: Day): Resource {
  const { random } = person;
  const isRestricted = !person.isTwin && random.chance(peopleShares.restricted);
  const meta = { source: sources.demographics, profile: profiles.patient };
  // What a restricted record's subject lives by stays with the demographics service.
  const whereabouts = isRestricted ? {} : whereaboutsOf(person, registration);
  const extensions = extensionsOf(person, isRestricted, today);
  const made = {
    resourceType: 'Patient',
    id: person.id,
    meta: isRestricted ? { ...meta, security: restricted } : meta,
    extension: extensions.length > 0 ? extensions : undefined,
    identifier: identifiers(person, registration, today),
    active: true,
    name: [nameOf(person, random)],
    telecom: undefined,
    gender: random.chance(personFaults.unknownGender) ? 'unknown' : person.sex,
    birthDate: birthDate(person, random),
    ...deathOf(person),
    address: undefined,
    communication: communication(person),
    ...whereabouts,
  };
  return resource(made);
}

function whereaboutsOf(person: Person, registration: Registration): Record<string, unknown> {
  const { practice } = person;
  return {
    telecom: registration.telecom,
    address: addresses(person),
    generalPractitioner:
      practice === undefined ? undefined : [reference('Organization', practice.code)],
  };
}

function identifiers(person: Person, registration: Registration, today: Day): unknown {
  const { random } = person;
  const chance = random.fraction();
  if (!person.isTwin && chance < personFaults.noNhsNumber) return undefined;
  const isUntraced = chance > 1 - personFaults.untracedNumber;
  const isNewborn = today - person.birth < 42 && random.chance(0.5);
  const status = isNewborn ? 'postponed' : isUntraced ? 'untraced' : 'verified';
  const current = {
    extension: verification[status],
    system: systems.nhsNumber,
    value: registration.nhsNumber,
  };
  if (registration.formerNumber === undefined) return [current];
  const former = {
    use: 'old',
    extension: verification.verified,
    system: systems.nhsNumber,
    value: registration.formerNumber,
  };
  return [current, former];
}

function nameOf(person: Person, random: Random): Record<string, unknown> {
  const chance = random.fraction();
  const { given, family } = person;
  if (chance < personFaults.namesSwapped) {
    return { use: 'official', family: given[0], given: [family] };
  }
  if (chance < personFaults.namesSwapped + personFaults.capitals) {
    return { use: 'official', family: family.toUpperCase(), given };
  }
  return { use: 'official', family, given };
}

function birthDate(person: Person, random: Random): string | undefined {
  const text = dateText(person.birth);
  if (person.isTwin) return text;
  const chance = random.fraction();
  if (chance < personFaults.noBirthDate) return undefined;
  if (chance < personFaults.noBirthDate + personFaults.birthYearOnly) return text.slice(0, 4);
  return text;
}

function deathOf(person: Person): Record<string, unknown> {
  const { death, random } = person;
  if (death === undefined) return {};
  // Some organisations report no more than that somebody died.
  if (random.chance(0.04)) return { deceasedBoolean: true };
  return { deceasedDateTime: dateText(death) };
}

function addresses(person: Person): unknown {
  const { random, home, formerHome } = person;
  if (person.isTwin || formerHome === undefined) return currentAddress(person, random);
  const moved = home.movedIn ?? person.birth;
  const old = addressOf(formerHome, { use: 'old', period: { end: dateText(moved) } });
  const start = { period: { start: dateText(moved) } };
  const current = currentAddress(person, random);
  return [...(current ?? []).map((address) => ({ ...address, ...start })), old];
}

/** Postcodes of the NHS Data Dictionary for those who have none. */
const pseudoPostcodes = frozen([
  ['ZZ99 3VZ', 'No fixed abode'],
  ['ZZ99 3WZ', 'Address not known'],
  ['ZZ99 3CZ', 'England, not otherwise stated'],
] as const);

function currentAddress(person: Person, random: Random): Record<string, unknown>[] | undefined {
  if (person.isTwin) return [addressOf(person.home, { use: 'home' })];
  const chance = random.fraction();
  if (chance < personFaults.noAddress) return undefined;
  if (chance < personFaults.noAddress + personFaults.pseudoPostcode) {
    const [postalCode, line] = random.pick(pseudoPostcodes);
    return [{ use: 'home', line: [line], postalCode }];
  }
  return [addressOf(person.home, { use: 'home' })];
}

function addressOf(home: Home, more: Record<string, unknown>): Record<string, unknown> {
  const { area, lines, postcode } = home;
  return { ...more, line: lines, city: area.district.name, postalCode: postcode, country: 'GBR' };
}

function communication(person: Person): unknown {
  if (person.language === undefined) return undefined;
  const [code, name] = person.language;
  return [{ language: concept(systems.language, code, name), preferred: true }];
}

function extensionsOf(person: Person, isRestricted: boolean, today: Day): Extension[] {
  const { random, home } = person;
  const extensions: Extension[] = [];
  const ethnicity = ethnicityExtension(person, random);
  if (ethnicity !== undefined) extensions.push(ethnicity);
  if (!isRestricted) {
    const valueCoding = { system: systems.area, code: home.area.code };
    extensions.push(extension(extensionUrls.smallArea, { valueCoding }));
    extensions.push(deprivationExtension(home.area.decile));
  }
  if (person.death !== undefined) extensions.push(deathNotification(person.death, random));
  if (person.removed !== undefined) extensions.push(removal(person.removed, random));
  const preference = age(person, today) >= 18 ? contactPreference(random) : undefined;
  if (preference !== undefined) extensions.push(preference);
  return extensions;
}

const ethnicExtensions = frozen(
  Object.fromEntries(
    Object.entries(ethnicCategories).map(([code, display]) => [code, ethnic(code, display)]),
  ),
);
const notStated = frozen(
  ethnic(unrecordedEthnicity.notStated.code, unrecordedEthnicity.notStated.display),
);
const notKnown = frozen(
  ethnic(unrecordedEthnicity.notKnown.code, unrecordedEthnicity.notKnown.display),
);

function ethnic(code: string, display: string): Extension {
  const valueCodeableConcept = concept(systems.ethnicCategory, code, display);
  return extension(extensionUrls.ethnicCategory, { valueCodeableConcept });
}

function ethnicityExtension(person: Person, random: Random): Extension | undefined {
  let chance = random.fraction();
  chance -= unrecordedEthnicity.absent.share;
  if (chance < 0) return undefined;
  chance -= unrecordedEthnicity.notStated.share;
  if (chance < 0) return notStated;
  chance -= unrecordedEthnicity.notKnown.share;
  return chance < 0 ? notKnown : ethnicExtensions[person.ethnicity];
}

const informal = frozen(
  concept(
    systems.deathNotification,
    '1',
    'Informal - death notice received via an update from a local NHS Organisation ' +
      'such as GP or Trust',
  ),
);
const formal = frozen(
  concept(
    systems.deathNotification,
    '2',
    'Formal - death notice received from Registrar of Deaths',
  ),
);

function deathNotification(death: Day, random: Random): Extension {
  const status = random.chance(INFORMAL_DEATH) ? informal : formal;
  return {
    url: extensionUrls.deathNotification,
    extension: [
      extension('deathNotificationStatus', { valueCodeableConcept: status }),
      extension('systemEffectiveDate', { valueDateTime: dateTimeText(death, minutesOf(12, 0)) }),
    ],
  };
}

function removal(day: Day, random: Random): Extension {
  const [code, display] = pickByParts(removalReasons, random);
  return {
    url: extensionUrls.removal,
    extension: [
      extension('removalFromRegistrationCode', {
        valueCodeableConcept: concept(systems.removalReason, code, display),
      }),
      extension('effectiveTime', { valuePeriod: { start: dateText(day) } }),
    ],
  };
}

/** The record that a number which is no longer used belonged to (PDS: superseded). */
function replacedPatient(person: Person, main: Resource, formerNumber: string): Resource {
  return resource({
    resourceType: 'Patient',
    id: `${person.id}-old`,
    meta: { source: sources.demographics, profile: profiles.patient },
    identifier: [
      { extension: verification.verified, system: systems.nhsNumber, value: formerNumber },
    ],
    active: false,
    name: main.name,
    gender: main.gender,
    birthDate: main.birthDate,
    link: [{ other: reference('Patient', person.id), type: 'replaced-by' }],
  });
}
