// The command that writes a nation to files: what it refuses, and that it leaves nothing
// half-written.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Resource } from '../../../src/fhir/types.ts';
import { generate, readArguments, sentence } from '../../../src/population/generate.ts';
import { nation } from '../../../src/population/nation.ts';
import { FolderError, writeNdjson } from '../../../src/population/ndjson-files.ts';

const never = new AbortController().signal;
const silent = { onProgress: () => undefined, signal: never };

describe('generate', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'openims-generate-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  async function run(...flags: string[]): Promise<{ code: number; told: string }> {
    let told = '';
    const write = (text: string): void => {
      told += text;
    };
    const terminal = { isTerminal: false, write };
    return { code: await generate(flags, terminal, never), told };
  }

  it('writes one file per type whose lines are the nation’s resources in order', async () => {
    const out = join(folder, 'nation');
    const { code, told } = await run('--people', '30', '--date=2026-11-22', '--out', out);
    assert.equal(code, 0, told);
    const expected = [...nation({ people: 30, seed: 42, date: '2026-11-22' })];
    const types = [...new Set(expected.map((resource) => resource.resourceType))].sort();
    assert.deepEqual(
      readdirSync(out).sort(),
      types.map((type) => `${type}.ndjson`),
    );
    for (const type of types) {
      const lines = expected
        .filter((resource) => resource.resourceType === type)
        .map((resource) => `${JSON.stringify(resource)}\n`);
      assert.equal(readFileSync(join(out, `${type}.ndjson`), 'utf8'), lines.join(''));
    }
    assert.match(told, /nation holds [\d,]+ resources of 30 people\.\n$/);
    assert.deepEqual(readdirSync(folder), ['nation']);
  });

  it('refuses a folder that is not empty, and takes an empty one', async () => {
    writeFileSync(join(folder, 'precious'), 'kept');
    const flags = ['--people=1', '--date=2026-11-22', '--out', folder];
    const { code, told } = await run(...flags);
    assert.equal(code, 1);
    assert.match(told, /is not empty; name a new folder\.\n$/);
    assert.deepEqual(readdirSync(folder), ['precious']);
    rmSync(join(folder, 'precious'));
    assert.equal((await run(...flags)).code, 0);
  });

  it('says in a sentence what is wrong with each argument', async () => {
    const good = { people: '10', date: '2026-11-22', out: join(folder, 'x'), seed: '1' };
    const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
      [{ people: 'ten' }, /^--people must be a whole number, not 'ten'\.$/],
      [{ people: '0' }, /^--people must be a whole number from 1 to 70000000\.$/],
      [{ seed: '-1' }, /^--seed must be a whole number, not '-1'\.$/],
      [{ date: '2026-02-30' }, /^--date must be a day from .*\.$/],
      [{ date: '1999-01-01' }, /^--date must be a day from .*\.$/],
      [{ out: join(folder, 'no/where') }, /does not exist\.$/],
      [{ size: '3' }, /^Unknown option '--size'; --help lists the flags\.$/],
    ];
    for (const [wrong, expected] of cases) {
      const flags = Object.entries({ ...good, ...wrong }).map(
        ([flag, value]) => `--${flag}=${value}`,
      );
      const { code, told } = await run(...flags);
      assert.equal(code, 1, told);
      assert.match(told.trim(), expected);
    }
    assert.deepEqual(readdirSync(folder), []);
  });

  it('asks for what is missing, and helps', () => {
    for (const flags of [[], ['--people=1'], ['--people=1', '--date=2026-11-22'], ['--people']]) {
      const request = readArguments(flags);
      assert.ok(request.kind === 'fault');
      assert.match(request.fault, /--help lists the flags\.$/);
    }
    assert.equal(readArguments(['--help']).kind, 'help');
  });

  it('leaves nothing behind when the disk fails, and says so', async () => {
    const out = join(folder, 'nation');
    const full = Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    await assert.rejects(writeNdjson(failing(5000, full), out, silent), full);
    assert.deepEqual(readdirSync(folder), []);
    assert.match(sentence(full, out, never), /^The disk is full: .* nothing was left behind\.$/);
  });

  it('leaves nothing behind when interrupted', async () => {
    const out = join(folder, 'nation');
    const interruption = new AbortController();
    const watch = { onProgress: () => interruption.abort(), signal: interruption.signal };
    await assert.rejects(writeNdjson(failing(9000, new Error('too late')), out, watch), {
      name: 'AbortError',
    });
    assert.deepEqual(readdirSync(folder), []);
    let told = '';
    const terminal = { isTerminal: true, write: (text: string) => told.concat(text) };
    const flags = ['--people=30', '--date=2026-11-22', '--out', out];
    assert.equal(await generate(flags, terminal, interruption.signal), 130);
    told = sentence(new Error('aborted'), out, interruption.signal);
    assert.equal(told, 'Interrupted: nothing was left behind.');
    assert.deepEqual(readdirSync(folder), []);
  });

  it('does not disturb another run’s unfinished folder', async () => {
    const out = join(folder, 'nation');
    writeFileSync(`${out}.partial`, 'of another run');
    await assert.rejects(writeNdjson([], out, silent), FolderError);
    assert.equal(readFileSync(`${out}.partial`, 'utf8'), 'of another run');
  });
});

function* failing(after: number, error: Error): Generator<Resource> {
  for (let count = 0; count < after; count += 1) yield { resourceType: 'Basic', id: `${count}` };
  throw error;
}
