// What `resolve() is Patient` means without resolving: the type that a Reference names. Called by
// the generated extractors (http://hl7.org/fhir/R4/references.html#literal).

const TYPE_AND_ID =
  /(?:^|\/)([A-Za-z]+)\/[A-Za-z0-9\-.]{1,64}(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/**
 * Whether a Reference element points at a resource of the type: by its literal reference where
 * that names a type (relative or absolute), else by `Reference.type`. Targets that only their
 * context knows (`#contained`, `urn:uuid:…`) count by `Reference.type` alone.
 */
export function refersTo(reference: unknown, type: string): boolean {
  if (typeof reference !== 'object' || reference === null) return false;
  if ('reference' in reference && typeof reference.reference === 'string') {
    const named = TYPE_AND_ID.exec(reference.reference);
    if (named !== null) return named[1] === type;
  }
  return 'type' in reference && reference.type === type;
}
