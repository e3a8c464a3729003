// What one group of transactions adds to the tables, gathered so that each table is written once,
// many rows a statement, in the order in which it lies. The database does not hold it before
// `insert`: whoever asks the database for what the group may have added calls that first.

import { type EntryRow, insertRows, keepPastRows, type PastRow } from './entry-rows.ts';
import { insertMany, type Row } from './insert-many.ts';
import { TransactionResources } from './transaction-resources.ts';
import type { Writer } from './writer.ts';

export class GroupAdditions {
  readonly #writer: Writer;
  readonly resources: TransactionResources;
  /** Rows of `version`, by sequence. */
  readonly versions: Row[] = [];
  readonly entries: EntryRow[] = [];
  /** Rows of `past_resource`, and of the other past_ tables, by `validTo`. */
  readonly pastResources: Row[] = [];
  readonly pastEntries: PastRow[] = [];
  /** Identifiers that must be unique and that the group has given, inserted or not, each as one
   * text. */
  readonly uniqueTokens = new Set<string>();

  constructor(writer: Writer) {
    this.#writer = writer;
    this.resources = new TransactionResources(writer);
  }

  /** Whether a version is still to be inserted. */
  holdsVersion(sequence: number): boolean {
    const first = this.versions[0]?.[0];
    return typeof first === 'number' && sequence >= first;
  }

  /** Puts all that was gathered into the tables. */
  insert(): void {
    const { connection } = this.#writer;
    this.resources.insertAdded();
    insertMany(connection, 'version', this.versions);
    insertMany(connection, 'past_resource', this.pastResources);
    keepPastRows(this.#writer, this.pastEntries);
    insertRows(this.#writer, this.entries);
    for (const rows of [this.versions, this.pastResources, this.pastEntries, this.entries]) {
      rows.length = 0;
    }
  }
}
