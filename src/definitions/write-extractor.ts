// Writes the JavaScript of one extractor: nested loops over the members that a search
// parameter's expression names. Evaluating FHIRPath for every resource is hundreds of times
// slower; test/unit/definitions/ proves that both give the same.

import type { ElementTree, Member } from './element-tree.ts';
import type { Alternative, Step } from './parse-expression.ts';

/** An extractor's function body and what it finds. */
export interface WrittenExtractor {
  /** Statements over the names `resource`, `take` and `refersTo`. */
  readonly body: string;
  /** FHIR types of the nodes it takes. */
  readonly types: readonly string[];
  /** Resource types that the taken references may point at; `Resource` means any. */
  readonly targets: readonly string[];
}

/** Where the walk stands: a variable of the generated code and what is known of its value. */
interface Place {
  readonly variable: string;
  readonly type: string;
  readonly owner: string;
  readonly targets: readonly string[];
}

/** What one writing collects. */
interface Draft {
  readonly tree: ElementTree;
  readonly lines: string[];
  readonly types: Set<string>;
  readonly targets: Set<string>;
  variables: number;
}

/**
 * The extractor of one parameter on one type.
 * @param alternatives those rooted at the type or at one of its ancestors; throws when one names
 *   an element that the type does not have
 */
export function writeExtractor(
  type: string,
  alternatives: readonly Alternative[],
  tree: ElementTree,
): WrittenExtractor {
  const draft: Draft = { tree, lines: [], types: new Set(), targets: new Set(), variables: 0 };
  const root: Place = { variable: 'resource', type, owner: type, targets: [] };
  for (const alternative of alternatives) {
    if (alternative.result === 'notFalse') writeNotFalse(draft, root, alternative);
    else writeSteps(draft, root, alternative.steps, alternative);
  }
  const body = draft.lines.join('\n');
  return { body, types: [...draft.types], targets: [...draft.targets] };
}

function writeSteps(
  draft: Draft,
  place: Place,
  steps: readonly Step[],
  alternative: Alternative,
): void {
  const [step, ...rest] = steps;
  switch (step?.kind) {
    case undefined:
      writeTake(draft, place);
      return;
    case 'member':
      writeMember(draft, place, step.name, rest, alternative);
      return;
    case 'where':
      draft.lines.push(`if (${place.variable}?.${step.member} === '${step.value}') {`);
      writeSteps(draft, place, rest, alternative);
      draft.lines.push('}');
      return;
    case 'refersTo':
      if (place.type !== 'Reference') throw new Error(`No Reference: ${alternative.text}`);
      draft.lines.push(`if (refersTo(${place.variable}, '${step.type}')) {`);
      writeSteps(draft, { ...place, targets: [step.type] }, rest, alternative);
      draft.lines.push('}');
      return;
    case 'as':
    case 'first':
      // Both belong to the member before them, which has taken them already.
      throw new Error(`No extractor for the expression: ${alternative.text}`);
  }
}

function writeMember(
  draft: Draft,
  place: Place,
  name: string,
  steps: readonly Step[],
  alternative: Alternative,
): void {
  const element = draft.tree.elements.get(place.owner)?.get(name);
  if (element === undefined) throw new Error(`No element ${place.owner}.${name} in R4`);
  const [next, ...afterNext] = steps;
  const cast = next?.kind === 'as' ? next.type : undefined;
  const first = next?.kind === 'first';
  if (first && place.variable !== 'resource') {
    throw new Error(`No extractor for the expression: ${alternative.text}`);
  }
  const rest = cast !== undefined || first ? afterNext : steps;
  for (const member of element.members) {
    if (cast !== undefined && !draft.tree.isA(member.type, cast)) continue;
    const value = newVariable(draft);
    draft.lines.push(`const ${value} = ${place.variable}?.${member.json};`);
    if (!element.list) {
      writeSteps(draft, placeOf(value, member), rest, alternative);
      continue;
    }
    const item = newVariable(draft);
    draft.lines.push(
      first
        ? `{ const ${item} = Array.isArray(${value}) ? ${value}[0] : undefined;`
        : `if (Array.isArray(${value})) for (const ${item} of ${value}) {`,
    );
    writeSteps(draft, placeOf(item, member), rest, alternative);
    draft.lines.push('}');
  }
}

/** Elements that carry only extensions (`null` in JSON, or no member) have no value to take. */
function writeTake(draft: Draft, place: Place): void {
  draft.types.add(place.type);
  for (const target of place.targets) draft.targets.add(target);
  const { variable, type } = place;
  draft.lines.push(
    `if (${variable} !== undefined && ${variable} !== null) take(${variable}, '${type}');`,
  );
}

/** `X.exists() and X != false`: true or false, never nothing. */
function writeNotFalse(draft: Draft, root: Place, alternative: Alternative): void {
  const [step, ...rest] = alternative.steps;
  const element =
    step?.kind === 'member' ? draft.tree.elements.get(root.owner)?.get(step.name) : undefined;
  if (element === undefined || element.list || rest.length > 0) {
    throw new Error(`No extractor for the expression: ${alternative.text}`);
  }
  const values = element.members.map((member) => `resource.${member.json}`);
  draft.types.add('boolean');
  draft.lines.push(`take((${values.join(' ?? ')} ?? false) !== false, 'boolean');`);
}

function placeOf(variable: string, member: Member): Place {
  return { variable, type: member.type, owner: member.owner, targets: member.targets };
}

function newVariable(draft: Draft): string {
  draft.variables += 1;
  return `value${draft.variables}`;
}
