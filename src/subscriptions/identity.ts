// By what a resource is known outside this server: business identifiers, and searches for them.
// Part of pushed-bundle.ts (http://hl7.org/fhir/R4/resource.html#identifiers).

import type { Resource, ResourceKey } from '../fhir/types.ts';
import { escapeValue } from '../search/escapes.ts';
import { printQuery } from '../search/query-string.ts';

/** An Identifier that means the same everywhere: both members are present. */
export interface BusinessIdentifier {
  readonly system: string;
  readonly value: string;
}

/** England's identifier of a person, https://fhir.nhs.uk/Id/nhs-number. */
const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

/** The identifiers of a resource that mean the same everywhere, in order. */
function businessIdentifiers(
  resource: Resource,
): readonly (BusinessIdentifier & { readonly use: unknown })[] {
  const { identifier } = resource;
  const all: readonly unknown[] = Array.isArray(identifier) ? identifier : [identifier];
  return all.flatMap((each) => {
    const { system, value, use } = (each ?? {}) as Readonly<Record<string, unknown>>;
    const isComplete = typeof system === 'string' && typeof value === 'string';
    return isComplete ? [{ system, value, use }] : [];
  });
}

function current(resource: Resource, system?: string): BusinessIdentifier | undefined {
  const found = businessIdentifiers(resource).find(
    (each) => each.use !== 'old' && (system === undefined || each.system === system),
  );
  return found && { system: found.system, value: found.value };
}

/** Whether the resource has that identifier, in use or old. */
export function isHeld(resource: Resource, { system, value }: BusinessIdentifier): boolean {
  return businessIdentifiers(resource).some(
    (each) => each.system === system && each.value === value,
  );
}

/** A resource's own way to be known: a person's NHS number, else its first identifier. */
export function preferredIdentifier(resource: Resource): BusinessIdentifier | undefined {
  return nhsNumber(resource) ?? current(resource);
}

/** A person's NHS number, old ones apart. */
export function nhsNumber(resource: Resource): BusinessIdentifier | undefined {
  return current(resource, NHS_NUMBER);
}

/** The identifier of a resource that has none: its logical id here, in a system of our own. */
export function ownIdentifier(key: ResourceKey, baseUrl: string): BusinessIdentifier {
  return { system: `${baseUrl}/${key.type}`, value: key.id };
}

/** The query string that finds a resource by the identifier, fit for a url. */
export function identifierQuery({ system, value }: BusinessIdentifier): string {
  const text = `${escapeValue(system)}|${escapeValue(value)}`;
  return printQuery([{ name: 'identifier', text }]);
}
