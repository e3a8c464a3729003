// Runs the contract over every store, and over each behind a wrapper that could fail but does not.

import { makeFaultyStore } from '../support/faulty-store.ts';
import { backEnds, type OpenStore, within } from './back-ends.ts';
import { largeSuite } from './large-suite.ts';
import { readingSuite } from './reading-suite.ts';
import { writingSuite } from './store-suite.ts';
import { uniqueSuite } from './unique-suite.ts';

function storeSuite(open: OpenStore, few: boolean): void {
  writingSuite(open);
  uniqueSuite(open);
  largeSuite(open, few);
  readingSuite(open);
}

for (const backEnd of backEnds()) {
  describe(`store: ${backEnd.name}`, function () {
    this.timeout(within(backEnd, 10_000));
    storeSuite(backEnd.open, backEnd.isSlow || backEnd.name === 'model');
  });
}

const wrapped = backEnds().find(({ name }) => name === 'model');
if (wrapped !== undefined) {
  const open: OpenStore = async () => {
    const { store, dispose } = await wrapped.open();
    return { store: makeFaultyStore(store, Number.POSITIVE_INFINITY, 'before'), dispose };
  };
  describe('store: model, wrapped', () => storeSuite(open, true));
}
