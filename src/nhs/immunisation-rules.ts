// The rules of NHS England's Immunisation FHIR API on the values that an Immunization has, field
// by field, as a table: where a value is and what it has to be. Any JSON can be judged by them.

import { isObject, items, member } from '../validation/nodes.ts';
import {
  containedFindings,
  containedOf,
  elementFindings,
  patientReferenceFinding,
  practitionerReferenceFinding,
} from './contained-rules.ts';
import { currentName } from './current-name.ts';
import {
  all,
  boolean,
  type Clock,
  conceptId,
  date,
  dateTime,
  englishDateTime,
  list,
  nhsNumber,
  number,
  positiveInteger,
  text,
  type ValueCheck,
} from './value-checks.ts';

export const SNOMED_CT = 'http://snomed.info/sct';
export const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';
const VACCINATION_PROCEDURE =
  'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure';

export const PATIENT = "contained[?(@.resourceType=='Patient')]";
const PRACTITIONER = "contained[?(@.resourceType=='Practitioner')]";
const PATIENT_NHS_NUMBER = `${PATIENT}.identifier[?(@.system=='${NHS_NUMBER}')].value`;
export const ORGANIZATION_IDENTIFIER =
  "performer[?(@.actor.type=='Organization')].actor.identifier";
const PROCEDURE = `extension[?(@.url=='${VACCINATION_PROCEDURE}')].valueCodeableConcept`;
const SNOMED_CODING = `coding[?(@.system=='${SNOMED_CT}')]`;
export const PROCEDURE_CODE = `${PROCEDURE}.${SNOMED_CODING}.code`;

const GENDERS = ['male', 'female', 'other', 'unknown'];
const DOSE_NUMBER_MAX = 9;
const GIVEN_NAMES_MAX = 5;
const GIVEN_NAME_LENGTH_MAX = 180;
const FAMILY_NAME_LENGTH_MAX = 35;

/** What is wrong with an Immunization, as sentences. */
type Rule = (immunization: unknown, clock: Clock) => readonly string[];

/** The value of an identifier that is meant as an NHS number. */
function nhsNumberOf(immunization: unknown): unknown {
  const identifier = valueAt(containedOf(immunization, 'Patient'), 'identifier', 0);
  const system = member(identifier, 'system') ?? NHS_NUMBER;
  return system === NHS_NUMBER ? member(identifier, 'value') : undefined;
}

/** What a path of member names and indexes leads to; undefined when it leads nowhere. */
export function valueAt(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (here, step) =>
      typeof step === 'number'
        ? Array.isArray(here)
          ? here[step]
          : undefined
        : member(here, step),
    value,
  );
}

/** The coding of a CodeableConcept that is of SNOMED CT, the first one. */
export function snomedCoding(concept: unknown): unknown {
  return items(concept, 'coding').find((coding) => member(coding, 'system') === SNOMED_CT);
}

/** The performer that is an organization, the first one. */
export function organizationOf(immunization: unknown): unknown {
  const performers = items(immunization, 'performer');
  return performers.find((one) => valueAt(one, 'actor', 'type') === 'Organization');
}

/** The CodeableConcept of the vaccination procedure. */
export function procedureOf(immunization: unknown): unknown {
  const extensions = items(immunization, 'extension');
  const extension = extensions.find((one) => member(one, 'url') === VACCINATION_PROCEDURE);
  return member(extension, 'valueCodeableConcept');
}

/** A rule on one value: nothing is asked of a value that is not there. */
function field(
  location: string,
  find: (immunization: unknown) => unknown,
  check: ValueCheck,
): Rule {
  return (immunization, clock) => {
    const value = find(immunization);
    const complaint = value === undefined ? undefined : check(value, clock);
    return complaint === undefined ? [] : [`${location} ${complaint}`];
  };
}

function at(...path: readonly (string | number)[]): (immunization: unknown) => unknown {
  return (immunization) => valueAt(immunization, ...path);
}

function inPatient(...path: readonly (string | number)[]): (immunization: unknown) => unknown {
  return (immunization) => valueAt(containedOf(immunization, 'Patient'), ...path);
}

function ifAny(find: (immunization: unknown) => string | undefined): Rule {
  return (immunization) => {
    const finding = find(immunization);
    return finding === undefined ? [] : [finding];
  };
}

const resourceType: Rule = (immunization) =>
  member(immunization, 'resourceType') === 'Immunization'
    ? []
    : [
        'This service only accepts FHIR Immunization Resources ' +
          "(i.e. resourceType must equal 'Immunization')",
      ];

const patientIdentifierExtension: Rule = (immunization) =>
  valueAt(containedOf(immunization, 'Patient'), 'identifier', 0, 'extension') === undefined
    ? []
    : [`${PATIENT}.identifier[0] must not include an extension`];

const patientIdentifierSystem: ValueCheck = (value, clock) =>
  text()(value, clock) ?? (value === NHS_NUMBER ? undefined : `must equal '${NHS_NUMBER}'`);

