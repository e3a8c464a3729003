// What the Personal Demographics Service asks of a Patient that is to be created, in its words:
// fields are named by their path with slashes (`name/0/given`).

import { isObject, items, member } from '../validation/nodes.ts';

const GIVEN_NAMES_MAX = 5;
const ADDRESS_LINES_MIN = 2;
/** Places of an address with a line for each part: 1 or 2 name the house, 4 the town. */
const TOWN_LINE = 3;

const REQUIRED = ['name', 'address', 'gender', 'birthDate'];

/** What is wrong with one item of a repeating element; `path` is where it is. */
type ItemRule = (item: unknown, path: string) => readonly string[];

const itemRules: Readonly<Record<string, ItemRule>> = {
  name: nameFindings,
  address: addressFindings,
  telecom: telecomFindings,
};

/**
 * What is wrong with a Patient to be created.
 * @param patient any JSON value
 * @param prefix of all paths, such as `entry/0/resource/`
 */
export function pdsPatientFindings(patient: unknown, prefix = ''): readonly string[] {
  const missing = REQUIRED.filter((name) => isMissing(member(patient, name))).map((name) =>
    missingValue(`${prefix}${name}`),
  );
  const gender = member(patient, 'gender');
  const wrongGender = gender === 'other' ? [invalidValue(gender, `${prefix}gender`)] : [];
  const ofItems = Object.entries(itemRules).flatMap(([name, rule]) =>
    items(patient, name).flatMap((item, index) => rule(item, `${prefix}${name}/${index}`)),
  );
  return [...missing, ...wrongGender, ...ofItems];
}

/** The sentence for a value that must be there. */
export function missingValue(path: string): string {
  return `Missing value - '${path}'`;
}

/** The sentence for a value that cannot be taken. */
export function invalidValue(value: unknown, path: string): string {
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  return `Invalid value - '${shown}' in field '${path}'`;
}

function invalidCreate(reason: string): string {
  return `Invalid patient create data provided - '${reason}'`;
}

function isMissing(value: unknown): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.length === 0);
}

function nameFindings(name: unknown, path: string): readonly string[] {
  const findings: string[] = [];
  const use = member(name, 'use');
  if (isMissing(use)) findings.push(missingValue(`${path}/use`));
  const given = items(name, 'given');
  if (given.length > GIVEN_NAMES_MAX) {
    const shown = given.map((one) => `'${String(one)}'`).join(', ');
    findings.push(`Too many values submitted - [${shown}] in field '${path}/given'`);
  }
  for (const part of ['given', 'family']) {
    const texts = [member(name, part)].flat();
    const quoted = texts.find((text) => typeof text === 'string' && text.includes('`'));
    if (quoted !== undefined) findings.push(invalidValue(quoted, `${path}/${part}`));
  }
  if (use === 'usual' && !isMissing(member(member(name, 'period'), 'end'))) {
    findings.push(invalidCreate('An end date can not be provided on usual name'));
  }
  return findings;
}

function addressFindings(address: unknown, path: string): readonly string[] {
  const findings: string[] = [];
  if (!isObject(address)) return [invalidValue(address, path)];
  if (isMissing(address.period)) findings.push(missingValue(`${path}/period`));
  if (!hasEnoughLines(items(address, 'line'))) {
    findings.push(invalidCreate('address lines 1 and 4 or 2 and 4 must be completed as a minimum'));
  }
  return findings;
}

// PDS sends and takes blank lines, so that each place has its meaning. FHIR has no blank lines:
// then the lines have moved up, and only their number can be told; a null keeps its place.
function hasEnoughLines(lines: readonly unknown[]): boolean {
  const isFilled = (line: unknown) => typeof line === 'string' && line.trim() !== '';
  if (lines.every(isFilled)) return lines.length >= ADDRESS_LINES_MIN;
  return (isFilled(lines[0]) || isFilled(lines[1])) && isFilled(lines[TOWN_LINE]);
}

const EMAIL = /^[^\s@]+@[^\s@]+$/;

function telecomFindings(telecom: unknown): readonly string[] {
  const value = member(telecom, 'value');
  if (member(telecom, 'system') !== 'email' || typeof value !== 'string') return [];
  return EMAIL.test(value) ? [] : [invalidCreate('email format is invalid')];
}
