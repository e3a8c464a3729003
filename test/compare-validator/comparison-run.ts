// One whole comparison: specimens of the known differences, real resources, then mutations of those
// that both validators accept. compare.ts runs it in full, same-verdicts.test.ts in small.

import type { ElementTree } from '../../src/definitions/element-tree.ts';
import { parseExact, printExact } from '../../src/lib/json.ts';
import type { ReferenceValidator } from '../support/reference-validator/reference-validator.ts';
import { readElementTree } from '../unit/definitions/random-resource.ts';
import { type Comparison, compareVerdicts, type Judge, type Subject } from './comparison.ts';
import { type KnownDifference, knownDifferences } from './known-differences.ts';
import type { Sample } from './material.ts';
import { mutate } from './mutations.ts';
import type { JsonObject } from './places.ts';

/** Longer texts are judged as they are, but not mutated: they would cost most of the time. */
const MUTATED_TEXT_LENGTH_MAX = 20_000;

export interface ComparisonPlan {
  readonly samples: readonly Sample[];
  readonly mutations: number;
  /** Mutation number n has the seed `seed + n`. */
  readonly seed: number;
}

export interface ComparisonResult {
  readonly real: Comparison;
  readonly mutated: Comparison;
  /** Those that their own specimens do not show any more. */
  readonly outlived: readonly KnownDifference[];
}

/** Runs a comparison. */
export async function runComparison(
  { samples, mutations, seed }: ComparisonPlan,
  judge: Judge,
  reference: ReferenceValidator,
): Promise<ComparisonResult> {
  const outlived = await findOutlived(judge, reference);
  const real = await compareVerdicts(samples, judge, reference, knownDifferences);
  const subjects = makeMutations(real.acceptedByBoth, mutations, seed);
  const mutated = await compareVerdicts(subjects, judge, reference, knownDifferences);
  return { real, mutated, outlived };
}

async function findOutlived(
  judge: Judge,
  reference: ReferenceValidator,
): Promise<readonly KnownDifference[]> {
  const subjects = knownDifferences.map(({ specimen, pattern }) => ({
    origin: `the specimen of ${pattern}`,
    type: String(specimen.resourceType),
    text: printExact(specimen),
  }));
  const { differences } = await compareVerdicts(subjects, judge, reference, knownDifferences);
  return knownDifferences.filter((row, position) => {
    const shown = differences.find(({ subject }) => subject === subjects[position]);
    return shown?.explanations.includes(row) !== true;
  });
}

/** Mutations of the subjects, each type as often as any other, each resource of a type in turn. */
function makeMutations(
  subjects: readonly Subject[],
  count: number,
  seed: number,
): readonly Subject[] {
  const byType = new Map<string, Subject[]>();
  for (const subject of subjects) {
    if (subject.text.length > MUTATED_TEXT_LENGTH_MAX) continue;
    byType.set(subject.type, [...(byType.get(subject.type) ?? []), subject]);
  }
  const types = [...byType.keys()].sort();
  const tree = readElementTree();
  return Array.from({ length: count }, (_, position) => {
    const ofType = byType.get(types[position % types.length] ?? '') ?? [];
    const subject = ofType[Math.floor(position / types.length) % ofType.length];
    if (subject === undefined) throw new Error('No resource was accepted by both validators.');
    return makeMutation(subject, tree, seed + position);
  });
}

function makeMutation(subject: Subject, tree: ElementTree, seed: number): Subject {
  const resource = parseExact(subject.text) as JsonObject;
  const mutation = mutate(resource, tree, seed);
  // A resource that says it is of another type is judged as one, by us as by the reference.
  const { resourceType } = resource;
  const type = typeof resourceType === 'string' ? resourceType : subject.type;
  return { ...subject, type, text: printExact(resource), mutation: { ...mutation, seed } };
}
