// What one group of transactions must know: the state as at the head of the log, looked up many at
// once, and what the group's earlier members have changed of it. Nothing here writes.

import type { ResourceKey } from '../../fhir/types.ts';
import type { Expression } from '../../search/expression.ts';
import type { IndexEntry } from '../../search/index-entry.ts';
import { matches, type World } from '../../search/match.ts';
import { UNIQUE } from '../../search/unique-identifiers.ts';
import { encodeText, SEPARATOR } from '../ordered-text.ts';
import type { Guard, PutWrite, Transaction, Write } from '../resource-store.ts';
import type { Database } from './database.ts';
import { entryName, pointerText, ways } from './entry-text.ts';
import { FilterCompiler } from './filter-compiler.ts';
import type { Head, VersionDocument } from './models.ts';
import { currentAt } from './moment.ts';
import { numberName, rowName } from './rows.ts';

/** A resource as it stands. */
export interface Known {
  readonly versionId: number;
  readonly sequence: number;
  readonly live: boolean;
  readonly owner: string;
  readonly number: number;
}

/** A put of the group: what it is found by, and what it points at. */
export interface Pending {
  readonly write: PutWrite | undefined;
  readonly lastUpdatedMs: number;
}

/** Referrers named when a deletion is refused. */
export const REFERRERS_NAMED_MAX = 10;

/** Referrers of all deletions that are read at once. */
const REFERRERS_READ_MAX = 20_000;

const NOWHERE: World = { resource: () => undefined, all: () => [] };

