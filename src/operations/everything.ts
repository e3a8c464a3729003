// Patient/[id]/$everything (http://hl7.org/fhir/R4/patient-operation-everything.html): the patient,
// all that is in the patient's compartment, and what these refer to, page by page as at one moment.

import { dateRange } from '../fhir/dates.ts';
import { fhirError } from '../fhir/fhir-error.ts';
import type { Context, FhirRequest, Interaction, Operation } from '../interactions/interaction.ts';
import { compartment } from '../interactions/search-compartment.ts';
import { answerSystemSearch, type WithinTypes } from '../interactions/search-system.ts';
import { readVisible } from '../interactions/visibility.ts';
import type { Expression, RangeBounds } from '../search/expression.ts';
import type { Include } from '../search/include-parameters.ts';

/** On Patients. */
export const everythingOperations: readonly Operation[] = [
  {
    name: '$everything',
    level: 'instance',
    run: (context, request) => everything(context, request),
  },
];

/** The parameter that says when the care was, by type; types without one are told whatever the
 * period. */
const careDates: Readonly<Record<string, string>> = {
  Appointment: 'date',
  AuditEvent: 'date',
  Communication: 'sent',
  Condition: 'onset-date',
  Consent: 'date',
  Flag: 'date',
  Immunization: 'date',
  MeasureReport: 'period',
  Observation: 'date',
  Provenance: 'recorded',
  QuestionnaireResponse: 'authored',
  Task: 'period',
};

const KNOWN: ReadonlySet<string> = new Set(['start', 'end', '_since', '_type', '_count', '_page']);

const everything: Interaction = async (context, request) => {
  const [type = '', id = ''] = request.path;
  const focal = await readVisible(context, request.caller, { type, id });
  if (focal?.text === undefined) throw fhirError('not-found', `${type}/${id} does not exist`);
  const asked = new URLSearchParams(request.query);
  const unknown = [...asked.keys()].find((name) => !KNOWN.has(name));
  if (unknown !== undefined) {
    const sentence = `$everything has no parameter '${unknown}'; it has ${[...KNOWN].join(', ')}`;
    throw fhirError('invalid-search', sentence);
  }
  const scope = pick(asked, ['start', 'end']);
  careBounds(scope, context.zone);
  const within: WithinTypes = (types, kept) => {
    const care = careBounds(kept, context.zone);
    // The patient comes first.
    const members = [...compartment(context, id, types)].sort(([one], [other]) => {
      return rank(one) - rank(other);
    });
    return new Map(
      members.map(([member, where]) => [member, during(context, member, where, care)]),
    );
  };
  const includes = (types: readonly string[]) => supporting(context, types);
  return answerSystemSearch(context, searchOf(request, asked), within, { scope, includes });
};

/** The parameters of those names, as a query string. */
function pick(asked: URLSearchParams, names: readonly string[]): string {
  const picked = [...asked].filter(([name]) => names.includes(name));
  return new URLSearchParams(picked).toString();
}

/** Types that say who, where and by whom, and are of no patient. */
const SUPPORTING: readonly string[] = [
  'HealthcareService',
  'Location',
  'Organization',
  'Practitioner',
  'PractitionerRole',
];

function supporting({ search }: Context, types: readonly string[]): readonly Include[] {
  return types.flatMap((type) =>
    search.all(type).flatMap(({ code, targets }) =>
      SUPPORTING.filter((target) => targets.includes(target)).map((target): Include => {
        return { way: 'forwards', type, parameter: code, target, iterates: false };
      }),
    ),
  );
}

/** The members whose care was in the period. */
function during(
  { search }: Context,
  type: string,
  where: Expression,
  care: RangeBounds | undefined,
): Expression {
  const parameter = careDates[type];
  if (care === undefined || parameter === undefined) return where;
  if (search.find(type, parameter) === undefined) return where;
  return { kind: 'and', of: [where, { kind: 'date', parameter, anyOf: [care] }] };
}

function rank(type: string): number {
  return type === 'Patient' ? 0 : 1;
}

/** The request as a search: what the operation calls `_since` a search calls `_lastUpdated`. */
function searchOf(request: FhirRequest, asked: URLSearchParams): FhirRequest {
  const page = asked.get('_page');
  if (page !== null) return { ...request, query: `_page=${page}` };
  const query = new URLSearchParams(pick(asked, ['_type', '_count']));
  const since = asked.get('_since');
  if (since !== null) query.set('_lastUpdated', `ge${since}`);
  return { ...request, query: query.toString() };
}

/** When the care was: some of it in the period from `start` to `end`, both included. */
function careBounds(scope: string, zone: string): RangeBounds | undefined {
  const asked = new URLSearchParams(scope);
  const start = limit(asked, 'start', zone)?.lowMs;
  const end = limit(asked, 'end', zone)?.highMs;
  if (start === undefined && end === undefined) return undefined;
  return {
    ...(end === undefined ? {} : { lowBelow: end }),
    ...(start === undefined ? {} : { highAbove: start }),
  };
}

function limit(asked: URLSearchParams, name: 'start' | 'end', zone: string) {
  const text = asked.get(name);
  if (text === null) return undefined;
  const range = dateRange(text, zone);
  if (range === undefined) throw fhirError('invalid-search', `${name} is not a date: '${text}'`);
  return range;
}
