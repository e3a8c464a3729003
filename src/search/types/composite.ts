// composite parameters: how `a$b` is read, each part by its own type; how the values of one and the
// same element are indexed together. http://hl7.org/fhir/R4/search.html#composite

import { type CompiledExpression, compileExpression } from '../../definitions/compile-extractor.ts';
import type { Resource } from '../../fhir/types.ts';
import { type Clause, malformedValue, quote, unsupportedModifier } from '../clause.ts';
import { splitUnescaped } from '../escapes.ts';
import type { Expression, ValueExpression } from '../expression.ts';
import type { IndexEntry, ValueEntry } from '../index-entry.ts';
import type { SearchComponent, SearchParameter } from '../search-registry.ts';

/** Reads a clause by its parameter's type. */
export type ReadClause = (clause: Clause) => Expression;

/** Index entries of a node, by the parameter's type. */
export type ReadNode = (
  kind: SearchComponent['type'],
  parameter: string,
  node: unknown,
  fhirType: string,
) => readonly ValueEntry[];

/** The name under which the values of a component stand, by its place from 0. */
function componentCode(code: string, place: number): string {
  return `${code}$${place + 1}`;
}

/** `code-value-quantity=8480-6$gt140` as an expression. Refuses any modifier. */
export function readComposite(clause: Clause, read: ReadClause): Expression {
  const { parameter, modifier, values } = clause;
  if (modifier !== undefined) throw unsupportedModifier(clause, []);
  const alternatives = values.map((value): Expression => {
    const of = readParts(value, clause, read);
    return { kind: 'composite', parameter: parameter.code, of };
  });
  const [only] = alternatives;
  return only !== undefined && alternatives.length === 1 ? only : { kind: 'or', of: alternatives };
}

function readParts(value: string, clause: Clause, read: ReadClause): readonly ValueExpression[] {
  const { parameter, name } = clause;
  const components = parameter.components ?? [];
  const parts = splitUnescaped(value, '$');
  if (parts.length !== components.length || parts.includes('')) {
    const kinds = components.map(({ type }) => type).join('$');
    throw malformedValue(name, value, `${components.length} values joined by $: ${kinds}`);
  }
  return components.map((component, place) => {
    const part = readPart(component, place, parts[place] ?? '', clause, read);
    if (isValue(part)) return part;
    throw malformedValue(name, value, `made of values that ${quote(parameter.code)} has`);
  });
}

function readPart(
  { type, targets }: SearchComponent,
  place: number,
  value: string,
  clause: Clause,
  read: ReadClause,
): Expression {
  const code = componentCode(clause.parameter.code, place);
  const parameter = { code, url: clause.parameter.url, type, expression: '', targets };
  return read({ ...clause, parameter, values: [value] });
}

const VALUES: ReadonlySet<Expression['kind']> = new Set([
  'token',
  'string',
  'date',
  'number',
  'quantity',
  'reference',
  'uri',
]);

function isValue(expression: Expression): expression is ValueExpression {
  return VALUES.has(expression.kind);
}

/** What finds the values of each component on an element of one type. */
type Parts = readonly CompiledExpression[];

const FROM_RESOURCE = '%resource.';

/**
 * A function that gives the entries of a composite parameter on a resource.
 * @throws Error when an expression cannot be compiled
 */
export function compileComposite(
  type: string,
  parameter: SearchParameter,
): (resource: Resource, readNode: ReadNode) => readonly IndexEntry[] {
  const { code, components = [] } = parameter;
  const elements = compileExpression(parameter.expression, type);
  const partsByOwner = new Map(
    elements.finds.map(({ owner }) => [owner, compileParts(type, owner, components)]),
  );
  return (resource, readNode) => {
    const entries: IndexEntry[] = [];
    elements.walk(resource, (element, _fhirType, owner) => {
      const parts = (partsByOwner.get(owner) ?? []).map((part, place) => {
        const from = components[place]?.expression.startsWith(FROM_RESOURCE) ? resource : element;
        return valuesOf(part, from, components[place]?.type, componentCode(code, place), readNode);
      });
      // Nothing finds an element that lacks one of the values.
      if (parts.some((values) => values.length === 0)) return;
      const values = parts.flat();
      entries.push({ kind: 'composite', parameter: code, components: components.length, values });
    });
    return entries;
  };
}

function compileParts(type: string, owner: string, components: readonly SearchComponent[]): Parts {
  return components.map(({ expression }) =>
    expression.startsWith(FROM_RESOURCE)
      ? compileExpression(expression.slice(FROM_RESOURCE.length), type)
      : compileExpression(expression, owner),
  );
}

function valuesOf(
  part: CompiledExpression,
  node: unknown,
  kind: SearchComponent['type'] = 'special',
  code: string,
  readNode: ReadNode,
): readonly ValueEntry[] {
  const found: ValueEntry[] = [];
  part.walk(node, (value, fhirType) => {
    for (const entry of readNode(kind, code, value, fhirType)) {
      // What modifiers look at is of no use here: the parts of a composite take none.
      if (entry.parameter === code) found.push(entry);
    }
  });
  return found;
}
