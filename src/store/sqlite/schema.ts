// The tables of the embedded store, each by what finds a row and what the row says. Every index
// entry of the current versions is in an entry_ table; those of replaced versions, which only
// questions about the past read, in the past_ table beside it.

import type { Database } from 'better-sqlite3';
import type { IndexEntry } from '../../search/index-entry.ts';
import type { VersionMethod } from '../resource-store.ts';

/** Increases when the tables change; a file of another version is refused. */
const FORMAT_VERSION = 2;

const tables = `
-- key -> value: formatVersion; indexVersion, what the entries were made by; floor, the least
-- sequence number that can be asked about; analysed, the head when statistics were last taken.
CREATE TABLE meta (
  key TEXT PRIMARY KEY, value ANY NOT NULL
) STRICT, WITHOUT ROWID;

-- code <-> resource type. Code 0 stands for resources of other servers.
CREATE TABLE type (
  code INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE
) STRICT;

-- type, search parameter, kind of its entries <-> code. An index row of a parameter therefore
-- belongs to one type. Code 0 stands for references that no search parameter covers.
CREATE TABLE parameter (
  code INTEGER PRIMARY KEY, type INTEGER NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL,
  UNIQUE (type, name, kind)
) STRICT;

-- token parameter, system <-> code: the few systems that a parameter's tokens come from.
CREATE TABLE token_space (
  code INTEGER PRIMARY KEY, parameter INTEGER NOT NULL, system TEXT NOT NULL,
  UNIQUE (parameter, system)
) STRICT;

-- rid (resource-number.ts) -> id and current version. live = 1: not deleted. A resource that was
-- only mentioned by a reference has version_id 0 and no sequence. Rows are never removed.
CREATE TABLE resource (
  rid INTEGER PRIMARY KEY, id TEXT NOT NULL, version_id INTEGER NOT NULL, sequence INTEGER,
  live INTEGER NOT NULL
) STRICT;
-- type, id -> rid
CREATE UNIQUE INDEX resource_by_id ON resource (rid >> 40, id);

-- The log: sequence -> version. text is NULL for a deletion; method is an index of METHODS.
CREATE TABLE version (
  sequence INTEGER PRIMARY KEY, rid INTEGER NOT NULL, version_id INTEGER NOT NULL,
  commit_last INTEGER NOT NULL, method INTEGER NOT NULL, last_updated_ms INTEGER NOT NULL,
  text TEXT
) STRICT;
CREATE INDEX version_by_resource ON version (rid, version_id);
CREATE INDEX version_by_type ON version (rid >> 40);

-- space, code -> rid; one row per token
CREATE TABLE entry_token (
  space INTEGER NOT NULL, code TEXT NOT NULL, rid INTEGER NOT NULL,
  PRIMARY KEY (space, code, rid)
) STRICT, WITHOUT ROWID;

-- parameter, value -> rid. A string is its normalised text, SEPARATOR, and its exact text where
-- that differs; a uri is itself and SEPARATOR.
CREATE TABLE entry_text (
  parameter INTEGER NOT NULL, value TEXT NOT NULL, rid INTEGER NOT NULL,
  PRIMARY KEY (parameter, value, rid)
) STRICT, WITHOUT ROWID;

-- parameter, [low, high) in milliseconds -> rid; by high for open-ended questions, by rid to
-- judge one resource and to sort.
CREATE TABLE entry_date (
  parameter INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, rid INTEGER NOT NULL,
  PRIMARY KEY (parameter, low, high, rid)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_date_by_high ON entry_date (parameter, high, low, rid);
CREATE INDEX entry_date_by_rid ON entry_date (parameter, rid, low, high);

-- The same for numbers, whose ranges are doubles.
CREATE TABLE entry_number (
  parameter INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL, rid INTEGER NOT NULL,
  PRIMARY KEY (parameter, low, high, rid)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_number_by_high ON entry_number (parameter, high, low, rid);
CREATE INDEX entry_number_by_rid ON entry_number (parameter, rid, low, high);

-- code <-> a unit as quantities are written in it.
CREATE TABLE unit (
  code INTEGER PRIMARY KEY, system TEXT NOT NULL, symbol TEXT NOT NULL, name TEXT NOT NULL,
  UNIQUE (symbol, system, name)
) STRICT;
CREATE INDEX unit_by_name ON unit (name);

-- parameter, unit, [low, high) -> rid; by rid to judge one resource and to sort.
CREATE TABLE entry_quantity (
  parameter INTEGER NOT NULL, unit INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
  rid INTEGER NOT NULL, PRIMARY KEY (parameter, unit, low, high, rid)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_quantity_by_high ON entry_quantity (parameter, unit, high, low, rid);
CREATE INDEX entry_quantity_by_rid ON entry_quantity (parameter, rid, unit, low, high);

-- parameter, degrees -> rid
CREATE TABLE entry_position (
  parameter INTEGER NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL,
  rid INTEGER NOT NULL, PRIMARY KEY (parameter, latitude, longitude, rid)
) STRICT, WITHOUT ROWID;

-- parameter, text <-> code: the texts and displays that stand beside codes, which are few and long.
CREATE TABLE phrase (
  code INTEGER PRIMARY KEY, parameter INTEGER NOT NULL, value TEXT NOT NULL,
  UNIQUE (parameter, value)
) STRICT;

-- phrase -> rid
CREATE TABLE entry_phrase (
  phrase INTEGER NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (phrase, rid)
) STRICT, WITHOUT ROWID;

-- composite parameter, place of a component -> code of one of its values: a token or a unit by
-- system and value, a text or uri as in entry_text, a reference by its target.
CREATE TABLE term (
  code INTEGER PRIMARY KEY, parameter INTEGER NOT NULL, place INTEGER NOT NULL,
  system TEXT NOT NULL, value TEXT NOT NULL, name TEXT NOT NULL,
  UNIQUE (parameter, place, value, system, name)
) STRICT;

-- One element's values under a composite parameter, one row for each combination -> rid. What is
-- no range is a term, 0 where there is none; ranges come last, by where they end, so that one seek
-- answers "this vaccine, given, since September". By rid to judge one resource.
CREATE TABLE entry_composite (
  parameter INTEGER NOT NULL, term1 INTEGER NOT NULL, term2 INTEGER NOT NULL,
  term3 INTEGER NOT NULL, high1 REAL NOT NULL, low1 REAL NOT NULL, high2 REAL NOT NULL,
  low2 REAL NOT NULL, rid INTEGER NOT NULL,
  PRIMARY KEY (parameter, term1, term2, term3, high1, low1, high2, low2, rid)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_composite_by_rid ON entry_composite (parameter, rid);

-- target -> who points at it by which parameter; and the reverse.
CREATE TABLE entry_reference (
  target INTEGER NOT NULL, parameter INTEGER NOT NULL, rid INTEGER NOT NULL,
  PRIMARY KEY (target, parameter, rid)
) STRICT, WITHOUT ROWID;
CREATE INDEX entry_reference_by_rid ON entry_reference (parameter, rid, target);

-- Undeleted versions that were replaced: current from valid_from until before valid_to. In all
-- past_ tables rowid and valid_to grow together, so that the oldest are the first rows.
CREATE TABLE past_resource (
  rid INTEGER NOT NULL, valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_resource_by_rid ON past_resource (rid, valid_from, valid_to);
CREATE TABLE past_token (
  space INTEGER NOT NULL, code TEXT NOT NULL, rid INTEGER NOT NULL,
  valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_token_by_code ON past_token (space, code, rid, valid_from, valid_to);
CREATE TABLE past_text (
  parameter INTEGER NOT NULL, value TEXT NOT NULL, rid INTEGER NOT NULL,
  valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_text_by_value ON past_text (parameter, value, rid, valid_from, valid_to);
CREATE TABLE past_date (
  parameter INTEGER NOT NULL, low INTEGER NOT NULL, high INTEGER NOT NULL, rid INTEGER NOT NULL,
  valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_date_by_low ON past_date (parameter, low, high, rid, valid_from, valid_to);
CREATE TABLE past_number (
  parameter INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL, rid INTEGER NOT NULL,
  valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_number_by_low ON past_number (parameter, low, high, rid, valid_from, valid_to);
CREATE TABLE past_quantity (
  parameter INTEGER NOT NULL, unit INTEGER NOT NULL, low REAL NOT NULL, high REAL NOT NULL,
  rid INTEGER NOT NULL, valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_quantity_by_low
  ON past_quantity (parameter, unit, low, high, rid, valid_from, valid_to);
CREATE TABLE past_position (
  parameter INTEGER NOT NULL, latitude REAL NOT NULL, longitude REAL NOT NULL,
  rid INTEGER NOT NULL, valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_position_by_latitude
  ON past_position (parameter, latitude, longitude, rid, valid_from, valid_to);
CREATE TABLE past_phrase (
  phrase INTEGER NOT NULL, rid INTEGER NOT NULL,
  valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_phrase_by_phrase ON past_phrase (phrase, rid, valid_from, valid_to);
CREATE TABLE past_composite (
  parameter INTEGER NOT NULL, term1 INTEGER NOT NULL, term2 INTEGER NOT NULL,
  term3 INTEGER NOT NULL, high1 REAL NOT NULL, low1 REAL NOT NULL, high2 REAL NOT NULL,
  low2 REAL NOT NULL, rid INTEGER NOT NULL,
  valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_composite_by_term ON past_composite (parameter, term1, term2, term3, high1);
CREATE TABLE past_reference (
  target INTEGER NOT NULL, parameter INTEGER NOT NULL, rid INTEGER NOT NULL,
  valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL
) STRICT;
CREATE INDEX past_reference_by_target
  ON past_reference (parameter, target, rid, valid_from, valid_to);
CREATE INDEX past_reference_by_rid
  ON past_reference (parameter, rid, target, valid_from, valid_to);

-- set, key -> JSON text
CREATE TABLE operational_row (
  "set" TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY ("set", key)
) STRICT, WITHOUT ROWID;
`;

