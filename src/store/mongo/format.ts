// What form the database is in: an older program does not open what a newer one has written, and
// entries are made again when the search parameters have changed.

import type { AnyBulkWriteOperation } from 'mongodb';
import { loadTextIndexer, type TextIndexerSource } from '../text-indexer.ts';
import { type Database, isDuplicate, unavailable } from './database.ts';
import { entryTexts } from './entry-text.ts';
import type { MarkDocument, VersionDocument } from './models.ts';
import { FLOOR } from './moment.ts';
import { APPLIED, WAITING } from './projector.ts';
import { EMPTIED } from './window.ts';

/** Of the collections: greater when an older program would read them wrongly. */
const FORMAT = 1;

const FORMAT_MARK = 'format';

/** Versions whose entries are made again at once. */
const BATCH_COUNT = 500;

/**
 * Makes the marks that are not there yet, and refuses a database of a newer format.
 * @throws StoreError `unavailable`
 */
export async function checkFormat(database: Database): Promise<void> {
  for (const mark of [FLOOR, APPLIED, EMPTIED, WAITING])
    await insertMark(database, { _id: mark, number: 0 });
  await insertMark(database, { _id: FORMAT_MARK, number: FORMAT });
  const format = (await database.marks.findOne({ _id: FORMAT_MARK }))?.number ?? FORMAT;
  if (format <= FORMAT) return;
  const detail = `The database is of format ${format}; this program knows format ${FORMAT}.`;
  throw unavailable('no', `${detail} Use the newer program.`);
}

/** Makes the entries of all versions in the window again, when the indexer is not the one that
 * they were made by. */
export async function checkIndexing(database: Database, indexer: TextIndexerSource): Promise<void> {
  const mark = await database.marks.findOne({ _id: FORMAT_MARK });
  if (mark?.text === indexer.version) return;
  await rebuildEntries(database, indexer);
  await database.marks.updateOne({ _id: FORMAT_MARK }, { $set: { text: indexer.version } });
}

async function rebuildEntries(database: Database, source: TextIndexerSource): Promise<void> {
  const indexText = await loadTextIndexer(source);
  const members = { _id: 1, owner: 1, type: 1, text: 1 } as const;
  for (let after = ''; ; ) {
    const some = await database.versions
      .find({ searchType: { $exists: true }, _id: { $gt: after } })
      .project<VersionDocument>(members)
      .sort({ _id: 1 })
      .limit(BATCH_COUNT)
      .toArray();
    const last = some.at(-1);
    if (last === undefined) return;
    const updates = some.map(({ _id, owner, type, text = '' }) => {
      const { entries, references } = indexText(type, text);
      const made = entryTexts(type, entries, references);
      return {
        updateMany: {
          filter: database.versionFilter({ _id, owner }),
          update: { $set: { entries: made } },
        },
      };
    });
    const operations: AnyBulkWriteOperation<VersionDocument>[] = updates;
    await database.versions.bulkWrite(operations, { ordered: false });
    after = last._id;
  }
}

async function insertMark({ marks }: Database, mark: MarkDocument): Promise<void> {
  try {
    await marks.insertOne(mark);
  } catch (error) {
    if (!isDuplicate(error)) throw error;
  }
}
