// Refuses searches that name a code which nobody can have: mistyped, it would make an empty cohort,
// or leave nobody out.

import { fhirError } from '../fhir/fhir-error.ts';
import type { SearchTerminology } from '../search/clause.ts';
import type { Expression, TokenValue } from '../search/expression.ts';
import { leafClauses } from '../search/leaf-clauses.ts';

const UK_CORE = 'https://fhir.hl7.org.uk/CodeSystem';

/** Patient's parameters whose values are codes of these systems and no others. */
const systemsOf: Readonly<Record<string, readonly string[]>> = {
  gender: ['http://hl7.org/fhir/administrative-gender'],
  'ethnic-category': [
    `${UK_CORE}/UKCore-EthnicCategoryEngland`,
    `${UK_CORE}/UKCore-EthnicCategoryWales`,
  ],
  'deprivation-decile': ['https://openims.example/fhir/CodeSystem/deprivation-decile'],
};

/** @param type that is searched @throws FhirError `invalid-search` that names the code */
export function refuseUnknownCodes(
  type: string,
  where: Expression,
  terminology: SearchTerminology,
): void {
  for (const { type: asked, clause } of leafClauses(type, where)) {
    if (asked !== 'Patient' || clause.kind !== 'token') continue;
    const systems = systemsOf[clause.parameter];
    if (systems === undefined) continue;
    const codes = systems.flatMap((system) => {
      const table = terminology.codeTable(system);
      return [...(table?.codes() ?? [])].map(({ code }) => code);
    });
    const unknown = clause.anyOf.find((value) => isUnknown(value, systems, codes));
    if (unknown === undefined) continue;
    const sentence = `"${unknown.code}" is not a code of ${systems.join(' or ')}`;
    throw fhirError(
      'invalid-search',
      `Parameter "${clause.parameter}": ${sentence}: ${codes.join(', ')}`,
    );
  }
}

/** A code of another system may be anything. Without a system, case makes no difference. */
function isUnknown(
  { system, code }: TokenValue,
  systems: readonly string[],
  codes: readonly string[],
): boolean {
  if (code === undefined || code === '') return false;
  if (system !== undefined && system !== '' && !systems.includes(system)) return false;
  const sought = code.toLowerCase();
  return codes.length > 0 && !codes.some((known) => known.toLowerCase() === sought);
}
