// The judge that the service uses, made of the shipped profiles; without value sets, unless a test
// brings its own.

import { join } from 'node:path';

import { type Judge, makeJudge } from '../../src/validation/judge.ts';
import { loadProfiles } from '../../src/validation/profile-definition.ts';
import type { ValueSets } from '../../src/validation/profile-judge.ts';

const profiles = join(import.meta.dirname, '../../profiles');
export const profilesDir = join(profiles, 'structuredefinitions');
export const searchParametersDir = join(profiles, 'searchparameters');
export const terminologyFolders = ['valuesets', 'codesystems', 'namingsystems'].map((name) =>
  join(profiles, name),
);

/** A judge of the shipped profiles. */
export function shippedJudge(valueSets?: ValueSets): Judge {
  const sources = loadProfiles(profilesDir);
  return makeJudge({ profiles: sources, ...(valueSets === undefined ? {} : { valueSets }) });
}
