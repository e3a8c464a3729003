// What things cost in commands to the database, exactly. Looks at the log and the marks of how far
// it is projected go on by themselves and are left out, as is asking for more of a long answer.

import assert from 'node:assert/strict';
import type { Document } from 'mongodb';
import type { Expression } from '../../src/search/expression.ts';
import { mongoSource } from '../conformance/back-ends.ts';
import { everything, write } from '../conformance/store-suite.ts';
import { keyOf, pointer, put, row, token } from '../support/plain-resource.ts';
import { type Instance, type World, withTwoInstances } from './two-instances.ts';

/** The commands that the work takes, as `name collection`. */
async function commandsOf({ commands }: Instance, work: () => Promise<unknown>) {
  const before = commands.length;
  await work();
  return commands.slice(before).filter(isAsked).map(nameOf);
}

function nameOf(command: Document): string {
  const [first] = Object.entries(command);
  return (first ?? []).join(' ');
}

function isAsked(command: Document): boolean {
  const isLook = command.find === 'log' && typeof command.filter?._id === 'string';
  const isMark = command.update === 'marks' || command.find === 'marks';
  return !isLook && !isMark && command.getMore === undefined;
}

const person = (index: number, round = 0) =>
  put(`Patient/p${index}`, {
    entries: [
      token('identifier', 'https://nhs.example', String(index)),
      token('round', 'https://rounds.example', String(round)),
      pointer('general-practitioner', `Organization/o${index % 5}`),
    ],
  });

const people = (count: number, round?: number) =>
  Array.from({ length: count }, (_, index) => person(index, round));

const withToken = (parameter: string, code: string): Expression => ({
  kind: 'token',
  parameter,
  anyOf: [{ code }],
});

const test = (name: string, body: (world: World) => Promise<void>) =>
  it(name, () => withTwoInstances(body));

describe('the cost on MongoDB', function () {
  this.timeout(60_000);
  before(function () {
    if (mongoSource().kind === 'absent') this.skip();
  });

  for (const count of [1, 300]) {
    test(`of a group of ${count} is one log insert and three commands of projection`, async ({
      one,
    }) => {
      await write(one.store, ...people(count));
      const taken = await commandsOf(one, () =>
        write(one.store, ...people(count, 1), row('set', 'key', '1')),
      );
      const writes = taken.filter((command) => !command.startsWith('find'));
      assert.deepEqual(writes, ['insert log', 'insert versions', 'update versions', 'insert rows']);
    });
  }

  test('of many callers at once is that of few groups', async ({ one }) => {
    const taken = await commandsOf(one, () =>
      Promise.all(people(100).map((each) => write(one.store, each))),
    );
    const commits = taken.filter((command) => command === 'insert log');
    assert.ok(commits.length <= 3, `${commits.length} commits of 100 callers`);
  });

  test('of a read is one find, however many versions there are', async ({ one }) => {
    await write(one.store, person(1));
    const read = () => one.store.read(keyOf('Patient/p1'));
    assert.deepEqual(await commandsOf(one, read), ['find versions']);
    for (let round = 1; round < 30; round += 1) await write(one.store, person(1, round));
    assert.deepEqual(await commandsOf(one, read), ['find versions']);
    assert.equal((await read())?.versionId, 30);
    const many = () => one.store.readMany(people(50).map(({ id }) => ({ type: 'Patient', id })));
    assert.deepEqual(await commandsOf(one, many), ['find versions']);
  });

  test('of a search is a find a hop, one for texts and one count', async ({ one }) => {
    const practices = Array.from({ length: 5 }, (_, index) =>
      put(`Organization/o${index}`, { entries: [token('type', '', String(index % 2))] }),
    );
    const doses = people(40).map(({ id }) =>
      put(`Immunization/of-${id}`, {
        entries: [pointer('patient', `Patient/${id}`), token('status', '', 'completed')],
      }),
    );
    await write(one.store, ...practices, ...people(40), ...doses);
    const ofPractice: Expression = {
      kind: 'chain',
      parameter: 'general-practitioner',
      type: 'Organization',
      where: withToken('type', '1'),
    };
    const vaccinated: Expression = {
      kind: 'has',
      type: 'Immunization',
      parameter: 'patient',
      where: withToken('status', 'completed'),
    };
    const cases: readonly (readonly [string, Expression, number])[] = [
      ['Patient', { kind: 'everything' }, 0],
      ['Patient', withToken('round', '0'), 0],
      ['Patient', ofPractice, 1],
      [
        'Immunization',
        { kind: 'chain', parameter: 'patient', type: 'Patient', where: ofPractice },
        2,
      ],
      ['Patient', { kind: 'and', of: [ofPractice, vaccinated] }, 2],
    ];
    for (const [type, where, hops] of cases) {
      const plain = { ...everything(type), where };
      const finds = Array.from({ length: hops + 1 }, () => 'find versions');
      assert.deepEqual(
        await commandsOf(one, () => one.store.search(plain, { count: 5 })),
        [...finds, 'aggregate versions'],
        JSON.stringify(where),
      );
      const sorted = { ...plain, sort: [{ parameter: '_lastUpdated', descending: true }] };
      assert.deepEqual(
        await commandsOf(one, () => one.store.search(sorted, { count: 5 })),
        [...finds, 'find versions'],
        'keys, then texts; the keys are the count',
      );
      assert.deepEqual(await commandsOf(one, () => one.store.count(plain)), [
        ...finds.slice(1),
        'aggregate versions',
      ]);
    }
  });
});
