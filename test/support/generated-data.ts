// Generated resources and search expressions over a small world in which values collide, prefixes
// nest, references dangle and texts sort differently by code unit and by code point.

import type { ResourceKey } from '../../src/fhir/types.ts';
import type {
  Expression,
  QuantityValue,
  RangeBounds,
  SearchQuery,
  SortKey,
  TokenValue,
  ValueExpression,
} from '../../src/search/expression.ts';
import type { IndexEntry, ValueEntry } from '../../src/search/index-entry.ts';
import { nextAbove } from '../../src/search/types/number.ts';
import { normalise } from '../../src/search/types/string.ts';
import type { Transaction, Write } from '../../src/store/resource-store.ts';
import { put, remove, START_MS } from './plain-resource.ts';
import type { SeededRandom } from './seeded-random.ts';

type Kind = IndexEntry['kind'];

interface Parameter {
  readonly name: string;
  readonly kind: Kind;
  /** What a reference may point at. */
  readonly targets?: readonly string[];
  readonly components?: readonly Exclude<Kind, 'composite' | 'position'>[];
}

const parametersByType: Readonly<Record<string, readonly Parameter[]>> = {
  Patient: [
    { name: 'identifier', kind: 'token' },
    { name: 'gender', kind: 'token' },
    { name: 'family', kind: 'string' },
    { name: 'birthdate', kind: 'date' },
    { name: 'general-practitioner', kind: 'reference', targets: ['Organization'] },
    { name: '_profile', kind: 'uri' },
    { name: 'rank', kind: 'number' },
    { name: 'weight', kind: 'quantity' },
    { name: 'gender:text', kind: 'string' },
  ],
  Immunization: [
    { name: 'vaccine-code', kind: 'token' },
    { name: 'date', kind: 'date' },
    { name: 'patient', kind: 'reference', targets: ['Patient'] },
    { name: 'performer', kind: 'reference', targets: ['Organization', 'Patient'] },
    { name: 'lot-number', kind: 'string' },
    { name: 'vaccine-when', kind: 'composite', components: ['token', 'date'] },
    { name: 'batch-amount', kind: 'composite', components: ['string', 'quantity', 'token'] },
    { name: 'by-ranks', kind: 'composite', components: ['reference', 'number', 'number'] },
  ],
  Organization: [
    { name: 'name', kind: 'string' },
    { name: 'partof', kind: 'reference', targets: ['Organization'] },
    { name: 'type', kind: 'token' },
    { name: 'near', kind: 'position' },
  ],
};
export const types = Object.keys(parametersByType);
const IDS = Array.from({ length: 12 }, (_, index) => `id-${index}`);

const SYSTEMS = ['', 'http://a.example', 'http://b.example'];
const CODES = ['', '1', '14', '140', 'a|b', 'é', '\u{1F489}', '\uF8FF', '140 '];
const TEXTS = [
  'Smith',
  'smith',
  'SMITH',
  'Smi',
  'Śmithson',
  'O’Brien',
  'o brien',
  'ß',
  '\u{1F489}x',
];
const MORE_TEXTS = [
  ...TEXTS,
  'Smi\u{1F489}',
  'smi\uF8FF',
  '\uF8FFx',
  '\u{10FFFF}',
  'x',
  'mith',
  'Li',
  'lillian',
  '',
];
const URIS = ['http://a.example', 'http://a.example/1', 'http://a.example1', 'urn:x', '\u{1F489}'];
const UNITS = ['', 'mg', 'ml'];
const URL = 'https://elsewhere.example/Organization/1';
const DAY_MS = 86_400_000;

function instant(random: SeededRandom): number {
  return START_MS + random.below(12) * DAY_MS;
}

function makeKey(random: SeededRandom, targets: readonly string[]): ResourceKey {
  return { type: random.pick(targets), id: random.pick(IDS) };
}

function makeRange(random: SeededRandom): { low: number; high: number } {
  const low = random.below(12) - 4 + random.pick([0, 0.5]);
  return { low, high: random.chance(0.7) ? nextAbove(low) : low + random.pick([1, 3, 1e300]) };
}

function makeEntry(random: SeededRandom, parameter: Parameter): IndexEntry {
  const { name, kind, components = [] } = parameter;
  if (kind !== 'composite') return makeValue(random, { ...parameter, kind });
  const values = components.flatMap((component, index) =>
    random.list(1, 2, () => makeValue(random, componentOf(parameter, component, index))),
  );
  return { kind, parameter: name, components: components.length, values };
}

type ValueParameter = Parameter & { readonly kind: Exclude<Kind, 'composite'> };

function componentOf(
  { name }: Parameter,
  kind: Exclude<Kind, 'composite' | 'position'>,
  index: number,
): ValueParameter {
  return { name: `${name}$${index + 1}`, kind, targets: ['Patient', 'Organization'] };
}

