// What a group of transactions comes to, built upon the state as at the head of the log: which are
// refused and why, and for the others the one log document that commits them all. Nothing is
// written here, so that a group that lost its slot is simply derived again.

import { completeText } from '../../fhir/document-text.ts';
import type { ResourceKey } from '../../fhir/types.ts';
import { assert } from '../../lib/assert.ts';
import {
  type Commit,
  type DeleteWrite,
  type EntriesWrite,
  type PutWrite,
  type RowWrite,
  StoreError,
  type StoreRefusal,
  type Transaction,
  type Version,
} from '../resource-store.ts';
import { isTooLarge, VERSION_BYTES_MAX } from './content-parts.ts';
import { type Database, isOfDatabase } from './database.ts';
import { entryTexts } from './entry-text.ts';
import {
  GroupState,
  type Known,
  mentioned,
  nameOf,
  ownerOf,
  REFERRERS_NAMED_MAX,
  uniqueTokens,
} from './group-state.ts';
import {
  type Addition,
  type Content,
  type Head,
  NEVER_REPLACED,
  orderedId,
  type Replacement,
  type RowDocument,
  type VersionDocument,
} from './models.ts';
import { numberDocument, rowDocument } from './rows.ts';
import { toVersion } from './versions.ts';

/** What becomes of a transaction if the group is committed. `postponed`: it depends on what the
 * group has changed in a way that only the database can answer. */
export type Outcome =
  | { readonly commit: Commit }
  | { readonly error: unknown }
  | { readonly postponed: true };

/** A group as it would be committed. */
export interface DerivedGroup {
  /** One per transaction, in order. */
  readonly outcomes: readonly Outcome[];
  readonly content: Content;
  /** Where the log stands afterwards. */
  readonly head: Head;
  /** The latest of the callers' clocks. */
  readonly nowMs: number;
}

/** Whether there is anything to commit. */
export function isEmpty({ versions, additions, rows }: Content): boolean {
  return versions.length + additions.length + rows.length === 0;
}

/** Derives the group from the state as at the head. */
export async function deriveGroup(
  database: Database,
  head: Head,
  transactions: readonly Transaction[],
): Promise<DerivedGroup> {
  const state = await GroupState.read(database, head, transactions);
  const group = new Derivation(state);
  const outcomes: Outcome[] = [];
  for (const transaction of transactions) outcomes.push(await group.outcomeOf(transaction));
  const nowMs = Math.max(...transactions.map((transaction) => transaction.nowMs));
  return { outcomes, content: group.content, head: group.head, nowMs };
}

type VersionWrite = PutWrite | DeleteWrite;

/** Characters and entries of a resource from which on its size is counted. */
const COUNTED_FROM = 1024 * 1024;
const ENTRIES_FEW = 5_000;

class Derivation {
  readonly #state: GroupState;
  readonly #versions: VersionDocument[] = [];
  readonly #replacements: Replacement[] = [];
  readonly #additions: Addition[] = [];
  readonly #rows = new Map<string, RowDocument>();
  readonly #slot: number;
  #last: number;
  #lastMs: number;

  constructor(state: GroupState) {
    this.#state = state;
    this.#slot = state.head.slot + 1;
    this.#last = state.head.last;
    this.#lastMs = state.head.lastMs;
  }

