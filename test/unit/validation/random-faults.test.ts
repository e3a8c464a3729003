// Whatever the JSON, the validator answers; and wherever a valid resource is damaged, it says so at
// that place.

import assert from 'node:assert/strict';

import fc from 'fast-check';

import { makeStructureValidator } from '../../../src/validation/structure.ts';
import { immunization, patient } from '../../support/sample-resources.ts';

const validator = makeStructureValidator();

const sound: readonly object[] = [
  immunization('#p', {
    id: 'dose-1',
    meta: { versionId: '1', lastUpdated: '2026-10-01T09:00:00Z' },
    contained: [{ resourceType: 'Patient', id: 'p', name: [{ family: 'A', given: ['B', 'C'] }] }],
    extension: [{ url: 'https://ims.test/e', extension: [{ url: 'f', valueInteger: 3 }] }],
    identifier: [{ system: 'https://ims.test/id', value: '1' }],
    primarySource: true,
    _lotNumber: { extension: [{ url: 'https://ims.test/absent', valueCode: 'unknown' }] },
    expirationDate: '2027-02-28',
    doseQuantity: { value: 0.5, system: 'http://unitsofmeasure.org', code: 'ml' },
    performer: [{ actor: { reference: 'Practitioner/1', display: 'D' } }],
    note: [{ text: 'E', time: '2026-10-01' }],
    protocolApplied: [{ targetDisease: [{ text: 'F' }], doseNumberPositiveInt: 1 }],
  }),
  patient({
    text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">A</div>' },
    active: false,
    name: [{ use: 'official', given: ['A', 'B'] }],
    telecom: [{ system: 'phone', value: '1', rank: 2 }],
    birthDate: '1961-11-22',
    multipleBirthInteger: 2,
    contact: [{ name: { text: 'C' }, period: { start: '2020', end: '2021' } }],
    link: [{ other: { reference: 'Patient/2' }, type: 'seealso' }],
  }),
];

type Path = readonly (string | number)[];
type Node = Record<string | number, unknown>;

/** A way to damage the value at a place, when the value is of the kind that it damages. */
interface Damage {
  readonly fits: (value: unknown) => boolean;
  readonly damage: (value: unknown) => unknown;
}

const isObject = (value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown) => typeof value === 'string';
const isAny = () => true;

const damages: Readonly<Record<string, Damage>> = {
  'an empty array': { fits: Array.isArray, damage: () => [] },
  'an empty object': { fits: isObject, damage: () => ({}) },
  null: { fits: isAny, damage: () => null },
  'an empty string': { fits: isText, damage: () => '' },
  'white space': { fits: isText, damage: () => ' \n' },
  'a control character': { fits: isText, damage: (value) => `${value}\u0001` },
  'a lone surrogate': { fits: isText, damage: (value) => `${value}\udc00` },
  'a string instead of an object': { fits: isObject, damage: () => 'x' },
  'an object instead of a value': { fits: (v) => typeof v !== 'object', damage: () => ({ a: 1 }) },
  'an array in an array': { fits: isAny, damage: (value) => [[value]] },
};

/** Every place below a value but `resourceType`, which decides by what the rest is judged. */
function placesOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const below = entries
    .filter(([name]) => name !== 'resourceType')
    .flatMap(([name, child]) => placesOf(child, [...path, name]));
  return path.length === 0 ? below : [path, ...below];
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, name) => (node as Node)[name], root);
}

function damaged(root: object, path: Path, damage: Damage['damage']): object {
  const copy = structuredClone(root);
  const parent = valueAt(copy, path.slice(0, -1)) as Node;
  const name = path.at(-1) ?? '';
  parent[name] = damage(parent[name]);
  return copy;
}

const CHOICE = /^_?(occurrence|doseNumber|multipleBirth|value)[A-Z].*$/;

/** The FHIRPath of a place, by the names that occur in `sound`. */
function fhirPath(type: string, path: Path): string {
  return path.reduce<string>(
    (text, step) =>
      typeof step === 'number'
        ? `${text}[${step}]`
        : `${text}.${step.replace(CHOICE, '$1').replace(/^_/, '')}`,
    type,
  );
}

const anyDamage = fc
  .constantFrom(...sound)
  .chain((root) => fc.record({ root: fc.constant(root), path: fc.constantFrom(...placesOf(root)) }))
  .chain(({ root, path }) => {
    const fitting = Object.keys(damages).filter((name) => damages[name]?.fits(valueAt(root, path)));
    const kind = fc.constantFrom(...fitting);
    return fc.record({ root: fc.constant(root), path: fc.constant(path), kind });
  });

const names = [
  ...['resourceType', 'id', 'meta', 'text', 'div', 'status', 'contained', 'extension', 'url'],
  ...['name', 'given', '_given', 'entry', 'resource', 'request', 'method', 'identifier', 'value'],
  ...['reference', 'type', 'patient', 'subject', 'coding', 'code', 'clinicalStatus', 'period'],
  ...['start', 'end', 'valueString', '_valueString', 'valueReference', '__proto__', 'constructor'],
];
const values = [
  ...['Patient', 'Immunization', 'Bundle', 'Condition', 'toString', '__proto__', '#', '#1'],
  ...['Patient/1', '1', '', ' ', 'completed', 'transaction', '<div', '2026-02-29'],
];

const { json } = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6 },
    fc.constantFrom<unknown>(null, true, 0, -1.5, ...values),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...names), tie('json'), { maxKeys: 6 }),
  ),
}));

describe('structural validation of anything', () => {
  it('accepts the sound resources', () => {
    for (const value of sound) {
      const { resourceType } = value as { resourceType: string };
      assert.deepEqual(validator.validate({ value }, resourceType), []);
    }
  });

  it('finds every kind of damage where it was done', () => {
    fc.assert(
      fc.property(anyDamage, ({ root, path, kind }) => {
        const { resourceType } = root as { resourceType: string };
        const value = damaged(root, path, damages[kind]?.damage ?? ((same) => same));
        const issues = validator.validate({ value }, resourceType);
        const found = issues.flatMap((issue) => issue.expression ?? []);
        const place = fhirPath(resourceType, path);
        // An array in an array is at fault where the items are.
        const isAt = (location: string) => location === place || location.startsWith(`${place}[`);
        assert.ok(found.some(isAt), `${kind} at ${place}: ${JSON.stringify(issues)}`);
      }),
      { numRuns: 2_000 },
    );
  });

  it('finds an unknown element wherever one is added', () => {
    for (const root of sound) {
      const { resourceType } = root as { resourceType: string };
      const objects = placesOf(root).filter((path) => isObject(valueAt(root, path)));
      for (const path of [[], ...objects]) {
        const value = structuredClone(root);
        (valueAt(value, path) as Node).colour = 'red';
        const found = validator.validate({ value }, resourceType).map((issue) => issue.expression);
        assert.deepEqual(found, [[`${fhirPath(resourceType, path)}.colour`]]);
      }
    }
  });

  it('never throws, and names a place within the resource', () => {
    const types = ['Patient', 'Immunization', 'Bundle', 'Condition', 'Parameters'];
    fc.assert(
      fc.property(json, fc.constantFrom(...types), fc.boolean(), (body, type, named) => {
        const value = named && isObject(body) ? { ...(body as object), resourceType: type } : body;
        for (const issue of validator.validate({ value }, type)) {
          assert.equal(issue.severity, 'error');
          assert.ok(issue.expression?.every((place) => place.split(/[.[]/)[0] === type));
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws on JSON of any other kind', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.ok(validator.validate({ value }, 'Patient').length > 0);
      }),
    );
  });
});
