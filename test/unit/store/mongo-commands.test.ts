// The one list of what may be asked of a database: what is not on it is found, however deep, and
// what is on it passes in any nesting.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Document } from 'mongodb';
import { missingCommands, unlistedParts } from '../../../src/store/mongo/allowed-commands.ts';

const SEED = 11;

/** Commands that some server lacks, with what is found in them. */
const refused: readonly (readonly [command: Document, part: string])[] = [
  [{ insert: 'log', documents: [], lsid: {}, txnNumber: 1, autocommit: false }, 'insert.txnNumber'],
  [{ insert: 'log', documents: [], startTransaction: true }, 'insert.startTransaction'],
  [{ commitTransaction: 1 }, 'commitTransaction'],
  [{ aggregate: 'log', pipeline: [{ $changeStream: {} }], cursor: {} }, '$changeStream'],
  [{ aggregate: 'a', pipeline: [{ $match: {} }, { $lookup: { from: 'b' } }] }, '$lookup'],
  [{ aggregate: 'a', pipeline: [{ $facet: {} }] }, '$facet'],
  [
    { createIndexes: 'a', indexes: [{ key: { a: 1 }, expireAfterSeconds: 1 }] },
    'index.expireAfterSeconds',
  ],
  [
    { createIndexes: 'a', indexes: [{ key: { a: 1 }, partialFilterExpression: {} }] },
    'index.partialFilterExpression',
  ],
  [{ createIndexes: 'a', indexes: [{ key: { a: 'text' } }] }, 'index of kind text'],
  [{ find: 'a', filter: {}, collation: { locale: 'en' } }, 'find.collation'],
  [{ find: 'a', filter: { $or: [{ b: { $not: { $gt: 1 } } }] } }, '$not'],
  [{ find: 'a', filter: { $where: 'true' } }, '$where'],
  [{ update: 'a', updates: [{ q: {}, u: { $inc: { n: 1 } } }] }, '$inc'],
  [{ update: 'a', updates: [{ q: {}, u: [{ $set: { n: 1 } }] }] }, 'update by pipeline'],
  [{ update: 'a', updates: [{ q: {}, u: {}, upsert: true }] }, 'update.upsert'],
  [{ delete: 'a', deletes: [{ q: { $expr: {} }, limit: 1 }] }, '$expr'],
  [{ findAndModify: 'a', query: {} }, 'findAndModify'],
  [{ explain: { find: 'a', hint: 'b' }, verbosity: 'queryPlanner' }, 'find.hint'],
];

const leaf = fc.oneof(
  fc.record({ a: fc.integer() }),
  fc.record({ b: fc.record({ $in: fc.array(fc.string()) }) }),
  fc.record({
    c: fc.record({
      $elemMatch: fc.record({ $gte: fc.string(), $lt: fc.string(), $regex: fc.string() }),
    }),
  }),
  fc.record({ d: fc.record({ $exists: fc.boolean() }) }),
);
const { filter } = fc.letrec<{ filter: Document }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 4 },
    leaf,
    ...['$and', '$or', '$nor'].map((name) =>
      fc.array(tie('filter'), { maxLength: 3 }).map((of): Document => ({ [name]: of })),
    ),
  ),
}));

describe('the list of what may be asked of a database', () => {
  for (const [command, part] of refused) {
    it(`does not have ${part}`, () => {
      assert.ok(unlistedParts(command).includes(part), String(unlistedParts(command)));
    });
  }

  it(`has every nesting of what is on it (seed ${SEED})`, () => {
    const property = fc.property(filter, (where) => {
      const commands: readonly Document[] = [
        { find: 'a', filter: where, sort: { n: -1 }, limit: 1, $db: 'x', lsid: {} },
        {
          aggregate: 'a',
          pipeline: [{ $match: where }, { $group: { n: { $sum: 1 } } }],
          cursor: {},
        },
        { update: 'a', updates: [{ q: where, u: { $set: { n: 1 } }, multi: true }] },
        { delete: 'a', deletes: [{ q: where, limit: 0 }] },
      ];
      assert.deepEqual(commands.flatMap(unlistedParts), []);
    });
    fc.assert(property, { seed: SEED });
  });

  it('finds in values nothing that looks like an operator of theirs', () => {
    assert.deepEqual(unlistedParts({ insert: 'a', documents: [{ $where: 1 }] }), []);
  });

  it('says which of its commands a server lacks', () => {
    const all = ['find', 'getMore', 'killCursors', 'aggregate', 'explain', 'insert', 'update'];
    const others = ['delete', 'hello', 'buildInfo', 'listCommands', 'createIndexes'];
    const server = Object.fromEntries([...all, ...others].map((name) => [name, {}]));
    assert.deepEqual(missingCommands(server), []);
    const { getMore: _, ...lacking } = server;
    assert.deepEqual(missingCommands(lacking), ['getMore']);
  });
});