  get content(): Content {
    return {
      versions: this.#versions,
      replacements: this.#replacements,
      additions: this.#additions,
      rows: [...this.#rows.values()],
    };
  }

  get head(): Head {
    const { counters } = this.#state;
    return { slot: this.#slot, last: this.#last, lastMs: this.#lastMs, counters };
  }

  async outcomeOf(transaction: Transaction): Promise<Outcome> {
    try {
      if (!(await this.#passes(transaction))) return { postponed: true };
    } catch (error) {
      // What the database cannot answer fails the whole group, which is then derived again.
      if (isOfDatabase(error)) throw error;
      return { error };
    }
    return { commit: this.#apply(transaction) };
  }

  /** Judges a transaction as it would stand after all before it; false: it must wait. */
  async #passes({ guards, writes, references }: Transaction): Promise<boolean> {
    for (const guard of guards) {
      const found = await this.#state.idsOf(guard);
      if (found === undefined) return false;
      const wanted = new Set(guard.ids);
      const same = found.size === wanted.size && [...found].every((id) => wanted.has(id));
      if (!same) refuse({ reason: 'guard-changed' });
    }
    const names = writes.map((write) =>
      write.kind === 'row' ? JSON.stringify([write.set, write.key]) : nameOf(write),
    );
    assert(new Set(names).size === writes.length, 'a transaction writes a resource once');
    for (const write of writes) {
      if (write.kind === 'row') {
        const { set, key, expect } = write;
        const holds = expect === undefined || this.#state.row(set, key) === expect;
        if (!holds) refuse({ reason: 'row-changed', set, key });
      } else if (write.kind !== 'entries') {
        this.#checkExpectation(write);
        if (write.kind === 'put') this.#checkSize(write);
      }
    }
    const checked = new Map(writes.filter(isVersionWrite).map((write) => [nameOf(write), write]));
    if (references === 'strict') {
      this.#checkTargets(checked);
      this.#checkReferrers(checked);
    }
    this.#checkUniqueness(checked);
    return true;
  }

  /** Most resources are so small that nothing must be counted. */
  #checkSize(write: PutWrite): void {
    const { before, after } = write.document;
    if (before.length + after.length < COUNTED_FROM && write.entries.length < ENTRIES_FEW) return;
    const entries = entryTexts(write.type, write.entries, write.references);
    if (!isTooLarge(before + after, entries)) return;
    refuse({ reason: 'too-large', key: keyOf(write), bytesMax: VERSION_BYTES_MAX });
  }

  #checkExpectation(write: VersionWrite): void {
    const known = this.#state.find(write);
    const currentVersionId = known?.live ? known.versionId : 0;
    const { expect } = write;
    const holds = expect === 'any' || currentVersionId === (expect === 'absent' ? 0 : expect);
    if (holds && expect !== 0) return;
    refuse({ reason: 'version-changed', key: keyOf(write), currentVersionId });
  }

  /** Every reference's target must exist after the transaction. */
  #checkTargets(checked: ReadonlyMap<string, VersionWrite>): void {
    const exists = (target: ResourceKey) => {
      const own = checked.get(nameOf(target));
      return own === undefined ? this.#state.find(target)?.live === true : own.kind === 'put';
    };
    const missing = [...checked.values()].flatMap((write) =>
      write.kind === 'delete'
        ? []
        : write.references
            .filter((reference) => !exists(reference))
            .map((reference) => ({ ...reference, from: keyOf(write) })),
    );
    if (missing.length > 0) refuse({ reason: 'reference-missing', missing });
  }

  /** No remaining resource may point at a deleted one; those written here are judged above. */
  #checkReferrers(checked: ReadonlyMap<string, VersionWrite>): void {
    const isOther = (key: ResourceKey) => !checked.has(nameOf(key));
    for (const write of checked.values()) {
      if (write.kind === 'put' || !this.#state.find(write)?.live) continue;
      const by = this.#state.referrers(write, isOther).slice(0, REFERRERS_NAMED_MAX);
      if (by.length > 0) refuse({ reason: 'still-referenced', key: keyOf(write), by });
    }
  }

  /** No identifier that must be unique may have two holders after the transaction. */
  #checkUniqueness(checked: ReadonlyMap<string, VersionWrite>): void {
    const holders = new Map<string, ResourceKey>();
    const isOther = (key: ResourceKey) => !checked.has(nameOf(key));
    for (const write of checked.values()) {
      if (write.kind === 'delete') continue;
      const key = keyOf(write);
      for (const token of uniqueTokens(write.type, write.entries)) {
        const { system, code } = token;
        const other = holders.get(token.name) ?? this.#state.holder(write.type, token, isOther);
        if (other !== undefined && other.id !== key.id) {
          refuse({ reason: 'not-unique', key, system, code, other });
        }
        holders.set(token.name, key);
      }
    }
  }

