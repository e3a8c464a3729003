// Searches within a patient's compartment: `Patient/123/Immunization`, and `Patient/123/*` for all
// types (http://hl7.org/fhir/R4/http.html#vsearch, compartmentdefinition-patient.html).

import { patientCompartment } from '../definitions/definitions.ts';
import { fhirError } from '../fhir/fhir-error.ts';
import type { Expression } from '../search/expression.ts';
import type { Context, Interaction } from './interaction.ts';
import { answerSystemSearch } from './search-system.ts';
import { answerTypeSearch } from './search-type.ts';
import { readVisible } from './visibility.ts';

const FOCUS = 'Patient';

export const searchCompartment: Interaction = async (context, request) => {
  const [focus = '', id = '', type = ''] = request.path;
  if (focus !== FOCUS) {
    throw fhirError('not-found', `There is no compartment of ${focus}; there is one of ${FOCUS}`);
  }
  const focal = await readVisible(context, request.caller, { type: focus, id });
  if (focal?.text === undefined) throw fhirError('not-found', `${focus}/${id} does not exist`);
  if (type !== '*' && !context.capabilities.offers(type, 'search-type')) {
    throw fhirError('unknown-type', `${type} is not a resource type that this service searches`);
  }
  if (type === '*') {
    return answerSystemSearch(context, request, (types) => compartment(context, id, types));
  }
  const within = compartment(context, id, [type]).get(type);
  if (within === undefined) {
    throw fhirError('not-found', `No ${type} is ever in the compartment of a ${FOCUS}`);
  }
  return answerTypeSearch(context, request, type, within);
};

/** What is in the patient's compartment, by type; types that never are in it are left out. */
export function compartment(
  context: Context,
  id: string,
  types: readonly string[],
): ReadonlyMap<string, Expression> {
  const within = new Map<string, Expression>();
  for (const type of types) {
    const pointing = patientCompartment(type)
      .filter((code) => context.search.find(type, code)?.type === 'reference')
      .map((parameter): Expression => {
        return { kind: 'reference', parameter, anyOf: [`${FOCUS}/${id}`] };
      });
    const own: Expression[] = type === FOCUS ? [{ kind: 'id', ids: [id] }] : [];
    const of = [...own, ...pointing];
    if (of.length > 0) within.set(type, { kind: 'or', of });
  }
  return within;
}