function givenNames(type: 'Patient' | 'Practitioner', check: ValueCheck, item: ValueCheck): Rule {
  return (immunization, clock) => {
    const person = containedOf(immunization, type);
    const { index, name } = currentName(person, member(immunization, 'occurrenceDateTime'));
    const given = member(name, 'given');
    if (given === undefined) return [];
    const location = `contained[?(@.resourceType=='${type}')].name[${index}].given`;
    const complaint = check(given, clock);
    if (complaint !== undefined) return [`${location} ${complaint}`];
    for (const [place, one] of items(name, 'given').entries()) {
      const wrong = item(one, clock);
      if (wrong !== undefined) return [`${location}[${place}] ${wrong}`];
    }
    return [];
  };
}

function familyName(type: 'Patient' | 'Practitioner', check: ValueCheck): Rule {
  return (immunization, clock) => {
    const person = containedOf(immunization, type);
    const { index, name } = currentName(person, member(immunization, 'occurrenceDateTime'));
    const location = `contained[?(@.resourceType=='${type}')].name[${index}].family`;
    return field(location, () => member(name, 'family'), check)(immunization, clock);
  };
}

/** Of several postcodes one that is not empty will do. */
const postalCode: Rule = (immunization, clock) => {
  const codes = items(containedOf(immunization, 'Patient'), 'address')
    .map((address) => member(address, 'postalCode'))
    .filter((code) => code !== undefined);
  const code = codes.length > 1 ? codes.find((one) => one !== '' && one !== null) : codes[0];
  return field(`${PATIENT}.address[0].postalCode`, () => code, text())(immunization, clock);
};

const oneOrganization: Rule = (immunization) => {
  const organizations = items(immunization, 'performer').filter(
    (performer) => valueAt(performer, 'actor', 'type') === 'Organization',
  );
  if (organizations.length === 1) return [];
  return [
    "There must be exactly one performer.actor[?@.type=='Organization'] with type 'Organization'",
  ];
};

const identifierIsThere: Rule = (immunization) =>
  member(immunization, 'identifier') === undefined ? ['identifier is a mandatory field'] : [];

const targetDiseases: Rule = (immunization) => {
  const diseases = valueAt(immunization, 'protocolApplied', 0, 'targetDisease');
  if (!Array.isArray(diseases)) return ['protocolApplied[0].targetDisease is a mandatory field'];
  if (diseases.every((disease) => member(disease, 'coding') !== undefined)) return [];
  return ["Every element of protocolApplied[0].targetDisease must have 'coding' property"];
};

/** @param judge what is wrong with one disease, behind its location */
function eachDisease(
  judge: (disease: unknown, location: string, clock: Clock) => string | undefined,
): Rule {
  return (immunization, clock) =>
    items(valueAt(immunization, 'protocolApplied', 0), 'targetDisease').flatMap(
      (disease, index) => {
        if (member(disease, 'coding') === undefined) return [];
        const location = `protocolApplied[0].targetDisease[${index}]`;
        return judge(disease, location, clock) ?? [];
      },
    );
}

const oneDiseaseCoding = eachDisease((disease, location) => {
  const codings = items(disease, 'coding').filter((one) => member(one, 'system') === SNOMED_CT);
  if (codings.length === 1) return undefined;
  return `${location}.coding must contain exactly one element with a system of ${SNOMED_CT}`;
});

const diseaseCode = eachDisease((disease, location, clock) => {
  const code = member(snomedCoding(disease), 'code');
  const complaint = code === undefined ? undefined : text()(code, clock);
  return complaint === undefined ? undefined : `${location}.${SNOMED_CODING}.code ${complaint}`;
});

const doseSystem: Rule = (immunization) => {
  const dose = member(immunization, 'doseQuantity');
  const hasCode = (member(dose, 'code') ?? null) !== null;
  const hasSystem = (member(dose, 'system') ?? null) !== null;
  if (!hasCode || hasSystem) return [];
  return ['If doseQuantity.code is present, doseQuantity.system must also be present'];
};

/** @param find the value of one reason; its location is built of the reason's and `path` */
function eachReason(path: string, find: (reason: unknown) => unknown, check: ValueCheck): Rule {
  return (immunization, clock) =>
    items(immunization, 'reasonCode').flatMap((reason, index) =>
      field(`reasonCode[${index}].${path}`, () => find(reason), check)(immunization, clock),
    );
}

const procedureIsThere: Rule = (immunization) => {
  const extensions = member(immunization, 'extension');
  if (extensions === undefined) return ['extension is a mandatory field'];
  for (const extension of items(immunization, 'extension')) {
    const concept = member(extension, 'valueCodeableConcept');
    if (concept === undefined) return [`${PROCEDURE} is a mandatory field`];
    if (!isObject(concept) || concept.coding === undefined) {
      return [`${PROCEDURE}.coding is a mandatory field`];
    }
  }
  return [];
};

const oneExtension: Rule = (immunization, clock) => {
  const length = field('extension', at('extension'), list({ length: 1 }))(immunization, clock);
  if (length.length > 0) return length;
  const url = text({ oneOf: [VACCINATION_PROCEDURE] });
  return field('extension[0].url', at('extension', 0, 'url'), url)(immunization, clock);
};

