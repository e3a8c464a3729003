// The compiler's text, and that SQLite answers every kind of clause by an index: no plan may look
// at all rows of a table.

import assert from 'node:assert/strict';
import type { Expression } from '../../../src/search/expression.ts';
import { ridSet } from '../../../src/store/sqlite/compile-sql.ts';
import { type Connection, openForWriting } from '../../../src/store/sqlite/connection.ts';
import type { Names } from '../../../src/store/sqlite/dictionary.ts';
import { prepareSchema } from '../../../src/store/sqlite/schema.ts';
import { Statement } from '../../../src/store/sqlite/statement.ts';

/** Every name is known: types 1 and 2, one parameter per kind. */
const names: Names = {
  typeCode: (type) => ({ Patient: 1, Immunization: 2 })[type],
  parameterCode: (_type, parameter, kind) => (parameter.startsWith(kind) ? 5 : undefined),
  spaceCode: (_parameter, system) => (system === 'unknown' ? undefined : 9),
};

function compile(expression: Expression, at?: number) {
  const statement = new Statement({ names, at, last: at ?? 50, positionBefore: (ms) => ms });
  const { sql } = ridSet(statement, 'Patient', expression);
  return { sql, values: statement.values };
}

const token = (...anyOf: { system?: string; code?: string }[]): Expression => ({
  kind: 'token',
  parameter: 'token',
  anyOf,
});

const clauses: Readonly<Record<string, Expression>> = {
  everything: { kind: 'everything' },
  'a code of a system': token({ system: 's', code: 'c' }),
  'a code in any system': token({ code: 'c' }),
  'any code of a system': token({ system: 's' }),
  'any token': token({}),
  'codes of systems': token({ system: 's', code: 'c' }, { system: 's', code: 'd' }),
  'codes in any system': token({ code: 'c' }, { code: 'd' }),
  'a prefix': { kind: 'string', parameter: 'string', compare: 'prefix', anyOf: ['smi'] },
  prefixes: { kind: 'string', parameter: 'string', compare: 'prefix', anyOf: ['smi', 'jon'] },
  'an exact text': { kind: 'string', parameter: 'string', compare: 'exact', anyOf: ['Smith'] },
  'a part of a text': { kind: 'string', parameter: 'string', compare: 'contains', anyOf: ['mit'] },
  'an end of a text': { kind: 'string', parameter: 'string', compare: 'suffix', anyOf: ['th'] },
  'a whole text': { kind: 'string', parameter: 'string', compare: 'equals', anyOf: ['smith'] },
  'a number': { kind: 'number', parameter: 'number', anyOf: [{ lowFrom: 1, highTo: 2 }] },
  'a quantity': {
    kind: 'quantity',
    parameter: 'quantity',
    anyOf: [{ bounds: { lowFrom: 1, highTo: 2 }, system: 's', code: 'mg' }],
  },
  'a position': {
    kind: 'near',
    parameter: 'position',
    anyOf: [{ latitude: 51, longitude: 0, radiusM: 1_000 }],
  },
  'a composite': {
    kind: 'composite',
    parameter: 'composite',
    of: [
      { kind: 'token', parameter: 'composite$1', anyOf: [{ system: 's', code: 'c' }] },
      { kind: 'date', parameter: 'composite$2', anyOf: [{ highAbove: 1 }] },
    ],
  },
  'what lies below': {
    kind: 'below',
    parent: 'reference',
    of: { kind: 'id', ids: ['1'] },
    through: { kind: 'everything' },
  },
  'uris below': { kind: 'uri', parameter: 'uri', compare: 'below', anyOf: ['http://a.example'] },
  'a uri': { kind: 'uri', parameter: 'uri', compare: 'exact', anyOf: ['http://a.example'] },
  uris: {
    kind: 'uri',
    parameter: 'uri',
    compare: 'exact',
    anyOf: ['http://a.example', 'http://b.example'],
  },
  'a day': { kind: 'date', parameter: 'date', anyOf: [{ lowFrom: 1, highTo: 2 }] },
  'before an instant': { kind: 'date', parameter: 'date', anyOf: [{ lowBelow: 1 }] },
  'after an instant': { kind: 'date', parameter: 'date', anyOf: [{ highAbove: 1 }] },
  'many days': {
    kind: 'date',
    parameter: 'date',
    anyOf: Array.from({ length: 20 }, (_, day) => ({ lowFrom: day, highTo: day + 1 })),
  },
  'a reference': { kind: 'reference', parameter: 'reference', anyOf: ['Patient/1'] },
  references: { kind: 'reference', parameter: 'reference', anyOf: ['Patient/1', 'Patient/2'] },
  ids: { kind: 'id', ids: ['1', '2'] },
  'last updated': { kind: 'lastUpdated', anyOf: [{ lowFrom: 45 }] },
  'a chain': {
    kind: 'chain',
    parameter: 'reference',
    type: 'Patient',
    where: token({ system: 's', code: 'c' }),
  },
  'a reverse chain': {
    kind: 'has',
    type: 'Immunization',
    parameter: 'reference',
    where: token({ system: 's', code: 'c' }),
  },
};