function makeValue(
  random: SeededRandom,
  { name: parameter, kind, targets = [] }: ValueParameter,
): ValueEntry {
  switch (kind) {
    case 'token':
      return { kind, parameter, system: random.pick(SYSTEMS), code: random.pick(CODES) };
    case 'string': {
      const exact = random.pick(MORE_TEXTS);
      return { kind, parameter, value: normalise(exact), exact };
    }
    case 'date': {
      const low = instant(random);
      return { kind, parameter, low, high: low + random.pick([1, DAY_MS, 3 * DAY_MS]) };
    }
    case 'reference': {
      const { type, id } = makeKey(random, targets);
      return { kind, parameter, target: random.chance(0.1) ? URL : `${type}/${id}` };
    }
    case 'uri':
      return { kind, parameter, value: random.pick(URIS) };
    case 'number':
      return { kind, parameter, ...makeRange(random) };
    case 'quantity': {
      const [system, code, unit] = [SYSTEMS, UNITS, UNITS].map((each) => random.pick(each));
      const names = { system: system ?? '', code: code ?? '', unit: unit ?? '' };
      return { kind, parameter, ...names, ...makeRange(random) };
    }
    case 'position': {
      const latitude = 51 + random.below(10) / 10;
      return { kind, parameter, latitude, longitude: random.below(10) / 10 };
    }
  }
}

function makeWrite(random: SeededRandom, key: ResourceKey): Write {
  const name = `${key.type}/${key.id}`;
  if (random.chance(0.15)) return remove(name);
  const entries = (parametersByType[key.type] ?? []).flatMap((parameter) =>
    random.list(0, 2, () => makeEntry(random, parameter)),
  );
  const pointed = entries.flatMap((entry) =>
    entry.kind === 'reference' && !entry.target.includes(':') ? [entry.target] : [],
  );
  const uncovered = random.list(0, 1, () => `Organization/${random.pick(IDS)}`);
  const references = [...new Set([...pointed, ...uncovered])].map((target) => {
    const [type = '', id = ''] = target.split('/');
    return { type, id };
  });
  return put(name, { entries, references, note: String(random.below(1_000)) });
}

/** A transaction of a few writes at a clock that sometimes steps back. */
export function makeTransaction(random: SeededRandom, step: number): Transaction {
  const keys = new Map(
    random.list(1, 5, () => {
      const key = makeKey(random, types);
      return [`${key.type}/${key.id}`, key] as const;
    }),
  );
  const writes = [...keys.values()].map((key) => makeWrite(random, key));
  const nowMs = START_MS + step * 1_000 - (random.chance(0.1) ? 3_600_000 : 0);
  return { guards: [], writes, nowMs, references: 'lenient' };
}

function makeBounds(random: SeededRandom): RangeBounds {
  const bounds: { -readonly [Name in keyof RangeBounds]: RangeBounds[Name] } = {};
  if (random.chance(0.4)) bounds.lowFrom = instant(random);
  if (random.chance(0.3)) bounds.lowBelow = instant(random);
  if (random.chance(0.4)) bounds.highAbove = instant(random);
  if (random.chance(0.3)) bounds.highTo = instant(random);
  return bounds;
}

function makeNumberBounds(random: SeededRandom): RangeBounds {
  const number = () => random.below(12) - 4 + random.pick([0, 0.5]);
  const bounds: { -readonly [Name in keyof RangeBounds]: RangeBounds[Name] } = {};
  if (random.chance(0.4)) bounds.lowFrom = number();
  if (random.chance(0.3)) bounds.lowBelow = number();
  if (random.chance(0.4)) bounds.highAbove = number();
  if (random.chance(0.3)) bounds.highTo = nextAbove(number());
  return bounds;
}

function makeQuantityValue(random: SeededRandom): QuantityValue {
  const bounds = makeNumberBounds(random);
  if (random.chance(0.3)) return { bounds };
  if (random.chance(0.5)) return { bounds, codeOrUnit: random.pick(UNITS) };
  return { bounds, system: random.pick(SYSTEMS), code: random.pick(UNITS) };
}

function makeTokenValue(random: SeededRandom): TokenValue {
  const value: { system?: string; code?: string } = {};
  if (random.chance(0.6)) value.system = random.pick([...SYSTEMS, 'http://unknown.example']);
  if (random.chance(0.8)) value.code = random.pick(CODES);
  return value;
}

function makeValueNode(random: SeededRandom, type: string): Expression {
  const parameter = random.pick(parametersByType[type] ?? []);
  const { name, kind, components = [] } = parameter;
  if (kind !== 'composite') return makeValueExpression(random, { ...parameter, kind });
  const of = components.map((component, index) => {
    const part = componentOf(parameter, component, index);
    // Three parts at random would hardly ever match.
    return part.kind === 'token' && random.chance(0.5)
      ? ({ kind: 'token', parameter: part.name, anyOf: [{}] } as const)
      : makeValueExpression(random, part);
  });
  return { kind, parameter: name, of };
}

