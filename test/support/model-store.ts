// What the store contract means, in arrays and the matcher: the whole log in memory, every question
// answered by looking at all of it. The conformance suites compare the real stores with it.

import { completeText } from '../../src/fhir/document-text.ts';
import type { ResourceKey } from '../../src/fhir/types.ts';
import { assert } from '../../src/lib/assert.ts';
import type { SearchQuery } from '../../src/search/expression.ts';
import type { IndexEntry } from '../../src/search/index-entry.ts';
import { compareBySort, matches, type World } from '../../src/search/match.ts';
import { UNIQUE } from '../../src/search/unique-identifiers.ts';
import {
  type Commit,
  type DeleteWrite,
  type EntriesWrite,
  type HistoryAnswer,
  type HistoryPage,
  type HistoryScope,
  type PutWrite,
  type ReferrerQuery,
  type ResourceStore,
  type Row,
  type SearchAnswer,
  type SearchExplanation,
  type SearchPage,
  StoreError,
  type StoreRefusal,
  type Transaction,
  type Version,
  type Write,
} from '../../src/store/resource-store.ts';

/** A version with what it was written with. */
interface LoggedVersion extends Version {
  readonly entries: readonly IndexEntry[];
  readonly references: readonly ResourceKey[];
}

function refuse(refusal: StoreRefusal): never {
  throw new StoreError(refusal);
}

const nameOf = ({ type, id }: ResourceKey) => `${type}/${id}`;
const keyOf = ({ type, id }: ResourceKey): ResourceKey => ({ type, id });

/** The log as at a sequence number. */
class Past implements World {
  readonly #current: ReadonlyMap<string, LoggedVersion>;

  constructor(log: readonly LoggedVersion[], at: number) {
    this.#current = new Map(log.slice(0, at).map((version) => [nameOf(version), version]));
  }

  version(key: ResourceKey): LoggedVersion | undefined {
    return this.#current.get(nameOf(key));
  }

  resource(type: string, id: string): LoggedVersion | undefined {
    const version = this.version({ type, id });
    return version?.text === undefined ? undefined : version;
  }

  *all(type: string): Generator<LoggedVersion> {
    for (const version of this.#current.values()) {
      if (version.type === type && version.text !== undefined) yield version;
    }
  }

  found(query: SearchQuery): LoggedVersion[] {
    const found = [...this.all(query.type)].filter((one) => matches(query.where, one, this));
    return found.sort(compareBySort(query.sort));
  }
}

/** A store in memory. @param windowMs how long the past can be asked */
export function makeModelStore(windowMs: number): ResourceStore {
  return new ModelStore(windowMs);
}

