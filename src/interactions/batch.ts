// batch: every entry is a request of its own (http://hl7.org/fhir/R4/http.html#transaction).

import { bundleText } from '../fhir/bundle.ts';
import { FhirError } from '../fhir/fhir-error.ts';
import type { JsonDocument } from '../lib/json.ts';
import { GROUP_CALLERS_MAX } from '../limits.ts';
import { type RequestEntry, readRequestBundle } from './bundle-request.ts';
import { responseEntry } from './bundle-response.ts';
import type { Context, FhirRequest, FhirResponse } from './interaction.ts';
import { errorResponse } from './responses.ts';

/**
 * Answers each entry by itself, in the Bundle's order, whatever becomes of the others.
 * @param route the router, which never throws
 */
export async function batch(
  context: Context,
  request: FhirRequest,
  document: JsonDocument,
  route: (context: Context, request: FhirRequest) => Promise<FhirResponse>,
): Promise<FhirResponse> {
  const { entries, faults } = readRequestBundle(context, request, document);
  if (faults.length > 0) throw new FhirError('invalid-resource', faults);
  const answer = async (entry: RequestEntry) => {
    const response =
      entry.request instanceof FhirError
        ? errorResponse(entry.request)
        : await route(context, entry.request);
    return responseEntry(entry.method, response);
  };
  const answers = [];
  // Entries run side by side so that the store can commit them in groups.
  for (let start = 0; start < entries.length; start += GROUP_CALLERS_MAX) {
    answers.push(
      ...(await Promise.all(entries.slice(start, start + GROUP_CALLERS_MAX).map(answer))),
    );
  }
  const head = { type: 'batch-response', timestampMs: context.now() } as const;
  return { status: 200, body: bundleText(head, answers) };
}
