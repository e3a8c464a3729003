// Lists the members of a value set: those codes of which the answer is yes, in the order of the
// definition, one page at a time (http://hl7.org/fhir/R4/valueset.html#expansion).

import type { Catalogue } from './catalogue.ts';
import { type CodeEntry, isAbstract, isInactive } from './code-table.ts';
import type { Candidate, CodeSet, Gap } from './compose.ts';

/** Which members to list. */
export interface ExpansionOptions {
  /** Words, each of which must begin a word of the display, or the code. */
  readonly filter?: string;
  /** Leave out what is no longer for use. */
  readonly activeOnly?: boolean;
  /** Members to skip; 0 when absent. */
  readonly offset?: number;
  /** Members to list; all when absent. */
  readonly count?: number;
}

/** One member. */
export interface Member {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
  readonly isAbstract: boolean;
  readonly isInactive: boolean;
}

/** A page of members. */
export interface Expansion {
  /** Members in all, of those that the options ask for. */
  readonly total: number;
  readonly members: readonly Member[];
  /** Why there may be more members than are listed; none for a full list. */
  readonly gaps: readonly Gap[];
}

/** The members of the set that are known. */
export function expandSet(
  set: CodeSet,
  catalogue: Catalogue,
  options: ExpansionOptions,
): Expansion {
  const { offset = 0, count, activeOnly = false } = options;
  const words = wordsOf(options.filter ?? '');
  const members: Member[] = [];
  let total = 0;
  for (const candidate of membersOf(set)) {
    const entry = catalogue.codeTable(candidate.system)?.get(candidate.code);
    if (activeOnly && entry !== undefined && isInactive(entry)) continue;
    const display = candidate.display ?? entry?.display;
    if (!isMatch(candidate.code, display ?? '', words)) continue;
    if (total >= offset && (count === undefined || members.length < count)) {
      members.push(memberOf(candidate, entry, display));
    }
    total += 1;
  }
  return { total, members, gaps: set.gaps };
}

function* membersOf(set: CodeSet): Generator<Candidate> {
  const seen = new Set<string>();
  for (const candidate of set.candidates()) {
    const key = `${candidate.system}|${candidate.code}`;
    if (seen.has(key)) continue;
    seen.add(key);
    if (set.contains(candidate.system, candidate.code) === 'yes') yield candidate;
  }
}

function memberOf(
  { system, code }: Candidate,
  entry: CodeEntry | undefined,
  display: string | undefined,
): Member {
  return {
    system,
    code,
    ...(display === undefined ? {} : { display }),
    isAbstract: entry !== undefined && isAbstract(entry),
    isInactive: entry !== undefined && isInactive(entry),
  };
}

function isMatch(code: string, display: string, words: readonly string[]): boolean {
  if (words.length === 0) return true;
  const found = [code.toLowerCase(), ...wordsOf(display)];
  return words.every((word) => found.some((each) => each.startsWith(word)));
}

/** Lower-case words without accents. */
function wordsOf(text: string): readonly string[] {
  const plain = text
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .toLowerCase();
  return plain.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '');
}