const LOCAL = /^([A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/;

export function nameOf({ type, id }: ResourceKey): string {
  return `${type}/${id}`;
}

/** The person that a new resource is about, else itself. What it is at first it stays: the shard
 * key of all its versions. */
export function ownerOf(key: ResourceKey, references: readonly ResourceKey[]): string {
  const person = key.type === 'Patient' ? key : references.find(({ type }) => type === 'Patient');
  return nameOf(person ?? key);
}

/** Local targets of a write, in the order in which they are mentioned. */
export function mentioned(write: Pick<PutWrite, 'entries' | 'references'>): ResourceKey[] {
  const targets = write.entries.flatMap((entry) => {
    if (entry.kind !== 'reference') return [];
    const [, type, id] = LOCAL.exec(entry.target) ?? [];
    return type === undefined || id === undefined ? [] : [{ type, id }];
  });
  return [...write.references, ...targets];
}

export class GroupState {
  readonly head: Head;
  readonly #database: Database;
  /** By `Type/id`; absent: never written. */
  readonly #resources = new Map<string, Known>();
  /** Numbers of resources that were only mentioned. */
  readonly #numbers = new Map<string, number>();
  readonly #rows = new Map<string, string | null>();
  /** `type system code` of an identifier that must be unique -> ids that hold it. */
  readonly #holders = new Map<string, Set<string>>();
  readonly #heldBy = new Map<string, Set<string>>();
  /** What points at resources that are to be deleted, by the entry that it has. */
  readonly #referrers = new Map<string, ResourceKey[]>();
  readonly #pending = new Map<string, Pending>();
  readonly #guards = new Map<string, { readonly ids: readonly string[]; readonly limit: number }>();
  readonly #counters: Record<string, number>;

  private constructor(database: Database, head: Head) {
    this.#database = database;
    this.head = head;
    this.#counters = { ...head.counters };
  }

  /** Looks up what the transactions need, as at the head. */
  static async read(
    database: Database,
    head: Head,
    transactions: readonly Transaction[],
  ): Promise<GroupState> {
    const state = new GroupState(database, head);
    const writes = transactions.flatMap((transaction) => transaction.writes);
    await state.#readResources(writes);
    await state.#readRows(writes);
    await state.#readHolders(writes);
    await state.#readReferrers(transactions);
    return state;
  }

  /** The greatest number of each type, the group's own included. */
  get counters(): Readonly<Record<string, number>> {
    return this.#counters;
  }

  get hasPending(): boolean {
    return this.#pending.size > 0;
  }

  find(key: ResourceKey): Known | undefined {
    return this.#resources.get(nameOf(key));
  }

  /** The resource's number, given now when it has none; `isNew` then. */
  number(key: ResourceKey): { readonly number: number; readonly isNew: boolean } {
    const name = nameOf(key);
    const known = this.#resources.get(name)?.number ?? this.#numbers.get(name);
    if (known !== undefined) return { number: known, isNew: false };
    const number = (this.#counters[key.type] ?? 0) + 1;
    this.#counters[key.type] = number;
    this.#numbers.set(name, number);
    return { number, isNew: true };
  }

  /** Notes a version of the group. */
  setCurrent(key: ResourceKey, known: Known, pending: Pending): void {
    const name = nameOf(key);
    this.#resources.set(name, known);
    this.#pending.set(name, pending);
    for (const token of this.#heldBy.get(name) ?? []) this.#holders.get(token)?.delete(key.id);
    this.#heldBy.delete(name);
    for (const token of uniqueTokens(key.type, pending.write?.entries ?? [])) {
      this.#hold(token.name, key);
    }
  }

  row(set: string, key: string): string | null {
    return this.#rows.get(rowName(set, key)) ?? null;
  }

  setRow(set: string, key: string, value: string | null): void {
    this.#rows.set(rowName(set, key), value);
  }

  /** The resource that holds the identifier, other than those. */
  holder(
    type: string,
    token: UniqueToken,
    other: (key: ResourceKey) => boolean,
  ): ResourceKey | undefined {
    const ids = this.#holders.get(token.name) ?? [];
    return [...ids].map((id) => ({ type, id })).find(other);
  }

  /** The ids that the guard finds, all or more than it names; undefined when the answer depends on
   * what the group has changed beyond the resource itself. */
  async idsOf(guard: Guard): Promise<ReadonlySet<string> | undefined> {
    if (this.hasPending && isRelational(guard.where)) return undefined;
    const limit = guard.ids.length + this.#pending.size + 1;
    const ids = new Set(await this.#idsBefore(guard, limit));
    for (const [name, { write, lastUpdatedMs }] of this.#pending) {
      const [type = '', id = ''] = name.split('/');
      if (type !== guard.type) continue;
      ids.delete(id);
      if (write === undefined) continue;
      const candidate = { type, id, lastUpdatedMs, entries: write.entries };
      if (matches(guard.where, candidate, NOWHERE)) ids.add(id);
    }
    return ids;
  }

  async #idsBefore(guard: Guard, limit: number): Promise<readonly string[]> {
    const name = JSON.stringify([guard.type, guard.where]);
    const known = this.#guards.get(name);
    if (known !== undefined && (known.limit >= limit || known.ids.length < known.limit)) {
      return known.ids;
    }
    const compiler = new FilterCompiler(this.#database, this.head.last);
    const ids = await compiler.ids(guard.type, guard.where, limit);
    this.#guards.set(name, { ids, limit });
    return ids;
  }

  /** Undeleted resources that point at the key, other than those. */
  referrers(key: ResourceKey, other: (key: ResourceKey) => boolean): ResourceKey[] {
    const name = nameOf(key);
    const known = this.#referrers.get(pointerText(key)) ?? [];
    const before = known.filter((one) => !this.#pending.has(nameOf(one)));
    const pending = [...this.#pending].flatMap(([from, { write }]) => {
      const points = write?.references.some((target) => nameOf(target) === name);
      const [type = '', id = ''] = from.split('/');
      return points ? [{ type, id }] : [];
    });
    return [...before, ...pending].filter(other);
  }

  async #readResources(writes: readonly Write[]): Promise<void> {
    const names = new Set(writes.flatMap(keysOf).map(nameOf));
    if (names.size === 0) return;
    const found = await this.#database.versions
      .find(
        { key: { $in: [...names] }, ...currentAt(this.head.last) },
        { projection: { key: 1, versionId: 1, from: 1, owner: 1, number: 1, searchType: 1 } },
      )
      .toArray();
    for (const version of found) this.#resources.set(version.key, knownOf(version));
    const unknown = [...names].filter((name) => !this.#resources.has(name)).map(numberName);
    if (unknown.length === 0) return;
    const numbers = await this.#database.rows.find({ _id: { $in: unknown } }).toArray();
    const byId = new Map(numbers.map(({ _id, value }) => [_id, Number(value)]));
    for (const name of names) {
      const number = byId.get(numberName(name));
      if (number !== undefined) this.#numbers.set(name, number);
    }
  }

  async #readRows(writes: readonly Write[]): Promise<void> {
    const names = writes.flatMap((write) =>
      write.kind === 'row' && write.expect !== undefined ? rowName(write.set, write.key) : [],
    );
    if (names.length === 0) return;
    const found = await this.#database.rows
      .find({ name: { $in: names }, slot: { $lte: this.head.slot } })
      .sort({ slot: 1 })
      .toArray();
    for (const { name, value } of found) this.#rows.set(name, value);
  }

  async #readHolders(writes: readonly Write[]): Promise<void> {
    const tokens = new Map(
      writes
        .flatMap((write) => (write.kind === 'put' ? uniqueTokens(write.type, write.entries) : []))
        .map((token) => [token.text, token]),
    );
    if (tokens.size === 0) return;
    const found = await this.#database.versions
      .find(
        { entries: { $in: [...tokens.keys()] }, ...currentAt(this.head.last) },
        { projection: { type: 1, id: 1, entries: 1 } },
      )
      .toArray();
    for (const { type, id, entries = [] } of found) {
      for (const text of entries) {
        const token = tokens.get(text);
        if (token !== undefined) this.#hold(token.name, { type, id });
      }
    }
  }

  async #readReferrers(transactions: readonly Transaction[]): Promise<void> {
    const writes = transactions
      .filter(({ references }) => references === 'strict')
      .flatMap((transaction) => transaction.writes);
    const targets = writes.filter((write) => write.kind === 'delete').map(pointerText);
    if (targets.length === 0) return;
    // As many as are named, and all that the group may turn away.
    const limit = REFERRERS_NAMED_MAX + transactions.flatMap((one) => one.writes).length;
    if (await this.#findReferrers(targets, limit * targets.length)) return;
    for (const target of targets) await this.#findReferrers([target], limit);
  }

  /** Whether these are all. */
  async #findReferrers(targets: readonly string[], limit: number): Promise<boolean> {
    const wanted = new Set(targets);
    const filter = { entries: { $in: targets }, ...currentAt(this.head.last) };
    const found = await this.#database.versions
      .find(filter, { projection: { _id: 0, type: 1, id: 1, entries: 1 } })
      .limit(Math.min(limit, REFERRERS_READ_MAX))
      .toArray();
    for (const target of targets) this.#referrers.set(target, []);
    for (const { type, id, entries = [] } of found) {
      for (const text of entries) {
        if (wanted.has(text)) this.#referrers.get(text)?.push({ type, id });
      }
    }
    return found.length < Math.min(limit, REFERRERS_READ_MAX);
  }

  #hold(token: string, key: ResourceKey): void {
    const name = nameOf(key);
    this.#holders.set(token, (this.#holders.get(token) ?? new Set()).add(key.id));
    this.#heldBy.set(name, (this.#heldBy.get(name) ?? new Set()).add(token));
  }
}

function knownOf(version: VersionDocument): Known {
  const { versionId, from, owner, number, searchType } = version;
  return { versionId, sequence: from, live: searchType !== undefined, owner, number };
}

/** An identifier that must be unique within its type. */
export interface UniqueToken {
  readonly system: string;
  readonly code: string;
  readonly name: string;
  /** The entry it is found by. */
  readonly text: string;
}

/** The identifiers among the entries that must be unique. */
export function uniqueTokens(type: string, entries: readonly IndexEntry[]): UniqueToken[] {
  return entries.flatMap((entry) => {
    if (entry.kind !== 'token' || entry.parameter !== UNIQUE) return [];
    const { system, code } = entry;
    const value = encodeText(code) + SEPARATOR + encodeText(system);
    const text = entryName(type, UNIQUE) + ways.token + value;
    return [{ system, code, name: text, text }];
  });
}

/** What a write needs to know of: its own resource and those it points at. */
function keysOf(write: Write): readonly ResourceKey[] {
  switch (write.kind) {
    case 'put':
      return [write, ...mentioned(write)];
    case 'delete':
    case 'entries':
      return [write];
    case 'row':
      return [];
  }
}

/** Whether the expression looks at other resources than the candidate. */
function isRelational(expression: Expression): boolean {
  switch (expression.kind) {
    case 'chain':
    case 'has':
    case 'below':
    case 'above':
      return true;
    case 'and':
    case 'or':
      return expression.of.some(isRelational);
    case 'not':
      return isRelational(expression.of);
    default:
      return false;
  }
}
