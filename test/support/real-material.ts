// The door to material that others made and that lies beside the project: Synthea's bundles and
// the cases of NHS and HL7 suites. Tests that need it skip, saying so, where it is absent.

import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import type { Resource } from '../../src/fhir/types.ts';

const sharedDir = join(import.meta.dirname, '../../../shared');
const syntheaDir = join(sharedDir, 'data/synthea');
const casesDir = join(sharedDir, 'cases');

/** The largest bundle has 11.3 MB. */
const BUNDLE_BYTES_MAX = 64 * 1024 * 1024;

export interface BundleEntry {
  readonly fullUrl?: string;
  readonly resource: Resource;
  readonly request?: {
    readonly method: string;
    readonly url: string;
    readonly ifNoneExist?: string;
  };
}

export interface SyntheaBundle {
  /** File name without extensions. */
  readonly name: string;
  readonly text: string;
  readonly bundle: Resource & { readonly type: string; readonly entry: readonly BundleEntry[] };
}

/** One entry of ../shared/cases/manifest.json; its README says what the members mean. */
export interface RealCase {
  readonly file: string;
  readonly expected: 'accept' | 'reject';
  readonly layer: 'fhir-r4' | 'ukcore' | 'nhs-imms' | 'pds' | 'nhs-imms-batch' | 'mavis-import';
  readonly why: string;
  readonly use?: string;
  readonly strength?: 'hard' | 'soft';
  readonly resourceType?: string;
  readonly httpStatus?: number;
  readonly ambiguous?: boolean;
  readonly policy?: string;
  /** The publisher's own words for what is wrong. */
  readonly error?: string;
  readonly refs?: readonly string[];
  readonly core?: boolean;
}

/** A file with a Synthea bundle. */
export interface SyntheaFile {
  readonly file: string;
  /** As it lies there, compressed. */
  readonly bytes: number;
}

/** Whether Synthea's bundles are at hand. */
export function hasSynthea(): boolean {
  return existsSync(syntheaDir);
}

/** Every Synthea file, hospitals and practitioners first, as they have to be loaded. */
export function syntheaFiles(): readonly SyntheaFile[] {
  return readdirSync(syntheaDir)
    .filter((file) => file.endsWith('.json.bz2'))
    .sort()
    .map((file) => ({ file, bytes: statSync(join(syntheaDir, file)).size }));
}

/**
 * The bundles in the files, all of them when none are named. The next file is unpacked (`bzcat`)
 * while the caller works on this one.
 */
export async function* syntheaBundles(
  wanted: readonly SyntheaFile[] = syntheaFiles(),
): AsyncGenerator<SyntheaBundle> {
  const files = wanted.map(({ file }) => file);
  let next = files[0] === undefined ? undefined : unpack(files[0]);
  for (const [position, file] of files.entries()) {
    const text = (await next) ?? '';
    const following = files[position + 1];
    next = following === undefined ? undefined : unpack(following);
    const bundle = JSON.parse(text) as SyntheaBundle['bundle'];
    yield { name: file.replace('.json.bz2', ''), text, bundle };
  }
}

async function unpack(file: string): Promise<string> {
  const options = { maxBuffer: BUNDLE_BYTES_MAX };
  const { stdout } = await promisify(execFile)('bzcat', [join(syntheaDir, file)], options);
  return stdout;
}

/** All cases of the manifest. */
export function realCases(): readonly RealCase[] {
  return JSON.parse(readFileSync(join(casesDir, 'manifest.json'), 'utf8')) as RealCase[];
}

/** The bytes of a case. */
export function readCase(realCase: RealCase): Buffer {
  return readFileSync(join(casesDir, realCase.file));
}

/** The names of a file of request scenarios: `api/….json`. */
export function scenarioNames(file: string): readonly string[] {
  const scenarios = JSON.parse(readFileSync(join(casesDir, file), 'utf8')) as { name: string }[];
  return scenarios.map(({ name }) => name);
}

/**
 * Skips the running test when the material is absent, in one plain line; under `CI=true` its
 * absence is a failure.
 */
export function needsRealMaterial(context: Mocha.Context, material: 'synthea' | 'cases'): void {
  const directory = material === 'synthea' ? syntheaDir : casesDir;
  if (existsSync(directory)) return;
  if (process.env.CI === 'true') throw new Error(`${directory} is absent.`);
  console.log(`      skipped: ${directory} is absent`);
  context.skip();
}
