// A small registry, a small world and generated expressions over it, for the tests of search/.

import fc from 'fast-check';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import type { SearchEnvironment } from '../../../src/search/clause.ts';
import type { Expression } from '../../../src/search/expression.ts';
import type { IndexEntry, IndexedResource } from '../../../src/search/index-entry.ts';
import type { World } from '../../../src/search/match.ts';
import type { SearchParameter, SearchRegistry } from '../../../src/search/search-registry.ts';
import { r4Terminology } from '../../support/r4-terminology.ts';

type Row = readonly [code: string, type: SearchParameter['type'], ...targets: string[]];

const common: readonly Row[] = [
  ['_id', 'token'],
  ['_lastUpdated', 'date'],
  ['_tag', 'token'],
  ['_profile', 'uri'],
];

const rows: Readonly<Record<string, readonly Row[]>> = {
  Patient: [
    ['identifier', 'token'],
    ['gender', 'token'],
    ['family', 'string'],
    ['birthdate', 'date'],
    ['organization', 'reference', 'Organization'],
    ['link', 'reference', 'Patient', 'RelatedPerson'],
  ],
  Immunization: [
    ['identifier', 'token'],
    ['status', 'token'],
    ['vaccine-code', 'token'],
    ['date', 'date'],
    ['patient', 'reference', 'Patient'],
    ['performer', 'reference', 'Practitioner', 'Organization'],
  ],
  Observation: [
    ['subject', 'reference', 'Patient', 'Group', 'Organization'],
    ['value-quantity', 'quantity'],
  ],
  Organization: [
    ['name', 'string'],
    ['identifier', 'token'],
    ['partof', 'reference', 'Organization'],
  ],
};

/** Patient, Immunization, Observation and Organization are served; Practitioner, Group are not. */
const registry: SearchRegistry = {
  find: (type, code) => parametersOf(type).find((parameter) => parameter.code === code),
  all: (type) => parametersOf(type),
  indexed: (type) => parametersOf(type),
  isFilling: () => false,
  serves: (type) => Object.hasOwn(rows, type),
  types: () => Object.keys(rows),
};

function parametersOf(type: string): SearchParameter[] {
  const own = Object.hasOwn(rows, type) ? [...common, ...(rows[type] ?? [])] : [];
  return own.map(([code, kind, ...targets]) => ({
    code,
    url: `http://hl7.org/fhir/SearchParameter/${type}-${code}`,
    type: kind,
    expression: '',
    targets,
  }));
}

export const environment: SearchEnvironment = {
  registry,
  terminology: r4Terminology,
  zone: 'Europe/London',
  baseUrl: 'http://127.0.0.1:8080/fhir/R4',
  nowMs: Date.UTC(2026, 10, 25),
  handling: 'strict',
};

/** For assert.throws: a FhirError of that name whose diagnostics match every pattern. */
export function refusal(errorName: string, ...patterns: RegExp[]): (error: unknown) => boolean {
  return (error) =>
    error instanceof FhirError &&
    error.errorName === errorName &&
    patterns.every((pattern) => pattern.test(error.message));
}

/** A world of the resources given. */
export function worldOf(resources: readonly IndexedResource[]): World {
  return {
    resource: (type, id) => resources.find((each) => each.type === type && each.id === id),
    all: (type) => resources.filter((each) => each.type === type),
  };
}

const worldTypes = ['Patient', 'Immunization', 'Organization'] as const;
type WorldType = (typeof worldTypes)[number];

const ids = ['1', '2', '3', '4'] as const;
const id = fc.constantFrom(...ids);
const code = fc.constantFrom('a', 'b', 'c');
const system = fc.constantFrom('', 's', 't');
const word = fc.constantFrom('an', 'ann', 'anna', 'bo', 'hannah');
const low = fc.integer({ min: 0, max: 8 });

const references: Readonly<Record<WorldType, Readonly<Record<string, WorldType>>>> = {
  Patient: { organization: 'Organization', link: 'Patient' },
  Immunization: { patient: 'Patient', performer: 'Organization' },
  Organization: { partof: 'Organization' },
};

