// The store as the holder of a lease has it: every commit requires that the lease is still its own.

import type { SearchQuery } from '../search/expression.ts';
import type {
  Commit,
  ResourceStore,
  RowWrite,
  Transaction,
  Version,
} from '../store/resource-store.ts';

export class LeasedStore implements ResourceStore {
  readonly properties: ResourceStore['properties'];
  readonly #store: ResourceStore;
  readonly #term: RowWrite;

  /** @param term the write of the lease's term that changes nothing and expects it to be so */
  constructor(store: ResourceStore, term: RowWrite) {
    this.properties = store.properties;
    this.#store = store;
    this.#term = term;
  }

  /** @throws StoreError `row-changed` when another instance has taken the lease */
  transact(transaction: Transaction): Promise<Commit> {
    return this.#store.transact({
      ...transaction,
      writes: [...transaction.writes, this.#term],
    });
  }

  readonly read: ResourceStore['read'] = (...given) => this.#store.read(...given);
  readonly readVersion: ResourceStore['readVersion'] = (...given) =>
    this.#store.readVersion(...given);
  readonly readMany: ResourceStore['readMany'] = (...given) => this.#store.readMany(...given);
  readonly readNumbers: ResourceStore['readNumbers'] = (...given) =>
    this.#store.readNumbers(...given);
  readonly referrers: ResourceStore['referrers'] = (...given) => this.#store.referrers(...given);
  readonly readIds: ResourceStore['readIds'] = (...given) => this.#store.readIds(...given);
  readonly numbers: ResourceStore['numbers'] = (...given) => this.#store.numbers(...given);
  readonly history: ResourceStore['history'] = (...given) => this.#store.history(...given);
  readonly search: ResourceStore['search'] = (...given) => this.#store.search(...given);
  readonly count: ResourceStore['count'] = (...given) => this.#store.count(...given);
  readonly explain: ResourceStore['explain'] = (...given) => this.#store.explain(...given);
  readonly changes: ResourceStore['changes'] = (...given) => this.#store.changes(...given);
  readonly position: ResourceStore['position'] = (...given) => this.#store.position(...given);
  readonly reach: ResourceStore['reach'] = (...given) => this.#store.reach(...given);
  readonly rows: ResourceStore['rows'] = (...given) => this.#store.rows(...given);
  readonly rowSets: ResourceStore['rowSets'] = () => this.#store.rowSets();
  readonly row: ResourceStore['row'] = (...given) => this.#store.row(...given);
  readonly maintain: ResourceStore['maintain'] = (...given) => this.#store.maintain(...given);

  stream(query: SearchQuery, at?: number): AsyncIterable<Version> {
    return this.#store.stream(query, at);
  }

  /** The work ends before the store does, which is not the holder's to close. */
  async close(): Promise<void> {}
}
