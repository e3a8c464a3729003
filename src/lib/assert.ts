// Checks of what the program itself guarantees. A failed one is a bug of ours, never a user's
// mistake: those are FhirErrors (fhir/fhir-error.ts).

/** Throws when `condition` is false; `message` says what was promised. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`Broken promise: ${message}`);
}

/** Closes an exhaustive switch: a new member of a union does not compile until it is handled. */
export function unreachable(value: never): never {
  throw new Error(`Broken promise: ${JSON.stringify(value)} is handled`);
}