class ModelStore implements ResourceStore {
  readonly properties = { name: 'model', isShared: true };
  readonly #windowMs: number;
  readonly #log: LoggedVersion[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #rows = new Map<string, Map<string, string>>();
  #floor = 0;
  #closed = false;

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  async read(key: ResourceKey, at?: number): Promise<Version | undefined> {
    return shown(this.#past(at).version(key));
  }

  async readVersion(key: ResourceKey, versionId: number): Promise<Version | undefined> {
    this.#checkOpen();
    return shown(
      this.#log.find((one) => nameOf(one) === nameOf(key) && one.versionId === versionId),
    );
  }

  async readMany(keys: readonly ResourceKey[], at?: number) {
    const past = this.#past(at);
    return keys.map((key) => shown(past.version(key)));
  }

  async readNumbers(type: string, numbers: readonly number[], at?: number) {
    const past = this.#past(at);
    const ids = new Map(
      [...this.#numbers]
        .filter(([name]) => name.startsWith(`${type}/`))
        .map(([name, number]) => [number, name.slice(type.length + 1)]),
    );
    return numbers.map((number) => {
      const id = ids.get(number);
      const version = id === undefined ? undefined : shown(past.version({ type, id }));
      return version?.text === undefined ? undefined : version;
    });
  }

  async referrers(keys: readonly ResourceKey[], queries: readonly ReferrerQuery[], at?: number) {
    const past = this.#past(at);
    return keys.map((key) =>
      queries.flatMap(({ type, parameter, where }) => {
        const pointer = { kind: 'reference', parameter, anyOf: [nameOf(key)] } as const;
        const both = { kind: 'and', of: [pointer, where] } as const;
        return past.found({ type, where: both, sort: [] }).map(withoutEntries);
      }),
    );
  }

  async readIds(type: string, numbers: readonly number[], at?: number) {
    return (await this.readNumbers(type, numbers, at)).map((version) => version?.id);
  }

  async history(scope: HistoryScope, page: HistoryPage, at?: number): Promise<HistoryAnswer> {
    const past = scope.visible === undefined ? this.#pastEver(at) : this.#past(at);
    const last = Math.min(at ?? this.#log.length, this.#log.length);
    const versions = this.#log
      .slice(0, last)
      .filter((version) => this.#isInScope(version, scope, past, last))
      .reverse();
    const rest = versions.filter(({ sequence }) => sequence < (page.before ?? Number.MAX_VALUE));
    const answer = {
      at: last,
      total: versions.length,
      versions: rest.slice(0, page.count).flatMap((version) => shown(version) ?? []),
    };
    const next = rest[page.count - 1]?.sequence;
    return next === undefined || rest.length <= page.count ? answer : { ...answer, next };
  }

  #isInScope(version: LoggedVersion, scope: HistoryScope, past: Past, last: number): boolean {
    const { type, id, after = 0, upTo = last, currentFrom, visible } = scope;
    if (type !== undefined && type !== version.type) return false;
    if (id !== undefined && id !== version.id) return false;
    if (version.sequence <= after || version.sequence > upTo) return false;
    const next = this.#log
      .slice(0, last)
      .find((one) => nameOf(one) === nameOf(version) && one.versionId === version.versionId + 1);
    if (currentFrom !== undefined && next !== undefined && next.sequence <= currentFrom) {
      return false;
    }
    if (visible === undefined) return true;
    const where = visible[version.type] ?? { kind: 'nothing' };
    if (where.kind === 'everything') return true;
    const current = past.resource(version.type, version.id);
    return current !== undefined && matches(where, current, past);
  }

  async search(query: SearchQuery, page: SearchPage, at?: number): Promise<SearchAnswer> {
    const found = this.#past(at).found(query);
    const before = page.before === undefined ? undefined : Number(page.before);
    const start = before === undefined ? Number(page.after ?? 0) : Math.max(0, before - page.count);
    const end = before ?? start + page.count;
    const answer = {
      at: Math.min(at ?? this.#log.length, this.#log.length),
      total: found.length,
      versions: found.slice(start, end).flatMap((version) => shown(version) ?? []),
    };
    if (page.count === 0) return answer;
    return {
      ...answer,
      ...(end < found.length ? { next: String(end) } : {}),
      ...(start > 0 ? { previous: String(start) } : {}),
    };
  }

  async count(query: SearchQuery, at?: number): Promise<number> {
    return this.#past(at).found(query).length;
  }

  async numbers(query: SearchQuery, at?: number): Promise<Float64Array> {
    const found = this.#past(at).found({ ...query, sort: [] });
    return Float64Array.from(found, ({ number }) => number);
  }

  async explain(query: SearchQuery): Promise<SearchExplanation> {
    const total = this.#past(undefined).found(query).length;
    const step = `the matcher looks at every ${query.type}`;
    return { statements: [{ text: JSON.stringify(query), steps: [step] }], clauses: [], total };
  }

  async *stream(query: SearchQuery, at?: number): AsyncGenerator<Version> {
    const found = this.#past(at).found({ ...query, sort: [] });
    for (const version of found) {
      this.#checkOpen();
      yield withoutEntries(version);
    }
  }

  async transact(transaction: Transaction): Promise<Commit> {
    this.#checkOpen();
    this.#check(transaction);
    const writes = transaction.writes.filter(isVersion);
    const before = new Past(this.#log, this.#log.length);
    const effective = writes.filter(
      (write) => write.kind === 'put' || before.resource(write.type, write.id) !== undefined,
    );
    const commitLast = this.#log.length + effective.length;
    const lastUpdatedMs = Math.max(
      transaction.nowMs,
      this.#log.at(-1)?.lastUpdatedMs ?? Number.MIN_SAFE_INTEGER,
    );
    for (const write of writes) if (write.kind === 'put') this.#number(write);
    const versions = writes.map((write): Version | null => {
      if (!effective.includes(write)) return null;
      const versionId = (before.version(write)?.versionId ?? 0) + 1;
      const common = {
        ...keyOf(write),
        versionId,
        sequence: this.#log.length + 1,
        commitLast,
        number: this.#number(write),
        lastUpdatedMs,
      };
      if (write.kind === 'delete') {
        this.#log.push({ ...common, method: 'DELETE', entries: [], references: [] });
      } else {
        for (const target of mentioned(write)) this.#number(target);
        const text = completeText(write.document, versionId, lastUpdatedMs);
        const { method, entries, references } = write;
        this.#log.push({ ...common, method, text, entries, references });
      }
      return shown(this.#log.at(-1)) ?? null;
    });
    for (const write of transaction.writes) {
      if (write.kind === 'entries') this.#addEntries(write);
      if (write.kind !== 'row') continue;
      const set = this.#rows.get(write.set) ?? new Map<string, string>();
      this.#rows.set(write.set, set);
      if (write.value === null) set.delete(write.key);
      else set.set(write.key, write.value);
    }
    return { versions, last: this.#log.length };
  }

  #addEntries({ type, id, sequence, entries }: EntriesWrite): void {
    const current = new Past(this.#log, this.#log.length).resource(type, id);
    if (current?.sequence !== sequence) return;
    this.#log[sequence - 1] = { ...current, entries: [...current.entries, ...entries] };
  }

  #check({ guards, writes, references }: Transaction): void {
    const before = new Past(this.#log, this.#log.length);
    for (const { type, where, ids } of guards) {
      const found = before.found({ type, where, sort: [] }).map(({ id }) => id);
      const same = new Set(ids).size === found.length && found.every((id) => ids.includes(id));
      if (!same) refuse({ reason: 'guard-changed' });
    }
    const names = writes.map((write) => (write.kind === 'row' ? write : nameOf(write)));
    assert(new Set(names).size === writes.length, 'a transaction writes a resource once');
    for (const write of writes) {
      if (write.kind === 'row') {
        const { set, key, expect } = write;
        const found = this.#rows.get(set)?.get(key) ?? null;
        if (expect !== undefined && expect !== found) refuse({ reason: 'row-changed', set, key });
        continue;
      }
      if (write.kind === 'entries') continue;
      const currentVersionId = before.resource(write.type, write.id)?.versionId ?? 0;
      const wanted = write.expect === 'absent' ? 0 : write.expect;
      if (wanted === 'any' || wanted === currentVersionId) continue;
      refuse({ reason: 'version-changed', key: keyOf(write), currentVersionId });
    }
    if (references === 'strict') this.#checkReferences(before, writes);
    this.#checkUniqueness(before, writes);
  }

  /** Who holds an identifier afterwards: those that stay as they are, then the puts in order. */
  #checkUniqueness(before: Past, writes: Transaction['writes']): void {
    const written = writes.filter(isVersion);
    const types = [...new Set(written.map(({ type }) => type))];
    const touched = new Set(written.map(nameOf));
    const staying = types
      .flatMap((type) => [...before.all(type)])
      .filter((one) => !touched.has(nameOf(one)));
    const holders = new Map<string, ResourceKey>();
    for (const one of [...staying, ...written.filter((write) => write.kind === 'put')]) {
      for (const entry of one.entries) {
        if (entry.kind !== 'token' || entry.parameter !== UNIQUE) continue;
        const { system, code } = entry;
        const name = JSON.stringify([one.type, system, code]);
        const other = holders.get(name);
        if (other !== undefined && other.id !== one.id) {
          refuse({ reason: 'not-unique', key: keyOf(one), system, code, other });
        }
        holders.set(name, keyOf(one));
      }
    }
  }

  #checkReferences(before: Past, writes: Transaction['writes']): void {
    const puts = writes.filter((write) => write.kind === 'put');
    const deletes = writes.filter((write) => write.kind === 'delete');
    const written = new Set([...puts, ...deletes].map(nameOf));
    const exists = (key: ResourceKey) =>
      written.has(nameOf(key))
        ? puts.some((one) => nameOf(one) === nameOf(key))
        : before.resource(key.type, key.id) !== undefined;
    const missing = puts.flatMap((one) =>
      one.references.filter((key) => !exists(key)).map((key) => ({ ...key, from: keyOf(one) })),
    );
    if (missing.length > 0) refuse({ reason: 'reference-missing', missing });
    const types = new Set(this.#log.map(({ type }) => type));
    for (const key of deletes.map(keyOf)) {
      if (before.resource(key.type, key.id) === undefined) continue;
      const by = [...types]
        .flatMap((type) => [...before.all(type)])
        .filter((one) => !written.has(nameOf(one)))
        .filter((one) => one.references.some((target) => nameOf(target) === nameOf(key)));
      if (by.length > 0) {
        refuse({ reason: 'still-referenced', key, by: by.slice(0, 10).map(keyOf) });
      }
    }
  }

  async changes(after: number, limit: number): Promise<readonly Version[]> {
    this.#checkOpen();
    const end = this.#log[Math.min(after + Math.max(1, limit), this.#log.length) - 1]?.commitLast;
    return this.#log.slice(after, end).map(withoutEntries);
  }

  async position(beforeMs?: number): Promise<number> {
    this.#checkOpen();
    if (beforeMs === undefined) return this.#log.length;
    return this.#log.findLast(({ lastUpdatedMs }) => lastUpdatedMs < beforeMs)?.sequence ?? 0;
  }

  async reach(sequence: number): Promise<boolean> {
    return sequence <= (await this.position());
  }

  async rows(set: string, after: string, limit: number): Promise<readonly Row[]> {
    this.#checkOpen();
    const rows = [...(this.#rows.get(set) ?? [])].map(([key, value]) => ({ key, value }));
    return rows
      .filter(({ key }) => key > after)
      .sort((left, right) => (left.key < right.key ? -1 : 1))
      .slice(0, limit);
  }

  async rowSets(): Promise<readonly string[]> {
    this.#checkOpen();
    return [...this.#rows].flatMap(([set, rows]) => (rows.size > 0 ? [set] : [])).sort();
  }

  async row(set: string, key: string): Promise<string | undefined> {
    this.#checkOpen();
    return this.#rows.get(set)?.get(key);
  }

  async maintain(nowMs: number): Promise<void> {
    const floor = await this.position(nowMs - this.#windowMs + 1);
    this.#floor = Math.max(this.#floor, floor);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #checkOpen(): void {
    if (this.#closed) refuse({ reason: 'unavailable', committed: 'no', detail: 'closed' });
  }

  #past(at: number | undefined): Past {
    this.#checkOpen();
    if (at !== undefined && at < this.#floor) {
      refuse({ reason: 'behind-window', floor: this.#floor });
    }
    return this.#pastEver(at);
  }

  #pastEver(at: number | undefined): Past {
    this.#checkOpen();
    return new Past(this.#log, at ?? this.#log.length);
  }

  /** The resource's number, given now when it has none. */
  #number(key: ResourceKey): number {
    const known = this.#numbers.get(nameOf(key));
    if (known !== undefined) return known;
    const sameType = [...this.#numbers.keys()].filter((name) => name.startsWith(`${key.type}/`));
    this.#numbers.set(nameOf(key), sameType.length + 1);
    return sameType.length + 1;
  }
}

function isVersion(write: Write): write is PutWrite | DeleteWrite {
  return write.kind === 'put' || write.kind === 'delete';
}

/** Local targets of a write, in the order in which they are mentioned. */
function mentioned(write: PutWrite): ResourceKey[] {
  const targets = write.entries.flatMap((entry) => {
    if (entry.kind !== 'reference' || entry.target.includes(':')) return [];
    const [type = '', id = ''] = entry.target.split('/');
    return [{ type, id }];
  });
  return [...write.references, ...targets];
}

function withoutEntries(version: LoggedVersion): Version {
  const { entries: _entries, references: _references, ...rest } = version;
  return rest;
}

function shown(version: LoggedVersion | undefined): Version | undefined {
  return version === undefined ? undefined : withoutEntries(version);
}
