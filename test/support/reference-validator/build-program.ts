// Builds the reference validator's Java program with Maven, once for every state of its sources.
// Two test runs may come here at once: a lock makes the second wait and find the first's work.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import DatabaseConstructor from 'better-sqlite3';

const projectDir = import.meta.dirname;
const targetDir = join(projectDir, 'target');
const STAMP_FILE = 'stamp.txt';
const CLASSPATH_FILE = 'classpath.txt';

/** A first build loads some 150 MB of libraries. */
const BUILD_TIMEOUT_MS = 10 * 60_000;

/**
 * The class path of the program, built when it is not there yet.
 * @throws Error with what Maven said when it cannot be built
 */
export async function buildProgram(): Promise<string> {
  const stamp = stampOfSources();
  const ready = builtClasspath(stamp);
  if (ready !== undefined) return ready;
  // A lock of SQLite's: the operating system lets go of it with the process, however that ends.
  const lock = new DatabaseConstructor(join(projectDir, 'lock.db'), { timeout: BUILD_TIMEOUT_MS });
  try {
    lock.exec('BEGIN EXCLUSIVE');
    if (builtClasspath(stamp) === undefined) await build(stamp);
  } finally {
    lock.close();
  }
  const built = builtClasspath(stamp);
  if (built === undefined) throw new Error(`${targetDir} is incomplete right after its build.`);
  return built;
}

function stampOfSources(): string {
  const hash = createHash('sha256');
  for (const file of ['pom.xml', ...globSync('src/**/*.java', { cwd: projectDir }).sort()]) {
    hash.update(file).update(readFileSync(join(projectDir, file)));
  }
  return hash.digest('hex');
}

/** Undefined when it was built of other sources, or when a library has gone since. */
function builtClasspath(stamp: string): string | undefined {
  if (!existsSync(join(targetDir, STAMP_FILE))) return undefined;
  if (readFileSync(join(targetDir, STAMP_FILE), 'utf8') !== stamp) return undefined;
  const libraries = readFileSync(join(targetDir, CLASSPATH_FILE), 'utf8').trim().split(delimiter);
  if (!libraries.every((library) => existsSync(library))) return undefined;
  return [join(targetDir, 'classes'), ...libraries].join(delimiter);
}

async function build(stamp: string): Promise<void> {
  console.log('      building the reference validator (the first time it loads its libraries)');
  const newDir = join(projectDir, `target-new-${process.pid}`);
  const flags = ['-B', '-q', `-Dtarget=${newDir}`];
  const classpath = [`-Dmdep.outputFile=${join(newDir, CLASSPATH_FILE)}`];
  const goals = ['compile', 'dependency:build-classpath'];
  try {
    await promisify(execFile)('mvn', [...flags, ...classpath, ...goals], {
      cwd: projectDir,
      timeout: BUILD_TIMEOUT_MS,
    });
    writeFileSync(join(newDir, STAMP_FILE), stamp);
    rmSync(targetDir, { recursive: true, force: true });
    renameSync(newDir, targetDir);
  } catch (error) {
    const { stdout = '', message } = error as Error & { readonly stdout?: string };
    throw new Error(`Maven could not build the reference validator: ${stdout || message}`);
  } finally {
    rmSync(newDir, { recursive: true, force: true });
  }
}
