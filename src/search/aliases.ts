// Parameters that stand for others: the names of the NHS's own API on Immunization, and the areas
// above those that are stored on a Patient. Each is a row here, and a file in `profiles/` that
// documents it and lets it be declared.

import type { Clause } from './clause.ts';
import { malformedValue } from './clause.ts';
import { readClause } from './criteria.ts';
import { unescapeValue } from './escapes.ts';
import type { Expression } from './expression.ts';
import { patientAliases } from './patient-aliases.ts';
import type { SearchParameter } from './search-registry.ts';

type Reader = (clause: Clause) => Expression;

const ODS = 'https://fhir.nhs.uk/Id/ods-organization-code';
const AREAS = 'https://openims.example/fhir/CodeSystem/area';
const VACCINES = 'https://openims.example/fhir/CodeSystem/vaccine-type';

const readers: Readonly<Record<string, Readonly<Record<string, Reader>>>> = {
  Immunization: {
    '-immunization.target': anyOf(vaccineType),
    '-date.from': (clause) => readDay(clause, 'ge'),
    '-date.to': (clause) => readDay(clause, 'le'),
  },
  Patient: {
    pcn: anyOf(registeredIn),
    'sub-icb': anyOf(registeredIn),
    icb: anyOf(registeredIn),
    district: anyOf(livingIn),
    region: anyOf((code, clause) => (isOns(code) ? livingIn(code) : registeredIn(code, clause))),
    ...patientAliases,
  },
};

/** Whether the name stands for other parameters of the type. */
export function isAlias(type: string, code: string): boolean {
  return Object.hasOwn(readers, type) && Object.hasOwn(readers[type] ?? {}, code);
}

/** What the alias stands for. @throws FhirError `invalid-search` for a value that it cannot have */
export function readAlias(clause: Clause): Expression {
  const read = readers[clause.type]?.[clause.parameter.code];
  if (read === undefined) throw new Error(`${clause.parameter.code} is no alias`);
  return read(clause);
}

function anyOf(read: (value: string, clause: Clause) => Expression): Reader {
  return (clause) => {
    const of = clause.values.map((value) => read(unescapeValue(value), clause));
    const [only] = of;
    return only !== undefined && of.length === 1 ? only : { kind: 'or', of };
  };
}

/** Codes of the Office for National Statistics, as against those of ODS. */
function isOns(code: string): boolean {
  return /^[A-Z]\d{8}$/.test(code);
}

/** Registered at a practice that is, or lies below, the organisation of that ODS code. */
function registeredIn(code: string, _clause: Clause): Expression {
  return chainBelow('general-practitioner', 'Organization', { system: ODS, code });
}

/** Living in a small area that is, or lies below, the area of that ONS code. */
function livingIn(code: string): Expression {
  return chainBelow('residence', 'Location', { system: AREAS, code });
}

function chainBelow(
  parameter: string,
  type: string,
  identifier: { readonly system: string; readonly code: string },
): Expression {
  const of: Expression = { kind: 'token', parameter: 'identifier', anyOf: [identifier] };
  const through: Expression = { kind: 'everything' };
  const where: Expression = { kind: 'below', parent: 'partof', of, through };
  return { kind: 'chain', parameter, type, where };
}

/** `-date.from` is a day, without prefix. */
function readDay(clause: Clause, prefix: 'ge' | 'le'): Expression {
  const [value = '', ...others] = clause.values;
  if (others.length > 0 || !/^\d{4}-\d\d-\d\d$/.test(value)) {
    throw malformedValue(clause.name, clause.values.join(','), 'a day: write YYYY-MM-DD');
  }
  const date = clause.environment.registry.find(clause.type, 'date') as SearchParameter;
  return readClause({ ...clause, parameter: date, values: [`${prefix}${value}`] });
}

/** A dose against just the diseases that the type of vaccine is for. */
function vaccineType(value: string, clause: Clause): Expression {
  const types = diseasesByType(clause);
  const own = types.get(value);
  if (own === undefined) {
    throw malformedValue(clause.name, value, `a type of vaccine: ${[...types.keys()].join(', ')}`);
  }
  const others = new Set([...types.values()].flat().filter((disease) => !own.includes(disease)));
  const against = (codes: readonly string[]): Expression => ({
    kind: 'token',
    parameter: 'target-disease',
    anyOf: codes.map((code) => ({ system: 'http://snomed.info/sct', code })),
  });
  return {
    kind: 'and',
    of: [...own.map((disease) => against([disease])), { kind: 'not', of: against([...others]) }],
  };
}

/** The SNOMED CT codes of the diseases of each type of vaccine. */
function diseasesByType({ environment }: Clause): ReadonlyMap<string, readonly string[]> {
  const table = environment.terminology.codeTable(VACCINES);
  return new Map(
    [...(table?.codes() ?? [])].map(({ code, properties }) => [
      code,
      properties
        .filter((property) => property.code === 'targetDisease')
        .map(({ valueCoding }) => valueCoding?.code ?? ''),
    ]),
  );
}
