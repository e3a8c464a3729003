// R4's constraints, written as functions: FHIRPath as it stands in the definitions, by hand because
// evaluating it would cost more than all other checks together. What is not in the table is not
// judged. Called by the generated checks, which name the constraints of each type.

import type { RuleFailure } from '../definitions/schemas.ts';
import { bundleRules } from './bundle-rules.ts';
import { has, hasChoice, isEmpty, isObject, items, member } from './nodes.ts';

/** Where the constraint fails, as FHIRPath relative to its element ('' for the element itself);
 * none when it holds. */
export type Rule = (node: unknown) => readonly string[];

const NO_FAILURES: readonly RuleFailure[] = [];
const HOLDS: readonly string[] = [];
const FAILS: readonly string[] = [''];

function rule(holds: (node: unknown) => boolean): Rule {
  return (node) => (holds(node) ? HOLDS : FAILS);
}

/** At least one of these is there. */
function anyOf(...names: readonly string[]): Rule {
  return rule((node) => names.some((name) => has(node, name)));
}

/** When `name` is there, so is `other`. */
function needs(name: string, other: string): Rule {
  return rule((node) => !has(node, name) || has(node, other));
}

/** Not both are there. */
function notBoth(name: string, other: string): Rule {
  return rule((node) => !(has(node, name) && has(node, other)));
}

const valueOrExtensions = rule((node) => has(node, 'extension') !== hasChoice(node, 'value'));

const quantityCodeHasSystem = needs('code', 'system');

/** Statuses of an Appointment that may be without a time. */
const UNTIMED = new Set<unknown>(['proposed', 'cancelled', 'waitlist']);
const CANCELLED = new Set<unknown>(['noshow', 'cancelled']);
const NO_LONGER_ACTIVE = new Set<unknown>(['resolved', 'remission', 'inactive']);
const CLINICAL_STATUS = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const VERIFICATION_STATUS = 'http://terminology.hl7.org/CodeSystem/condition-ver-status';

function hasCoding(concept: unknown, system: string, codes: ReadonlySet<unknown>): boolean {
  return items(concept, 'coding').some(
    (coding) => member(coding, 'system') === system && codes.has(member(coding, 'code')),
  );
}

