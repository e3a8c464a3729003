// Runs the search suite over every store; over the model it checks the suite itself.

import { backEnds, within } from './back-ends.ts';
import { searchSuite } from './search-suite.ts';

for (const backEnd of backEnds()) {
  describe(`search: ${backEnd.name}`, function () {
    this.timeout(within(backEnd, 20_000));
    searchSuite(backEnd.open, backEnd.isSlow ? 0.1 : 1);
  });
}
