// Snapshots of the cohort engine: what is saved is what is loaded, also when people change
// meanwhile; what is damaged, cut short, or of another layout or version is refused whole.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  CohortEngine,
  EngineLayout,
  EnginePerson,
} from '../../../../src/cohort/engine/cohort-engine.ts';
import { openCohortEngine } from '../../../../src/cohort/engine/open-engine.ts';
import { BLOCKS_AT, END_BYTES, startOf } from '../../../../src/cohort/engine/snapshot-file.ts';
import { temporaryDirectory } from '../../../support/running-service.ts';

const layout: EngineLayout = {
  bitmaps: ['carer'],
  days: ['birth'],
  counts: ['doses'],
  codes: ['home'],
  maxRows: 280_000,
};
/** Of this layout: two bitmaps, two 16-bit columns, one of 8 bits. */
const BLOCK_BYTES = 2 * 16_384 + 2 * 262_144 + 131_072;

const personAt = (row: number, home = row % 1_000): EnginePerson => ({
  row,
  bitmaps: row % 3 === 0 ? ['carer'] : [],
  days: { birth: row % 60_000 || 1 },
  counts: { doses: (row % 4) + 1 },
  codes: { home: home || 1 },
});

async function open(snapshotFile: string, of: EngineLayout = layout) {
  return openCohortEngine({ layout: of, workers: 1, snapshotFile });
}

async function everything(engine: CohortEngine) {
  const rows = await engine.rows({ kind: 'all' }, 0, layout.maxRows);
  return {
    moment: engine.moment(),
    size: engine.size('home'),
    full: engine.full,
    people: [...rows].map((row) => engine.person(row)),
  };
}

