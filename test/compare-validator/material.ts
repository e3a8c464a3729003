// The resources that both validators judge: Synthea's, sampled evenly over types and people, and
// all that the published cases hold, taken out of their Bundles too.

import { resourceTypes } from '../../src/definitions/definitions.ts';
import { JsonFault, parseExact, printExact } from '../../src/lib/json.ts';
import {
  readCase,
  realCases,
  type SyntheaFile,
  syntheaBundles,
  syntheaFiles,
} from '../support/real-material.ts';
import { isObject, type JsonObject } from './places.ts';

/** A resource to be judged. */
export interface Sample {
  /** Where it comes from: a file, or a bundle and a position in it. */
  readonly origin: string;
  readonly type: string;
  readonly text: string;
}

/** Resources of each type that a Synthea bundle gives at most. */
const PER_BUNDLE_MAX = 12;

/**
 * Samples of Synthea's resources, in the order of the files.
 * @param people how many of the bundles of people, smallest first; hospitals and practitioners
 *   always come along
 * @param perType how many resources of each type at most
 */
export async function syntheaSamples(people: number, perType: number): Promise<readonly Sample[]> {
  const [first, second, ...rest] = syntheaFiles();
  const smallest = rest.toSorted((a, b) => a.bytes - b.bytes).slice(0, people);
  const files = [first, second, ...smallest].filter(
    (file): file is SyntheaFile => file !== undefined,
  );
  const counts = new Map<string, number>();
  const samples: Sample[] = [];
  for await (const { name, bundle } of syntheaBundles(files)) {
    const here = new Map<string, number>();
    for (const [position, { resource }] of bundle.entry.entries()) {
      const type = resource.resourceType;
      const count = counts.get(type) ?? 0;
      const countHere = here.get(type) ?? 0;
      if (count >= perType || countHere >= PER_BUNDLE_MAX) continue;
      counts.set(type, count + 1);
      here.set(type, countHere + 1);
      const origin = `${name} entry[${position}]`;
      samples.push({ origin, type, text: JSON.stringify(resource) });
    }
  }
  return samples;
}

/** Every resource of the published cases whose type R4 knows: whole bodies, and what stands in
 * the entries of Bundles. Texts that are not JSON are left out: FHIR does not judge those. */
export function caseSamples(): readonly Sample[] {
  return realCases().flatMap((realCase) => {
    const body = read(readCase(realCase).toString('utf8'));
    return body === undefined ? [] : samplesIn(body, realCase.file);
  });
}

function read(text: string): unknown {
  try {
    return parseExact(text);
  } catch (error) {
    if (error instanceof JsonFault) return undefined;
    throw error;
  }
}

function samplesIn(body: unknown, origin: string): readonly Sample[] {
  if (!isKnownResource(body)) return [];
  const entries = Array.isArray(body.entry) ? body.entry : [];
  const inside = entries.flatMap((entry: unknown, position) =>
    isObject(entry) ? samplesIn(entry.resource, `${origin} entry[${position}]`) : [],
  );
  return [{ origin, type: String(body.resourceType), text: printExact(body) }, ...inside];
}

function isKnownResource(value: unknown): value is JsonObject {
  return isObject(value) && resourceTypes.has(String(value.resourceType));
}
