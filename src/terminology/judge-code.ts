// The verdict on a code with its display: for $validate-code, and for whoever has to say to a
// person what is wrong with a coding.

import { type CodeEntry, isAbstract } from './code-table.ts';
import type { Membership } from './compose.ts';
import type { Terminology } from './terminology.ts';

/** A code to judge. */
export interface JudgedCode {
  /** Absent for elements of type code, whose system the value set says. */
  readonly system?: string;
  readonly code: string;
  readonly display?: string;
  /** Whether codes that only group others are good enough; they are when absent. */
  readonly abstract?: boolean;
}

/** `no` comes with a sentence that says why, `yes` with one where something is worth a hint. */
export interface Verdict {
  readonly result: Membership;
  readonly message?: string;
  /** The display that the code system gives. */
  readonly display?: string;
}

/** Judges a code as a member of a value set, by canonical. */
export function judgeInValueSet(
  terminology: Terminology,
  valueSet: string,
  judged: JudgedCode,
): Verdict {
  const { system, code } = judged;
  const result = terminology.contains(valueSet, system, code);
  if (result === 'unknown') return { result };
  const found = system === undefined ? undefined : terminology.lookup(system, code);
  if (result === 'no') {
    const reason = found?.kind === 'absent' ? `, for ${system} has no such code` : '';
    return { result, message: `${shown(judged)} is not in the value set ${valueSet}${reason}` };
  }
  if (found?.kind !== 'found') return withListedDisplay(terminology, valueSet, judged);
  return judgeEntry(found.entry, found.table.isComplete, judged);
}

/** Judges a code as one of a code system, by canonical. */
export function judgeInCodeSystem(
  terminology: Terminology,
  system: string,
  judged: JudgedCode,
): Verdict {
  const found = terminology.lookup(system, judged.code);
  switch (found.kind) {
    case 'unknown':
      return { result: 'unknown' };
    case 'absent':
      return { result: 'no', message: `${system} has no code '${judged.code}'` };
    case 'found':
      return judgeEntry(found.entry, found.table.isComplete, judged);
  }
}

function judgeEntry(entry: CodeEntry, isComplete: boolean, judged: JudgedCode): Verdict {
  const { display } = entry;
  const recommended = display === undefined ? {} : { display };
  if (judged.abstract === false && isAbstract(entry)) {
    const message = `${shown(judged)} only groups other codes and is not for use in records`;
    return { result: 'no', message, ...recommended };
  }
  const names = [display, ...entry.designations.map(({ value }) => value)];
  if (judged.display === undefined || display === undefined)
    return { result: 'yes', ...recommended };
  if (names.some((name) => name !== undefined && isSame(name, judged.display ?? ''))) {
    return { result: 'yes', ...recommended };
  }
  const message = `${shown(judged)} is called '${display}', not '${judged.display}'`;
  // Of a part of a system not every name that a code has is known.
  return { result: isComplete ? 'no' : 'yes', message, ...recommended };
}

/** The display of a value set that lists codes of a system that is not held. */
function withListedDisplay(
  terminology: Terminology,
  valueSet: string,
  { system, code }: JudgedCode,
): Verdict {
  const members = terminology.expand(valueSet, {})?.members ?? [];
  const member = members.find(
    (each) => each.code === code && (system === undefined || each.system === system),
  );
  const display = member?.display;
  return { result: 'yes', ...(display === undefined ? {} : { display }) };
}

function shown({ system, code }: JudgedCode): string {
  return system === undefined ? `'${code}'` : `'${code}' of ${system}`;
}

function isSame(a: string, b: string): boolean {
  return plain(a) === plain(b);
}

function plain(text: string): string {
  return text.trim().replaceAll(/\s+/g, ' ').toLowerCase();
}
