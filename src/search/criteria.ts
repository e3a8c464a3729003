// Reads the values at the end of a route into an expression: the part of resolve.ts that may find
// a value malformed. Each parameter type is read in types/.

import { fhirError } from '../fhir/fhir-error.ts';
import { type Clause, malformedValue, quote, type SearchEnvironment } from './clause.ts';
import { unescapeValue } from './escapes.ts';
import type { Expression } from './expression.ts';
import type { QueryParameter } from './query-string.ts';
import type { Route, ValueRoute } from './route.ts';
import type { AnsweredKind } from './search-registry.ts';
import { readComposite } from './types/composite.ts';
import { readDate, readDateBounds } from './types/date.ts';
import { readNumber } from './types/number.ts';
import { readNear } from './types/position.ts';
import { readQuantity } from './types/quantity.ts';
import { readReferenceClause } from './types/reference.ts';
import { readString } from './types/string.ts';
import { readToken } from './types/token.ts';
import { readUri } from './types/uri.ts';
import { readWords } from './types/words.ts';

type Reader = (clause: Clause) => Expression;

const readersByType: Readonly<Record<AnsweredKind, Reader>> = {
  token: readToken,
  string: readString,
  date: readDate,
  number: readNumber,
  quantity: readQuantity,
  reference: readReferenceClause,
  uri: readUri,
  special: readNear,
  composite: (clause) => readComposite(clause, readByType),
};

function readByType(clause: Clause): Expression {
  return readersByType[clause.parameter.type](clause);
}

/** Parameters whose values are not index entries but what every version has. */
const readersByCode: ReadonlyMap<string, Reader> = new Map([
  ['_id', readId],
  ['_text', readWords],
  ['_content', readWords],
  ['_lastUpdated', readLastUpdated],
]);

/**
 * The expression of one parameter, by the route that its name takes. Throws invalid-search for a
 * value that cannot be read, unsupported-search for a modifier that is not supported.
 */
export function readCriterion(
  sent: QueryParameter,
  route: Route,
  environment: SearchEnvironment,
): Expression {
  if (sent.values.includes('')) {
    throw malformedValue(sent.name, sent.text, 'a list of values without empty ones');
  }
  return readAlong(route, (end) => readValue(end, sent, environment));
}

/** The expression of a route, whose value at the end (or ends) `readEnd` reads. */
export function readAlong(route: Route, readEnd: (end: ValueRoute) => Expression): Expression {
  switch (route.kind) {
    case 'value':
      return readEnd(route);
    case 'has': {
      const { type, parameter } = route;
      return { kind: 'has', type, parameter, where: readAlong(route.rest, readEnd) };
    }
    case 'chain': {
      const { parameter } = route;
      const ways = route.ways.map(({ type, rest }): Expression => {
        return { kind: 'chain', parameter, type, where: readAlong(rest, readEnd) };
      });
      const [only] = ways;
      return only !== undefined && ways.length === 1 ? only : { kind: 'or', of: ways };
    }
  }
}

function readValue(
  { type, parameter, modifier }: ValueRoute,
  { name, values }: QueryParameter,
  environment: SearchEnvironment,
): Expression {
  const clause: Clause = { name, type, parameter, values, environment };
  return readClause(modifier === undefined ? clause : { ...clause, modifier });
}

/** The expression of one clause. Throws as readCriterion does. */
export function readClause(clause: Clause): Expression {
  refuseDetour(clause);
  const readSpecial = readersByCode.get(clause.parameter.code);
  if (readSpecial !== undefined) return readSpecial(clause);
  return clause.modifier === 'missing' ? readMissing(clause) : readByType(clause);
}

/** Parameters that stand for others (aliases.ts) have no values of their own to look at. */
function refuseDetour({ name, type, parameter }: Clause): void {
  if (parameter.type !== 'special' || parameter.expression !== '') return;
  const sentence = `"${parameter.code}" is asked of ${type} itself: by its name alone, without`;
  throw fhirError(
    'unsupported-search',
    `Parameter ${quote(name)}: ${sentence} modifier, chain, _has or _filter`,
  );
}

/** What stands beside the values of a parameter is a value too: a text without code, a logical
 * reference. */
const besides: Readonly<Partial<Record<AnsweredKind, readonly string[]>>> = {
  token: ['', ':text'],
  reference: ['', ':identifier'],
};

function readMissing(clause: Clause): Expression {
  const { code, type } = clause.parameter;
  const of = (besides[type] ?? ['']).map((suffix): Expression => {
    return { kind: 'missing', parameter: code + suffix };
  });
  const [only] = of;
  const missing: Expression = only !== undefined && of.length === 1 ? only : { kind: 'and', of };
  const [value = '', ...others] = clause.values;
  if (others.length === 0 && value === 'true') return missing;
  if (others.length === 0 && value === 'false') return { kind: 'not', of: missing };
  throw malformedValue(clause.name, clause.values.join(','), 'true or false');
}

const ID = /^[A-Za-z0-9\-.]{1,64}$/;

function readId(clause: Clause): Expression {
  refuseModifier(clause);
  const ids = clause.values.map(unescapeValue);
  const wrong = ids.find((id) => !ID.test(id));
  if (wrong !== undefined) {
    throw malformedValue(clause.name, wrong, 'a logical id: 1 to 64 letters, digits, - and .');
  }
  return { kind: 'id', ids };
}

function readLastUpdated(clause: Clause): Expression {
  refuseModifier(clause);
  return { kind: 'lastUpdated', anyOf: readDateBounds(clause) };
}

/** Every resource has an id and a time: not even `:missing` makes sense. */
function refuseModifier(clause: Clause): void {
  if (clause.modifier === undefined) return;
  throw fhirError('unsupported-search', `Parameter ${quote(clause.name)} takes no modifier`);
}
