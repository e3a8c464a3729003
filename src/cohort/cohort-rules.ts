// A cohort as it is asked for, read: rules in order, each a search on Patient that keeps people or
// leaves them out, the standard exclusions among them. Everything that may be wrong with it is
// refused here, by the clause's name.

import { FhirError, fhirError } from '../fhir/fhir-error.ts';
import { COHORT_DEPTH_MAX, COHORT_NODES_MAX, COHORT_RULES_MAX } from '../limits.ts';
import type { SearchEnvironment } from '../search/clause.ts';
import type { Expression } from '../search/expression.ts';
import { resolveSelection } from '../search/resolve.ts';
import { refuseUnknownProgrammes } from './derived-store.ts';
import { recordTypes } from './facets.ts';
import { refuseUnknownCodes } from './known-codes.ts';
import { type StandardExclusion, standardExclusions } from './standard-exclusions.ts';

/** What is asked for, as texts. */
export interface CohortDefinition {
  /** Searches, all of which people match: `birthdate=le1961-11-22`, with or without `Patient?`;
   * or `Condition?code=…`, for people with such a record. */
  readonly include: readonly string[];
  /** Searches, none of which people match. */
  readonly exclude: readonly string[];
  /** The programme that the cohort is for: `flu-2026`. */
  readonly programme?: string;
  /** Names of standard exclusions that are switched off. */
  readonly without: readonly string[];
}

/** One step from everybody to the cohort. */
export interface CohortRule {
  /** `include-1`, `exclude-2`, `deceased`. */
  readonly code: string;
  /** In words, or the search as it was asked. */
  readonly display: string;
  /** Whether those who match are kept, else they are left out. */
  readonly keeps: boolean;
  readonly where: Expression;
}

export interface CohortRules {
  readonly rules: readonly CohortRule[];
  /** Names of the standard exclusions that were not applied. */
  readonly off: readonly string[];
}

/** What reading depends on. */
export interface RulesContext {
  readonly environment: SearchEnvironment;
  /** Those there are. */
  readonly programmes: readonly string[];
}

/**
 * Reads a definition.
 * @throws FhirError `invalid-request`, `invalid-search`, `unsupported-search` or `limit-exceeded`
 *   that names the clause
 */
export function readCohortRules(definition: CohortDefinition, context: RulesContext): CohortRules {
  const { include, exclude, programme, without } = definition;
  if (include.length + exclude.length > COHORT_RULES_MAX) {
    throw fhirError('limit-exceeded', `A cohort may have ${COHORT_RULES_MAX} searches at most`);
  }
  refuseUnknownNames(definition, context);
  const own = [
    ...include.map((search, index) => ownRule('include', search, index, context)),
    ...exclude.map((search, index) => ownRule('exclude', search, index, context)),
  ];
  refuseLarge(own);
  const isApplied = ({ name, ofProgramme }: StandardExclusion) =>
    !without.includes(name) && (programme !== undefined || !ofProgramme);
  const standard = standardExclusions.filter(isApplied).map((exclusion): CohortRule => {
    const { name: code, display, searches } = exclusion;
    const found = searches(programme).map((search) =>
      resolveSelection('Patient', search, context.environment),
    );
    const [only] = found;
    const isOne = only !== undefined && found.length === 1;
    return { code, display, keeps: false, where: isOne ? only : { kind: 'or', of: found } };
  });
  const off = standardExclusions.filter((exclusion) => !isApplied(exclusion));
  return { rules: [...own, ...standard], off: off.map(({ name }) => name) };
}

/** Reads a search on Patient, or on records that people are then found by.
 * @param code of its rule, for errors */
function readPeopleSearch(
  code: string,
  search: string,
  { environment, programmes }: RulesContext,
): Expression {
  return naming(`${code} '${search}'`, () => {
    const parts = /^(?:([A-Za-z]+)\?)?(.*)$/s.exec(search);
    const [, type = 'Patient', query = ''] = parts ?? [];
    const where = resolveSelection(knownType(type), query, environment);
    refuseUnknownProgrammes(type, where, programmes);
    refuseUnknownCodes(type, where, environment.terminology);
    if (type === 'Patient') return where;
    return { kind: 'has', type, parameter: recordTypes[type] ?? '', where };
  });
}

function knownType(type: string): string {
  if (type === 'Patient' || Object.hasOwn(recordTypes, type)) return type;
  const known = ['Patient', ...Object.keys(recordTypes)].join(', ');
  throw fhirError('invalid-search', `People are found by searches on ${known}, not on '${type}'`);
}

function ownRule(
  way: 'include' | 'exclude',
  search: string,
  index: number,
  context: RulesContext,
): CohortRule {
  const code = `${way}-${index + 1}`;
  const where = readPeopleSearch(code, search, context);
  return { code, display: search, keeps: way === 'include', where };
}

function refuseUnknownNames({ programme, without }: CohortDefinition, context: RulesContext): void {
  const { programmes } = context;
  if (programme !== undefined && !programmes.includes(programme)) {
    throw notAmong('Programme', programme, programmes);
  }
  const names = standardExclusions.map(({ name }) => name);
  const unknown = without.find((name) => !names.includes(name));
  if (unknown !== undefined) throw notAmong('Standard exclusion', unknown, names);
}

function notAmong(what: string, name: string, names: readonly string[]) {
  const known = names.length === 0 ? 'there are none' : `it is one of ${names.join(', ')}`;
  return fhirError('invalid-request', `${what} '${name}' is not known: ${known}`);
}

/** Adds to every issue of an error what it is about. */
export function naming<Result>(what: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const issues = error.issues.map((issue) => ({
      ...issue,
      diagnostics: `${what}: ${issue.diagnostics}`,
    }));
    throw new FhirError(error.errorName, issues);
  }
}

function refuseLarge(rules: readonly CohortRule[]): void {
  let nodes = 0;
  for (const { code, display, where } of rules) {
    const size = sizeOf(where);
    nodes += size.nodes;
    if (size.depth > COHORT_DEPTH_MAX) {
      const sentence = `${code} '${display}' nests deeper than ${COHORT_DEPTH_MAX} steps`;
      throw fhirError('limit-exceeded', sentence);
    }
    if (nodes > COHORT_NODES_MAX) {
      const sentence = `${code} '${display}': the searches have more than ${COHORT_NODES_MAX}`;
      throw fhirError('limit-exceeded', `${sentence} clauses together`);
    }
  }
}

interface Size {
  readonly nodes: number;
  readonly depth: number;
}

function sizeOf(expression: Expression): Size {
  const inner = innerOf(expression).map(sizeOf);
  return {
    nodes: inner.reduce((sum, { nodes }) => sum + nodes, 1),
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
  };
}

function innerOf(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.of;
    case 'not':
      return [expression.of];
    case 'below':
    case 'above':
      return [expression.of, expression.through];
    case 'chain':
    case 'has':
      return [expression.where];
    default:
      return [];
  }
}
