// By which records a rule is true of a person: what an explanation names, and what is kept of each
// member when a cohort is frozen. Looks at the person's own records alone; what a rule asks of
// places is told by the Patient, who is registered or lives there.

import type { Resource } from '../fhir/types.ts';
import type { ProgrammeRules } from '../immunisation/programme-rules.ts';
import type { ProgrammeStatus } from '../immunisation/programme-status.ts';
import { type Evidence, evidenceOf, wordsOf } from '../immunisation/record-elements.ts';
import type { Expression } from '../search/expression.ts';
import type { IndexEntry } from '../search/index-entry.ts';
import { matches, type World } from '../search/match.ts';
import { type derivedParameters, isDerived } from '../search/patient-aliases.ts';
import type { DayNumbers } from './day-numbers.ts';
import { derivedEntries, programmesNamed } from './derived-values.ts';
import { recordTypes } from './facets.ts';
import { type PersonRecords, type ReadRecord, resourcesOf, worldOf } from './person-records.ts';

/** A record that a rule rests on, in the version that was looked at. */
export interface VersionEvidence extends Evidence {
  /** `Immunization/123/_history/2` */
  readonly version: string;
}

/** What is needed to judge what is derived. */
export interface EvidenceContext {
  readonly rules: ProgrammeRules;
  readonly days: DayNumbers;
}

/** A person, ready to be asked about. */
interface Asked extends EvidenceContext {
  readonly person: PersonRecords;
  /** The person's own records, for chains within them. */
  readonly world: World;
}

/**
 * The records by which an expression on Patient is true of a person: none where it rests on what is
 * absent; undefined where it is false by what is recorded of them.
 * @param person indexed under all parameters that the expression names
 */
export function evidenceFor(
  expression: Expression,
  person: PersonRecords,
  { rules, days }: EvidenceContext,
): readonly VersionEvidence[] | undefined {
  const { holds, evidence } = judge(expression, { rules, days, person, world: worldOf(person) });
  if (holds === 'no') return undefined;
  const versions = new Map(
    [person, ...person.records].map(({ version }) => {
      const reference = `${version.type}/${version.id}`;
      return [reference, `${reference}/_history/${version.versionId}`];
    }),
  );
  return eachOnce(evidence).map((each) => {
    return { ...each, version: versions.get(each.reference) ?? each.reference };
  });
}

/** Each record once, with all that is told of it. */
function eachOnce(evidence: readonly Evidence[]): readonly Evidence[] {
  const byReference = new Map<string, Evidence>();
  for (const each of evidence) {
    const same = byReference.get(each.reference);
    const isTold = same === undefined || same.words.split(', ').includes(each.words);
    const words = isTold ? (same ?? each).words : `${same.words}, ${each.words}`;
    byReference.set(each.reference, { ...each, words });
  }
  return [...byReference.values()];
}

/** What a Patient says under the parameters that an expression looks at there: why it is false of
 * them, when it is. */
export function patientSays(
  expression: Expression,
  person: PersonRecords,
  { days }: Pick<EvidenceContext, 'days'>,
): readonly Evidence[] {
  return eachOnce(
    ownParameters(expression).map((parameter) => patientEvidence(person, parameter, days)),
  );
}

function ownParameters(expression: Expression): readonly string[] {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.of.flatMap(ownParameters);
    case 'not':
      return ownParameters(expression.of);
    case 'everything':
    case 'nothing':
    case 'id':
    case 'lastUpdated':
    case 'has':
    case 'below':
    case 'above':
      return [];
    default:
      return isDerived(expression.parameter) ? [] : [expression.parameter];
  }
}

/** Whether something is true, and by which records. */
interface Judged {
  /** `elsewhere`: that is told by resources which are not the person's. */
  readonly holds: 'yes' | 'no' | 'elsewhere';
  readonly evidence: readonly Evidence[];
}

const NO: Judged = { holds: 'no', evidence: [] };

function judge(expression: Expression, asked: Asked): Judged {
  switch (expression.kind) {
    case 'and':
      return all(expression.of.map((part) => judge(part, asked)));
    case 'or':
      return any(expression.of.map((part) => judge(part, asked)));
    case 'not': {
      const { holds } = judge(expression.of, asked);
      if (holds === 'elsewhere') return { holds, evidence: [] };
      return { holds: holds === 'yes' ? 'no' : 'yes', evidence: [] };
    }
    case 'everything':
      return { holds: 'yes', evidence: [] };
    case 'has':
      return recordsBehind(expression, asked);
    case 'chain':
    case 'below':
    case 'above':
      return { holds: 'elsewhere', evidence: [ownEvidence(expression, asked)] };
    case 'token':
    case 'composite':
      return isDerived(expression.parameter)
        ? derived(expression, asked)
        : ownEntries(expression, asked);
    default:
      return ownEntries(expression, asked);
  }
}

function all(parts: readonly Judged[]): Judged {
  if (parts.some(({ holds }) => holds === 'no')) return NO;
  const isSure = parts.every(({ holds }) => holds === 'yes');
  return {
    holds: isSure ? 'yes' : 'elsewhere',
    evidence: parts.flatMap(({ evidence }) => evidence),
  };
}

