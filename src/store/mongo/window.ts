// The window of the past: its floor moves durably, then what only older questions read goes: index
// entries of replaced versions, superseded rows, and the content of log documents. The versions and
// the log documents themselves are kept for ever: a writer that slept finds its slot taken.

import { partsFilter, readParts } from './content-parts.ts';
import type { Database } from './database.ts';
import { type Content, type Head, type LogDocument, orderedId } from './models.ts';
import { FLOOR } from './moment.ts';
import { positionBefore } from './positions.ts';

/** The mark that says up to which slot the log is emptied. */
export const EMPTIED = 'emptied';

/**
 * Moves the floor to what was current at an instant, and drops what lies behind.
 * @param instantMs milliseconds since 1970 UTC
 * @param head the last commit that is projected
 */
export async function moveWindow(database: Database, instantMs: number, head: Head): Promise<void> {
  const floor = await positionBefore(database, instantMs + 1, head.last);
  await database.marks.updateOne({ _id: FLOOR }, { $max: { number: floor } });
  const emptied = (await database.marks.findOne({ _id: EMPTIED }))?.number ?? 0;
  for (let slot = emptied + 1; slot <= head.slot; slot += 1) {
    const document = await database.log.findOne({ _id: orderedId(slot) });
    // Rows use no sequence number: how old their commit is, its clock says alone.
    if (document === null || document.last > floor || document.atMs > instantMs) return;
    if (document.emptied === undefined) await empty(database, document);
    await database.marks.updateOne({ _id: EMPTIED }, { $max: { number: slot } });
  }
}

async function empty(database: Database, document: LogDocument): Promise<void> {
  const { _id, slot, nonce, content, parts } = document;
  if (content !== undefined) await dropReplaced(database, content, slot);
  if (parts > 0) {
    for await (const part of readParts(database, slot, nonce)) {
      await dropReplaced(database, part, slot);
    }
  }
  await database.log.updateOne({ _id }, { $unset: { content: '' }, $set: { emptied: true } });
  if (parts > 0) await database.parts.deleteMany(partsFilter(slot));
}

/** Drops what this commit replaced. */
async function dropReplaced(database: Database, content: Content, slot: number): Promise<void> {
  const { replacements, rows } = content;
  if (replacements.length > 0) {
    await database.versions.bulkWrite(
      replacements.map(({ _id, owner }) => ({
        updateMany: {
          filter: database.versionFilter({ _id, owner }),
          update: { $unset: { entries: '' as const, searchType: '' as const } },
        },
      })),
      { ordered: false },
    );
  }
  const names = rows.map(({ name }) => name);
  if (names.length > 0) {
    await database.rows.deleteMany({ name: { $in: names }, slot: { $lt: slot } });
  }
}
