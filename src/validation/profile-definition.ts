// Our StructureDefinitions as they lie in profiles/structuredefinitions/, one a file: read and
// judged as resources when the service starts. profile-tree.ts compiles them.
// http://hl7.org/fhir/R4/structuredefinition.html

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { FhirError } from '../fhir/fhir-error.ts';
import { readJson } from '../fhir/read-json.ts';
import type { Resource } from '../fhir/types.ts';
import type { JsonDocument } from '../lib/json.ts';
import { makeStructureValidator } from './structure.ts';

/** A StructureDefinition with `derivation: constraint`, as far as it is read here. */
export interface ProfileDefinition extends Resource {
  readonly url: string;
  readonly name: string;
  readonly title?: string;
  readonly kind: 'resource' | 'complex-type';
  readonly type: string;
  readonly baseDefinition: string;
  readonly derivation: 'constraint';
  readonly differential: { readonly element: readonly ProfileElement[] };
}

/** ElementDefinition, as far as it is read here; `fixed[x]` and `pattern[x]` under their names. */
export interface ProfileElement {
  readonly id: string;
  readonly path: string;
  readonly min?: number;
  readonly max?: string;
  readonly type?: readonly {
    readonly code: string;
    readonly profile?: readonly string[];
    readonly targetProfile?: readonly string[];
  }[];
  readonly slicing?: {
    readonly rules: 'open' | 'closed' | 'openAtEnd';
    readonly discriminator?: readonly Discriminator[];
  };
  readonly binding?: { readonly strength: string; readonly valueSet?: string };
  readonly constraint?: readonly {
    readonly key: string;
    readonly severity: 'error' | 'warning';
    readonly human: string;
    readonly expression?: string;
  }[];
  readonly [name: string]: unknown;
}

/** What tells the slices of an element apart. */
export interface Discriminator {
  readonly type: 'value' | 'pattern' | 'exists' | 'type' | 'profile';
  readonly path: string;
}

/** A profile and the file that it came from. */
export interface SourcedProfile {
  readonly file: string;
  readonly definition: ProfileDefinition;
}

/** Why the service does not start: a profile that cannot be relied on. */
export class ProfileFault extends Error {
  /**
   * @param file path of the file
   * @param element its id in the differential, or where in the file; '' for the whole
   * @param problem what is wrong, as the end of a sentence
   */
  constructor(file: string, element: string, problem: string) {
    super(element === '' ? `${file} ${problem}` : `${file}: ${element} ${problem}`);
  }
}

/**
 * Reads every `*.json` of a folder.
 * @throws ProfileFault for what is no StructureDefinition, is none that constrains a type, or has
 *   the url of another
 */
export function loadProfiles(folder: string): readonly SourcedProfile[] {
  const validator = makeStructureValidator();
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => join(folder, name));
  const profiles = files.map((file) => {
    const document = readFile(file);
    const [issue] = validator.validate(document, 'StructureDefinition');
    if (issue !== undefined) {
      throw new ProfileFault(file, '', `is no StructureDefinition: ${issue.diagnostics}`);
    }
    return { file, definition: asProfile(file, document.value as Resource) };
  });
  refuseRepeatedUrls(profiles);
  return profiles;
}

function readFile(file: string): JsonDocument {
  try {
    return readJson(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof FhirError)
      throw new ProfileFault(file, '', `is no JSON: ${error.message}`);
    throw error;
  }
}

function asProfile(file: string, resource: Resource): ProfileDefinition {
  if (resource.derivation !== 'constraint' || resource.baseDefinition === undefined) {
    throw new ProfileFault(file, 'derivation', 'must be constraint, of a baseDefinition');
  }
  if (resource.differential === undefined) {
    throw new ProfileFault(file, 'differential', 'is missing: a snapshot alone is not read');
  }
  return resource as unknown as ProfileDefinition;
}

function refuseRepeatedUrls(profiles: readonly SourcedProfile[]): void {
  const files = new Map<string, string>();
  for (const { file, definition } of profiles) {
    const other = files.get(definition.url);
    if (other !== undefined) throw new ProfileFault(file, 'url', `is that of ${other} too`);
    files.set(definition.url, file);
  }
}
