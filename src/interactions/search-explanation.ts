// `_explain=true`: how a search would be answered, for people who wonder why it is slow. It tells
// the caller's own question, restricted to what the caller may see, and counts nothing else.

import type { SearchQuery } from '../search/expression.ts';
import type { SearchExplanation } from '../store/resource-store.ts';
import type { FhirResponse } from './interaction.ts';

/** A Parameters resource: `expression`, `statement` with its steps, `clause` with its matches, and
 * `total`. */
export function explanationResponse(
  query: SearchQuery,
  { statements, clauses, total }: SearchExplanation,
): FhirResponse {
  const parameter = [
    { name: 'expression', valueString: JSON.stringify(query) },
    ...statements.map(({ text, steps }) => ({
      name: 'statement',
      part: [
        { name: 'text', valueString: text },
        ...steps.map((step) => ({ name: 'step', valueString: step })),
      ],
    })),
    ...clauses.map(({ expression, matches, limit }) => ({
      name: 'clause',
      part: [
        { name: 'expression', valueString: JSON.stringify(expression) },
        { name: 'matches', valueInteger: matches },
        ...(limit === undefined ? [] : [{ name: 'countedUpTo', valueInteger: limit }]),
      ],
    })),
    { name: 'total', valueInteger: total },
  ];
  return { status: 200, body: JSON.stringify({ resourceType: 'Parameters', parameter }) };
}
