// Reads the FHIRPath of a search parameter into plain data. R4's expressions have few shapes; an
// expression in any other is refused at build time, so none is ever half understood
// (http://hl7.org/fhir/R4/searchparameter-registry.html).

/** One step along a path. */
export type Step =
  | { readonly kind: 'member'; readonly name: string }
  /** `(… as Quantity)` or `.as(Quantity)` */
  | { readonly kind: 'as'; readonly type: string }
  /** `.where(system='email')` */
  | { readonly kind: 'where'; readonly member: string; readonly value: string }
  /** `.where(resolve() is Patient)` */
  | { readonly kind: 'refersTo'; readonly type: string }
  /** `[0]` */
  | { readonly kind: 'first' };

/** One side of a union `|`, rooted at a type. */
export interface Alternative {
  /** '' where the path starts at the type that the parameter is used on. */
  readonly root: string;
  readonly steps: readonly Step[];
  /** `value`: the elements found. `notFalse`: `X.exists() and X != false`, one boolean. */
  readonly result: 'value' | 'notFalse';
  /** As written. */
  readonly text: string;
}

const stepShapes: readonly (readonly [RegExp, (first: string, second: string) => Step])[] = [
  [/^\.as\((\w+)\)/, (type) => ({ kind: 'as', type })],
  [/^\.where\(resolve\(\) is (\w+)\)/, (type) => ({ kind: 'refersTo', type })],
  [/^\.where\((\w+)='([^']+)'\)/, (member, value) => ({ kind: 'where', member, value })],
  [/^\[0\]/, () => ({ kind: 'first' })],
  [/^\.(\w+)(?!\w*\()/, (name) => ({ kind: 'member', name })],
];

/** Every alternative of the expression, in order. Throws on a shape that is not known. */
export function parseExpression(expression: string): readonly Alternative[] {
  return expression.split('|').map((each) => parseAlternative(each.trim()));
}

function parseAlternative(text: string): Alternative {
  const notFalse = /^(\S+)\.exists\(\) and (\S+) != false$/.exec(text);
  if (notFalse !== null && notFalse[1] === notFalse[2]) {
    return { ...parsePath(notFalse[1] ?? '', text), result: 'notFalse', text };
  }
  const cast = /^\((\S+) as (\w+)\)(\S*)$/.exec(text);
  const path = cast === null ? text : `${cast[1]}.as(${cast[2]})${cast[3]}`;
  return { ...parsePath(path, text), result: 'value', text };
}

function parsePath(path: string, text: string): { root: string; steps: readonly Step[] } {
  const root = /^[A-Z]\w*/.exec(path)?.[0] ?? '';
  const steps: Step[] = [];
  let rest = root === '' ? `.${path}` : path.slice(root.length);
  while (rest !== '') {
    const shape = stepShapes.find(([pattern]) => pattern.test(rest));
    if (shape === undefined) break;
    const [match, first = '', second = ''] = shape[0].exec(rest) ?? [''];
    steps.push(shape[1](first, second));
    rest = rest.slice(match.length);
  }
  if (rest !== '') throw new Error(`No extractor for the expression: ${text}`);
  return { root, steps };
}
