// Breakdowns and samples of sets of people, against sums made by hand.

import assert from 'node:assert/strict';
import {
  type Breakdown,
  breakdownParts,
  RowSums,
  readBreakdown,
} from '../../../src/cohort/breakdowns.ts';
import type { EngineExpression, EnginePerson } from '../../../src/cohort/engine/cohort-engine.ts';
import { AGE_OTHERS } from '../../../src/cohort/facets.ts';
import { indexedPeople, type People } from '../../../src/cohort/people.ts';
import { samplePeople } from '../../../src/cohort/sample.ts';
import { type OpenedModel, openModel } from '../../support/cohort-model.ts';
import { openModelEngine } from '../../support/model-engine.ts';

const layout = {
  bitmaps: ['risk-group=heart', 'risk-group=diabetes'],
  days: [],
  counts: [],
  codes: ['age', 'person', 'home', 'practice'],
  maxRows: 1_000,
};

const ALL: EngineExpression = { kind: 'all' };

describe('breakdowns of a cohort', () => {
  let opened: OpenedModel;
  let people: People;

  /** A hundred people: ages 0 to 99, by turns women and men, every tenth with heart disease. */
  before(async () => {
    opened = await openModel();
    const { model } = opened;
    const person = model.dictionary('person');
    assert.ok(person !== undefined);
    const [female = 0, male = 0] = ['female', 'male'].map((code) =>
      person.codeOf([{ kind: 'token', parameter: 'gender', system: '', code }]),
    );
    const { engine } = await openModelEngine({ layout, workers: 1 });
    const everybody = Array.from(
      { length: 100 },
      (_, index): EnginePerson => ({
        ...{ row: index + 1, days: {}, counts: {} },
        bitmaps: index % 10 === 0 ? ['risk-group=heart'] : [],
        codes: { age: index + 1, person: index % 2 === 0 ? female : male },
      }),
    );
    const codes = { age: AGE_OTHERS, person: person.codeOf([]) };
    const unknown = { row: 101, bitmaps: [], days: {}, counts: {}, codes };
    await engine.apply([...everybody, unknown], { sequence: 7, timeMs: 0 });
    people = indexedPeople({ engine, model, today: '2026-11-25' });
  });
  after(() => opened.service.close());

  /** Rows as `code/code count`. @param size of every column, where another one is claimed */
  async function rows(breakdown: Breakdown, size?: number): Promise<readonly string[]> {
    const { categories } = people.model;
    const sums = new RowSums();
    const columns = { categories, size: (column: string) => size ?? people.size(column) };
    for (const { where = ALL, histogram, fold } of breakdownParts(breakdown, columns)) {
      const asked = histogram === undefined ? [] : [histogram];
      const [tally] = await people.run([where], [asked]);
      const cells = tally?.breakdowns[0] ?? Uint32Array.of(tally?.total ?? 0);
      fold(cells, (of, count) => sums.add(of, count));
    }
    return sums.rows().map((row) => {
      return `${row.categories.map(({ code }) => code).join('/')} ${row.count}`;
    });
  }

  it('fold ages into bands, the oldest together, who has no day of birth last', async () => {
    const bands = await rows(['age-band']);
    assert.equal(bands.length, 20);
    assert.equal(bands[0], '00-04 5');
    assert.equal(bands[17], '85-89 5');
    assert.deepEqual(bands.slice(18), ['90+ 10', 'unknown 1']);
  });

  it('count people in each of their groups', async () => {
    assert.deepEqual(await rows(['risk-group']), ['heart 10']);
    assert.deepEqual(await rows(['risk-group', 'sex']), ['heart/female 10']);
    assert.deepEqual(await rows(['sex', 'risk-group']), ['female/heart 10']);
  });

  it('cross two columns, in one question or category by category', async () => {
    const crossed = await rows(['age-band', 'sex']);
    assert.equal(crossed.length, 39);
    assert.deepEqual(crossed.slice(0, 2), ['00-04/female 3', '00-04/male 2']);
    assert.deepEqual(await rows(['age-band', 'sex'], 60_000), crossed);
    const turned = (await rows(['sex', 'age-band'], 60_000)).length;
    assert.equal(turned, 39);
  });

  it('are refused by name, where unknown or crossed with themselves', () => {
    assert.deepEqual(readBreakdown('sex, age-band'), ['sex', 'age-band']);
    for (const text of ['', 'height', 'sex,sex', 'sex,age-band,region', 'toString']) {
      assert.throws(() => readBreakdown(text), /Parameter 'breakdown' is one of/, text);
    }
  });

  it('of more values than are told apart are refused', () => {
    const columns = {
      categories: { of: () => [], byCategory: () => [], isComplete: () => false },
      size: () => 1,
    };
    assert.throws(() => breakdownParts(['practice'], columns), /more values of 'practice'/);
  });

  it('of two dimensions that are both large are refused', () => {
    const known = () =>
      Array.from({ length: 300 }, (_, code) => ({
        category: { code: `${code}` },
        codes: [code],
      }));
    const columns = {
      categories: { of: () => [], isComplete: () => true, byCategory: known },
      size: () => 60_000,
    };
    assert.throws(() => breakdownParts(['small-area', 'practice'], columns), /at most 200 rows/);
  });

  it('go with samples in which everybody is as likely as anybody', async () => {
    const drawn = new Map<string, number>();
    for (let turn = 0; turn < 200; turn += 1) {
      const sample = await samplePeople(people, ALL, 101, 10, Buffer.from(`secret ${turn}`));
      assert.equal(new Set(sample.map(({ pseudonym }) => pseudonym)).size, 10);
      for (const { categories } of sample) {
        const [band] = categories;
        const code = band?.category.code ?? '';
        drawn.set(code, (drawn.get(code) ?? 0) + 1);
      }
    }
    // Ten of 101, two hundred times: 99 for five people, and 198 for ten.
    for (const [band, count] of drawn) {
      const expected = band === '90+' ? 198 : band === 'unknown' ? 20 : 99;
      assert.ok(Math.abs(count - expected) < 45, `${band}: ${count}`);
    }
    assert.equal(drawn.size, 20);
  });
});
