// What the Personal Demographics Service asks of a birth notification: a transaction of the child,
// five observations of the birth, the mother, and who looks after them, in any order.

import { isObject, items, member } from '../validation/nodes.ts';
import { isNhsNumber } from './check-digits.ts';
import { NHS_NUMBER, snomedCoding, valueAt } from './immunisation-rules.ts';
import { invalidValue, missingValue, pdsPatientFindings } from './pds-patient-rules.ts';

const BIRTH_WEIGHT = '364589006';
const STILLBIRTH = '237364002';
const GESTATION = '268477000';
const NUMBER_OF_FOETUSES = '246435002';
const SUSPECTED_CONGENITAL_ABNORMALITY = '66091009';

const OBSERVATIONS: readonly string[] = [
  BIRTH_WEIGHT,
  STILLBIRTH,
  GESTATION,
  NUMBER_OF_FOETUSES,
  SUSPECTED_CONGENITAL_ABNORMALITY,
];

/** How many resources of each type belong to a notification, observations apart. */
const RESOURCES: Readonly<Record<string, number>> = {
  Patient: 2,
  RelatedPerson: 1,
  Organization: 1,
  Location: 1,
  CareTeam: 1,
  Practitioner: 1,
};

const UK_CORE = 'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-';
const DEATH_NOTIFICATION_STATUS = `${UK_CORE}DeathNotificationStatus`;

/** Extensions that every published notification has on the child. */
const CHILD_EXTENSIONS: readonly string[] = [
  `${UK_CORE}RegisteringAuthority`,
  `${UK_CORE}EthnicCategory`,
  'http://hl7.org/fhir/StructureDefinition/patient-birthPlace',
];

/** Grams; four digits in the NHS Data Dictionary (BIRTH WEIGHT). */
const BIRTH_WEIGHT_MAX = 9_999;
/** One digit in the NHS Data Dictionary (BIRTH ORDER). */
const BIRTH_ORDER_MAX = 9;
const FORMAL_DEATH = '2';
const STILLBORN = ['2', '3', '4'];

/** A resource of the Bundle and its path. */
interface Placed {
  readonly resource: unknown;
  readonly path: string;
}

/** Whether a transaction is meant as a birth notification: it observes a birth. */
export function isBirthNotification(bundle: unknown): boolean {
  return placedIn(bundle).some(({ resource }) => isOneOf(resource, OBSERVATIONS));
}

/** What is wrong with a birth notification. */
export function birthFindings(bundle: unknown): readonly string[] {
  const placed = placedIn(bundle);
  const [child, mother] = placed.filter(({ resource }) => typeOf(resource) === 'Patient');
  const weight = placed.find(({ resource }) => isOneOf(resource, [BIRTH_WEIGHT]));
  return [
    ...tooFew(placed),
    ...(child === undefined ? [] : childFindings(child)),
    ...(weight === undefined ? [] : weightFindings(weight)),
    ...(mother === undefined ? [] : motherFindings(mother)),
    ...deathFindings(child?.resource, placed),
  ];
}

function placedIn(bundle: unknown): readonly Placed[] {
  return items(bundle, 'entry').map((entry, index) => ({
    resource: member(entry, 'resource'),
    path: `entry/${index}/resource`,
  }));
}

function typeOf(resource: unknown): unknown {
  return member(resource, 'resourceType');
}

function isOneOf(resource: unknown, codes: readonly string[]): boolean {
  if (typeOf(resource) !== 'Observation') return false;
  const code = member(snomedCoding(member(resource, 'code')), 'code');
  return codes.some((one) => one === code);
}

function tooFew(placed: readonly Placed[]): readonly string[] {
  const observations = OBSERVATIONS.filter(
    (code) => !placed.some(({ resource }) => isOneOf(resource, [code])),
  ).map((code) => `Observation ${code}`);
  const types = Object.entries(RESOURCES)
    .filter(
      ([type, count]) => placed.filter(({ resource }) => typeOf(resource) === type).length < count,
    )
    .map(([type]) => type);
  const missing = [...types, ...observations];
  if (missing.length === 0) return [];
  return [`Too few values submitted - ${missing.join(', ')} missing in field 'entry'`];
}

function childFindings({ resource, path }: Placed): readonly string[] {
  const urls = items(resource, 'extension').map((extension) => member(extension, 'url'));
  const missing = CHILD_EXTENSIONS.filter((url) => !urls.includes(url));
  const extensions = missing.map((url) => `${missingValue(`${path}/extension`)} (${url})`);
  const order = member(resource, 'multipleBirthInteger');
  const orderPath = `${path}/multipleBirthInteger`;
  const wrongOrder =
    order === undefined || isWhole(order, BIRTH_ORDER_MAX) ? [] : [invalidValue(order, orderPath)];
  return [...pdsPatientFindings(resource, `${path}/`), ...extensions, ...wrongOrder];
}

function weightFindings({ resource, path }: Placed): readonly string[] {
  const value = valueAt(resource, 'valueQuantity', 'value');
  const valuePath = `${path}/valueQuantity/value`;
  if (value === undefined) return [missingValue(valuePath)];
  return isWhole(value, BIRTH_WEIGHT_MAX) ? [] : [invalidValue(value, valuePath)];
}

function isWhole(value: unknown, most: number): boolean {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= most;
}

function motherFindings({ resource, path }: Placed): readonly string[] {
  const identifiers = items(resource, 'identifier');
  const index = identifiers.findIndex((one) => member(one, 'system') === NHS_NUMBER);
  const valuePath = `${path}/identifier/${Math.max(index, 0)}/value`;
  const value = member(identifiers[index], 'value');
  if (value === undefined) return [missingValue(valuePath)];
  return isNhsNumber(String(value)) ? [] : [invalidValue(value, valuePath)];
}

/** A child whose death was notified formally is one that was stillborn. */
function deathFindings(child: unknown, placed: readonly Placed[]): readonly string[] {
  const notified = items(child, 'extension')
    .filter((extension) => member(extension, 'url') === DEATH_NOTIFICATION_STATUS)
    .flatMap((extension) => items(extension, 'extension'))
    .map((part) => valueAt(part, 'valueCodeableConcept', 'coding', 0, 'code'));
  if (!notified.includes(FORMAL_DEATH)) return [];
  const stillbirth = placed.find(({ resource }) => isOneOf(resource, [STILLBIRTH]));
  const code = valueAt(stillbirth?.resource, 'valueCodeableConcept', 'coding', 0, 'code');
  if (!isObject(stillbirth?.resource) || STILLBORN.some((one) => one === code)) return [];
  return ['The formal death of the child and the stillbirth indicator are inconsistent'];
}
