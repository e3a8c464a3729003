// Doses as their Immunizations, the way suppliers report them: by the system of the place that gave
// the dose, some by a second supplier too, and with the mistakes that real records have (UK Core
// Immunization; domain.md, sections 2.2, 2.5 and 6).

import type { Meta, Resource } from '../fhir/types.ts';
import { type Day, dateText, dateTimeText, minutesOf } from './calendar.ts';
import { type DoseFault, faultOf } from './dose-faults.ts';
import {
  amount,
  bodySite,
  manufacturerOf,
  productConcepts,
  routes,
  shared,
  snomed,
} from './dose-terms.ts';
import type { Dose } from './offers.ts';
import { pickByParts } from './parts.ts';
import { age, type Person } from './person.ts';
import { type Site, type SiteKind, siteId } from './sites.ts';
import { duplicateShares, duplicateShift } from './tables/feeds.ts';
import { absent, type Product, unwell, vaccines } from './tables/vaccines.ts';
import {
  type CodeableConcept,
  concept,
  frozen,
  profiles,
  type Reference,
  reference,
  systems,
} from './terms.ts';

/** A record's supplier: what its records say of themselves, the system it numbers them in, and the
 * letter that its numbers begin with. */
interface Supplier {
  readonly meta: Meta;
  readonly system: string;
  readonly letter: string;
}

const gpSystems: readonly Supplier[] = [
  supplier('gp-system-one', 'G'),
  supplier('gp-system-two', 'H'),
];
const childHealth = supplier('child-health-system', 'C');
const pointOfCare = supplier('point-of-care', 'V');
const hospitalSystem = supplier('hospital-system', 'T');

const suppliers: Readonly<Record<Exclude<SiteKind, 'practice'>, Supplier>> = {
  pharmacy: supplier('pharmacy-system', 'P'),
  centre: pointOfCare,
  school: supplier('school-age-system', 'S'),
  hospital: hospitalSystem,
  maternity: hospitalSystem,
};

function supplier(name: string, letter: string): Supplier {
  const system = `https://${name}.example/immunisations`;
  return { meta: frozen({ source: system, profile: profiles.immunization }), system, letter };
}

/** Whose records the doses are, and what to write them for. */
export interface Recording {
  readonly person: Person;
  /** Somebody of the household with an earlier number, whom a dose may be recorded for by mistake.
   */
  readonly other: Person | undefined;
  readonly today: Day;
}

/** All Immunizations of a person, in the order given. */
export function immunizations(doses: readonly Dose[], recording: Recording): Resource[] {
  const { person, today } = recording;
  const hasOther = recording.other !== undefined;
  const made: Resource[] = [];
  for (const dose of doses) {
    const fault = faultOf(dose, hasOther, person.random);
    const first = supplierOf(dose, person);
    made.push(immunization(dose, fault, made.length + 1, first, recording));
    const shift = fault === undefined ? duplicated(dose, person) : undefined;
    if (shift === undefined || dose.day + shift > today) continue;
    const again = { ...dose, day: dose.day + shift };
    const second = secondSupplier(dose, person);
    made.push(immunization(again, undefined, made.length + 1, second, recording));
  }
  return made;
}

/** By how many days the second report of a dose differs; undefined when there is none. */
function duplicated(dose: Dose, person: Person): number | undefined {
  if (dose.outcome !== 'given') return undefined;
  const isMmr = dose.type === 'MMR' || dose.type === 'MMRV';
  const share = isMmr ? duplicateShares.mmr : duplicateShares.others;
  if (!person.random.chance(share)) return undefined;
  return pickByParts(duplicateShift, person.random)[0];
}

function supplierOf(dose: Dose, person: Person): Supplier {
  if (dose.place !== 'practice') return suppliers[dose.place];
  const code = person.practice?.code ?? person.home.area.practice?.code ?? '0';
  return gpSystems[Number(code.at(-1)) % 2] ?? pointOfCare;
}

function secondSupplier(dose: Dose, person: Person): Supplier {
  if (dose.place === 'practice') return age(person, dose.day) < 18 ? childHealth : pointOfCare;
  return supplierOf({ ...dose, place: 'practice' }, person);
}

