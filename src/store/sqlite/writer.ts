// The state of the one writing thread: connection, names, identities and the end of the log. What
// is remembered here is forgotten when a group of writes is rolled back.

import type { ResourceKey } from '../../fhir/types.ts';
import { encodeText } from '../ordered-text.ts';
import type { TextIndexer } from '../text-indexer.ts';
import type { Connection } from './connection.ts';
import { Dictionary } from './dictionary.ts';
import { numberOf, ridOf, ridRange } from './resource-number.ts';
import { lastSequence } from './versions.ts';

/** A row of the table `resource`. */
export interface ResourceRow {
  readonly rid: number;
  readonly version_id: number;
  readonly sequence: number | null;
  readonly live: number;
}

export class Writer {
  readonly connection: Connection;
  readonly dictionary: Dictionary;
  readonly indexText: TextIndexer;
  /** The last sequence number, those of the open transaction included. */
  last = 0;
  /** lastUpdated of that version. */
  lastUpdatedMs = 0;
  readonly #lastNumbers = new Map<number, number>();

  constructor(connection: Connection, indexText: TextIndexer) {
    this.connection = connection;
    this.dictionary = new Dictionary(connection);
    this.indexText = indexText;
    this.reload();
  }

  /** Reads the state again, as the database has it now. */
  reload(): void {
    this.dictionary.forget();
    this.#lastNumbers.clear();
    this.last = lastSequence(this.connection);
    const sql = 'SELECT last_updated_ms AS instant FROM version WHERE sequence = ?';
    const row = this.connection.get<{ instant: number }>(sql, this.last);
    this.lastUpdatedMs = row?.instant ?? Number.MIN_SAFE_INTEGER;
  }

  /** The resource's row; undefined when it was never written nor mentioned. */
  findResource(key: ResourceKey): ResourceRow | undefined {
    const type = this.dictionary.typeCode(key.type);
    if (type === undefined) return undefined;
    const sql = `SELECT rid, version_id, sequence, live FROM resource
      WHERE rid >> 40 = ? AND id = ?`;
    return this.connection.get<ResourceRow>(sql, type, encodeText(key.id));
  }

  /** The rows of those resources of the type that have one, with their encoded ids.
   * @param ids always as many, so that there is one statement */
  findResources(type: string, ids: readonly string[]): (ResourceRow & { readonly id: string })[] {
    const typeCode = this.dictionary.typeCode(type);
    if (typeCode === undefined) return [];
    const marks = Array(ids.length).fill('?').join(', ');
    const sql = `SELECT rid, version_id, sequence, live, id FROM resource
      WHERE rid >> 40 = ? AND id IN (${marks})`;
    return this.connection.all(sql, typeCode, ...ids.map(encodeText));
  }

  /** The rid of a new resource: the next number of its type. */
  nextRid(typeName: string): number {
    const type = this.dictionary.internType(typeName);
    const number = (this.#lastNumbers.get(type) ?? this.#lastNumber(type)) + 1;
    this.#lastNumbers.set(type, number);
    return ridOf(type, number);
  }

  #lastNumber(type: number): number {
    const { first, last } = ridRange(type);
    const sql = 'SELECT max(rid) AS rid FROM resource WHERE rid BETWEEN ? AND ?';
    const rid = this.connection.get<{ rid: number | null }>(sql, first, last)?.rid ?? null;
    return rid === null ? 0 : numberOf(rid);
  }
}
