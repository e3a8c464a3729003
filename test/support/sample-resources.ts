// Valid resources for tests, and values that no other test has used.

import type { Resource } from '../../src/fhir/types.ts';

let count = 0;

/** A text like `abc-17` that no other test of this process has. */
export function fresh(prefix: string): string {
  count += 1;
  return `${prefix}-${count}`;
}

/** An identifier that nobody else has. */
export function freshIdentifier(): { readonly system: string; readonly value: string } {
  return { system: 'https://ims.test/id', value: fresh('n') };
}

/** A `urn:uuid:` that nobody else has. */
export function freshUrn(): string {
  count += 1;
  return `urn:uuid:00000000-0000-4000-8000-${String(count).padStart(12, '0')}`;
}

/** The search token of an identifier. */
export function token({ system, value }: { system: string; value: string }): string {
  return `${system}|${value}`;
}

export function patient(elements: Record<string, unknown> = {}): Resource {
  return { resourceType: 'Patient', ...elements };
}

/** A completed dose of an influenza vaccine. @param patientReference `Patient/1` */
export function immunization(
  patientReference: string,
  elements: Record<string, unknown> = {},
): Resource {
  return {
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '140' }] },
    patient: { reference: patientReference },
    occurrenceDateTime: '2026-10-01',
    ...elements,
  };
}

export function observation(elements: Record<string, unknown> = {}): Resource {
  return { resourceType: 'Observation', status: 'final', code: { text: 'Weight' }, ...elements };
}

/** A batch or transaction Bundle. */
export function bundleOf(type: 'batch' | 'transaction', ...entry: readonly object[]): Resource {
  return { resourceType: 'Bundle', type, ...(entry.length === 0 ? {} : { entry }) };
}

/** An entry that writes or reads. */
export function entryOf(
  method: string,
  url: string,
  resource?: unknown,
  elements: { readonly fullUrl?: string; readonly [condition: string]: unknown } = {},
): object {
  const { fullUrl, ...conditions } = elements;
  return {
    ...(fullUrl === undefined ? {} : { fullUrl }),
    ...(resource === undefined ? {} : { resource }),
    request: { method, url, ...conditions },
  };
}

/** A JSON Patch as it travels in a Bundle. */
export function binaryPatch(operations: readonly object[]): Resource {
  const data = Buffer.from(JSON.stringify(operations)).toString('base64');
  return { resourceType: 'Binary', contentType: 'application/json-patch+json', data };
}

/** The parts of one operation of a FHIRPath Patch by name; `value` as a part has it. */
export interface PatchParts {
  readonly type: 'add' | 'insert' | 'delete' | 'replace' | 'move';
  readonly path: string;
  readonly name?: string;
  readonly index?: number;
  readonly source?: number;
  readonly destination?: number;
  readonly value?: object;
}

/** A FHIRPath Patch. */
export function pathPatch(...operations: readonly PatchParts[]): Resource {
  const parameter = operations.map((parts) => ({
    name: 'operation',
    part: Object.entries(parts).map(([name, value]) => ({ name, ...partValue(name, value) })),
  }));
  return { resourceType: 'Parameters', ...(parameter.length === 0 ? {} : { parameter }) };
}

function partValue(name: string, value: unknown): object {
  if (name === 'value') return value as object;
  if (name === 'type') return { valueCode: value };
  return typeof value === 'number' ? { valueInteger: value } : { valueString: value };
}
