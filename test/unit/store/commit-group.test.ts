// What callers of a group are told when the database itself fails.

import assert from 'node:assert/strict';
import { commitGroup } from '../../../src/store/sqlite/commit-group.ts';
import { openForWriting } from '../../../src/store/sqlite/connection.ts';
import { ensureIndexVersion } from '../../../src/store/sqlite/rebuild-entries.ts';
import { prepareSchema } from '../../../src/store/sqlite/schema.ts';
import { Writer } from '../../../src/store/sqlite/writer.ts';
import { makeTextIndexer, put, row, token, transaction } from '../../support/plain-resource.ts';

function openWriter(): Writer {
  const connection = openForWriting(':memory:');
  prepareSchema(connection.database);
  const writer = new Writer(connection, makeTextIndexer());
  ensureIndexVersion(writer, '1');
  return writer;
}

const large = (key: string) => put(key, { note: 'x'.repeat(200_000) });

describe('a group of writes', () => {
  it('that meets a full disk is refused whole, and nothing of it is kept', () => {
    const writer = openWriter();
    commitGroup(writer, [transaction(put('Patient/a'))]);
    const pages = writer.connection.database.pragma('page_count', { simple: true });
    writer.connection.database.pragma(`max_page_count = ${Number(pages) + 10}`);
    const outcomes = commitGroup(writer, [
      transaction(put('Patient/b')),
      transaction(large('Patient/c')),
    ]);
    for (const outcome of outcomes) {
      assert.ok('refusal' in outcome && outcome.refusal.reason === 'unavailable');
      assert.equal(outcome.refusal.committed, 'no');
      assert.match(outcome.refusal.detail, /SQLITE_FULL/);
    }
    assert.equal(writer.last, 1);
    const [after] = commitGroup(writer, [transaction(put('Patient/b'))]);
    assert.ok(after !== undefined && 'result' in after);
    assert.deepEqual(after.result.versions, [{ versionId: 1, sequence: 2, number: 2 }]);
  });

  it('whose commit fails says that it may have happened', () => {
    const writer = openWriter();
    const run = writer.connection.run.bind(writer.connection);
    writer.connection.run = (sql, ...values) => {
      if (sql !== 'COMMIT') return run(sql, ...values);
      throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
    };
    const [outcome] = commitGroup(writer, [transaction(put('Patient/a'))]);
    assert.ok(outcome !== undefined && 'refusal' in outcome);
    assert.ok(outcome.refusal.reason === 'unavailable');
    assert.equal(outcome.refusal.committed, 'unknown');
    assert.equal(writer.last, 0);
  });

  it('is kept but for the one whose old text cannot be read', () => {
    const writer = openWriter();
    const content = { entries: [token('identifier', 's', '1')] };
    commitGroup(writer, [transaction(put('Patient/a', content))]);
    writer.connection.run("UPDATE version SET text = '{'");
    const outcomes = commitGroup(writer, [
      transaction(put('Patient/b'), row('set', 'b', '1')),
      transaction(put('Patient/a')),
      transaction(put('Patient/c')),
    ]);
    const kinds = outcomes.map((outcome) => Object.keys(outcome)[0]);
    assert.deepEqual(kinds, ['result', 'fault', 'result']);
    assert.equal(writer.last, 3);
  });

  it('sees the earlier members of the group', () => {
    const writer = openWriter();
    const outcomes = commitGroup(writer, [
      transaction(put('Patient/a')),
      transaction(put('Patient/a', {}, { expect: 1 })),
      transaction(put('Patient/a', {}, { expect: 1 })),
    ]);
    const kinds = outcomes.map((outcome) => Object.keys(outcome)[0]);
    assert.deepEqual(kinds, ['result', 'result', 'refusal']);
  });
});