function any(parts: readonly Judged[]): Judged {
  for (const holds of ['yes', 'elsewhere'] as const) {
    const found = parts.filter((part) => part.holds === holds);
    if (found.length > 0) return { holds, evidence: found.flatMap(({ evidence }) => evidence) };
  }
  return NO;
}

function yes(evidence: readonly Evidence[]): Judged {
  return { holds: 'yes', evidence };
}

function ownEntries(expression: Expression, asked: Asked): Judged {
  const { person, world } = asked;
  return matches(expression, person.indexed, world) ? yes([ownEvidence(expression, asked)]) : NO;
}

function ownEvidence(expression: Expression, { person, days }: Asked): Evidence {
  const parameter = 'parameter' in expression ? expression.parameter : '_id';
  return patientEvidence(person, parameter, days);
}

function recordsBehind(
  { type, parameter, where }: Extract<Expression, { kind: 'has' }>,
  { person, world }: Asked,
): Judged {
  const ofType = person.records.filter(({ indexed }) => indexed.type === type);
  if (recordTypes[type] !== parameter || looksElsewhere(where)) {
    return { holds: 'elsewhere', evidence: ofType.map(recordEvidence) };
  }
  const found = ofType.filter(({ indexed }) => matches(where, indexed, world));
  return found.length === 0 ? NO : yes(found.map(recordEvidence));
}

function looksElsewhere(expression: Expression): boolean {
  switch (expression.kind) {
    case 'and':
    case 'or':
      return expression.of.some(looksElsewhere);
    case 'not':
      return looksElsewhere(expression.of);
    case 'chain':
    case 'has':
    case 'below':
    case 'above':
      return true;
    default:
      return false;
  }
}

/** The records that each derived parameter rests on. */
const restsOn: Readonly<
  Record<
    (typeof derivedParameters)[keyof typeof derivedParameters][number],
    (status: ProgrammeStatus) => readonly Evidence[]
  >
> = {
  'vaccination-refused': ({ evidence }) => evidence.refused,
  'vaccination-contraindicated': ({ evidence }) => evidence.contraindicated,
  'vaccination-invited': ({ evidence }) => evidence.invited,
  'vaccination-reminded': ({ evidence }) => evidence.reminded,
  'vaccination-booked': ({ evidence }) => evidence.booked,
  'vaccination-opted-out': ({ evidence }) => evidence.optedOut,
  'vaccination-date': dosesCounted,
  'vaccination-invitation-date': ({ evidence }) => evidence.invited,
  'vaccination-doses': dosesCounted,
};

function dosesCounted({ evidence }: ProgrammeStatus): readonly Evidence[] {
  return evidence.doses.counted.flatMap(({ reports }) => reports);
}

function derived(
  clause: Extract<Expression, { kind: 'token' | 'composite' }>,
  { person, rules, days, world }: Asked,
): Judged {
  const found = programmesNamed(clause).flatMap((programme) => {
    const status = rules.status(programme, resourcesOf(person));
    const entries = derivedEntries(programme, status, days);
    if (!matches(clause, { ...person.indexed, entries }, world)) return [];
    return [restsOn[clause.parameter as keyof typeof restsOn](status)];
  });
  return found.length === 0 ? NO : yes(found.flat());
}

/** The Patient, with what it says under a parameter. */
function patientEvidence(
  { resource, indexed }: PersonRecords,
  parameter: string,
  days: DayNumbers,
): Evidence {
  const [code = ''] = parameter.split(/[:$]/);
  const values = indexed.entries.filter((entry) => entry.parameter === code);
  const texts = code === '_id' ? [indexed.id] : values.map((entry) => entryText(entry, days));
  const words = `${code} ${texts.length === 0 ? 'not recorded' : texts.join(' and ')}`;
  return evidenceOf(resource, resource.birthDate, words);
}

function entryText(entry: IndexEntry, days: DayNumbers): string {
  switch (entry.kind) {
    case 'token':
      return entry.code;
    case 'reference':
      return entry.target;
    case 'string':
      return entry.value;
    case 'date': {
      const [first = '', last = ''] = [entry.low, entry.high - 1].map((instant) =>
        days.textOf(days.dayAt(instant)),
      );
      return first === last ? first : `${first} to ${last}`;
    }
    default:
      return 'recorded';
  }
}

/** Elements that date a record: the first that it has. */
const dates: readonly string[] = [
  ...['occurrenceDateTime', 'onsetDateTime', 'recordedDate', 'sent', 'dateTime'],
  ...['start', 'created', 'recorded', 'period'],
];

/** Elements that say what a record is about: the first that it has. */
const subjects: readonly string[] = ['vaccineCode', 'code', 'serviceType', 'category', 'scope'];

function recordEvidence({ resource }: ReadRecord): Evidence {
  const date = firstOf(resource, dates) as { readonly start?: unknown } | undefined;
  const words = wordsOf(firstOf(resource, subjects)) ?? resource.resourceType;
  return evidenceOf(resource, typeof date === 'object' ? date.start : date, words);
}

function firstOf(resource: Resource, names: readonly string[]): unknown {
  return names.map((name) => resource[name]).find((value) => value !== undefined);
}
