// Which elements an expression's result depends on, so that it need not be evaluated where none of
// them is there. For constraints that the fhirpath library judges.

import type { Expression } from './fhirpath-expression.ts';

/** The elements of the focus that the verdict depends on; undefined when it depends on more. */
export function namesOf(expression: Expression): readonly string[] | undefined {
  switch (expression.kind) {
    case 'literal':
    case 'nothing':
      return [];
    case 'this':
      return undefined;
    case 'variable':
      return expression.name === 'ucum' ? [] : undefined;
    case 'member':
      return expression.target === undefined ? [expression.name] : namesOf(expression.target);
    case 'call':
      return namesOfCall(expression);
    case 'index':
      return namesOf(expression.target);
    case 'binary':
      return joinedNames([expression.left, expression.right]);
  }
}

/** Functions that look at the whole of their focus. */
const WHOLE_FOCUS = new Set(['children', 'descendants', 'hasValue', 'toInteger']);

function namesOfCall(call: Expression & { readonly kind: 'call' }): readonly string[] | undefined {
  const { target, name, args } = call;
  if (target !== undefined) {
    // Within an argument the focus is another one, and variables reach beyond it.
    return args.some(reachesBeyond) ? undefined : namesOf(target);
  }
  return WHOLE_FOCUS.has(name) ? undefined : joinedNames(args);
}

function reachesBeyond(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
    case 'nothing':
    case 'this':
      return false;
    case 'variable':
      return expression.name !== 'ucum';
    case 'member':
      return expression.target !== undefined && reachesBeyond(expression.target);
    case 'call':
      return (
        (expression.target !== undefined && reachesBeyond(expression.target)) ||
        expression.args.some(reachesBeyond)
      );
    case 'index':
      return reachesBeyond(expression.target);
    case 'binary':
      return reachesBeyond(expression.left) || reachesBeyond(expression.right);
  }
}

function joinedNames(expressions: readonly Expression[]): readonly string[] | undefined {
  const names = expressions.map(namesOf);
  return names.some((each) => each === undefined) ? undefined : names.flatMap((each) => each ?? []);
}
