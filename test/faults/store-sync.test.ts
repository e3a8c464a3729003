// Acknowledged means on the disk: strace watches a writing process, and between every group of
// writes and its acknowledgement a sync call must return. (A killed process would not show this:
// the operating system keeps what it was given.)

import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const WRITER = new URL('./store-sync-writer.ts', import.meta.url).pathname;
const GROUPS = 5;

/** The calls of all threads in the order in which they returned. */
async function tracedCalls(directory: string): Promise<string[]> {
  const trace = join(directory, 'trace.txt');
  const syscalls = 'trace=pwrite64,fsync,fdatasync,write';
  const given = ['-f', '-y', '-s', '64', '-e', syscalls, '-o', trace];
  const command = [process.execPath, WRITER, join(directory, 'data'), String(GROUPS)];
  await run('strace', [...given, ...command], { timeout: 60_000 });
  return (await readFile(trace, 'utf8')).split('\n');
}

/** What a line of the trace is about, when it is one of these and has returned. */
function eventOf(line: string): 'log written' | 'log synced' | 'acknowledged' | undefined {
  if (/ write\(1<.*"acknowledged/.test(line)) return 'acknowledged';
  const ofLog = line.includes('openims.db-wal');
  if (ofLog && / pwrite64\(/.test(line)) return 'log written';
  if (/ (fsync|fdatasync)\(.*openims\.db-wal.*= 0$/.test(line)) return 'log synced';
  return undefined;
}

/** strace splits a call that another thread interrupts: the second half says that it returned. */
function joinResumed(lines: readonly string[]): string[] {
  const begun = new Map<string, string>();
  return lines.flatMap((line) => {
    const [thread = ''] = line.split(' ', 1);
    if (line.endsWith('<unfinished ...>')) {
      begun.set(thread, line.replace('<unfinished ...>', ''));
      return [];
    }
    const resumed = /<\.\.\. \w+ resumed>(.*)$/.exec(line);
    return resumed === null ? [line] : [`${begun.get(thread) ?? ''}${resumed[1]}`];
  });
}

describe('a write to the embedded store', () => {
  it('is on the disk before it is acknowledged', async function () {
    this.timeout(90_000);
    if (spawnSync('strace', ['-V']).error !== undefined) {
      console.log('      skipped: strace is not installed');
      if (process.env.CI === 'true') assert.fail('strace must be installed under CI');
      this.skip();
    }
    const directory = await mkdtemp(join(tmpdir(), 'openims-sync-'));
    try {
      const events = joinResumed(await tracedCalls(directory)).flatMap(
        (line) => eventOf(line) ?? [],
      );
      const acknowledged = events.filter((event) => event === 'acknowledged');
      assert.equal(acknowledged.length, GROUPS);
      for (const [index, event] of events.entries()) {
        if (event !== 'acknowledged') continue;
        assert.equal(events[index - 1], 'log synced', events.slice(0, index + 1).join(', '));
        assert.ok(events.slice(0, index).lastIndexOf('log written') >= 0);
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  });
});
