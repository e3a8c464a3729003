// Compiles the expression of a search parameter when the service starts, into closures: for the
// parts of composite parameters and for parameters that profiles/ adds. What R4 defines itself is
// written out at build time (write-extractor.ts), which is faster; both find the same.

import { elementTree } from './element-shapes.ts';
import type { ElementTree, Member } from './element-tree.ts';
import { type Alternative, parseExpression, type Step } from './parse-expression.ts';
import { refersTo } from './referenced-type.ts';

/** Receives a node with its FHIR type, and what holds its elements: a type, or the path of a
 * backbone element (`Observation.component`). */
type Visit = (node: unknown, fhirType: string, owner: string) => void;

/** Walks from a node of a known type. */
type Walk = (node: unknown, visit: Visit) => void;

/** An expression, compiled for nodes of one type. */
export interface CompiledExpression {
  /** Hands every node that it finds to `visit`. Never throws; what does not have the shape of its
   * definition is passed over. */
  readonly walk: (node: unknown, visit: Visit) => void;
  /** What it may find: FHIR type, owner and, of coded elements with a required binding, the value
   * set of each. */
  readonly finds: readonly {
    readonly type: string;
    readonly owner: string;
    readonly valueSet?: string;
  }[];
  /** Resource types that the references it finds may point at; `Resource` means any. */
  readonly targets: readonly string[];
}

/** Where the compilation stands. */
interface Place {
  readonly type: string;
  readonly owner: string;
  readonly targets: readonly string[];
  readonly valueSet?: string;
}

interface Draft {
  readonly tree: ElementTree;
  readonly finds: Map<string, Place>;
}

/**
 * @param expression in the shapes that parse-expression.ts knows
 * @param owner the type, or path of a backbone element, that it starts at; alternatives that start
 *   at another type are left out
 * @throws Error with one sentence when it names what is not there or has another shape
 */
export function compileExpression(expression: string, owner: string): CompiledExpression {
  const draft: Draft = { tree: elementTree(), finds: new Map() };
  const start: Place = { type: owner, owner, targets: [] };
  const walks = parseExpression(expression)
    .filter(({ root }) => root === '' || draft.tree.isA(owner, root))
    .map((alternative) => compileAlternative(alternative, start, draft));
  const finds = [...draft.finds.values()];
  return {
    walk: (node, visit) => {
      for (const walk of walks) walk(node, visit);
    },
    finds,
    targets: [...new Set(finds.flatMap(({ targets }) => targets))],
  };
}

function compileAlternative({ steps, result }: Alternative, start: Place, draft: Draft): Walk {
  if (result === 'value') return compileSteps(steps, start, draft);
  const walk = compileSteps(steps, start, { ...draft, finds: new Map() });
  draft.finds.set('boolean', { type: 'boolean', owner: 'boolean', targets: [] });
  return (node, visit) => {
    let isTrue = false;
    walk(node, (value) => {
      isTrue ||= value !== false;
    });
    visit(isTrue, 'boolean', 'boolean');
  };
}

function compileSteps(steps: readonly Step[], place: Place, draft: Draft): Walk {
  const [step, ...rest] = steps;
  if (step === undefined) {
    draft.finds.set(`${place.type} ${place.owner} ${place.valueSet}`, place);
    return (node, visit) => visit(node, place.type, place.owner);
  }
  switch (step.kind) {
    case 'member':
      return compileMember(step.name, rest, place, draft);
    case 'as':
      return isCalled(place.type, step.type) ? compileSteps(rest, place, draft) : nothing;
    case 'where': {
      const { member, value } = step;
      const walk = compileSteps(rest, place, draft);
      return (node, visit) => {
        if (memberOf(node, member) === value) walk(node, visit);
      };
    }
    case 'refersTo': {
      const walk = compileSteps(rest, { ...place, targets: [step.type] }, draft);
      return (node, visit) => {
        if (refersTo(node, step.type)) walk(node, visit);
      };
    }
    case 'first':
      // A list's own step: compileMember takes it.
      return compileSteps(rest, place, draft);
  }
}

const nothing: Walk = () => {};

function compileMember(name: string, rest: readonly Step[], place: Place, draft: Draft): Walk {
  const element = draft.tree.elements.get(place.owner)?.get(name);
  if (element === undefined) throw new Error(`${place.owner} has no element ${name}`);
  const onlyFirst = rest[0]?.kind === 'first';
  const ways = element.members.flatMap((member) => {
    const walk = compileSteps(rest, placeOf(member), draft);
    return walk === nothing ? [] : [{ json: member.json, walk }];
  });
  if (ways.length === 0) return nothing;
  return (node, visit) => {
    for (const { json, walk } of ways) {
      const value = memberOf(node, json);
      if (value === undefined || value === null) continue;
      if (!Array.isArray(value)) walk(value, visit);
      else if (onlyFirst) walk(value[0], visit);
      else for (const item of value) walk(item, visit);
    }
  };
}

function placeOf({ json: _json, ...place }: Member): Place {
  return place;
}

/** R4's own expressions write some types with a capital: `as(DateTime)`. */
function isCalled(type: string, name: string): boolean {
  return type === name || type.toLowerCase() === name.toLowerCase();
}

function memberOf(node: unknown, name: string): unknown {
  if (typeof node !== 'object' || node === null) return undefined;
  return Object.hasOwn(node, name) ? (node as Record<string, unknown>)[name] : undefined;
}
