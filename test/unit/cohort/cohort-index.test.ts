// The life of a cohort index: filled, followed, kept, opened again, refused, renewed; midnight, its
// bound, and faults that are planted in it.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Cohorts } from '../../../src/cohort/cohorts.ts';
import { openCohorts } from '../../../src/cohort/open-cohorts.ts';
import type { OpenEngine } from '../../../src/cohort/snapshots.ts';
import { FhirError } from '../../../src/fhir/fhir-error.ts';
import { type ProgrammeRules, programmeRules } from '../../../src/immunisation/programme-rules.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import { searchEnvironment } from '../../../src/interactions/conditional.ts';
import { COHORT_WAIT_MAX_MS } from '../../../src/limits.ts';
import { localOperator } from '../../../src/search/caller.ts';
import { resolveSelection } from '../../../src/search/resolve.ts';
import { type ResourceStore, StoreError } from '../../../src/store/resource-store.ts';
import { WINDOW_MS } from '../../conformance/back-ends.ts';
import { openModelEngine } from '../../support/model-engine.ts';
import { makeModelStore } from '../../support/model-store.ts';
import { immunization, patient } from '../../support/sample-resources.ts';
import { openService, type Service } from '../../support/service.ts';

interface Opening {
  readonly openEngine?: OpenEngine;
  readonly programmes?: readonly string[];
  /** Answers in place of the service's. */
  readonly store?: ResourceStore;
  /** In place of the programmes' own. */
  readonly rules?: ProgrammeRules;
  /** From how long on a wait is for ever, milliseconds. */
  readonly neverMs?: number;
}

