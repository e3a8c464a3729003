// Patient/$explain-cohort: whether one person is in a cohort, by which rule, and which records say
// so. capability-statement/operations/explain-cohort.json

import { selectCohort } from '../cohort/attrition.ts';
import { type ExplainedRule, explainPerson, explanationText } from '../cohort/explain-person.ts';
import { refuseUnknownPlaces } from '../cohort/known-places.ts';
import { readPeople } from '../cohort/person-records.ts';
import { fhirError } from '../fhir/fhir-error.ts';
import type { Evidence } from '../immunisation/record-elements.ts';
import type { Context, FhirRequest, Interaction, Operation } from '../interactions/interaction.ts';
import { maySee } from '../interactions/visibility.ts';
import type { Version } from '../store/resource-store.ts';
import {
  askerOf,
  asOfParameter,
  definitionParameters,
  freshness,
  readDefinition,
  readRules,
} from './cohort-input.ts';
import {
  type AnswerParameter,
  parametersResponse,
  readParameters,
  refused,
  single,
} from './parameters.ts';

const declared = { ...definitionParameters, ...freshness, patient: 'string' } as const;

/** On Patient. */
export const explainCohortOperations: readonly Operation[] = [
  { name: '$explain-cohort', level: 'type', run: (context, request) => explain(context, request) },
];

const explain: Interaction = async (context, request) => {
  const { cohorts, search, zone, baseUrl } = context;
  const given = readParameters(request, '$explain-cohort', declared);
  const { rules } = readRules(readDefinition(given), context);
  const id = patientId(single(given.patient, 'patient'));
  const { caller } = request;
  return cohorts.ask(askerOf(request, given), async (people) => {
    const { places } = people.model;
    refuseUnknownPlaces(rules, places);
    const { sequence } = people.asOf;
    const patient = await readPatient(context, request, id, sequence);
    const store = cohorts.storeOf(people);
    const { steps } = await selectCohort(rules, { people, store, caller });
    const reading = { store, registry: search, zone, baseUrl, maySee: caller.maySee };
    const [person] = await readPeople([patient], sequence, reading);
    const [values] = await people.values([patient.number]);
    if (person === undefined || values === undefined) throw noPatient(id);
    const explanation = explainPerson(steps, values, person, people.model);
    return parametersResponse([
      { name: 'member', valueBoolean: explanation.isMember },
      { name: 'summary', valueString: explanationText(explanation) },
      ...(explanation.decisive === undefined
        ? []
        : [{ name: 'decided-by', valueCode: explanation.decisive.code }]),
      asOfParameter(people.asOf),
      ...explanation.rules.map(ruleParameter),
    ]);
  });
};

/** `123` or `Patient/123`. */
function patientId(text: string | undefined): string {
  const id = text?.replace(/^Patient\//, '') ?? '';
  if (/^[A-Za-z0-9\-.]{1,64}$/.test(id)) return id;
  throw refused("Parameter 'patient' names the person: Patient/123");
}

async function readPatient(
  context: Context,
  { caller }: FhirRequest,
  id: string,
  at: number,
): Promise<Version> {
  const key = { type: 'Patient', id };
  const version = await context.store.read(key, at);
  if (version?.text === undefined || !(await maySee(context, caller, key))) throw noPatient(id);
  return version;
}

function noPatient(id: string) {
  return fhirError('not-found', `Patient/${id} does not exist`);
}

function ruleParameter(rule: ExplainedRule): AnswerParameter {
  const { code, display, keeps, matches, evidence } = rule;
  return {
    name: 'rule',
    part: [
      { name: 'code', valueCode: code },
      { name: 'display', valueString: display },
      { name: 'matches', valueBoolean: matches },
      { name: 'outcome', valueCode: keeps === matches ? 'kept' : 'left-out' },
      ...evidence.map(evidenceParameter),
    ],
  };
}

/** A record that an answer rests on as a parameter. */
export function evidenceParameter({ reference, source, date, words }: Evidence): AnswerParameter {
  return {
    name: 'evidence',
    part: [
      { name: 'record', valueReference: { reference } },
      { name: 'words', valueString: words },
      ...(date === undefined ? [] : [{ name: 'date', valueString: date }]),
      ...(source === undefined ? [] : [{ name: 'source', valueUri: source }]),
    ],
  };
}
