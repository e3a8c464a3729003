// `npm test`: types, lint and format, then every test. Streams what happens, says what was skipped
// and what took longest, and ends with the line `N passed, N failed`. With files named
// (`npm test -- FILE…`) it runs those alone.

import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Mocha from 'mocha';

const ROOT = fileURLToPath(new URL('../', import.meta.url));

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** Runs a tool of the project; it counts as one test. */
function runTool(name: string, ...flags: readonly string[]): Counts {
  console.log(`\n  ${[name, ...flags].join(' ')}`);
  const tool = join(ROOT, 'node_modules/.bin', name);
  const { status } = spawnSync(tool, flags, { cwd: ROOT, stdio: 'inherit' });
  console.log(`  ${status === 0 ? '✔' : '✖ failed'}`);
  return status === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

/** Limits of time are set with an idle machine in mind and are there to end what hangs: a busy one
 * may take so many times as long. */
const PATIENCE = 4;

function bePatient(running: Mocha.Runner): void {
  const known = new WeakSet<Mocha.Runnable>();
  const extend = (runnable: Mocha.Runnable) => {
    if (!known.has(runnable)) runnable.timeout(PATIENCE * runnable.timeout());
    known.add(runnable);
  };
  running.on('test', extend);
  running.on('hook', extend);
}

const SLOW_FILES_TOLD = 12;

/** Seconds of tests and hooks by file, as they end. */
function timeFiles(running: Mocha.Runner): ReadonlyMap<string, number> {
  const seconds = new Map<string, number>();
  const add = (runnable: Mocha.Runnable) => {
    const file = runnable.file ?? runnable.parent?.file ?? '';
    seconds.set(file, (seconds.get(file) ?? 0) + (runnable.duration ?? 0) / 1_000);
  };
  running.on('test end', add);
  running.on('hook end', add);
  return seconds;
}

function tellSlowFiles(seconds: ReadonlyMap<string, number>): void {
  const slowest = [...seconds].sort(([, one], [, other]) => other - one).slice(0, SLOW_FILES_TOLD);
  console.log('\n  seconds by file, the longest first:');
  for (const [file, taken] of slowest) console.log(`    ${taken.toFixed(0).padStart(5)} ${file}`);
}

async function runTests(files: readonly string[]): Promise<Counts> {
  const options = JSON.parse(readFileSync(join(ROOT, '.mocharc.json'), 'utf8'));
  const mocha = new Mocha({ ...options, color: process.stdout.isTTY });
  for (const file of files) mocha.addFile(file);
  await mocha.loadFilesAsync();
  const skipped: string[] = [];
  const runner = await new Promise<Mocha.Runner>((resolve) => {
    const running = mocha.run(() => resolve(running));
    bePatient(running);
    const seconds = timeFiles(running);
    running.on('end', () => tellSlowFiles(seconds));
    running.on('pending', (test) => skipped.push(test.fullTitle()));
  });
  if (skipped.length > 0) {
    console.log(`  ${skipped.length} skipped; the reasons stand above:`);
    for (const title of skipped) console.log(`    ${title}`);
  }
  const { passes = 0, failures = 0 } = runner.stats ?? { failures: 1 };
  return { passed: passes, failed: failures };
}

async function runAll(named: readonly string[]): Promise<void> {
  process.chdir(ROOT);
  const files = named.length > 0 ? named : globSync('test/**/*.test.ts').sort();
  const tools = named.length > 0 ? [] : [runTool('tsc', '--noEmit'), runTool('biome', 'check')];
  const tests = await runTests(files).catch((error: unknown) => {
    console.error(error);
    return { passed: 0, failed: 1 };
  });
  const counts = [...tools, tests];
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  console.log(`\n${passed} passed, ${failed} failed`);
  // A test that left something open must not keep the verdict waiting.
  process.exit(failed === 0 && passed > 0 ? 0 : 1);
}

await runAll(process.argv.slice(2));