function entry(type: WorldType): fc.Arbitrary<IndexEntry> {
  const points = Object.entries(references[type]).map(([parameter, target]) =>
    id.map((one): IndexEntry => ({ kind: 'reference', parameter, target: `${target}/${one}` })),
  );
  return fc.oneof(
    fc.record({
      kind: fc.constant('token' as const),
      parameter: fc.constant('code'),
      system,
      code,
    }),
    word.map((exact): IndexEntry => ({ kind: 'string', parameter: 'name', value: exact, exact })),
    fc.tuple(low, fc.integer({ min: 1, max: 3 })).map(
      ([from, width]): IndexEntry => ({
        kind: 'date',
        parameter: 'date',
        low: from,
        high: from + width,
      }),
    ),
    word.map((value): IndexEntry => ({ kind: 'uri', parameter: 'url', value })),
    ...points,
  );
}

/** Up to four resources of each of three types, pointing at each other and at what is absent. */
export const resources: fc.Arbitrary<IndexedResource[]> = fc
  .tuple(
    ...worldTypes.map((type) =>
      fc.uniqueArray(
        fc.record({
          type: fc.constant(type),
          id,
          lastUpdatedMs: low,
          entries: fc.array(entry(type), { maxLength: 5 }),
        }),
        { maxLength: 4, selector: (each) => each.id },
      ),
    ),
  )
  .map((groups) => groups.flat());

export const worldType: fc.Arbitrary<WorldType> = fc.constantFrom(...worldTypes);

const bounds = fc.record(
  { lowFrom: low, lowBelow: low, highAbove: low, highTo: low },
  { requiredKeys: [] },
);

function leaf(type: WorldType): fc.Arbitrary<Expression> {
  const parameter = fc.constantFrom(
    'code',
    'name',
    'date',
    'url',
    ...Object.keys(references[type]),
  );
  const some = { minLength: 1, maxLength: 2 };
  return fc.oneof(
    fc.constantFrom<Expression>({ kind: 'everything' }, { kind: 'nothing' }),
    parameter.map((one): Expression => ({ kind: 'missing', parameter: one })),
    fc.array(id, some).map((of): Expression => ({ kind: 'id', ids: of })),
    fc.array(bounds, some).map((anyOf): Expression => ({ kind: 'lastUpdated', anyOf })),
    fc
      .array(fc.record({ system, code }, { requiredKeys: [] }), some)
      .map((anyOf): Expression => ({ kind: 'token', parameter: 'code', anyOf })),
    fc
      .tuple(fc.constantFrom('prefix', 'exact', 'contains'), fc.array(word, some))
      .map(
        ([compare, anyOf]): Expression => ({ kind: 'string', parameter: 'name', compare, anyOf }),
      ),
    fc.array(bounds, some).map((anyOf): Expression => ({ kind: 'date', parameter: 'date', anyOf })),
    fc
      .array(word, some)
      .map((anyOf): Expression => ({ kind: 'uri', parameter: 'url', compare: 'exact', anyOf })),
    ...Object.entries(references[type]).map(([one, target]) =>
      id.map(
        (at): Expression => ({ kind: 'reference', parameter: one, anyOf: [`${target}/${at}`] }),
      ),
    ),
  );
}

/** Steps from the type to others: chains along its references, `_has` against others'. */
function steps(type: WorldType, depth: number): fc.Arbitrary<Expression>[] {
  const chains = Object.entries(references[type]).map(([parameter, target]) =>
    expression(target, depth - 1).map(
      (where): Expression => ({ kind: 'chain', parameter, type: target, where }),
    ),
  );
  const reverse = worldTypes.flatMap((from) =>
    Object.entries(references[from])
      .filter(([, target]) => target === type)
      .map(([parameter]) =>
        expression(from, depth - 1).map(
          (where): Expression => ({ kind: 'has', type: from, parameter, where }),
        ),
      ),
  );
  return [...chains, ...reverse];
}

/** Expressions on the type, of every kind, nested at most `depth` deep. */
export function expression(type: WorldType, depth: number): fc.Arbitrary<Expression> {
  if (depth === 0) return leaf(type);
  const inner = expression(type, depth - 1);
  const parts = fc.array(inner, { maxLength: 3 });
  return fc.oneof(
    leaf(type),
    inner.map((of): Expression => ({ kind: 'not', of })),
    parts.map((of): Expression => ({ kind: 'and', of })),
    parts.map((of): Expression => ({ kind: 'or', of })),
    ...steps(type, depth),
  );
}
