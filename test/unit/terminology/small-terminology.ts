// Terminology from resources that a test makes up: written to a folder that is gone afterwards.

import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadTerminology, type Terminology } from '../../../src/terminology/terminology.ts';

export const SCT = 'http://snomed.info/sct';
const OURS = 'https://test.example';

/** The folder of codes that others published, beside the project. */
export const codesDir = join(import.meta.dirname, '../../../../shared/data/codes');

/** Skips the running test where the codes are absent; under `CI=true` that is a failure. */
export function needsCodes(context: Mocha.Context): void {
  if (existsSync(codesDir)) return;
  if (process.env.CI === 'true') throw new Error(`${codesDir} is absent.`);
  console.log(`      skipped: ${codesDir} is absent`);
  context.skip();
}

/** A resource that a test made up, right or wrong. */
export interface Made {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

/** The terminology of files with these contents; what is no string is written as JSON. */
export function terminologyOfFiles(files: Readonly<Record<string, unknown>>): Terminology {
  const folder = mkdtempSync(join(tmpdir(), 'terminology-'));
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    }
    return loadTerminology({ folders: [folder] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The terminology of resources, one a file named for its id. */
export function terminologyOf(...resources: readonly Made[]): Terminology {
  return terminologyOfFiles(
    Object.fromEntries(resources.map((each) => [`${each.resourceType}-${each.id}.json`, each])),
  );
}

/** The url that a made-up resource has. */
export function urlOf(type: 'CodeSystem' | 'ValueSet', id: string): string {
  return `${OURS}/${type}/${id}`;
}

/** A complete, case-sensitive CodeSystem, unless `elements` say otherwise. */
export function codeSystem(
  id: string,
  concept: readonly object[],
  elements: Record<string, unknown> = {},
): Made {
  return {
    resourceType: 'CodeSystem',
    id,
    url: urlOf('CodeSystem', id),
    status: 'active',
    caseSensitive: true,
    content: 'complete',
    concept,
    ...elements,
  };
}

/** A ValueSet of these parts. */
export function valueSet(
  id: string,
  include: readonly object[],
  elements: { readonly exclude?: readonly object[]; readonly inactive?: boolean } = {},
): Made {
  return {
    resourceType: 'ValueSet',
    id,
    url: urlOf('ValueSet', id),
    status: 'active',
    compose: { include, ...elements },
  };
}

/** The members that a value set lists, as codes in order. */
export function codesIn(terminology: Terminology, id: string): readonly string[] {
  const expansion = terminology.expand(urlOf('ValueSet', id), {});
  return (expansion?.members ?? []).map(({ code }) => code);
}