describe('a cohort index', () => {
  let service: Service;
  let directory = '';
  let opened: Cohorts[] = [];

  beforeEach(async () => {
    const open = async () => ({ store: makeModelStore(WINDOW_MS), dispose: async () => {} });
    service = await openService({ name: 'model', open, isSlow: false });
    directory = await mkdtemp(join(tmpdir(), 'openims-index-'));
    opened = [];
  });

  afterEach(async () => {
    for (const cohorts of opened) await cohorts.stop();
    await service.close();
    await rm(directory, { recursive: true });
  });

  /** Opens one that does what `step` tells it to. */
  async function openIndex(opening: Opening = {}): Promise<Cohorts> {
    const { context, clock } = service;
    const cohorts = await openCohorts({
      store: opening.store ?? context.store,
      environment: searchEnvironment(context),
      rules: opening.rules ?? programmeRules(programmes, context.zone),
      programmes: opening.programmes ?? ['flu-2026'],
      softwareVersion: '0.0.0-test',
      index: {
        openEngine: opening.openEngine ?? openModelEngine,
        ...{ directory, memoryBytes: 1_000_000, workers: 1 },
      },
      now: () => clock.nowMs,
      random: () => 0,
      newId: () => 'the-store',
      wait: (ms, signal) => briefly(ms, signal, opening.neverMs),
    });
    opened.push(cohorts);
    return cohorts;
  }

  const indexOf = ({ index }: Cohorts) => {
    assert.ok(index !== undefined, 'an index is kept');
    return index;
  };

  const put = async (id: string, elements: object): Promise<void> => {
    const body = patient({ id, ...elements });
    const answer = await service.request('PUT', `/Patient/${id}`, body);
    assert.ok(answer.status < 300, answer.body);
  };

  const count = async (cohorts: Cohorts, search: string): Promise<number> => {
    const where = resolveSelection('Patient', search, searchEnvironment(service.context));
    const counted = await cohorts.count({ type: 'Patient', where, sort: [] }, localOperator);
    assert.ok(counted !== undefined, 'the index counts it');
    return counted.total;
  };

  /** Those of an age band, by its code. */
  const ofAge = (cohorts: Cohorts, birth: string) => count(cohorts, `birthdate=${birth}`);

  it('holds what was written before it and since', async () => {
    await put('one', { gender: 'male' });
    const cohorts = await openIndex();
    await indexOf(cohorts).step();
    assert.equal(await count(cohorts, 'gender=male'), 1);
    await put('two', { gender: 'male' });
    await put('one', { gender: 'female' });
    await indexOf(cohorts).step();
    assert.equal(await count(cohorts, 'gender=male'), 1);
    await service.request('DELETE', '/Patient/two');
    await indexOf(cohorts).step();
    assert.equal(await count(cohorts, 'gender=male'), 0);
  });

  it('says how far it is while it is filled', async () => {
    await put('one', {});
    const cohorts = await openIndex();
    const asked = cohorts.ask({ caller: localOperator }, async () => 'an answer');
    const error = await asked.catch((thrown: unknown) => thrown);
    assert.ok(error instanceof FhirError);
    assert.equal(error.status, 503);
    assert.match(error.message, /being filled from the records: 0 of about 0 people/);
    assert.equal(indexOf(cohorts).readiness.state, 'filling');
  });

  it('is waited for where it is about to be ready', async () => {
    await put('one', {});
    const cohorts = await openIndex({ neverMs: COHORT_WAIT_MAX_MS });
    const asked = cohorts.ask({ caller: localOperator }, async () => 'an answer');
    indexOf(cohorts).start();
    assert.equal(await asked, 'an answer');
  });

  it('goes on from its snapshot after a stop', async () => {
    await put('one', { gender: 'male', birthDate: '1950-02-03' });
    const before = await openIndex();
    await indexOf(before).step();
    await before.stop();
    opened = [];
    await put('two', { gender: 'male' });
    let filled = 0;
    const store = watched(service.context.store, () => {
      filled += 1;
    });
    const after = await openIndex({ store });
    assert.equal(indexOf(after).engine.person(1)?.row, 1, 'held before anything is read');
    await indexOf(after).step();
    assert.equal(await count(after, 'gender=male'), 2);
    assert.equal(filled, 0, 'nobody was read anew');
  });

  it('is filled anew where the snapshot is damaged, or means something else', async () => {
    await put('one', { gender: 'male' });
    const before = await openIndex();
    await indexOf(before).step();
    await before.stop();
    opened = [];
    const [snapshot = ''] = (await readdir(directory)).filter((name) => name.endsWith('.snapshot'));
    const kept = join(directory, snapshot);
    await writeFile(kept, 'x');
    const damaged = await openIndex();
    assert.equal(indexOf(damaged).engine.person(1), undefined);
    await indexOf(damaged).step();
    assert.equal(await count(damaged, 'gender=male'), 1);
    await damaged.stop();
    opened = [];
    const other = await openIndex({ programmes: ['flu-2026', 'rsv'] });
    assert.equal(indexOf(other).engine.person(1), undefined, 'it had fewer programmes');
    await indexOf(other).step();
    assert.equal(await count(other, 'vaccination-invited=rsv'), 0);
  });

  it('is filled anew when its past can no longer be read', async () => {
    await put('one', { gender: 'male' });
    let refusals = 0;
    const { store } = service.context;
    const passing = new Proxy(store, {
      get(target, name) {
        if (name !== 'readMany' || refusals > 0) return Reflect.get(target, name).bind(target);
        return async () => {
          refusals += 1;
          throw new StoreError({ reason: 'behind-window', floor: 1 });
        };
      },
    });
    const cohorts = await openIndex({ store: passing });
    await indexOf(cohorts).step();
    await put('two', { gender: 'male' });
    cohorts.start();
    assert.equal(await indexOf(cohorts).reached(await store.position(), NEVER_MS), true);
    assert.equal(refusals, 1);
    assert.equal(await count(cohorts, 'gender=male'), 2);
  });

  it('lets everybody grow older at midnight, all at once', async () => {
    await put('birthday', { birthDate: '1950-11-26' });
    await put('day-after', { birthDate: '1950-11-27' });
    const cohorts = await openIndex();
    await indexOf(cohorts).step();
    const ages = () =>
      [1, 2].map((row) => (indexOf(cohorts).engine.person(row)?.codes.age ?? 0) - 1);
    assert.deepEqual(ages(), [75, 75]);
    service.clock.nowMs += 14 * 60 * 60 * 1000 - 1;
    await indexOf(cohorts).step();
    assert.deepEqual(ages(), [75, 75], 'a moment before midnight');
    service.clock.nowMs += 1;
    await indexOf(cohorts).step();
    assert.deepEqual(ages(), [76, 75]);
    assert.equal(indexOf(cohorts).today, '2026-11-26');
    service.clock.nowMs += 24 * 60 * 60 * 1000;
    await indexOf(cohorts).step();
    assert.deepEqual(ages(), [76, 76]);
    assert.equal(await ofAge(cohorts, '1950-11'), 2);
  });

  it('leaves the answers to the store at its bound, and says so', async () => {
    const small: OpenEngine = (options) =>
      openModelEngine({ ...options, layout: { ...options.layout, maxRows: 2 } });
    for (const id of ['one', 'two', 'three']) await put(id, { gender: 'male' });
    const cohorts = await openIndex({ openEngine: small });
    await indexOf(cohorts).step();
    const { readiness } = indexOf(cohorts);
    assert.ok(readiness.state === 'ready' && readiness.full);
    const found = await cohorts.ask({ caller: localOperator }, async (people) => {
      const [tally] = await people.run([{ kind: 'all' }], [[]]);
      return { by: people.by, total: tally?.total };
    });
    assert.deepEqual(found, { by: 'store', total: 3 });
  });

  it('is found to be wrong, told, and put right', async () => {
    for (const id of ['one', 'two', 'three']) await put(id, { gender: 'male' });
    const cohorts = await openIndex();
    const index = indexOf(cohorts);
    await index.step();
    const { checker } = cohorts;
    assert.ok(checker !== undefined);
    await checker.check();
    assert.deepEqual(checker.findings, { checked: 3, wrong: 0 });
    const second = index.engine.person(2);
    assert.ok(second !== undefined);
    const wrong = { ...second, bitmaps: [...second.bitmaps, 'deceased=true'] };
    await index.engine.apply([wrong, { row: 3, removed: true }], index.engine.moment());
    assert.equal(await count(cohorts, 'deceased=true'), 1);
    await checker.check();
    assert.deepEqual(checker.findings, { checked: 6, wrong: 2 });
    assert.equal(await count(cohorts, 'deceased=true'), 0);
    assert.equal(await count(cohorts, 'gender=male'), 3);
    await checker.check();
    assert.deepEqual(checker.findings, { checked: 9, wrong: 2 });
  });

  it('is found to be wrong where a record was passed over that matters', async () => {
    await put('one', { gender: 'male' });
    const made = immunization('Patient/one', { id: 'dose' });
    assert.equal((await service.request('PUT', '/Immunization/dose', made)).status, 201);
    const rules = programmeRules(programmes, service.context.zone);
    const cohorts = await openIndex({ rules: { ...rules, textsThatMatter: () => () => false } });
    const index = indexOf(cohorts);
    await index.step();
    const vaccinated = 'vaccination-doses=flu-2026$ge1';
    assert.equal(await count(cohorts, vaccinated), 0);
    await cohorts.checker?.check();
    assert.equal(cohorts.checker?.findings.wrong, 1);
    assert.equal(await count(cohorts, vaccinated), 1);
  });

  it('holds of doses one after the other what all records say', async () => {
    await put('one', { gender: 'male' });
    await put('two', {});
    const dose = async (id: string, person: string, elements: object = {}) => {
      const made = immunization(`Patient/${person}`, { id, ...elements });
      const { status, body } = await service.request('PUT', `/Immunization/${id}`, made);
      assert.ok(status < 300, body);
    };
    const statusReason = { coding: [{ system: 'http://snomed.info/sct', code: '315640000' }] };
    const steps: readonly (() => Promise<unknown>)[] = [
      () => dose('of-last-year', 'one', { occurrenceDateTime: '2025-10-01' }),
      () => dose('first', 'one'),
      () => dose('again', 'one'),
      () => dose('second', 'one', { occurrenceDateTime: '2026-11-20' }),
      () => dose('vague', 'two', { occurrenceDateTime: '2026' }),
      () => dose('refused', 'two', { status: 'not-done', statusReason }),
      () => dose('late', 'two', { occurrenceDateTime: '2026-11-01' }),
      () => dose('second', 'two'),
      () => service.request('DELETE', '/Immunization/first'),
      () => put('one', { gender: 'female' }),
    ];
    const cohorts = await openIndex();
    const index = indexOf(cohorts);
    await index.step();
    const given = 'vaccination-doses=flu-2026$ge1';
    const counts: number[] = [];
    for (const step of steps) {
      await step();
      await index.step();
      counts.push(await count(cohorts, given));
      await cohorts.checker?.check();
      assert.equal(cohorts.checker?.findings.wrong, 0, `after step ${counts.length}`);
    }
    assert.deepEqual(counts, [0, 1, 1, 1, 1, 1, 2, 2, 2, 2]);
  });

  it('goes on where it cannot be kept on disk', async () => {
    await put('one', { gender: 'male' });
    const failing: OpenEngine = async (options) => {
      const opening = await openModelEngine(options);
      const save = () => Promise.reject(new Error('the disk is full'));
      return { ...opening, engine: Object.assign(opening.engine, { save }) };
    };
    const cohorts = await openIndex({ openEngine: failing });
    await indexOf(cohorts).step();
    service.clock.nowMs += 60 * 60 * 1000;
    await put('two', { gender: 'male' });
    await indexOf(cohorts).step();
    assert.equal(await count(cohorts, 'gender=male'), 2);
  });

  it('finds people that are held and gone', async () => {
    await put('one', {});
    await put('two', {});
    const cohorts = await openIndex();
    const index = indexOf(cohorts);
    await index.step();
    const gone = index.engine.person(1);
    await service.request('DELETE', '/Patient/one');
    await index.step();
    assert.ok(gone !== undefined);
    await index.engine.apply([gone], index.engine.moment());
    await cohorts.checker?.check();
    assert.equal(cohorts.checker?.findings.wrong, 1);
    assert.equal(index.engine.person(1), undefined);
  });
});

const NEVER_MS = 1_000_000;

/** Pauses last a turn of the event loop, and what would last forever until it is ended. */
async function briefly(ms: number, signal: AbortSignal, neverMs = NEVER_MS): Promise<void> {
  if (ms < neverMs) return setImmediate();
  if (!signal.aborted) await once(signal, 'abort');
}

/** A store that tells of streams of Patients. */
function watched(store: ResourceStore, onPatients: () => void): ResourceStore {
  return new Proxy(store, {
    get(target, name) {
      const own = Reflect.get(target, name);
      if (name !== 'stream') return typeof own === 'function' ? own.bind(target) : own;
      return (query: { type: string }, at?: number) => {
        if (query.type === 'Patient') onPatients();
        return own.call(target, query, at);
      };
    },
  });
}
