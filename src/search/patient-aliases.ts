// Parameters of Patient that stand for what other records say: risk and priority groups, whether
// somebody is registered or has opted out; and those that are derived from a person's records by
// the programme's rules, which cohort/ answers. Rows of aliases.ts.

import { type Clause, malformedValue } from './clause.ts';
import { readClause } from './criteria.ts';
import { unescapeValue } from './escapes.ts';
import type { Expression, TokenValue } from './expression.ts';
import { leafClauses } from './leaf-clauses.ts';
import { readComposite } from './types/composite.ts';

type Reader = (clause: Clause) => Expression;

const OURS = 'https://openims.example/fhir/CodeSystem';
const HL7 = 'http://terminology.hl7.org/CodeSystem';

const CLINICAL = `${HL7}/condition-clinical`;
const VERIFICATION = `${HL7}/condition-ver-status`;

/** Conditions that are there (Condition.clinicalStatus), as against those that are over. */
const PRESENT: readonly string[] = ['active', 'recurrence', 'relapse'];
/** Conditions that never were (Condition.verificationStatus). */
const UNTRUE: readonly string[] = ['refuted', 'entered-in-error'];

/**
 * Parameters whose values no single record holds: they are worked out from all of a person's
 * records by the rules of a programme (cohort/derived-values.ts). Their expressions look like those
 * of indexed parameters; cohort/derived-store.ts answers them before they come to a store.
 */
export const derivedParameters = {
  /** `flu-2026`: of the programme that is named */
  flags: [
    'vaccination-refused',
    'vaccination-contraindicated',
    'vaccination-invited',
    'vaccination-reminded',
    'vaccination-booked',
    'vaccination-opted-out',
  ],
  /** `flu-2026$ge2026-10-01` */
  days: ['vaccination-date', 'vaccination-invitation-date'],
  /** `flu-2026$ge1` */
  counts: ['vaccination-doses'],
} as const;

/** The types of the records that they are worked out from, beside the Patient. */
export const derivedFrom: readonly string[] = [
  'Condition',
  'Flag',
  'Consent',
  'Immunization',
  'Communication',
  'Appointment',
];

const DERIVED: ReadonlySet<string> = new Set(Object.values(derivedParameters).flat());

/** Whether Patient's parameter of that code is derived. */
export function isDerived(parameter: string): boolean {
  const [code = ''] = parameter.split('$');
  return DERIVED.has(code);
}

/** The first derived parameter that an expression on the type looks at, at any depth. */
export function derivedIn(type: string, expression: Expression): string | undefined {
  for (const { type: asked, clause } of leafClauses(type, expression)) {
    if (clause.kind !== 'token' && clause.kind !== 'composite') continue;
    if (asked === 'Patient' && isDerived(clause.parameter)) return clause.parameter;
  }
  return undefined;
}

/** Alternatives that are codes of one of our own code systems, with or without the system. */
function anyCode(name: string, read: (value: TokenValue) => Expression): Reader {
  const system = `${OURS}/${name}`;
  return (clause) => {
    const table = clause.environment.terminology.codeTable(system);
    const of = clause.values.map((text) => {
      const value = unescapeValue(text);
      const code = value.startsWith(`${system}|`) ? value.slice(system.length + 1) : value;
      if (table?.get(code) === undefined) {
        const known = [...(table?.codes() ?? [])].map((entry) => entry.code).join(', ');
        throw malformedValue(clause.name, value, `a code of ${system}: ${known}`);
      }
      return read({ system, code });
    });
    return either(of);
  };
}

function yesOrNo(holds: Expression): Reader {
  return (clause) => {
    const [value = '', ...others] = clause.values;
    if (others.length === 0 && value === 'true') return holds;
    if (others.length === 0 && value === 'false') return { kind: 'not', of: holds };
    throw malformedValue(clause.name, clause.values.join(','), 'true or false');
  };
}

function either(of: readonly Expression[]): Expression {
  const [only] = of;
  return only !== undefined && of.length === 1 ? only : { kind: 'or', of };
}

/** Has a Condition of the group that is neither over nor untrue. */
function riskGroup(group: TokenValue): Expression {
  const tokens = (parameter: string, system: string, codes: readonly string[]): Expression => ({
    kind: 'token',
    parameter,
    anyOf: codes.map((code) => ({ system, code })),
  });
  const where: Expression = {
    kind: 'and',
    of: [
      { kind: 'token', parameter: 'category', anyOf: [group] },
      tokens('clinical-status', CLINICAL, PRESENT),
      { kind: 'not', of: tokens('verification-status', VERIFICATION, UNTRUE) },
    ],
  };
  return { kind: 'has', type: 'Condition', parameter: 'patient', where };
}

/** Has a Flag of the group that is active. */
function priorityGroup(group: TokenValue): Expression {
  const of: readonly Expression[] = [
    { kind: 'token', parameter: 'code', anyOf: [group] },
    { kind: 'token', parameter: 'status', anyOf: [{ system: '', code: 'active' }] },
  ];
  return { kind: 'has', type: 'Flag', parameter: 'patient', where: { kind: 'and', of } };
}

/** Has a practice, and a record that is in use. */
const registered: Expression = {
  kind: 'and',
  of: [
    { kind: 'not', of: { kind: 'missing', parameter: 'general-practitioner' } },
    {
      kind: 'not',
      of: { kind: 'token', parameter: 'active', anyOf: [{ system: '', code: 'false' }] },
    },
  ],
};

/** Has asked for no more invitations, and not changed their mind. */
const optedOut: Expression = {
  kind: 'has',
  type: 'Consent',
  parameter: 'patient',
  where: {
    kind: 'and',
    of: [
      {
        kind: 'token',
        parameter: 'category',
        anyOf: [{ system: `${OURS}/consent-category`, code: 'vaccination-invitations' }],
      },
      { kind: 'token', parameter: 'status', anyOf: [{ system: '', code: 'active' }] },
    ],
  },
};

/** `vaccination-invited=flu-2026` */
function readProgrammes({ parameter, values }: Clause): Expression {
  const anyOf = values.map((value) => ({ system: '', code: unescapeValue(value) }));
  return { kind: 'token', parameter: parameter.code, anyOf };
}

/** `vaccination-date=flu-2026$ge2026-10-01`, read as a composite parameter is. */
function withProgramme(type: 'date' | 'number'): Reader {
  return (clause) => {
    const components = (['token', type] as const).map((kind) => {
      return { type: kind, expression: '', targets: [] };
    });
    return readComposite(
      { ...clause, parameter: { ...clause.parameter, type: 'composite', components } },
      (part) => (part.parameter.type === 'token' ? readProgrammes(part) : readClause(part)),
    );
  };
}

/** Readers of the parameters, by code. */
export const patientAliases: Readonly<Record<string, Reader>> = {
  'risk-group': anyCode('risk-group', riskGroup),
  'priority-group': anyCode('priority-group', priorityGroup),
  registered: yesOrNo(registered),
  'opted-out': yesOrNo(optedOut),
  ...Object.fromEntries(derivedParameters.flags.map((code) => [code, readProgrammes])),
  ...Object.fromEntries(derivedParameters.days.map((code) => [code, withProgramme('date')])),
  ...Object.fromEntries(derivedParameters.counts.map((code) => [code, withProgramme('number')])),
};
