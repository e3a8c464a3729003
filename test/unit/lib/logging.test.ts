// Errors in the log say where, not what about.

import assert from 'node:assert/strict';
import { errorFields } from '../../../src/lib/logging.ts';

describe('errorFields', () => {
  it('names kind, code and place but not the message', () => {
    const error = Object.assign(new RangeError('Khan\n    of 9434765919'), { code: 'SQLITE_FULL' });
    const fields = errorFields(error);
    assert.equal(fields.error, 'RangeError');
    assert.equal(fields.code, 'SQLITE_FULL');
    assert.match(JSON.stringify(fields.at), /logging\.test\.ts/);
    assert.doesNotMatch(JSON.stringify(fields), /Khan|9434765919/);
  });

  it('takes what is thrown without being an error', () => {
    assert.deepEqual(errorFields('Khan'), { error: 'string' });
  });
});
