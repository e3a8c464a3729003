// Judges a transaction before any of it is written: guards, expectations, references, unique
// identifiers. What passes cannot be refused afterwards, so that callers of one group never undo
// each other's writes.

import type { ResourceKey } from '../../fhir/types.ts';
import { assert, unreachable } from '../../lib/assert.ts';
import type { IndexEntry } from '../../search/index-entry.ts';
import { UNIQUE } from '../../search/unique-identifiers.ts';
import { decodeText, encodeText } from '../ordered-text.ts';
import {
  type DeleteWrite,
  type Guard,
  type PutWrite,
  type RowWrite,
  StoreError,
  type StoreRefusal,
  type Transaction,
  type Write,
} from '../resource-store.ts';
import { ridSet } from './compile-sql.ts';
import type { GroupAdditions } from './group-additions.ts';
import { momentOf } from './moment.ts';
import { plan } from './plan.ts';
import { targetKey } from './reference-target.ts';
import { typeCodeOf } from './resource-number.ts';
import { Statement } from './statement.ts';
import type { TransactionResources } from './transaction-resources.ts';
import type { ResourceRow, Writer } from './writer.ts';

/** A put or delete with the row of its resource as it is before. */
export interface CheckedWrite {
  readonly write: PutWrite | DeleteWrite;
  readonly current: ResourceRow | undefined;
}

type UniqueToken = Extract<IndexEntry, { kind: 'token' }>;

/** Referrers named when a deletion is refused. */
const REFERRERS_NAMED_MAX = 10;

/**
 * Judges a transaction as it would stand after all before it.
 * @param before what those have added
 * @returns its puts and deletes
 * @throws StoreError when the transaction is refused
 */
export function checkTransaction(
  writer: Writer,
  before: GroupAdditions,
  transaction: Transaction,
): readonly CheckedWrite[] {
  const { resources } = before;
  if (transaction.guards.length > 0) before.insert();
  for (const guard of transaction.guards) checkGuard(writer, guard);
  const checked = new Map<string, CheckedWrite>();
  const rows = new Set<string>();
  for (const write of transaction.writes) {
    if (write.kind === 'row') {
      assert(!rows.has(nameOf(write.set, write.key)), 'a transaction writes a row once');
      rows.add(nameOf(write.set, write.key));
      checkRow(writer, write);
      continue;
    }
    if (write.kind === 'entries') continue;
    const name = nameOf(write.type, write.id);
    assert(!checked.has(name), 'a transaction writes a resource once');
    checked.set(name, checkWrite(resources, write));
  }
  if (transaction.references === 'strict') {
    checkTargets(resources, checked);
    checkReferrers(writer, before, checked);
  }
  checkUniqueness(writer, before, checked);
  return [...checked.values()];
}

function refuse(refusal: StoreRefusal): never {
  throw new StoreError(refusal);
}

function nameOf(first: string, second: string): string {
  return `${first}\n${second}`;
}

/** What a write needs to know of: its own resource and those it points at. Looked up beforehand,
 * many at once, they need not be looked up one by one. */
export function keysOf(write: Write): readonly ResourceKey[] {
  switch (write.kind) {
    case 'put':
      return [write, ...write.references, ...entryTargets(write)];
    case 'delete':
      return [write];
    case 'entries':
      return [write, ...entryTargets(write)];
    case 'row':
      return [];
    default:
      return unreachable(write);
  }
}

function entryTargets({ entries }: Pick<PutWrite, 'entries'>): ResourceKey[] {
  return entries.flatMap((entry) => (entry.kind === 'reference' ? targetKey(entry.target) : []));
}

function checkGuard(writer: Writer, guard: Guard): void {
  const moment = momentOf(writer, undefined);
  const where = plan(writer, moment, guard.type, guard.where);
  const statement = new Statement(moment);
  const set = ridSet(statement, guard.type, where);
  const limit = guard.ids.length + 1;
  const sql = `SELECT DISTINCT id FROM resource WHERE rid IN (${set.sql}) LIMIT ${limit}`;
  const found = writer.connection.all<{ id: string }>(sql, statement.values);
  const wanted = new Set(guard.ids);
  const same = found.length === wanted.size && found.every(({ id }) => wanted.has(decodeText(id)));
  if (!same) refuse({ reason: 'guard-changed' });
}

function checkRow(writer: Writer, { set, key, expect }: RowWrite): void {
  if (expect === undefined) return;
  if (rowValue(writer, set, key) !== expect) refuse({ reason: 'row-changed', set, key });
}