/** The pairs of tables `entry_…` and `past_…`. */
export const ENTRY_TABLES = [
  'token',
  'text',
  'phrase',
  'date',
  'number',
  'quantity',
  'reference',
  'position',
  'composite',
] as const;
export type EntryTable = (typeof ENTRY_TABLES)[number];

/** Columns of an entry table before `rid`, in which order rows lie and are inserted. */
export const ENTRY_COLUMNS: Readonly<Record<EntryTable, readonly string[]>> = {
  token: ['space', 'code'],
  text: ['parameter', 'value'],
  phrase: ['phrase'],
  date: ['parameter', 'low', 'high'],
  number: ['parameter', 'low', 'high'],
  quantity: ['parameter', 'unit', 'low', 'high'],
  reference: ['target', 'parameter'],
  position: ['parameter', 'latitude', 'longitude'],
  composite: ['parameter', 'term1', 'term2', 'term3', 'high1', 'low1', 'high2', 'low2'],
};

export type EntryKind = IndexEntry['kind'];

const tableOfKind: Readonly<Record<EntryKind, EntryTable>> = {
  token: 'token',
  string: 'text',
  uri: 'text',
  date: 'date',
  number: 'number',
  quantity: 'quantity',
  reference: 'reference',
  position: 'position',
  composite: 'composite',
};

/** Which pair of tables holds the entries of a kind under a parameter. */
export function tableOf(kind: EntryKind, parameter: string): EntryTable {
  return kind === 'string' && parameter.endsWith(':text') ? 'phrase' : tableOfKind[kind];
}

export const ENTRY_KINDS = Object.keys(tableOfKind) as readonly EntryKind[];

/** How versions came about, by the number in the log. */
export const METHODS: readonly VersionMethod[] = ['POST', 'PUT', 'PATCH', 'DELETE'];

/** Makes the tables of an empty database, or checks that they are of this version.
 * @throws Error with one plain sentence when they are not */
export function prepareSchema(database: Database): void {
  const found = database.pragma('user_version', { simple: true });
  if (found === FORMAT_VERSION) return;
  const empty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (found !== 0 || !empty) {
    throw new Error(`it is of format ${found}, this program needs format ${FORMAT_VERSION}`);
  }
  const create = database.transaction(() => {
    database.exec(tables);
    const put = database.prepare('INSERT INTO meta VALUES (?, ?)');
    put.run('floor', 0);
    put.run('analysed', 0);
    database.exec("INSERT INTO type VALUES (0, '')");
    database.pragma(`user_version = ${FORMAT_VERSION}`);
  });
  create.immediate();
}
