// The code systems that codes without a system come from: elements of type code have the one that
// their required binding says (http://hl7.org/fhir/R4/search.html#token).

import { compileExpression } from '../definitions/compile-extractor.ts';
import { valueSetMembers } from '../definitions/schemas.ts';
import type { SearchParameter } from './search-registry.ts';

const NONE: ReadonlySet<string> = new Set();
const known = new Map<string, ReadonlySet<string>>();

/** The systems of a token parameter's elements of type code; none where R4 leaves them open. */
export function impliedSystems(type: string, parameter: SearchParameter): ReadonlySet<string> {
  const key = `${type} ${parameter.url}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const systems = parameter.expression === '' ? NONE : systemsOf(type, parameter.expression);
  known.set(key, systems);
  return systems;
}

function systemsOf(type: string, expression: string): ReadonlySet<string> {
  const { finds } = compileExpression(expression, type);
  const members = finds
    .filter((found) => found.type === 'code')
    .flatMap(({ valueSet }) => (valueSet === undefined ? [] : valueSetMembers(valueSet)));
  return new Set(members.map((member) => member.slice(0, member.indexOf('|'))));
}
