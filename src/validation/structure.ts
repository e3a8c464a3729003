// Structural validation: is this JSON a well-formed resource of its type by R4's
// StructureDefinitions and their constraints? (http://hl7.org/fhir/R4/json.html, datatypes.html,
// each type's page)

import type { Issue } from '../fhir/types.ts';
import type { JsonDocument } from '../lib/json.ts';
import { OUTCOME_ISSUES_MAX } from '../limits.ts';
import { issueOf, warningOf } from './fault-issues.ts';
import { type LocatedWarning, makeResourceCheck, type ResourceCheck } from './generated-checks.ts';
import { locate } from './location.ts';
import { member } from './nodes.ts';
import { nameOfJson, shown } from './primitives.ts';

/** Judges resources against the base definitions of R4. */
export interface StructureValidator {
  /**
   * All faults at once, one issue per fault, each with its FHIRPath location; empty when the
   * resource is well formed. Never throws, whatever the JSON.
   * @param type the resource type that the body must be
   */
  validate(document: JsonDocument, type: string): readonly Issue[];
}

const NONE: readonly Issue[] = [];

/**
 * A validator for every R4 type. Each type's checks are loaded when first needed, so one validator
 * serves the whole program.
 * @param options whether R4's constraints of severity warning are told too
 */
export function makeStructureValidator(
  options: { readonly warnings: boolean } = { warnings: false },
): StructureValidator {
  const check = makeResourceCheck(OUTCOME_ISSUES_MAX);
  return {
    validate(document, type) {
      const value = document.exact ?? document.value;
      const actual = member(value, 'resourceType');
      if (actual !== type) return [wrongType(value, actual, type)];
      try {
        return issuesOf(check, value, type, options.warnings ? [] : undefined);
      } catch (error) {
        // Only nesting beyond the JSON reader's bound can exhaust the stack.
        if (error instanceof RangeError) return [tooDeep(type)];
        throw error;
      }
    },
  };
}

function issuesOf(
  check: ResourceCheck,
  value: unknown,
  type: string,
  warnings: LocatedWarning[] | undefined,
): readonly Issue[] {
  const faults = check(value, warnings);
  const told = warnings?.map(({ instancePath, failure }) =>
    warningOf(failure, locate(value, type, instancePath).path),
  );
  if (faults === null) return told ?? NONE;
  const errors = faults.slice(0, OUTCOME_ISSUES_MAX).map((fault) => issueOf(fault, value, type));
  return told === undefined ? errors : [...errors, ...told];
}

function wrongType(value: unknown, actual: unknown, type: string): Issue {
  const isObject = nameOfJson(value) === 'an object';
  const found = isObject ? `${shown(actual)} in resourceType` : nameOfJson(value);
  const diagnostics = `The body must be a resource of type ${type}, but is ${found}.`;
  const expression = [isObject ? `${type}.resourceType` : type];
  return { severity: 'error', code: 'structure', diagnostics, expression };
}

function tooDeep(type: string): Issue {
  const diagnostics = `The ${type} is nested too deeply to be judged.`;
  return { severity: 'error', code: 'too-costly', diagnostics, expression: [type] };
}