  #apply({ writes, nowMs }: Transaction): Commit {
    const own = writes.filter(isVersionWrite);
    for (const write of own) if (write.kind === 'put') this.#state.number(write);
    const effective = own.map((write) => write.kind === 'put' || this.#isLive(write));
    const count = effective.filter(Boolean).length;
    const lastUpdatedMs = Math.max(nowMs, this.#lastMs);
    const stamp = { commitLast: this.#last + count, lastUpdatedMs };
    const versions = own.map((write, index) =>
      effective[index] ? this.#addVersion(write, stamp) : null,
    );
    for (const write of writes) {
      if (write.kind === 'entries') this.#addEntries(write);
      if (write.kind === 'row') this.#setRow(write);
    }
    if (count > 0) this.#lastMs = lastUpdatedMs;
    return { versions, last: this.#last };
  }

  #setRow({ set, key, value }: RowWrite): void {
    this.#state.setRow(set, key, value);
    this.#addRow(rowDocument(set, key, this.#slot, value));
  }

  #isLive(key: ResourceKey): boolean {
    return this.#state.find(key)?.live === true;
  }

  /** Gives what is mentioned its number, which is kept though it may never be written. */
  #numberMentioned(write: Pick<PutWrite, 'entries' | 'references'>): void {
    for (const key of mentioned(write)) {
      const { number, isNew } = this.#state.number(key);
      if (isNew) this.#addRow(numberDocument(nameOf(key), this.#slot, number));
    }
  }

  #addRow(row: RowDocument): void {
    this.#rows.set(row._id, row);
  }

  #addVersion(write: VersionWrite, stamp: { commitLast: number; lastUpdatedMs: number }): Version {
    const before = this.#state.find(write);
    const sequence = this.#last + 1;
    this.#last = sequence;
    const { number } = this.#state.number(write);
    const versionId = (before?.versionId ?? 0) + 1;
    const common = {
      _id: orderedId(sequence),
      key: nameOf(write),
      ...keyOf(write),
      owner: before?.owner ?? ownerOf(write, write.kind === 'put' ? write.references : []),
      number,
      versionId,
      from: sequence,
      to: NEVER_REPLACED,
      ...stamp,
    };
    const document: VersionDocument =
      write.kind === 'delete'
        ? { ...common, method: 'DELETE' }
        : {
            ...common,
            searchType: write.type,
            method: write.method,
            text: completeText(write.document, versionId, stamp.lastUpdatedMs),
            entries: entryTexts(write.type, write.entries, write.references),
          };
    if (write.kind === 'put') this.#numberMentioned(write);
    if (before !== undefined) {
      this.#replacements.push({
        _id: orderedId(before.sequence),
        owner: before.owner,
        to: sequence,
      });
    }
    this.#versions.push(document);
    const { owner } = document;
    const known: Known = { versionId, sequence, live: write.kind === 'put', owner, number };
    const pending = write.kind === 'put' ? write : undefined;
    this.#state.setCurrent(write, known, {
      write: pending,
      lastUpdatedMs: stamp.lastUpdatedMs,
    });
    return toVersion(document);
  }

  #addEntries({ type, id, sequence, entries }: EntriesWrite): void {
    const known = this.#state.find({ type, id });
    if (!known?.live || known.sequence !== sequence) return;
    this.#numberMentioned({ entries, references: [] });
    this.#additions.push({
      _id: orderedId(sequence),
      owner: known.owner,
      entries: entryTexts(type, entries, []),
    });
  }
}

function keyOf({ type, id }: ResourceKey): ResourceKey {
  return { type, id };
}

function isVersionWrite(write: Transaction['writes'][number]): write is VersionWrite {
  return write.kind === 'put' || write.kind === 'delete';
}

function refuse(refusal: StoreRefusal): never {
  throw new StoreError(refusal);
}
