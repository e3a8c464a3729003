// Runs the search suite over every store; over the model it checks the suite itself.

import { backEnds, within } from './back-ends.ts';
import { searchSuite } from './search-suite.ts';

const SEEDS = [1, 2, 3, 4];
/** Where every search reads everything, a tenth of the work is done; by default, of one seed. */
const SLOW = { share: 0.1, seeds: process.env.CI === 'true' ? SEEDS : SEEDS.slice(0, 1) };

for (const backEnd of backEnds()) {
  describe(`search: ${backEnd.name}`, function () {
    this.timeout(within(backEnd, 20_000));
    searchSuite(backEnd.open, backEnd.isSlow ? SLOW : { share: 1, seeds: SEEDS });
  });
}
