// Versions on their way from a reading thread. Copying many small objects from thread to thread
// takes both threads several times as long as copying a few lists.

import type { Version } from '../resource-store.ts';
import { METHODS } from './schema.ts';

/** Versions as lists, one after the other; of what is not there the numbers are zero. */
export interface PackedVersions {
  /** NUMBERS_EACH of each: see `packVersions`. */
  readonly numbers: Float64Array;
  readonly types: readonly string[];
  readonly ids: readonly string[];
  /** Undefined of a deletion. */
  readonly texts: readonly (string | undefined)[];
}

const NUMBERS_EACH = 7;

type Found = Version | undefined;

export function packVersions(versions: readonly Found[]): PackedVersions {
  const numbers = new Float64Array(NUMBERS_EACH * versions.length);
  const types: string[] = [];
  const ids: string[] = [];
  const texts: (string | undefined)[] = [];
  for (const [index, version] of versions.entries()) {
    ids.push(version?.id ?? '');
    texts.push(version?.text);
    if (version === undefined) continue;
    if (!types.includes(version.type)) types.push(version.type);
    const { type, versionId, sequence, commitLast, number, lastUpdatedMs, method } = version;
    const place = [types.indexOf(type), METHODS.indexOf(method)];
    const own = [versionId, sequence, commitLast, number, lastUpdatedMs, ...place];
    numbers.set(own, NUMBERS_EACH * index);
  }
  return { numbers, types, ids, texts };
}

/** The versions that `packVersions` was given. */
export function unpackVersions({ numbers, types, ids, texts }: PackedVersions): Found[] {
  return ids.map((id, index): Found => {
    const start = NUMBERS_EACH * index;
    const at = (offset: number) => numbers[start + offset] ?? 0;
    const versionId = at(0);
    if (versionId === 0) return undefined;
    const version = {
      type: types[at(5)] ?? '',
      id,
      versionId,
      sequence: at(1),
      commitLast: at(2),
      number: at(3),
      lastUpdatedMs: at(4),
      method: METHODS[at(6)] ?? 'PUT',
    };
    const text = texts[index];
    return text === undefined ? version : { ...version, text };
  });
}

/** As `unpackVersions`, where all are there. */
export function unpackFound(packed: PackedVersions): Version[] {
  return unpackVersions(packed).filter((version) => version !== undefined);
}
