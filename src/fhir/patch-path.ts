// The paths of FHIRPath Patch: the part of FHIRPath that leads to elements of the resource itself
// (http://hl7.org/fhir/R4/fhirpatch.html: a path does not cross resources), in bounded time. What
// computes, loops or compares everything with everything is refused before it is evaluated.

import { FHIRPATH_LENGTH_MAX, FHIRPATH_STEPS_MAX } from '../limits.ts';
import { compilePlaces, type Place } from './fhirpath.ts';

/** Why a path cannot be followed, in words that go behind its name. */
export class PathFault extends Error {
  /** Whether it is no such path at all (`malformed`), asks too much of this resource (`costly`),
   * or does not fit it. */
  readonly kind: 'malformed' | 'costly' | 'unfit';

  constructor(kind: PathFault['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Finds where the elements of a path stand in a resource. Throws PathFault. */
export type PathFinder = (path: string, resource: unknown) => readonly Place[];

// Each looks at every node of its input once, so that what a path costs grows with the resource
// and not with its square.
const FUNCTIONS = [
  'where',
  'first',
  'last',
  'single',
  'tail',
  'skip',
  'take',
  'ofType',
  'as',
  'is',
  'extension',
  'exists',
  'empty',
  'not',
  'all',
  'count',
  'hasValue',
  'startsWith',
  'endsWith',
  'contains',
];
/** Words that an opening bracket may follow without being a function. */
const OPERATORS = ['and', 'or', 'xor', 'implies', 'is', 'as'];
const CALLABLE: ReadonlySet<string> = new Set([...FUNCTIONS, ...OPERATORS]);

const STRING_LITERAL = /'(?:[^'\\]|\\.)*'/gs;
const DELIMITED_NAME = /`(\w+)`/g;
/** No `|`, `~`, `%`, comments and arithmetic. Plus, minus and colon are in dates. */
const CHARACTERS = /^[\w\s.,()[\]{}=!<>@:+\-$']*$/;
const CALL = /(\w+)\s*\(/g;

/** A finder for all the paths of one patch, which share one bound on the work. */
export function makePathFinder(): PathFinder {
  let spent = 0;
  const spend = (steps: number) => {
    spent += steps;
    if (spent > FHIRPATH_STEPS_MAX) {
      throw new PathFault('costly', 'takes more steps than the paths of one patch may');
    }
  };
  return (path, resource) => {
    requirePath(path);
    const find = compile(path, spend);
    return evaluate(find, resource).map((place) => {
      if (place === undefined) throw new PathFault('unfit', 'leads to a value and not an element');
      return place;
    });
  };
}

function requirePath(path: string): void {
  if (path.length > FHIRPATH_LENGTH_MAX) {
    const sentence = `has ${path.length} characters; at most ${FHIRPATH_LENGTH_MAX} go`;
    throw new PathFault('costly', sentence);
  }
  const code = path.replace(STRING_LITERAL, `''`).replace(DELIMITED_NAME, '$1');
  if (!CHARACTERS.test(code)) {
    const sentence = 'holds what paths of a patch may not: unions, variables, comments, arithmetic';
    throw new PathFault('malformed', sentence);
  }
  for (const [, name = ''] of code.matchAll(CALL)) {
    if (CALLABLE.has(name)) continue;
    const sentence = `calls ${name}(); a path of a patch may call ${FUNCTIONS.join(', ')}`;
    throw new PathFault('malformed', sentence);
  }
}

function compile(path: string, spend: (steps: number) => void) {
  try {
    return compilePlaces(path.replace(LITERAL_OR_DIV, delimitDiv), spend);
  } catch (error) {
    const [, column] = /column: (\d+)/.exec((error as Error).message) ?? [];
    const where = column === undefined ? '' : ` (character ${Number(column) + 1})`;
    throw new PathFault('malformed', `is not FHIRPath${where}`);
  }
}

// An operator in FHIRPath, so that the element must be delimited; the specification's own patches
// do not do it.
const LITERAL_OR_DIV = /'(?:[^'\\]|\\.)*'|\.\s*div\b/gs;

function delimitDiv(found: string): string {
  return found.startsWith('.') ? '.`div`' : found;
}

function evaluate(find: (resource: unknown) => readonly (Place | undefined)[], resource: unknown) {
  try {
    return find(resource);
  } catch (error) {
    if (error instanceof PathFault) throw error;
    const [reason = ''] = (error as Error).message.split(/[[{\n]/);
    throw new PathFault('unfit', `cannot be evaluated: ${reason.trim()}`);
  }
}