describe('compiled SQL', () => {
  let connection: Connection;
  before(() => {
    connection = openForWriting(':memory:');
    prepareSchema(connection.database);
  });
  after(() => connection.close());

  function plan(sql: string, values: object): string[] {
    const rows = connection.all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, values);
    return rows.map(({ detail }) => detail);
  }

  /** Lists in a value, other selects, and the handful of a parameter's systems may be scanned. */
  const harmless =
    /^SCAN (?:t\d+ (?:EXISTS )?VIRTUAL TABLE|json_each VIRTUAL|\(subquery|CONSTANT|json_each)/;

  function assertIndexed(sql: string, values: object): void {
    // A recursive walk looks at each of its own steps once.
    const isWalk = (line: string) => sql.includes(`${line.replace('SCAN ', '')} (rid) AS`);
    const scans = plan(sql, values)
      .filter((line) => /^SCAN/.test(line) && !harmless.test(line))
      .filter((line) => !isWalk(line));
    assert.deepEqual(scans, [], sql);
  }

  for (const [name, expression] of Object.entries(clauses)) {
    it(`finds ${name} by an index`, () => {
      const { sql, values } = compile(expression);
      assertIndexed(sql, values);
    });

    it(`finds ${name} as at an earlier moment by an index`, () => {
      const { sql, values } = compile(expression, 40);
      assertIndexed(sql, values);
    });

    it(`judges ${name} by an index`, () => {
      const driver: Expression = { kind: 'id', ids: ['1'] };
      const { sql, values } = compile({ kind: 'and', of: [driver, expression] });
      assertIndexed(sql, values);
    });
  }

  it('makes one table of a long list, not a chain of alternatives', () => {
    const anyOf = Array.from({ length: 10_000 }, (_, index) => ({ code: String(index) }));
    const { sql, values } = compile(token(...anyOf));
    assert.ok(sql.length < 1_000);
    assert.equal(Object.keys(values).length, 2);
    connection.all(sql, values);
  });

  it('stays within the bounds of SQLite for thousands of parts', () => {
    const parts = Array.from({ length: 1_200 }, (_, index) => token({ code: String(index) }));
    for (const kind of ['and', 'or'] as const) {
      const { sql, values } = compile({ kind, of: parts });
      connection.all(sql, values);
    }
  });

  it('asks nothing of the past when the moment is the present', () => {
    for (const expression of Object.values(clauses)) {
      assert.doesNotMatch(compile(expression).sql, /past_/);
    }
  });

  it('reads as it should', () => {
    const { sql, values } = compile({
      kind: 'and',
      of: [token({ system: 's', code: 'c' }), { kind: 'not', of: token({ code: 'd' }) }],
    });
    assert.equal(
      sql,
      'SELECT t2.rid FROM (SELECT t1.rid FROM entry_token AS t1' +
        ' WHERE t1.space = :p1 AND t1.code = :p2 AND true) AS t2' +
        ' WHERE NOT (EXISTS (SELECT t4.rid FROM token_space AS t3 CROSS JOIN entry_token AS t4' +
        ' WHERE t3.parameter = :p4 AND t4.space = t3.code AND t4.code = :p3 AND t4.rid = t2.rid))',
    );
    assert.deepEqual(values, { p1: 9, p2: 'c', p3: 'd', p4: 5 });
  });

  it('of an unknown type, parameter or system finds nothing', () => {
    const unknown: Expression[] = [
      token({ system: 'unknown', code: 'c' }),
      { kind: 'uri', parameter: 'token', compare: 'exact', anyOf: ['x'] },
      { kind: 'chain', parameter: 'reference', type: 'Flag', where: { kind: 'everything' } },
    ];
    for (const expression of unknown) {
      const { sql, values } = compile(expression);
      assert.deepEqual(connection.all(sql, values), []);
    }
  });
});
