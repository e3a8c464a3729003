// `npm run build`: compiles the cohort kernel from AssemblyScript to build/cohort/kernel.wasm,
// unless what is there was made from these very sources. Atomic: a broken build leaves the last.

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const source = fileURLToPath(new URL('./assembly/kernel.ts', import.meta.url));
const opcodes = fileURLToPath(new URL('./assembly/opcodes.ts', import.meta.url));
const outDir = join(import.meta.dirname, '../../../build/cohort');
const stampFile = join(outDir, 'kernel-stamp.txt');

/** The memory is given by who starts the kernel: shared, of up to 4 GiB. */
const flags = [
  ...['-O3', '--noAssert', '--runtime', 'stub'],
  ...['--enable', 'simd', '--enable', 'threads'],
  ...['--importMemory', '--sharedMemory', '--initialMemory', '1', '--maximumMemory', '65536'],
];

build();

function build(): void {
  const stamp = stampOfSources();
  if (readStamp() === stamp) {
    console.log('The cohort kernel is up to date.');
    return;
  }
  const startedAt = performance.now();
  const compiler = join(dirname(require.resolve('assemblyscript/package.json')), 'bin/asc.js');
  const made = join(outDir, `kernel.wasm.new-${process.pid}`);
  mkdirSync(outDir, { recursive: true });
  try {
    execFileSync(process.execPath, [compiler, source, '-o', made, ...flags], { stdio: 'inherit' });
    renameSync(made, join(outDir, 'kernel.wasm'));
  } finally {
    rmSync(made, { force: true });
  }
  writeFileSync(stampFile, stamp);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`Compiled the cohort kernel in ${seconds} s.`);
}

/** Everything that the output depends on: the sources, this file, the compiler. */
function stampOfSources(): string {
  const hash = createHash('sha256');
  const compiler = require.resolve('assemblyscript/package.json');
  for (const file of [source, opcodes, fileURLToPath(import.meta.url), compiler]) {
    hash.update(readFileSync(file));
  }
  return hash.digest('hex');
}

function readStamp(): string | undefined {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return undefined;
  }
}