function rowValue(writer: Writer, set: string, key: string): string | null {
  const sql = 'SELECT value FROM operational_row WHERE "set" = ? AND key = ?';
  const row = writer.connection.get<{ value: string }>(sql, encodeText(set), encodeText(key));
  return row?.value ?? null;
}

function checkWrite(resources: TransactionResources, write: PutWrite | DeleteWrite): CheckedWrite {
  const current = resources.find(write);
  const currentVersionId = current?.live === 1 ? current.version_id : 0;
  const { expect } = write;
  const holds = expect === 'any' || currentVersionId === (expect === 'absent' ? 0 : expect);
  if (!holds || expect === 0) {
    const key = { type: write.type, id: write.id };
    refuse({ reason: 'version-changed', key, currentVersionId });
  }
  return { write, current };
}

/** Every reference's target must exist after the transaction. */
function checkTargets(
  resources: TransactionResources,
  checked: ReadonlyMap<string, CheckedWrite>,
): void {
  const exists = (target: ResourceKey): boolean => {
    const own = checked.get(nameOf(target.type, target.id));
    if (own !== undefined) return own.write.kind === 'put';
    return resources.find(target)?.live === 1;
  };
  const missing = [...checked.values()].flatMap(({ write }) => {
    if (write.kind === 'delete') return [];
    const from = { type: write.type, id: write.id };
    return write.references
      .filter((reference) => !exists(reference))
      .map((reference) => ({ ...reference, from }));
  });
  if (missing.length > 0) refuse({ reason: 'reference-missing', missing });
}

/** No remaining resource may point at a deleted one; those written here are judged above. */
function checkReferrers(
  writer: Writer,
  before: GroupAdditions,
  checked: ReadonlyMap<string, CheckedWrite>,
): void {
  for (const { write, current } of checked.values()) {
    if (write.kind === 'put' || current?.live !== 1) continue;
    before.insert();
    const by: ResourceKey[] = [];
    for (const referrer of referrersOf(writer, current.rid)) {
      if (checked.has(nameOf(referrer.type, referrer.id))) continue;
      if (by.push(referrer) === REFERRERS_NAMED_MAX) break;
    }
    if (by.length === 0) continue;
    refuse({ reason: 'still-referenced', key: { type: write.type, id: write.id }, by });
  }
}

function* referrersOf(writer: Writer, rid: number): Generator<ResourceKey> {
  const sql = `SELECT DISTINCT e.rid, r.id
    FROM entry_reference AS e CROSS JOIN resource AS r ON r.rid = e.rid WHERE e.target = ?`;
  for (const row of writer.connection.prepare(sql).iterate(rid)) {
    const { rid: referrer, id } = row as { rid: number; id: string };
    yield { type: writer.dictionary.typeName(typeCodeOf(referrer)), id: decodeText(id) };
  }
}

/** No identifier that must be unique may have two holders after the transaction. */
function checkUniqueness(
  writer: Writer,
  before: GroupAdditions,
  checked: ReadonlyMap<string, CheckedWrite>,
): void {
  const holders = new Map<string, ResourceKey>();
  for (const { write } of checked.values()) {
    if (write.kind === 'delete') continue;
    const key = { type: write.type, id: write.id };
    for (const entry of write.entries) {
      if (entry.kind !== 'token' || entry.parameter !== UNIQUE) continue;
      const { system, code } = entry;
      const token = `${key.type}\n${system}\n${code}`;
      if (before.uniqueTokens.has(token)) before.insert();
      const other = holders.get(token) ?? holderBefore(writer, checked, write.type, entry);
      if (other !== undefined && other.id !== key.id) {
        refuse({ reason: 'not-unique', key, system, code, other });
      }
      holders.set(token, key);
    }
  }
  for (const token of holders.keys()) before.uniqueTokens.add(token);
}

/** Who holds the identifier and is not written by the transaction, which judges its own. */
function holderBefore(
  writer: Writer,
  checked: ReadonlyMap<string, CheckedWrite>,
  type: string,
  { system, code }: UniqueToken,
): ResourceKey | undefined {
  const parameter = writer.dictionary.parameterCode(type, UNIQUE, 'token');
  if (parameter === undefined) return undefined;
  const space = writer.dictionary.spaceCode(parameter, system);
  if (space === undefined) return undefined;
  const sql = `SELECT r.id FROM entry_token AS e CROSS JOIN resource AS r ON r.rid = e.rid
    WHERE e.space = ? AND e.code = ?`;
  const rows = writer.connection.all<{ id: string }>(sql, space, encodeText(code));
  const ids = rows.map(({ id }) => decodeText(id));
  const id = ids.find((one) => !checked.has(nameOf(type, one)));
  return id === undefined ? undefined : { type, id };
}