function codingField(element: string, name: 'code' | 'display', check: ValueCheck): Rule {
  const find = (immunization: unknown) => member(snomedCoding(member(immunization, element)), name);
  return field(`${element}.${SNOMED_CODING}.${name}`, find, check);
}

function organizationField(name: 'system' | 'value'): Rule {
  const find = (immunization: unknown) =>
    valueAt(organizationOf(immunization), 'actor', 'identifier', name);
  return field(`${ORGANIZATION_IDENTIFIER}.${name}`, find, text());
}

const procedureDisplay = `${PROCEDURE}.${SNOMED_CODING}.display`;

/** In the order in which the API tells its findings. */
const rules: readonly Rule[] = [
  resourceType,
  elementFindings,
  ifAny(patientReferenceFinding),
  ifAny(practitionerReferenceFinding),
  patientIdentifierExtension,
  field(`${PATIENT}.identifier`, inPatient('identifier'), list({ length: 1 })),
  field(
    `${PATIENT}.identifier[0].system`,
    inPatient('identifier', 0, 'system'),
    patientIdentifierSystem,
  ),
  field(PATIENT_NHS_NUMBER, nhsNumberOf, all(text({ length: 10, spaces: false }), nhsNumber)),
  field(`${PATIENT}.name`, inPatient('name'), list({ objects: true })),
  givenNames(
    'Patient',
    list({ lengthMax: GIVEN_NAMES_MAX }),
    text({ lengthMax: GIVEN_NAME_LENGTH_MAX }),
  ),
  familyName('Patient', text({ lengthMax: FAMILY_NAME_LENGTH_MAX })),
  field(`${PATIENT}.birthDate`, inPatient('birthDate'), date({ past: true })),
  field(`${PATIENT}.gender`, inPatient('gender'), text({ oneOf: GENDERS })),
  field(`${PATIENT}.address`, inPatient('address'), list()),
  postalCode,
  field('occurrenceDateTime', at('occurrenceDateTime'), englishDateTime('occurrenceDateTime')),
  oneOrganization,
  organizationField('value'),
  identifierIsThere,
  field('identifier', at('identifier'), list({ length: 1, objects: true })),
  field('identifier[0].value', at('identifier', 0, 'value'), text()),
  field('identifier[0].system', at('identifier', 0, 'system'), text()),
  field('status', at('status'), text({ oneOf: ['completed'] })),
  field(
    `${PRACTITIONER}.name`,
    (immunization) => member(containedOf(immunization, 'Practitioner'), 'name'),
    list({ objects: true }),
  ),
  givenNames('Practitioner', list(), text()),
  familyName('Practitioner', text()),
  field('recorded', at('recorded'), dateTime),
  field('primarySource', at('primarySource'), boolean),
  field('protocolApplied', at('protocolApplied'), list({ length: 1 })),
  field(
    'protocolApplied[0].doseNumberPositiveInt',
    at('protocolApplied', 0, 'doseNumberPositiveInt'),
    positiveInteger(DOSE_NUMBER_MAX),
  ),
  field(
    'protocolApplied[0].doseNumberString',
    at('protocolApplied', 0, 'doseNumberString'),
    text(),
  ),
  targetDiseases,
  oneDiseaseCoding,
  diseaseCode,
  field('manufacturer.display', at('manufacturer', 'display'), text()),
  field('lotNumber', at('lotNumber'), text()),
  field('expirationDate', at('expirationDate'), date({ past: false })),
  codingField('site', 'code', text()),
  codingField('site', 'display', text()),
  codingField('route', 'code', text()),
  codingField('route', 'display', text()),
  field('doseQuantity.value', at('doseQuantity', 'value'), number),
  field('doseQuantity.code', at('doseQuantity', 'code'), text()),
  field('doseQuantity.system', at('doseQuantity', 'system'), text()),
  doseSystem,
  field('doseQuantity.unit', at('doseQuantity', 'unit'), text()),
  eachReason('coding', (reason) => member(reason, 'coding'), list()),
  eachReason('coding[0].code', (reason) => valueAt(reason, 'coding', 0, 'code'), text()),
  organizationField('system'),
  field('location.identifier.value', at('location', 'identifier', 'value'), text()),
  field('location.identifier.system', at('location', 'identifier', 'system'), text()),
  procedureIsThere,
  oneExtension,
  field(
    PROCEDURE_CODE,
    (immunization) => member(snomedCoding(procedureOf(immunization)), 'code'),
    all(text(), conceptId),
  ),
  field(
    procedureDisplay,
    (immunization) => member(snomedCoding(procedureOf(immunization)), 'display'),
    text(),
  ),
  codingField('vaccineCode', 'code', all(text(), conceptId)),
  codingField('vaccineCode', 'display', text()),
];

/**
 * What is wrong with the values that are there. What is contained comes first and alone, since all
 * else rests on it.
 * @param immunization any JSON value
 */
export function valueFindings(immunization: unknown, clock: Clock): readonly string[] {
  const contained = containedFindings(immunization);
  return contained.length > 0 ? contained : rules.flatMap((rule) => rule(immunization, clock));
}
