// Our side of the comparison: a text is refused when it is not JSON as we read it, or when the
// validator finds an error.

import { FhirError } from '../../src/fhir/fhir-error.ts';
import { readJson } from '../../src/fhir/read-json.ts';
import type { Issue } from '../../src/fhir/types.ts';
import type { JsonDocument } from '../../src/lib/json.ts';
import type { StructureValidator } from '../../src/validation/structure.ts';
import type { Judge } from './comparison.ts';

/** The verdicts of a validator on texts. */
export function judgeBy(validator: StructureValidator): Judge {
  return (text, type) => {
    let document: JsonDocument;
    try {
      document = readJson(text);
    } catch (error) {
      if (error instanceof FhirError) return [unreadable(error)];
      throw error;
    }
    return validator.validate(document, type).filter(isRefusal);
  };
}

function unreadable({ message }: FhirError): Issue {
  return { severity: 'fatal', code: 'structure', diagnostics: message };
}

function isRefusal({ severity }: Issue): boolean {
  return severity === 'error' || severity === 'fatal';
}
