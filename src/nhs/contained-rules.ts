// What NHS England's Immunisation FHIR API wants contained in an Immunization: its Patient, and
// who gave the dose; and how they are referred to.

import { isObject, items, member } from '../validation/nodes.ts';

/** A contained resource of the type, the first one; undefined when there is none. */
export function containedOf(immunization: unknown, type: 'Patient' | 'Practitioner'): unknown {
  return items(immunization, 'contained').find((one) => member(one, 'resourceType') === type);
}

/** What is wrong with the contained resources themselves; the other rules rest on them. */
export function containedFindings(immunization: unknown): readonly string[] {
  const contained = member(immunization, 'contained');
  if (contained === undefined) return ['contained is a mandatory field'];
  if (!Array.isArray(contained)) return ['contained must be an array'];
  if (contained.length === 0) return ['contained must be a non-empty array'];
  if (!contained.every(isObject)) return ['contained must be an array of objects'];
  if (contained.some((one) => Object.keys(one).length === 0)) {
    return ['contained must be an array of non-empty objects'];
  }
  const types = contained.map((one) => one.resourceType);
  if (types.some((type) => type === undefined || type === null)) {
    return ["contained resources must have 'resourceType' key"];
  }
  const wrong = wrongTypes(types);
  return wrong.length > 0 ? wrong : idFindings(immunization);
}

function wrongTypes(types: readonly unknown[]): readonly string[] {
  const patients = types.filter((type) => type === 'Patient').length;
  const practitioners = types.filter((type) => type === 'Practitioner').length;
  const findings: string[] = [];
  if (patients + practitioners < types.length) {
    findings.push('contained must contain only Patient and Practitioner resources');
  }
  if (patients !== 1) findings.push('contained must contain exactly one Patient resource');
  if (practitioners > 1) {
    findings.push('contained must contain a maximum of one Practitioner resource');
  }
  return findings;
}

function idFindings(immunization: unknown): readonly string[] {
  const patientId = idOf(containedOf(immunization, 'Patient'));
  const practitioner = containedOf(immunization, 'Practitioner');
  if (patientId === undefined) return ["The contained Patient resource must have an 'id' field"];
  if (practitioner === undefined) return [];
  const practitionerId = idOf(practitioner);
  if (practitionerId === undefined) {
    return ["The contained Practitioner resource must have an 'id' field"];
  }
  if (patientId !== practitionerId) return [];
  return ['ids must not be duplicated amongst contained resources'];
}

function idOf(resource: unknown): unknown {
  return member(resource, 'id') ?? undefined;
}

/** What is wrong with the reference to the contained Patient. */
export function patientReferenceFinding(immunization: unknown): string | undefined {
  const reference = member(member(immunization, 'patient'), 'reference');
  if (typeof reference !== 'string' || !reference.startsWith('#')) {
    return 'patient.reference must be a single reference to a contained Patient resource';
  }
  if (reference === `#${idOf(containedOf(immunization, 'Patient'))}`) return undefined;
  return `The reference '${reference}' does not match the id of the contained Patient resource`;
}

/** What is wrong with the references to the contained Practitioner. */
export function practitionerReferenceFinding(immunization: unknown): string | undefined {
  const references = items(immunization, 'performer')
    .map((performer) => member(member(performer, 'actor'), 'reference'))
    .filter((reference) => typeof reference === 'string' && reference.startsWith('#'));
  const practitioner = containedOf(immunization, 'Practitioner');
  if (practitioner === undefined) {
    return references.length === 0
      ? undefined
      : 'performer must not contain internal references when there is no contained ' +
          'Practitioner resource';
  }
  const id = idOf(practitioner);
  const own = references.filter((reference) => reference === `#${id}`).length;
  if (own < references.length) {
    return (
      'performer must not contain any internal references other than to the contained ' +
      'Practitioner resource'
    );
  }
  if (own === 1) return undefined;
  const wanted = own === 0 ? 'be referenced' : 'only be referenced once';
  return `contained Practitioner resource id '${id}' must ${wanted} from performer`;
}

const allowedElements: Readonly<Record<string, readonly string[]>> = {
  Immunization: [
    'resourceType',
    'meta',
    'narrative',
    'contained',
    'id',
    'extension',
    'identifier',
    'status',
    'vaccineCode',
    'patient',
    'occurrenceDateTime',
    'recorded',
    'primarySource',
    'manufacturer',
    'location',
    'lotNumber',
    'expirationDate',
    'site',
    'route',
    'doseQuantity',
    'performer',
    'reasonCode',
    'protocolApplied',
  ],
  Patient: ['resourceType', 'id', 'identifier', 'name', 'gender', 'birthDate', 'address'],
  Practitioner: ['resourceType', 'id', 'name'],
};

/** Elements that the API does not take, of the Immunization and of what it contains. */
export function elementFindings(immunization: unknown): readonly string[] {
  return [immunization, ...items(immunization, 'contained')].flatMap((resource) => {
    const type = String(member(resource, 'resourceType'));
    const allowed = allowedElements[type] ?? [];
    const names = isObject(resource) ? Object.keys(resource) : [];
    return names
      .filter((name) => !allowed.includes(name))
      .map((name) => `${name} is not an allowed element of the ${type} resource for this service`);
  });
}