function immunization(
  dose: Dose,
  fault: DoseFault | undefined,
  number: number,
  { meta, system, letter }: Supplier,
  { person, other, today }: Recording,
): Resource {
  const { random } = person;
  const isGiven = dose.outcome === 'given';
  const subject = fault === 'wrongPerson' ? (other ?? person) : person;
  const place = placeOf(siteOfDose(dose, person));
  const recorded = Math.min(today, dose.day + (random.chance(0.12) ? random.below(15) : 0));
  const isInvitation = fault === 'invitationCoded';
  const { diseases, procedure } = shared[dose.type];
  const made: Resource = {
    resourceType: 'Immunization',
    id: `${person.id}-i${number}`,
    meta,
    extension: procedure(dose.number),
    identifier: [{ system, value: `${letter}${person.number}.${number}` }],
    status: fault === 'enteredInError' ? 'entered-in-error' : isGiven ? 'completed' : 'not-done',
    vaccineCode: noProduct,
    patient: reference('Patient', subject.id),
    occurrenceDateTime: dateTimeText(dose.day, FIRST_MINUTE + 5 * random.below(100)),
    recorded: dateText(recorded),
    primarySource: !isInvitation,
    location: fault === 'unknownPlace' ? unknownPlace : place.location,
    protocolApplied: [
      fault === 'unknownSequence'
        ? { targetDisease: diseases, doseNumberString: 'Dose sequence not recorded' }
        : { targetDisease: diseases, doseNumberPositiveInt: dose.number },
    ],
  };
  if (!isGiven) made.statusReason = reasonOf(dose);
  if (!isInvitation) made.performer = place.performer;
  if (isGiven && !isInvitation) addProduct(made, dose, person, fault);
  return made;
}

const FIRST_MINUTE = minutesOf(9, 0);

/** How all doses of one site name it. */
interface DosePlace {
  readonly location: Reference;
  readonly performer: readonly { readonly actor: Reference }[];
}

const dosePlaces = new WeakMap<Site, DosePlace>();

function placeOf(site: Site): DosePlace {
  const known = dosePlaces.get(site);
  if (known !== undefined) return known;
  const made = frozen({
    location: reference('Location', siteId(site)),
    performer: [{ actor: reference('Organization', site.organization) }],
  });
  dosePlaces.set(site, made);
  return made;
}

const noProduct = frozen(concept(systems.nullFlavor, 'NAVU', 'Not available'));
const unknownPlace = frozen({
  identifier: { system: systems.odsOrganization, value: 'X99999' },
  display: 'Location not known',
});

function siteOfDose(dose: Dose, person: Person): Site {
  const { area } = person.home;
  const practice = person.practice ?? area.practice;
  const site = dose.place === 'practice' ? practice?.site : area.sites[dose.place];
  if (site === undefined) throw new Error(`${area.code} has no ${dose.place}`);
  return site;
}

function reasonOf(dose: Dose): CodeableConcept | undefined {
  const vaccine = vaccines[dose.type];
  switch (dose.outcome) {
    case 'given':
      return undefined;
    case 'declined':
      return snomed(vaccine.declined);
    case 'contraindicated':
      return snomed(vaccine.contraindicated);
    case 'unwell':
      return snomed(unwell);
    case 'absent':
      return snomed(absent);
  }
}

/** Adds what went into whom: product, batch, site and amount. */
function addProduct(
  made: Resource,
  dose: Dose,
  person: Person,
  fault: DoseFault | undefined,
): void {
  const { random } = person;
  const years = age(person, dose.day);
  const product = productOn(dose, years);
  const batch = batchOf(dose, random.below(24));
  const expires = fault === 'expiredBatch' ? dose.day - 1 - random.below(90) : batch.expires;
  if (fault !== 'unknownProduct') made.vaccineCode = productConcepts.get(product);
  made.manufacturer = manufacturerOf(product);
  if (fault !== 'noBatch') made.lotNumber = batch.number;
  made.expirationDate = dateText(expires);
  const site = bodySite(product, years, random.chance(0.3));
  if (site !== undefined) made.site = site;
  made.route = routes[product.route];
  made.doseQuantity = amount(fault === 'wrongAmount' ? product.doseMl * 10 : product.doseMl);
}

function productOn(dose: Dose, years: number): Product {
  const { products } = vaccines[dose.type];
  for (const product of products) {
    const { until, ages } = product;
    if (until !== undefined && dose.day >= until) continue;
    if (ages === undefined || (years >= ages[0] && years < ages[1])) return product;
  }
  throw new Error(`${dose.type} has a product for everyone`);
}

const BATCH_DAYS = 92;
const BATCH_LETTERS = 'ABCDEFGHJKLMNPRSTVWXYZ';
const typeNumbers = new Map(Object.keys(vaccines).map((type, index) => [type, index]));

/** One of the batches in use at the time, good for nine months to two years. */
function batchOf(dose: Dose, choice: number): { readonly number: string; readonly expires: Day } {
  const period = Math.floor(dose.day / BATCH_DAYS);
  const first = BATCH_LETTERS[(typeNumbers.get(dose.type) ?? 0) % BATCH_LETTERS.length];
  const second = BATCH_LETTERS[choice % BATCH_LETTERS.length];
  const digits = String((period * 37 + choice * 101) % 10_000).padStart(4, '0');
  return {
    number: `${first}${second}${digits}`,
    expires: (period + 4 + (choice % 5)) * BATCH_DAYS,
  };
}
