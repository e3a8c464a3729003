// Everything that may be asked of the database: commands, their options, operators, kinds of index.
// MongoDB 6 to 8 and FerretDB 1.24 have all of it, so that whatever stays within this list runs on
// each of them. Transactions, change streams, $lookup, TTL and collation are therefore not here.

import type { Document } from 'mongodb';

/** What a member of a command holds, which says how it is looked into. */
type Part =
  /** Plain values: names, numbers, documents to be kept. */
  | 'plain'
  | 'filter'
  | 'projection'
  | 'sort'
  | 'updates'
  | 'deletes'
  | 'pipeline'
  | 'indexes'
  | 'command';

/** Members that the driver adds to every command. `lsid` names a session, of which no transaction
 * is made: that would take `txnNumber`. */
const COMMON: Readonly<Record<string, Part>> = {
  $db: 'plain',
  lsid: 'plain',
  $clusterTime: 'plain',
  $readPreference: 'plain',
  readConcern: 'plain',
  writeConcern: 'plain',
};

/** The commands with their members. */
const allowedCommands: Readonly<Record<string, Readonly<Record<string, Part>>>> = {
  // Reading.
  find: {
    filter: 'filter',
    projection: 'projection',
    sort: 'sort',
    limit: 'plain',
    batchSize: 'plain',
    singleBatch: 'plain',
  },
  getMore: { collection: 'plain', batchSize: 'plain' },
  killCursors: { cursors: 'plain' },
  aggregate: { pipeline: 'pipeline', cursor: 'plain' },
  explain: { explain: 'command', verbosity: 'plain' },
  // Writing. `insert` of a new `_id` alone decides a race.
  insert: { documents: 'plain', ordered: 'plain' },
  update: { updates: 'updates', ordered: 'plain' },
  delete: { deletes: 'deletes', ordered: 'plain' },
  // Opening.
  hello: {},
  buildInfo: {},
  listCommands: {},
  createIndexes: { indexes: 'indexes' },
};

/** The driver's goodbye; it waits for no answer, and FerretDB has none. */
const GOODBYE = 'endSessions';

const FILTER_OPERATORS: ReadonlySet<string> = new Set([
  ...['$and', '$or', '$nor'],
  ...['$in', '$gt', '$gte', '$lt', '$lte', '$exists'],
  // Of scalars, with bounds and an expression; FerretDB judges each of them on any element.
  ...['$elemMatch', '$regex'],
]);

const UPDATE_OPERATORS: ReadonlySet<string> = new Set([
  ...['$set', '$unset', '$max', '$addToSet', '$each'],
]);

/** Stages of a count, which is all that is aggregated. */
const STAGES: ReadonlySet<string> = new Set(['$match', '$group', '$sum']);

const INDEX_MEMBERS: ReadonlySet<string> = new Set(['key', 'name', 'background']);

/**
 * What in a command the list does not have; empty for a command that may be sent.
 * @param command as the driver sends it, its name first
 */
export function unlistedParts(command: Document): string[] {
  const [name = ''] = Object.keys(command);
  if (name === GOODBYE) return [];
  const members = allowedCommands[name];
  if (members === undefined) return [name];
  return Object.entries(command).flatMap(([member, value]) => {
    const part = members[member] ?? COMMON[member] ?? (member === name ? 'plain' : undefined);
    return part === undefined ? [`${name}.${member}`] : unlistedIn(part, value);
  });
}

/** Commands of the list that a server lacks, where it says what it has. */
export function missingCommands(commands: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(allowedCommands).filter((name) => !(name in commands));
}

function unlistedIn(part: Part, value: unknown): string[] {
  switch (part) {
    case 'plain':
      return [];
    case 'filter':
      return operatorsBeside(FILTER_OPERATORS, value);
    case 'projection':
    case 'sort':
      return operatorsBeside(new Set(), value);
    case 'updates':
      return list(value).flatMap(({ q, u, multi, ...others }) => [
        ...operatorsBeside(FILTER_OPERATORS, q),
        ...(Array.isArray(u) ? ['update by pipeline'] : operatorsBeside(UPDATE_OPERATORS, u)),
        ...Object.keys(others).map((member) => `update.${member}`),
      ]);
    case 'deletes':
      return list(value).flatMap(({ q, limit, ...others }) => [
        ...operatorsBeside(FILTER_OPERATORS, q),
        ...Object.keys(others).map((member) => `delete.${member}`),
      ]);
    case 'pipeline':
      return list(value).flatMap((stage) => {
        const { $match, ...others } = stage;
        return [...operatorsBeside(FILTER_OPERATORS, $match), ...operatorsBeside(STAGES, others)];
      });
    case 'indexes':
      return list(value).flatMap((index) => [
        ...Object.keys(index)
          .filter((member) => !INDEX_MEMBERS.has(member))
          .map((member) => `index.${member}`),
        ...Object.values(index.key as Document)
          .filter((direction) => direction !== 1 && direction !== -1)
          .map((kind) => `index of kind ${kind}`),
      ]);
    case 'command':
      return unlistedParts(value as Document);
  }
}

function list(value: unknown): readonly Document[] {
  return value as readonly Document[];
}

/** Names that begin with `$`, at any depth, other than those. */
function operatorsBeside(allowed: ReadonlySet<string>, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((item) => operatorsBeside(allowed, item));
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => [
    ...(name.startsWith('$') && !allowed.has(name) ? [name] : []),
    ...operatorsBeside(allowed, inner),
  ]);
}
