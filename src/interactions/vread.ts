// vread (http://hl7.org/fhir/R4/http.html#vread).

import { fhirError } from '../fhir/fhir-error.ts';
import type { Interaction } from './interaction.ts';
import { versionResponse } from './responses.ts';
import { maySee } from './visibility.ts';

const VERSION_ID = /^[1-9]\d{0,14}$/;

/** One version as it was, seen by whoever may see the resource as it is now. */
export const vread: Interaction = async (context, request) => {
  const [type, id, , versionId] = request.path as [string, string, string, string];
  const key = { type, id };
  const version = VERSION_ID.test(versionId)
    ? await context.store.readVersion(key, Number(versionId))
    : undefined;
  if (version === undefined || !(await maySee(context, request.caller, key))) {
    throw fhirError('unknown-version', `${type}/${id} has no version ${versionId}`);
  }
  if (version.text === undefined) {
    throw fhirError('gone', `Version ${versionId} of ${type}/${id} is its deletion`);
  }
  return versionResponse(version);
};
