// Runs the search suite over every store; over the model it checks the suite itself.

import { backEnds } from './back-ends.ts';
import { searchSuite } from './search-suite.ts';

for (const { name, open, isSlow } of backEnds()) {
  describe(`search: ${name}`, function () {
    this.timeout(isSlow ? 120_000 : 10_000);
    searchSuite(open, isSlow ? 0.1 : 1);
  });
}
