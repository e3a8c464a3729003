// Which records a rule of a cohort rests on for one person: what its clauses look at, in words,
// with the record, its source and its date. Part of explain-person.ts.

import type { Resource } from '../fhir/types.ts';
import type { ProgrammeRules } from '../immunisation/programme-rules.ts';
import type { StatusEvidence } from '../immunisation/programme-status.ts';
import { type Evidence, evidenceOf, objectsOf, wordsOf } from '../immunisation/record-elements.ts';
import type { Expression } from '../search/expression.ts';
import type { IndexEntry } from '../search/index-entry.ts';
import { matches } from '../search/match.ts';
import { isDerived } from '../search/patient-aliases.ts';
import type { DayNumbers } from './day-numbers.ts';
import { programmesNamed } from './derived-values.ts';
import type { PersonRecords } from './person-records.ts';
import { resourcesOf } from './person-records.ts';
import { worldOf } from './person-values.ts';

/** What evidence is worked out by. */
export interface EvidenceContext {
  readonly rules: ProgrammeRules;
  readonly days: DayNumbers;
}

/** Which part of a status a derived parameter is. */
const statusParts: Readonly<Record<string, (evidence: StatusEvidence) => readonly Evidence[]>> = {
  'vaccination-refused': ({ refused }) => refused,
  'vaccination-contraindicated': ({ contraindicated }) => contraindicated,
  'vaccination-invited': ({ invited }) => invited,
  'vaccination-invitation-date': ({ invited }) => invited,
  'vaccination-reminded': ({ reminded }) => reminded,
  'vaccination-booked': ({ booked }) => booked,
  'vaccination-date': ({ doses }) => doses.counted.flatMap(({ reports }) => reports),
  'vaccination-doses': ({ doses }) => doses.counted.flatMap(({ reports }) => reports),
};

/** The records that clauses of an expression on Patient look at, each once. */
export function ruleEvidence(
  expression: Expression,
  person: PersonRecords,
  context: EvidenceContext,
): readonly Evidence[] {
  const found = evidenceIn(expression, person, context);
  return [...new Map(found.map((each) => [JSON.stringify(each), each])).values()];
}

function evidenceIn(
  expression: Expression,
  person: PersonRecords,
  context: EvidenceContext,
): readonly Evidence[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.of.flatMap((part) => evidenceIn(part, person, context));
    case 'not':
      return evidenceIn(expression.of, person, context);
    case 'has': {
      const { type, parameter, where } = expression;
      const world = worldOf(person);
      const target = `Patient/${person.version.id}`;
      const about: Expression = { kind: 'reference', parameter, anyOf: [target] };
      return person.records
        .filter(({ indexed }) => indexed.type === type && matches(about, indexed, world))
        .filter(({ indexed }) => matches(where, indexed, world))
        .map(({ resource }) => recordEvidence(resource));
    }
    case 'everything':
    case 'nothing':
    case 'id':
    case 'lastUpdated':
    case 'below':
    case 'above':
      return [];
    default:
      return isDerived(expression.parameter)
        ? derivedEvidence(expression.parameter, expression, person, context)
        : ownEvidence(expression.parameter, person, context);
  }
}

function derivedEvidence(
  parameter: string,
  expression: Expression,
  person: PersonRecords,
  context: EvidenceContext,
): readonly Evidence[] {
  const records = resourcesOf(person);
  return programmesNamed(expression).flatMap((programme) => {
    return statusParts[parameter]?.(context.rules.status(programme, records).evidence) ?? [];
  });
}

/** What the Patient's own record says under a parameter. */
function ownEvidence(
  parameter: string,
  { resource, indexed }: PersonRecords,
  { days }: EvidenceContext,
): readonly Evidence[] {
  const [code = ''] = parameter.split(/[:$]/);
  const values = indexed.entries
    .filter((entry) => entry.parameter === code)
    .map((entry) => entryText(entry, days));
  const words = `${code}: ${values.length === 0 ? 'not recorded' : values.join(', ')}`;
  return [evidenceOf(resource, resource.meta?.lastUpdated, words)];
}

function entryText(entry: IndexEntry, days: DayNumbers): string {
  switch (entry.kind) {
    case 'token':
      return entry.code;
    case 'reference':
      return entry.target;
    case 'string':
      return entry.value;
    case 'date':
      return dateText(entry.low, entry.high, days);
    default:
      return 'recorded';
  }
}

/** A day as such, anything longer from its first day to its last. */
function dateText(low: number, high: number, days: DayNumbers): string {
  const [first, last] = [days.dayAt(low), days.dayAt(high - 1)].map((day) => days.textOf(day));
  return first === last ? `${first}` : `${first} to ${last}`;
}

interface RecordWords {
  readonly date: (resource: Resource) => unknown;
  readonly words: (resource: Resource) => string | undefined;
}

/** When a record is of, and what it says. */
const recordWords: Readonly<Record<string, RecordWords>> = {
  Condition: {
    date: (each) => each.onsetDateTime ?? each.recordedDate,
    words: ({ code, category }) => wordsOf(code) ?? wordsOf(category),
  },
  Flag: { date: ({ period }) => objectsOf(period)[0]?.start, words: ({ code }) => wordsOf(code) },
  Consent: { date: ({ dateTime }) => dateTime, words: ({ category }) => wordsOf(category) },
  Immunization: {
    date: ({ occurrenceDateTime }) => occurrenceDateTime,
    words: ({ status, vaccineCode, statusReason }) =>
      status === 'not-done'
        ? `Not given: ${wordsOf(statusReason) ?? 'no reason recorded'}`
        : `${status}: ${wordsOf(vaccineCode) ?? 'vaccine not named'}`,
  },
  Communication: { date: ({ sent }) => sent, words: ({ category }) => wordsOf(category) },
  Appointment: {
    date: ({ start }) => start,
    words: ({ status, serviceType }) => `${status}: ${wordsOf(serviceType) ?? 'not named'}`,
  },
};

function recordEvidence(resource: Resource): Evidence {
  const known = recordWords[resource.resourceType];
  const words = known?.words(resource) ?? resource.resourceType;
  return evidenceOf(resource, known?.date(resource), words);
}
