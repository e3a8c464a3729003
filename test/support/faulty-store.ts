// A store whose n-th call fails: for tests of what a failure at any moment does to those who call.

import type { SearchQuery } from '../../src/search/expression.ts';
import {
  type ResourceStore,
  StoreError,
  type Transaction,
  type Version,
} from '../../src/store/resource-store.ts';

/** What happens to the failing call: it is not made, or made and its answer is lost. */
export type Fault = 'before' | 'after';

/** The store, but its n-th call (from 1) is refused with `unavailable`. `after` concerns writes;
 * a read fails before. */
export function makeFaultyStore(store: ResourceStore, failingCall: number, fault: Fault) {
  let callCount = 0;
  const failsNow = () => {
    callCount += 1;
    return callCount === failingCall;
  };
  return new FaultyStore(store, failsNow, fault);
}

function injected(committed: 'no' | 'unknown'): StoreError {
  return new StoreError({ reason: 'unavailable', committed, detail: 'An injected failure.' });
}

class FaultyStore implements ResourceStore {
  readonly properties: ResourceStore['properties'];
  readonly #store: ResourceStore;
  readonly #failsNow: () => boolean;
  readonly #fault: Fault;

  constructor(store: ResourceStore, failsNow: () => boolean, fault: Fault) {
    this.properties = { ...store.properties, name: `${store.properties.name}, faulty` };
    this.#store = store;
    this.#failsNow = failsNow;
    this.#fault = fault;
  }

  readonly read: ResourceStore['read'] = (...given) => this.#try(() => this.#store.read(...given));
  readonly readVersion: ResourceStore['readVersion'] = (...given) =>
    this.#try(() => this.#store.readVersion(...given));
  readonly readMany: ResourceStore['readMany'] = (...given) =>
    this.#try(() => this.#store.readMany(...given));
  readonly readNumbers: ResourceStore['readNumbers'] = (...given) =>
    this.#try(() => this.#store.readNumbers(...given));
  readonly referrers: ResourceStore['referrers'] = (...given) =>
    this.#try(() => this.#store.referrers(...given));
  readonly readIds: ResourceStore['readIds'] = (...given) =>
    this.#try(() => this.#store.readIds(...given));
  readonly numbers: ResourceStore['numbers'] = (...given) =>
    this.#try(() => this.#store.numbers(...given));
  readonly history: ResourceStore['history'] = (...given) =>
    this.#try(() => this.#store.history(...given));
  readonly search: ResourceStore['search'] = (...given) =>
    this.#try(() => this.#store.search(...given));
  readonly count: ResourceStore['count'] = (...given) =>
    this.#try(() => this.#store.count(...given));
  readonly explain: ResourceStore['explain'] = (...given) =>
    this.#try(() => this.#store.explain(...given));
  readonly changes: ResourceStore['changes'] = (...given) =>
    this.#try(() => this.#store.changes(...given));
  readonly position: ResourceStore['position'] = (...given) =>
    this.#try(() => this.#store.position(...given));
  readonly reach: ResourceStore['reach'] = (...given) =>
    this.#try(() => this.#store.reach(...given));
  readonly rows: ResourceStore['rows'] = (...given) => this.#try(() => this.#store.rows(...given));
  readonly rowSets: ResourceStore['rowSets'] = () => this.#try(() => this.#store.rowSets());
  readonly row: ResourceStore['row'] = (...given) => this.#try(() => this.#store.row(...given));
  readonly maintain: ResourceStore['maintain'] = (...given) =>
    this.#try(() => this.#store.maintain(...given));

  async *stream(query: SearchQuery, at?: number): AsyncGenerator<Version> {
    for await (const version of this.#store.stream(query, at)) {
      if (this.#failsNow()) throw injected('no');
      yield version;
    }
  }

  async transact(transaction: Transaction) {
    if (!this.#failsNow()) return this.#store.transact(transaction);
    if (this.#fault === 'before') throw injected('no');
    await this.#store.transact(transaction);
    throw injected('unknown');
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #try<Answer>(call: () => Promise<Answer>): Promise<Answer> {
    if (this.#failsNow()) throw injected('no');
    return call();
  }
}