describe('a snapshot of the cohort engine', function () {
  this.timeout(30_000);
  const directory = temporaryDirectory();
  const file = join(directory.path, 'good.snapshot');
  const other = join(directory.path, 'other.snapshot');
  let saved: Awaited<ReturnType<typeof everything>>;

  before(async () => {
    const { engine } = await openCohortEngine({ layout, workers: 1 });
    const people = Array.from({ length: 3_000 }, (_, index) => personAt(index * 80 + 1));
    await engine.apply([...people, personAt(900_000)], { sequence: 77, timeMs: 1_234 });
    await engine.save(file);
    saved = await everything(engine);
    await engine.close();
  });
  after(() => directory.remove());

  async function assertRefused(reason: RegExp, of: EngineLayout = layout): Promise<void> {
    const { engine, snapshot } = await open(other, of);
    try {
      assert.match(typeof snapshot === 'string' ? snapshot : snapshot.refused, reason);
      assert.equal(engine.moment().sequence, 0);
      const [answer] = await engine.run([{ kind: 'all' }], []);
      assert.equal(answer?.total, 0);
    } finally {
      await engine.close();
    }
  }

  it('holds everything, and leaves nothing else behind', async () => {
    const { engine, snapshot } = await open(file);
    assert.equal(snapshot, 'loaded');
    assert.deepEqual(await everything(engine), saved);
    assert.equal(saved.full, true);
    await engine.close();
    assert.deepEqual(readdirSync(directory.path), ['good.snapshot']);
  });

  it('that is not there is absent', async () => {
    const { engine, snapshot } = await open(join(directory.path, 'none'));
    assert.equal(snapshot, 'absent');
    await engine.close();
  });

  it('with a bit turned anywhere is refused', async () => {
    const good = readFileSync(file);
    const tableAt = good.indexOf('{"layout"');
    const places = [
      ['title', 3, /is no snapshot/],
      ['rest of the title', BLOCKS_AT - 1, /is no snapshot/],
      ['first byte of the first block', BLOCKS_AT, /block 0/],
      ['last byte of the first block', BLOCKS_AT + BLOCK_BYTES - 1, /block 0/],
      ['second block', BLOCKS_AT + BLOCK_BYTES, /block 1/],
      ['last block', tableAt - 1, /block 1/],
      ['layout', tableAt + 20, /table/],
      ['moment', good.indexOf('"sequence":77') + 11, /table/],
      ['end of the table', good.length - END_BYTES - 1, /table/],
      ...Array.from({ length: END_BYTES }, (_, at) => [
        `byte ${at} of the end`,
        good.length - END_BYTES + at,
        /damaged/,
      ]),
    ] as [string, number, RegExp][];
    for (const [name, at, reason] of places) {
      const bad = Buffer.from(good);
      bad[at] = (bad[at] ?? 0) ^ 0x10;
      writeFileSync(other, bad);
      await assertRefused(reason).catch((error: Error) => {
        throw new Error(`${name}: ${error.message}`);
      });
    }
  });

  it('that is cut short, or longer, is refused', async () => {
    const good = readFileSync(file);
    for (const length of [0, 100, BLOCKS_AT, BLOCKS_AT + BLOCK_BYTES, good.length - 1]) {
      writeFileSync(other, good.subarray(0, length));
      await assertRefused(/./);
    }
    writeFileSync(other, Buffer.concat([good, Buffer.alloc(64)]));
    await assertRefused(/damaged/);
    const end = good.subarray(good.length - END_BYTES);
    writeFileSync(other, Buffer.concat([good.subarray(0, BLOCKS_AT + BLOCK_BYTES), end]));
    await assertRefused(/./);
  });

  it('of another layout is refused', async () => {
    copyFileSync(file, other);
    await assertRefused(/another layout/, { ...layout, bitmaps: ['staff'] });
    await assertRefused(/another layout/, { ...layout, days: [], counts: ['doses', 'birth'] });
    await assertRefused(/more people than the bound/, { ...layout, maxRows: 1_000 });
  });

  it('of another version is refused', async () => {
    const changed = readFileSync(file);
    startOf(3).copy(changed);
    writeFileSync(other, changed);
    await assertRefused(/is of version 3, and this is 2/);
  });

  it('goes to a layout with a higher bound', async () => {
    const { engine, snapshot } = await open(file, { ...layout, maxRows: 1_000_000 });
    assert.equal(snapshot, 'loaded');
    assert.deepEqual((await everything(engine)).people, saved.people);
    await engine.close();
  });

  it('is of one moment although people change while it is written', async () => {
    const { engine } = await open(file);
    let sequence = 100;
    const saving = engine.save(other);
    let isSaved = false;
    void saving.then(() => {
      isSaved = true;
    });
    // Each commit moves the same people, a new one comes, an old one goes. There are no more than
    // leave these apart, however slow the disk.
    for (; !isSaved && sequence < 1_100; sequence += 1) {
      const moved = [1, 81, 131_041, 239_921].map((row) => personAt(row, sequence));
      const came = personAt(279_000 - sequence, sequence);
      const gone = { row: 161 + 80 * (sequence - 100), removed: true } as const;
      await engine.apply([...moved, came, gone], { sequence, timeMs: sequence });
      await new Promise((resolve) => setImmediate(resolve));
    }
    await saving;
    const loaded = await open(other);
    assert.equal(loaded.snapshot, 'loaded');
    const at = loaded.engine.moment().sequence;
    assert.ok(at >= 77 && at < sequence, `${at}`);
    for (const row of [1, 81, 131_041, 239_921]) {
      assert.deepEqual(loaded.engine.person(row), at < 100 ? personAt(row) : personAt(row, at));
    }
    for (let commit = 100; commit < sequence; commit += 1) {
      const isIn = commit <= at;
      assert.equal(loaded.engine.person(279_000 - commit)?.codes.home, isIn ? commit : undefined);
      assert.equal(loaded.engine.person(161 + 80 * (commit - 100)) === undefined, isIn);
    }
    await Promise.all([engine.close(), loaded.engine.close()]);
  });

  it('that cannot be written leaves the last one', async () => {
    copyFileSync(file, other);
    const { engine } = await open(file);
    await assert.rejects(engine.save(join(directory.path, 'none', 'x')), /ENOENT/);
    assert.ok(!existsSync(join(directory.path, 'none')));
    await engine.save(other);
    await engine.close();
    const again = await open(other);
    assert.deepEqual(await everything(again.engine), saved);
    await again.engine.close();
  });
});
