// Appends the history of another store: each commit becomes one document of the log, as if it had
// been made here, with the sequence numbers, times and numbers that it had.

import type { Version } from '../resource-store.ts';
import type { TextIndexer } from '../text-indexer.ts';
import { commitGroup } from './commit-log.ts';
import { type Database, unavailable } from './database.ts';
import type { DerivedGroup } from './derive-group.ts';
import { entryTexts } from './entry-text.ts';
import { nameOf, ownerOf } from './group-state.ts';
import {
  type Head,
  NEVER_REPLACED,
  orderedId,
  type Replacement,
  type VersionDocument,
} from './models.ts';
import type { Projector } from './projector.ts';

/** How long the outcome of a commit is looked into, milliseconds. */
const OUTCOME_WITHIN_MS = 60_000;

interface Restoring {
  /** Whole commits, oldest first. */
  readonly versions: readonly Version[];
  readonly indexText: TextIndexer;
  readonly newNonce: () => string;
}

/** A version that is current so far. */
type Current = Pick<VersionDocument, '_id' | 'owner'>;

/** @throws StoreError `unavailable` when the versions do not follow what is there */
export async function restoreVersions(
  database: Database,
  projector: Projector,
  { versions, indexText, newNonce }: Restoring,
): Promise<void> {
  await projector.look();
  const { head } = projector;
  const [first] = versions;
  if (first === undefined) return;
  if (first.sequence !== head.last + 1) {
    const detail = `The database goes on at ${head.last + 1}, and not at ${first.sequence}.`;
    throw unavailable('no', detail);
  }
  const group = groupOf(versions, indexText, head, await currentOf(database, versions));
  const decision = await commitGroup(database, head, group, newNonce(), OUTCOME_WITHIN_MS);
  if (decision === 'lost') throw unavailable('no', 'Somebody else writes to the database.');
  await projector.projectOwn(group.content, group.head);
}

async function currentOf(
  { versions: collection }: Database,
  versions: readonly Version[],
): Promise<Map<string, Current>> {
  const names = [...new Set(versions.map(nameOf))];
  const found = await collection
    .find({ key: { $in: names }, to: { $gt: NEVER_REPLACED - 1 } })
    .project<Current & { key: string }>({ key: 1, owner: 1 })
    .toArray();
  return new Map(found.map(({ key, _id, owner }) => [key, { _id, owner }]));
}

function groupOf(
  versions: readonly Version[],
  indexText: TextIndexer,
  head: Head,
  current: Map<string, Current>,
): DerivedGroup {
  const documents: VersionDocument[] = [];
  const replacements: Replacement[] = [];
  const counters = { ...head.counters };
  for (const version of versions) {
    const before = current.get(nameOf(version));
    const document = documentOf(version, indexText, before);
    if (before !== undefined) replacements.push({ ...before, to: version.sequence });
    current.set(nameOf(version), document);
    documents.push(document);
    counters[version.type] = Math.max(counters[version.type] ?? 0, version.number);
  }
  const { sequence: last = head.last, lastUpdatedMs: lastMs = head.lastMs } = versions.at(-1) ?? {};
  return {
    outcomes: [],
    content: {
      versions: documents,
      replacements: replacements.map(({ _id, owner, to }) => ({ _id, owner, to })),
      additions: [],
      rows: [],
    },
    head: { slot: head.slot + 1, last, lastMs, counters },
    nowMs: lastMs,
  };
}

function documentOf(
  version: Version,
  indexText: TextIndexer,
  before: Current | undefined,
): VersionDocument {
  const { type, id, versionId, sequence, commitLast, number, lastUpdatedMs, method, text } =
    version;
  const indexed = text === undefined ? undefined : indexText(type, text);
  const common = {
    _id: orderedId(sequence),
    key: nameOf(version),
    ...{ type, id, number, versionId, commitLast, lastUpdatedMs, method },
    owner: before?.owner ?? ownerOf(version, indexed?.references ?? []),
    from: sequence,
    to: NEVER_REPLACED,
  };
  if (indexed === undefined || text === undefined) return common;
  const entries = entryTexts(type, indexed.entries, indexed.references);
  return { ...common, searchType: type, text, entries };
}
