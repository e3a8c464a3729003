// Asks both validators about the same resources and sorts out where their verdicts differ: what
// known-differences.ts explains, and what nobody has explained yet.

import type { Issue } from '../../src/fhir/types.ts';
import type {
  ReferenceMessage,
  ReferenceValidator,
} from '../support/reference-validator/reference-validator.ts';
import { refusals } from '../support/reference-validator/reference-validator.ts';
import type { KnownDifference } from './known-differences.ts';
import type { Sample } from './material.ts';
import type { Mutation } from './mutations.ts';

/** Our verdict on a text that claims to be a resource of the type: why it is refused, or nothing.
 * Warnings are not part of it. */
export type Judge = (text: string, type: string) => readonly Issue[];

/** What is judged: a sample as it is, or after a mutation. */
export interface Subject extends Sample {
  readonly mutation?: Mutation & { readonly seed: number };
}

/** One validator refuses what the other accepts. */
export interface Difference {
  readonly subject: Subject;
  readonly refusedBy: 'us' | 'reference';
  /** Why, in the words of the one that refuses. */
  readonly reasons: readonly string[];
  /** Those of the list that explain it; none when it is unexplained. */
  readonly explanations: readonly KnownDifference[];
}

/** How the verdicts on many subjects compare. */
export interface Comparison {
  readonly judged: number;
  readonly refusedByBoth: number;
  readonly differences: readonly Difference[];
  /** Positions of the subjects that both accept. */
  readonly acceptedByBoth: readonly Subject[];
}

/** Compares the verdicts on all subjects. */
export async function compareVerdicts(
  subjects: readonly Subject[],
  judge: Judge,
  reference: ReferenceValidator,
  known: readonly KnownDifference[],
): Promise<Comparison> {
  const answers = subjects.map(({ text }) => reference.validate(text));
  const differences: Difference[] = [];
  const acceptedByBoth: Subject[] = [];
  let refusedByBoth = 0;
  for (const [position, subject] of subjects.entries()) {
    const answer = await answers[position];
    if (answer === undefined) continue;
    const theirs = refusals(answer).map(inWords);
    const ours = judge(subject.text, subject.type).map(({ diagnostics }) => diagnostics);
    if (ours.length > 0 && theirs.length > 0) refusedByBoth += 1;
    else if (ours.length > 0) differences.push(explained(subject, 'us', ours, known));
    else if (theirs.length > 0) differences.push(explained(subject, 'reference', theirs, known));
    else acceptedByBoth.push(subject);
  }
  return { judged: subjects.length, refusedByBoth, differences, acceptedByBoth };
}

function inWords({ id, location, text }: ReferenceMessage): string {
  return `[${id ?? ''}] ${location}: ${text}`;
}

/** One good reason justifies our refusal; theirs is explained only when every one of their reasons
 * is, since any other could be a fault that we overlook. */
function explained(
  subject: Subject,
  refusedBy: Difference['refusedBy'],
  reasons: readonly string[],
  known: readonly KnownDifference[],
): Difference {
  const rows = known.filter((row) => row.refusedBy === refusedBy);
  const found = reasons.map((reason) => rows.find(({ pattern }) => pattern.test(reason)));
  const fits = refusedBy === 'us' ? found.some(isThere) : found.every(isThere);
  const explanations = fits ? [...new Set(found.filter(isThere))] : [];
  return { subject, refusedBy, reasons, explanations };
}

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}

/** A difference as a person who has to find out who is right wants to read it. */
export function describeDifference({ subject, refusedBy, reasons }: Difference): string {
  const { origin, type, mutation } = subject;
  const change =
    mutation === undefined
      ? 'unchanged'
      : `${mutation.kind} ${mutation.path} ${mutation.detail} (seed ${mutation.seed})`;
  return [`${refusedBy} refuses ${type} of ${origin}, ${change}`, ...reasons.map(indent)].join(
    '\n',
  );
}

function indent(reason: string): string {
  return `    ${reason}`;
}