function makeValueExpression(
  random: SeededRandom,
  { name: parameter, kind, targets = [] }: ValueParameter,
): ValueExpression {
  // Long lists take other ways than short ones.
  const many = random.chance(0.1) ? 25 : 3;
  switch (kind) {
    case 'token':
      return { kind, parameter, anyOf: random.list(1, many, () => makeTokenValue(random)) };
    case 'string': {
      const compare = random.pick(['prefix', 'exact', 'contains', 'suffix', 'equals'] as const);
      const text = () => random.pick(MORE_TEXTS);
      const part = () => {
        const whole = [...normalise(text())];
        const start = random.below(whole.length + 1);
        const end = compare === 'contains' ? start + 2 : whole.length;
        return whole.slice(start, end).join('');
      };
      const make = { exact: text, contains: part, suffix: part, prefix: text, equals: text };
      const anyOf = random.list(1, many, () => {
        return compare === 'exact' ? text() : normalise(make[compare]());
      });
      return { kind, parameter, compare, anyOf };
    }
    case 'date':
      return { kind, parameter, anyOf: random.list(1, many, () => makeBounds(random)) };
    case 'reference': {
      const target = () => {
        const { type: targetType, id } = makeKey(random, targets);
        return random.chance(0.2) ? URL : `${targetType}/${id}`;
      };
      return { kind, parameter, anyOf: random.list(1, many, target) };
    }
    case 'uri': {
      const compare = random.pick(['exact', 'below'] as const);
      return { kind, parameter, compare, anyOf: random.list(1, many, () => random.pick(URIS)) };
    }
    case 'number':
      return { kind, parameter, anyOf: random.list(1, many, () => makeNumberBounds(random)) };
    case 'quantity':
      return { kind, parameter, anyOf: random.list(1, many, () => makeQuantityValue(random)) };
    case 'position': {
      const circle = () => ({
        latitude: 51 + random.below(10) / 10,
        longitude: random.below(10) / 10,
        radiusM: random.below(50) * 1_000,
      });
      return { kind: 'near', parameter, anyOf: random.list(1, 3, circle) };
    }
  }
}

function makeJoin(random: SeededRandom, type: string, depth: number): Expression {
  if (type === 'Organization' && random.chance(0.3)) {
    const of = makeExpression(random, type, depth - 1);
    const through: Expression = random.chance(0.5)
      ? { kind: 'everything' }
      : makeExpression(random, type, depth - 1);
    return { kind: random.pick(['below', 'above']), parent: 'partof', of, through };
  }
  const own = (parametersByType[type] ?? []).filter(({ kind }) => kind === 'reference');
  const reverse = types.flatMap((other) =>
    (parametersByType[other] ?? []).flatMap(({ name, targets = [] }) =>
      targets.includes(type) ? [{ other, name }] : [],
    ),
  );
  if (own.length > 0 && (reverse.length === 0 || random.chance(0.5))) {
    const { name, targets = [] } = random.pick(own);
    const target = random.pick(targets);
    const where = makeExpression(random, target, depth - 1);
    return { kind: 'chain', parameter: name, type: target, where };
  }
  const { other, name } = random.pick(reverse);
  const where = makeExpression(random, other, depth - 1);
  return { kind: 'has', type: other, parameter: name, where };
}

/** An expression on the type, nested up to `depth` times. */
export function makeExpression(random: SeededRandom, type: string, depth: number): Expression {
  const parts = () => random.list(1, 3, () => makeExpression(random, type, depth - 1));
  const choice = depth <= 0 ? 12 + random.below(8) : random.below(20);
  if (choice < 4) return { kind: 'and', of: parts() };
  if (choice < 6) return { kind: 'or', of: parts() };
  if (choice < 8) return { kind: 'not', of: makeExpression(random, type, depth - 1) };
  if (choice < 12) return makeJoin(random, type, depth);
  if (choice === 12) {
    return { kind: 'missing', parameter: random.pick(parametersByType[type] ?? []).name };
  }
  if (choice === 13) return { kind: 'id', ids: random.list(1, 3, () => random.pick(IDS)) };
  if (choice === 14) {
    const anyOf = random.list(1, 2, () => makeInstantBounds(random));
    return { kind: 'lastUpdated', anyOf };
  }
  if (choice === 15) return { kind: random.pick(['everything', 'nothing']) };
  return makeValueNode(random, type);
}

/** Bounds among the instants at which makeTransaction writes. */
function makeInstantBounds(random: SeededRandom): RangeBounds {
  const bounds = makeBounds(random);
  const scaled = Object.entries(bounds).map(([name, value]) => {
    return [name, START_MS + ((value - START_MS) / DAY_MS) * 5_000];
  });
  return Object.fromEntries(scaled);
}

/** A search with up to two sort keys. */
export function makeQuery(random: SeededRandom, depth: number): SearchQuery {
  const type = random.pick(types);
  const sortable = (parametersByType[type] ?? []).filter(
    ({ name, kind }) => kind !== 'composite' && kind !== 'position' && !name.endsWith(':text'),
  );
  const names = ['_id', '_lastUpdated', ...sortable.map(({ name }) => name)];
  const sort = random.list(0, 2, (): SortKey => {
    return { parameter: random.pick(names), descending: random.chance(0.5) };
  });
  return { type, where: makeExpression(random, type, depth), sort };
}
