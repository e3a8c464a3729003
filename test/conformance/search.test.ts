// Runs the search suite over every store; over the model it checks the suite itself.

import { backEnds } from './back-ends.ts';
import { searchSuite } from './search-suite.ts';

for (const { name, open } of backEnds()) describe(`search: ${name}`, () => searchSuite(open));
