// ValueSet.compose.include.filter: which concepts of a code system a filter keeps
// (http://hl7.org/fhir/R4/valueset-filter-operator.html). Called by compose.ts.

import { type CodeEntry, type CodeTable, propertyTexts } from './code-table.ts';
import type { Filter } from './resources.ts';

/** Whether a concept passes. */
type Keeps = (entry: CodeEntry) => boolean;

type Operator = (filter: Filter, table: CodeTable) => Keeps;

/** Properties that every concept has without a declaration. */
const builtIn: Readonly<Record<string, (entry: CodeEntry) => readonly string[]>> = {
  concept: ({ code }) => [code],
  code: ({ code }) => [code],
  display: ({ display }) => (display === undefined ? [] : [display]),
  definition: ({ definition }) => (definition === undefined ? [] : [definition]),
  parent: ({ parents }) => parents,
  child: ({ children }) => children,
};

/** Properties that FHIR itself defines for the concepts of any system. */
const everywhere: ReadonlySet<string> = new Set(['inactive', 'notSelectable', 'status']);

const operators: Readonly<Record<string, Operator>> = {
  '=': (filter) => (entry) => texts(entry, filter).includes(filter.value),
  'is-a': ({ value }, table) => {
    const top = written(value, table);
    const below = table.descendants(top);
    return ({ code }) => code === top || below.has(code);
  },
  'descendent-of': ({ value }, table) => {
    const below = table.descendants(written(value, table));
    return ({ code }) => below.has(code);
  },
  'is-not-a': ({ value }, table) => {
    const top = written(value, table);
    const below = table.descendants(top);
    return ({ code }) => code !== top && !below.has(code);
  },
  generalizes: ({ value }, table) => {
    const bottom = written(value, table);
    const above = table.ancestors(bottom);
    return ({ code }) => code === bottom || above.has(code);
  },
  in: (filter) => {
    const values = new Set(listed(filter.value));
    return (entry) => texts(entry, filter).some((text) => values.has(text));
  },
  'not-in': (filter) => {
    const values = new Set(listed(filter.value));
    return (entry) => !texts(entry, filter).some((text) => values.has(text));
  },
  regex: (filter) => {
    const pattern = new RegExp(`^(?:${filter.value})$`, 'u');
    return (entry) => texts(entry, filter).some((text) => pattern.test(text));
  },
  exists: (filter) => {
    const wanted = filter.value === 'true';
    return (entry) => texts(entry, filter).length > 0 === wanted;
  },
};

/** Operators whose value is a code of the system. */
const HIERARCHICAL: ReadonlySet<string> = new Set([
  'is-a',
  'descendent-of',
  'is-not-a',
  'generalizes',
]);

/** Operators that keep what is not said: of a part of a system that proves nothing. */
const NEGATIVE: ReadonlySet<string> = new Set(['is-not-a', 'not-in']);

/** The filter as a test of concepts; undefined when it cannot be answered from what is held. */
export function readFilter(filter: Filter, table: CodeTable): Keeps | undefined {
  if (filterProblem(filter, table) !== undefined) return undefined;
  const isNegative =
    NEGATIVE.has(filter.op) || (filter.op === 'exists' && filter.value === 'false');
  if (isNegative && !table.isComplete) return undefined;
  return operators[filter.op]?.(filter, table);
}

/** What is wrong with a filter on a code system, as the end of a sentence; undefined when it can
 * be answered. */
export function filterProblem(filter: Filter, table: CodeTable): string | undefined {
  const { property, op, value } = filter;
  if (!Object.hasOwn(operators, op)) return `has the operator '${op}', which R4 does not know`;
  if (op === 'exists' && value !== 'true' && value !== 'false') {
    return `has the value '${value}'; exists takes true or false`;
  }
  if (op === 'regex' && !isPattern(value)) return `has '${value}', which is no regular expression`;
  if (HIERARCHICAL.has(op)) {
    return table.get(value) === undefined
      ? `names the code '${value}', which ${table.url} as held here does not have`
      : undefined;
  }
  const isKnown =
    Object.hasOwn(builtIn, property) || everywhere.has(property) || table.declared.has(property);
  return isKnown ? undefined : `names the property '${property}', which ${table.url} lacks`;
}

function texts(entry: CodeEntry, { property }: Filter): readonly string[] {
  const read = Object.hasOwn(builtIn, property) ? builtIn[property] : undefined;
  return read === undefined ? propertyTexts(entry, property) : read(entry);
}

function written(code: string, table: CodeTable): string {
  return table.get(code)?.code ?? code;
}

function listed(value: string): readonly string[] {
  return value.split(',').map((each) => each.trim());
}

function isPattern(value: string): boolean {
  try {
    new RegExp(`^(?:${value})$`, 'u');
    return true;
  } catch {
    return false;
  }
}
