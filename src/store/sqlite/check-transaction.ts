// Judges a transaction before any of it is written: guards, expectations, references. What passes
// cannot be refused afterwards, so that callers of one group never undo each other's writes.

import type { ResourceKey } from '../../fhir/types.ts';
import { assert } from '../../lib/assert.ts';
import {
  type DeleteWrite,
  type Guard,
  type PutWrite,
  type RowWrite,
  StoreError,
  type StoreRefusal,
  type Transaction,
} from '../resource-store.ts';
import { ridSet } from './compile-sql.ts';
import { momentOf } from './moment.ts';
import { decodeText, encodeText } from './ordered-text.ts';
import { plan } from './plan.ts';
import { typeCodeOf } from './resource-number.ts';
import { Statement } from './statement.ts';
import type { ResourceRow, Writer } from './writer.ts';

/** A put or delete with the row of its resource as it is before. */
export interface CheckedWrite {
  readonly write: PutWrite | DeleteWrite;
  readonly current: ResourceRow | undefined;
}

/** Referrers named when a deletion is refused. */
const REFERRERS_NAMED_MAX = 10;

/**
 * The puts and deletes of a transaction that may be written.
 * @throws StoreError when the transaction is refused
 */
export function checkTransaction(writer: Writer, transaction: Transaction): CheckedWrite[] {
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
    const name = nameOf(write.type, write.id);
    assert(!checked.has(name), 'a transaction writes a resource once');
    checked.set(name, checkWrite(writer, write));
  }
  if (transaction.references === 'strict') {
    checkTargets(writer, checked);
    checkReferrers(writer, checked);
  }
  return [...checked.values()];
}

function refuse(refusal: StoreRefusal): never {
  throw new StoreError(refusal);
}

function nameOf(first: string, second: string): string {
  return `${first}\n${second}`;
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

function checkWrite(writer: Writer, write: PutWrite | DeleteWrite): CheckedWrite {
  const current = writer.findResource(write);
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
function checkTargets(writer: Writer, checked: ReadonlyMap<string, CheckedWrite>): void {
  const exists = (target: ResourceKey): boolean => {
    const own = checked.get(nameOf(target.type, target.id));
    if (own !== undefined) return own.write.kind === 'put';
    return writer.findResource(target)?.live === 1;
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
function checkReferrers(writer: Writer, checked: ReadonlyMap<string, CheckedWrite>): void {
  for (const { write, current } of checked.values()) {
    if (write.kind === 'put' || current?.live !== 1) continue;
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