/** Rules by type or backbone element, then by the constraint's key. */
const rules: Readonly<Record<string, Readonly<Record<string, Rule>>>> = {
  Extension: { 'ext-1': valueOrExtensions },
  Quantity: { 'qty-3': quantityCodeHasSystem },
  Age: { 'qty-3': quantityCodeHasSystem },
  Count: { 'qty-3': quantityCodeHasSystem },
  Distance: { 'qty-3': quantityCodeHasSystem },
  Duration: { 'qty-3': quantityCodeHasSystem },
  Attachment: { 'att-1': needs('data', 'contentType') },
  ContactPoint: { 'cpt-2': needs('value', 'system') },
  Expression: { 'exp-1': anyOf('expression', 'reference') },
  Period: { 'per-1': rule((node) => isOrdered(member(node, 'start'), member(node, 'end'))) },
  Ratio: {
    'rat-1': rule(
      (node) =>
        has(node, 'numerator') === has(node, 'denominator') &&
        (has(node, 'numerator') || has(node, 'extension')),
    ),
  },
  'Timing.repeat': {
    'tim-1': needs('duration', 'durationUnit'),
    'tim-2': needs('period', 'periodUnit'),
    'tim-6': needs('periodMax', 'period'),
    'tim-7': needs('durationMax', 'duration'),
    'tim-8': needs('countMax', 'count'),
    'tim-10': notBoth('timeOfDay', 'when'),
  },
  Bundle: bundleRules,
  'Bundle.entry': {
    'bdl-5': anyOf('resource', 'request', 'response'),
    'bdl-8': rule((node) => !String(member(node, 'fullUrl')).includes('/_history/')),
  },
  'Parameters.parameter': {
    'inv-1': rule((node) => {
      const contents = [hasChoice(node, 'value'), has(node, 'resource'), has(node, 'part')];
      return contents.filter(Boolean).length === 1;
    }),
  },
  'Patient.contact': { 'pat-1': anyOf('name', 'telecom', 'address', 'organization') },
  'Immunization.education': { 'imm-1': anyOf('documentType', 'reference') },
  Condition: {
    'con-4': rule(
      (node) =>
        !hasChoice(node, 'abatement') ||
        hasCoding(member(node, 'clinicalStatus'), CLINICAL_STATUS, NO_LONGER_ACTIVE),
    ),
    'con-5': rule((node) => {
      const status = member(node, 'verificationStatus');
      const erroneous = hasCoding(status, VERIFICATION_STATUS, new Set(['entered-in-error']));
      return !(erroneous && has(node, 'clinicalStatus'));
    }),
  },
  'Condition.stage': { 'con-1': anyOf('summary', 'assessment') },
  'Condition.evidence': { 'con-2': anyOf('code', 'detail') },
  Appointment: {
    'app-2': rule((node) => has(node, 'start') === has(node, 'end')),
    'app-3': rule(
      (node) => (has(node, 'start') && has(node, 'end')) || UNTIMED.has(member(node, 'status')),
    ),
    'app-4': rule(
      (node) => !has(node, 'cancelationReason') || CANCELLED.has(member(node, 'status')),
    ),
  },
  'Appointment.participant': { 'app-1': anyOf('type', 'actor') },
  AppointmentResponse: { 'apr-1': anyOf('participantType', 'actor') },
  Observation: {
    'obs-6': rule((node) => !(has(node, 'dataAbsentReason') && hasChoice(node, 'value'))),
  },
  'Observation.referenceRange': { 'obs-3': anyOf('low', 'high', 'text') },
  Organization: {
    'org-1': anyOf('identifier', 'name'),
    'org-2': rule((node) => isNotOfHome(items(node, 'address'))),
    'org-3': rule((node) => isNotOfHome(items(node, 'telecom'))),
  },
  Consent: { 'ppc-1': anyOf('policy', 'policyRule') },
  Group: { 'grp-1': rule((node) => !has(node, 'member') || member(node, 'actual') === true) },
  List: {
    'lst-1': notBoth('emptyReason', 'entry'),
    'lst-2': rule((node) => member(node, 'mode') === 'changes' || noEntryHas(node, 'deleted')),
    'lst-3': rule((node) => member(node, 'mode') === 'working' || noEntryHas(node, 'date')),
  },
  MeasureReport: {
    'mrp-1': rule((node) => member(node, 'type') !== 'data-collection' || !has(node, 'group')),
  },
  Task: {
    'inv-1': rule((node) => isOrdered(member(node, 'authoredOn'), member(node, 'lastModified'))),
  },
  'AuditEvent.entity': { 'sev-1': notBoth('name', 'query') },
};

function isNotOfHome(list: readonly unknown[]): boolean {
  return !list.some((item) => member(item, 'use') === 'home');
}

function noEntryHas(node: unknown, name: string): boolean {
  return !items(node, 'entry').some((entry) => has(entry, name));
}

const DATE_LENGTH = 'yyyy-mm-dd'.length;

/** Whether the first date does not lie after the second, as far as their precision tells. */
function isOrdered(first: unknown, second: unknown): boolean {
  if (typeof first !== 'string' || typeof second !== 'string') return true;
  const length = Math.min(first.length, second.length);
  if (length > DATE_LENGTH) return !(Date.parse(first) > Date.parse(second));
  return first.slice(0, length) <= second.slice(0, length);
}

/**
 * One function for the constraints of a type, as far as the table knows them. It does not judge
 * what is no object or an empty one: that is a fault already.
 * @param type a resource, data or backbone type
 * @param constraints key and wording of each, from the definitions
 */
export function rulesOf(
  type: string,
  constraints: readonly (readonly [key: string, human: string])[],
): (value: unknown) => readonly RuleFailure[] {
  const known = constraints.flatMap(([key, human]) => {
    const judge = rules[type]?.[key];
    return judge === undefined ? [] : [{ key, human, judge }];
  });
  return (value) => {
    let failures = NO_FAILURES;
    if (!isObject(value) || isEmpty(value)) return failures;
    for (const { key, human, judge } of known) {
      const places = judge(value);
      if (places.length === 0) continue;
      failures = [...failures, ...places.map((at) => ({ key, human, at }))];
    }
    return failures;
  };
}
