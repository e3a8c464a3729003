// Where a parameter's name leads: through which types, to which search parameter. The part of
// resolve.ts that meets the registry; criteria.ts then reads the values at the end of the route.

import { fhirError } from '../fhir/fhir-error.ts';
import { SEARCH_WAYS_MAX } from '../limits.ts';
import { quote } from './clause.ts';
import type { ParameterPath } from './query-string.ts';
import {
  type AnsweredKind,
  isAnsweredKind,
  type SearchParameter,
  type SearchRegistry,
} from './search-registry.ts';

/** A search parameter of a kind that is answered. */
export interface AnsweredParameter extends SearchParameter {
  readonly type: AnsweredKind;
}

/** The end of a route: a parameter and what modifies it. */
export type ValueRoute = Extract<Route, { kind: 'value' }>;

/** A name that has a meaning. `ends` counts the parameters that it leads to. */
export type Route =
  | {
      readonly kind: 'value';
      /** The resource type that the parameter is one of. */
      readonly type: string;
      readonly parameter: AnsweredParameter;
      readonly modifier: string | undefined;
      readonly ends: 1;
    }
  /** by a reference to each of several types (alternatives) */
  | {
      readonly kind: 'chain';
      readonly parameter: string;
      readonly ways: readonly { readonly type: string; readonly rest: Route }[];
      readonly ends: number;
    }
  /** to what points here */
  | {
      readonly kind: 'has';
      readonly type: string;
      readonly parameter: string;
      readonly rest: Route;
      readonly ends: number;
    };

/** A name without meaning: something in it is unknown or not served. */
interface Unanswered {
  readonly kind: 'unanswered';
  /** A clause that says what is wrong and what would be right. */
  readonly reason: string;
}

type Found = Route | Unanswered;

/** Each rest of a path is looked up once per type, however many ways lead there. */
interface Lookup {
  readonly registry: SearchRegistry;
  readonly known: Map<ParameterPath, Map<string, Found>>;
}

/**
 * Finds what a parameter's name means in a search on `type`. A chain without a type leads through
 * every served target type that knows what follows; throws limit-exceeded when these are too many.
 */
export function findRoute(type: string, path: ParameterPath, registry: SearchRegistry): Found {
  const found = find(type, path, { registry, known: new Map() });
  if (found.kind !== 'unanswered' && found.ends > SEARCH_WAYS_MAX) {
    throw fhirError(
      'limit-exceeded',
      `A chain from ${type} leaves ${found.ends} ways open: name its types, as in code:Type.code`,
    );
  }
  return found;
}

function find(type: string, path: ParameterPath, lookup: Lookup): Found {
  const byType = lookup.known.get(path) ?? new Map<string, Found>();
  lookup.known.set(path, byType);
  const found = byType.get(type) ?? findAnew(type, path, lookup);
  byType.set(type, found);
  return found;
}

function findAnew(type: string, path: ParameterPath, lookup: Lookup): Found {
  switch (path.kind) {
    case 'plain':
      return findValue(type, path, lookup.registry);
    case 'chain':
      return findChain(type, path, lookup);
    case 'has':
      return findHas(type, path, lookup);
  }
}

function findValue(
  type: string,
  { code, modifier }: Extract<ParameterPath, { kind: 'plain' }>,
  registry: SearchRegistry,
): Found {
  const parameter = registry.find(type, code);
  if (parameter !== undefined && isAnswered(parameter)) {
    return { kind: 'value', type, parameter, modifier, ends: 1 };
  }
  if (registry.isFilling(type, code)) {
    return unanswered(`"${code}" of ${type} is new, and still being indexed; ask again later`);
  }
  const known = registry.all(type).filter(isAnswered);
  return unanswered(`${type} has no search parameter ${quote(code)} here; it has ${codes(known)}`);
}

function isAnswered(parameter: SearchParameter): parameter is AnsweredParameter {
  return isAnsweredKind(parameter.type);
}

function findChain(
  type: string,
  path: Extract<ParameterPath, { kind: 'chain' }>,
  lookup: Lookup,
): Found {
  const { registry } = lookup;
  const parameter = registry.find(type, path.code);
  if (parameter?.type !== 'reference') return noReference(type, path.code, registry);
  if (path.type !== undefined && !parameter.targets.includes(path.type)) {
    return wrongTarget(type, parameter, path.type);
  }
  const targets = path.type === undefined ? parameter.targets : [path.type];
  const served = targets.filter((target) => registry.serves(target));
  const tried = served.map((target) => ({ target, rest: find(target, path.rest, lookup) }));
  const ways = tried.flatMap(({ target, rest }) =>
    rest.kind === 'unanswered' ? [] : [{ type: target, rest }],
  );
  if (ways.length === 0)
    return noWay(
      type,
      path,
      targets,
      tried.map(({ rest }) => rest),
    );
  const ends = ways.reduce((sum, way) => sum + way.rest.ends, 0);
  return { kind: 'chain', parameter: path.code, ways, ends };
}

function findHas(
  type: string,
  path: Extract<ParameterPath, { kind: 'has' }>,
  lookup: Lookup,
): Found {
  const { registry } = lookup;
  if (!registry.serves(path.type)) return unanswered(`${quote(path.type)} is no type served here`);
  const parameter = registry.find(path.type, path.reference);
  if (parameter?.type !== 'reference') return noReference(path.type, path.reference, registry);
  if (!parameter.targets.includes(type)) return wrongTarget(path.type, parameter, type);
  const rest = find(path.type, path.rest, lookup);
  if (rest.kind === 'unanswered') return rest;
  return { kind: 'has', type: path.type, parameter: path.reference, rest, ends: rest.ends };
}

function unanswered(reason: string): Unanswered {
  return { kind: 'unanswered', reason };
}

function noReference(type: string, code: string, registry: SearchRegistry): Unanswered {
  const known = registry.all(type).filter((parameter) => parameter.type === 'reference');
  return unanswered(
    `${type} has no reference parameter ${quote(code)} here; it has ${codes(known)}`,
  );
}

function wrongTarget(type: string, parameter: SearchParameter, target: string): Unanswered {
  const { code, targets } = parameter;
  return unanswered(`"${code}" of ${type} points at ${list(targets)}, not at ${quote(target)}`);
}

/** Where only one type was possible its own reason says most. */
function noWay(
  type: string,
  path: Extract<ParameterPath, { kind: 'chain' }>,
  targets: readonly string[],
  tried: readonly Found[],
): Unanswered {
  const [only] = tried;
  if (only?.kind === 'unanswered' && tried.length === 1) return only;
  return tried.length === 0
    ? unanswered(`"${path.code}" of ${type} points at ${list(targets)}, not served here`)
    : unanswered(`nothing that "${path.code}" of ${type} points at knows what follows it`);
}

function codes(parameters: readonly SearchParameter[]): string {
  return list(parameters.map((parameter) => parameter.code));
}

function list(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.join(', ');
}
