// Which identifiers no two resources of a type may share, as index entries of their own: called by
// index-entries.ts, enforced by the store (`transact` in store/resource-store.ts). Searches never
// see them: `_unique` is in no registry.

import type { Resource } from '../fhir/types.ts';
import { keepDistinct } from './distinct-entries.ts';
import type { IndexEntry } from './index-entry.ts';

/** The pseudo-parameter of the entries that must be unique within their type. */
export const UNIQUE = '_unique';

/** One type's rule. */
interface UniqueRule {
  /** The identifiers' system; every one that has a system when absent. */
  readonly system?: string;
  /** Whether the resource has handed its identifiers over to another. */
  readonly isReplaced?: (resource: Resource) => boolean;
}

const rules: Readonly<Record<string, UniqueRule>> = {
  Patient: { system: 'https://fhir.nhs.uk/Id/nhs-number', isReplaced: isReplacedPatient },
  Immunization: {},
  Organization: { system: 'https://fhir.nhs.uk/Id/ods-organization-code' },
};

/**
 * The identifiers that no other undeleted resource of the type may hold: system and code as
 * written, each once. Those of `use: old` are not counted, nor those of a Patient that a link
 * declares replaced (http://hl7.org/fhir/R4/patient-definitions.html#Patient.link.type).
 * @param resource structurally valid
 */
export function uniqueEntries(resource: Resource): IndexEntry[] {
  const rule = rules[resource.resourceType];
  if (rule === undefined || rule.isReplaced?.(resource) === true) return [];
  const entries: IndexEntry[] = [];
  for (const { use, system, value } of elementsOf(resource.identifier)) {
    if (use === 'old' || typeof system !== 'string' || typeof value !== 'string') continue;
    if (rule.system !== undefined && rule.system !== system) continue;
    entries.push({ kind: 'token', parameter: UNIQUE, system, code: value });
  }
  keepDistinct(entries, 0);
  return entries;
}

function isReplacedPatient(resource: Resource): boolean {
  return elementsOf(resource.link).some(({ type }) => type === 'replaced-by');
}

function elementsOf(list: unknown): readonly Readonly<Record<string, unknown>>[] {
  return Array.isArray(list) ? list.filter((one) => typeof one === 'object' && one !== null) : [];
}
