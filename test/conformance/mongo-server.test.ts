// The MongoDB half of the suites is left out only where no server can be had, and says so.

import assert from 'node:assert/strict';
import { mongoSource } from './back-ends.ts';

describe('the MongoDB half of the suites', () => {
  it('has a server', function () {
    const source = mongoSource();
    if (source.kind !== 'absent') return;
    console.log(`    The MongoDB half was skipped. ${source.why}`);
    assert.notEqual(process.env.CI, 'true', source.why);
    this.skip();
  });
});
