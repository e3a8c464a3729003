// The rows of the table `resource` that one database transaction deals with: each is looked up
// once, new ones are numbered in memory and put in together.

import type { ResourceKey } from '../../fhir/types.ts';
import { decodeText, encodeText } from '../ordered-text.ts';
import { insertMany } from './insert-many.ts';
import { typeCodeOf } from './resource-number.ts';
import type { ResourceRow, Writer } from './writer.ts';

/** Resources that are looked up at once. */
const KEYS_PER_STATEMENT = 50;

/** A row that is still to be put in. */
interface AddedRow {
  readonly id: string;
  row: ResourceRow;
}

export class TransactionResources {
  readonly #writer: Writer;
  /** type -> id -> row; undefined where there is none. */
  readonly #known = new Map<string, Map<string, ResourceRow | undefined>>();
  readonly #added = new Map<number, AddedRow>();

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  /** The resource's row; undefined when it was never written nor mentioned. */
  find(key: ResourceKey): ResourceRow | undefined {
    const ofType = this.#ofType(key.type);
    const known = ofType.get(key.id);
    if (known !== undefined || ofType.has(key.id)) return known;
    const found = this.#writer.findResource(key);
    ofType.set(key.id, found);
    return found;
  }

  /** Looks many up at once, which is cheaper than one by one. */
  findMany(keys: Iterable<ResourceKey>): void {
    const unknown = new Map<string, Set<string>>();
    for (const { type, id } of keys) {
      if (this.#ofType(type).has(id)) continue;
      const ofType = unknown.get(type) ?? new Set<string>();
      unknown.set(type, ofType.add(id));
    }
    for (const [type, ids] of unknown) this.#findOfType(type, [...ids]);
  }

  #findOfType(type: string, ids: readonly string[]): void {
    const ofType = this.#ofType(type);
    const whole = ids.length - (ids.length % KEYS_PER_STATEMENT);
    for (let start = 0; start < whole; start += KEYS_PER_STATEMENT) {
      const some = ids.slice(start, start + KEYS_PER_STATEMENT);
      for (const id of some) ofType.set(id, undefined);
      for (const found of this.#writer.findResources(type, some)) {
        ofType.set(decodeText(found.id), found);
      }
    }
  }

  /** The resource's rid; gives it the next number of its type when it has none. */
  intern(key: ResourceKey): number {
    const known = this.find(key);
    if (known !== undefined) return known.rid;
    const row = { rid: this.#writer.nextRid(key.type), version_id: 0, sequence: null, live: 0 };
    this.#ofType(key.type).set(key.id, row);
    this.#added.set(row.rid, { id: encodeText(key.id), row });
    return row.rid;
  }

  /** Notes what is now the current version. */
  setCurrent(key: ResourceKey, row: ResourceRow): void {
    this.#ofType(key.type).set(key.id, row);
    const added = this.#added.get(row.rid);
    if (added !== undefined) {
      added.row = row;
      return;
    }
    const sql = 'UPDATE resource SET version_id = ?, sequence = ?, live = ? WHERE rid = ?';
    this.#writer.connection.run(sql, row.version_id, row.sequence, row.live, row.rid);
  }

  /** Puts the new rows in, by type and id, as their index lies. */
  insertAdded(): void {
    const added = [...this.#added.values()].sort(
      (left, right) =>
        typeCodeOf(left.row.rid) - typeCodeOf(right.row.rid) || (left.id < right.id ? -1 : 1),
    );
    const rows = added.map(({ id, row }) => [row.rid, id, row.version_id, row.sequence, row.live]);
    insertMany(this.#writer.connection, 'resource', rows);
    this.#added.clear();
  }

  #ofType(type: string): Map<string, ResourceRow | undefined> {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const made = new Map<string, ResourceRow | undefined>();
    this.#known.set(type, made);
    return made;
  }
}
