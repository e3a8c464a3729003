// Searches on a synthetic nation: each against what an index could do at best, the matches of its
// smallest clause and the rows it returns, each at the cost of one seek measured in the same run.
// What is measured is the store's own work, not the way to it.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadNation } from '../../src/population/load-nation.ts';
import type { SearchEnvironment } from '../../src/search/clause.ts';
import type { Expression, SearchQuery } from '../../src/search/expression.ts';
import { resolveSearch } from '../../src/search/resolve.ts';
import type { Version } from '../../src/store/resource-store.ts';
import { type Connection, openForReading } from '../../src/store/sqlite/connection.ts';
import { Dictionary } from '../../src/store/sqlite/dictionary.ts';
import type { Reader } from '../../src/store/sqlite/moment.ts';
import { countMatches, explainSearch, searchPage } from '../../src/store/sqlite/search.ts';
import { openSqliteStore } from '../../src/store/sqlite/sqlite-store.ts';
import { temporaryDirectory } from '../support/running-service.ts';
import { openService } from '../support/service.ts';
import { type BenchRow, median, quantile } from './row.ts';
import { type BenchQuery, benchQueries } from './search-queries.ts';

const RESOURCES_PER_PERSON = 11.5;
const DATE = '2026-11-25';
const DAY_MS = 86_400_000;
const BUDGET_RATIO = 20;
const RUNS_MAX = 30;
const RUN_TIME_MAX_MS = 2_000;
const SEEKS = 20_000;

/** What the bench is asked for on the command line. */
export interface SearchBenchOptions {
  /** About how many resources the nation has. */
  readonly resources: number;
  /** A directory with the store of an earlier run, or to keep this one's in. */
  readonly directory?: string;
}

export function searchRows({ resources, directory }: SearchBenchOptions): Promise<BenchRow[]> {
  return withNation(resources, directory, measureAll);
}

/**
 * Opens a store with a nation for reading, filling it first if it is not there.
 * @param resources about how many
 * @param directory where it is or will be kept; a temporary one when absent
 */
export async function withNation<Result>(
  resources: number,
  directory: string | undefined,
  work: (reader: Reader, environment: SearchEnvironment) => Result,
): Promise<Result> {
  const temporary = directory === undefined ? temporaryDirectory() : undefined;
  const path = directory ?? temporary?.path ?? '';
  try {
    const environment = await fill(path, Math.round(resources / RESOURCES_PER_PERSON));
    const connection = openForReading(join(path, 'openims.db'));
    try {
      return work({ connection, dictionary: new Dictionary(connection) }, environment);
    } finally {
      connection.close();
    }
  } finally {
    temporary?.remove();
  }
}

/** Fills the store if it is not there; what searches are read in. */
async function fill(directory: string, people: number): Promise<SearchEnvironment> {
  const isThere = existsSync(join(directory, 'openims.db'));
  const open = async (indexer: Parameters<typeof openSqliteStore>[0]['indexer']) => ({
    store: await openSqliteStore({ directory, windowMs: DAY_MS, indexer }),
    dispose: async () => {},
  });
  const service = await openService({
    name: 'sqlite',
    isSlow: false,
    open: (indexer) => open(indexer as never),
  });
  const { context } = service;
  if (!isThere) {
    const clocked = { ...context, now: () => Date.now() };
    await loadNation(clocked, { people, seed: 1, date: DATE }, () => {});
    await context.store.maintain(Date.now());
  }
  await context.store.close();
  const { search, terminology, zone, baseUrl } = context;
  const nowMs = Date.parse(`${DATE}T12:00:00Z`);
  return { registry: search, terminology, zone, baseUrl, nowMs, handling: 'strict' };
}

function measureAll(reader: Reader, environment: SearchEnvironment): BenchRow[] {
  const total = reader.connection.get<{ count: number }>(
    'SELECT count(*) AS count FROM resource WHERE live = 1',
  );
  const seekMs = measureSeek(reader.connection);
  console.log(`${total?.count} resources; one index seek takes ${(seekMs * 1_000).toFixed(2)} us`);
  return filledQueries(reader, environment).map((query) => {
    return measure(reader, environment, query, seekMs);
  });
}

/** The searches of the bench, about things that are in the store. */
export function filledQueries(
  reader: Reader,
  environment: SearchEnvironment,
): readonly BenchQuery[] {
  const words = findWords(reader, environment);
  return benchQueries.map(([type, query]) => [
    type,
    encodeQuery(query.replaceAll(/\{(\w+)\}/g, (_all, name: string) => words[name] ?? name)),
  ]);
}

/** One look-up of a row by an index, with the row, in a random place. */
function measureSeek(connection: Connection): number {
  const rids = connection.all<{ rid: number; id: string }>(
    'SELECT rid, id FROM resource WHERE live = 1 ORDER BY random() LIMIT ?',
    SEEKS,
  );
  const sql = 'SELECT rid FROM resource WHERE rid >> 40 = ? AND id = ?';
  const startedAt = performance.now();
  for (const { rid, id } of rids) connection.get(sql, Math.floor(rid / 2 ** 40), id);
  return (performance.now() - startedAt) / rids.length;
}

function measure(
  reader: Reader,
  environment: SearchEnvironment,
  [type, text]: BenchQuery,
  seekMs: number,
): BenchRow {
  const { query, count } = resolveSearch(type, text, environment);
  const run = () => searchPage(reader, query, { count });
  const { versions, total } = run();
  const times: number[] = [];
  for (let elapsedMs = 0; times.length < RUNS_MAX && elapsedMs < RUN_TIME_MAX_MS; ) {
    const startedAt = performance.now();
    run();
    times.push(performance.now() - startedAt);
    elapsedMs += times.at(-1) ?? 0;
  }
  const smallest = sizeOf(reader, type, query.where);
  const bestMs = (smallest + versions.length) * seekMs;
  const ratio = median(times) / bestMs;
  const scans = scansOf(reader, query);
  return {
    name: `${type}?${decodeURIComponent(text)} (${total})`,
    median: median(times),
    p99: quantile(times, 0.99),
    unit: 'ms',
    peer: `${smallest} + ${versions.length} seeks ${bestMs.toFixed(3)}`,
    ratio,
    budget: `<= ${BUDGET_RATIO}x, no scan`,
    pass: total > 0 && ratio <= BUDGET_RATIO && scans.length === 0,
  };
}

/** Steps of the search that look at all rows of a table: of resources, versions, or entries. */
export function scansOf(reader: Reader, query: SearchQuery): readonly string[] {
  return explainSearch(reader, query).statements.flatMap(({ steps, text }) =>
    steps.filter((step) => isScan(step, text)),
  );
}

function isScan(step: string, sql: string): boolean {
  const [, name = ''] = /^SCAN (\w+)(?: USING .*)?$/.exec(step) ?? [];
  const isTable = new RegExp(`(?:resource|version|entry_\\w+|past_\\w+) AS ${name}\\b`);
  return name !== '' && (isTable.test(sql) || name === 'resource' || name === 'version');
}

/**
 * The matches of the smallest clause, counted in the data: of a conjunction its smallest part, of
 * alternatives their sum, of a chain what it leads through. A complement is of the whole type.
 */
function sizeOf(reader: Reader, type: string, where: Expression): number {
  const count = (expression: Expression) =>
    countMatches(reader, { type, where: expression, sort: [] });
  switch (where.kind) {
    case 'and': {
      const sizes = where.of.map((part) => sizeOf(reader, type, part));
      const scanned = where.of.map((part) => scannedEntries(reader, type, part));
      return Math.max(Math.min(...sizes), ...scanned);
    }
    case 'or':
      return where.of.reduce((sum, part) => sum + sizeOf(reader, type, part), 0);
    case 'chain':
    case 'has':
      return Math.max(count(where), sizeOf(reader, where.type, where.where));
    case 'below':
    case 'above':
      return count(where);
    case 'not':
    case 'missing':
      return count({ kind: 'everything' });
    default:
      return Math.max(count(where), scannedEntries(reader, type, where));
  }
}

/** The entries of a parameter whose texts no index finds the middle or the end of. */
function scannedEntries(reader: Reader, type: string, part: Expression): number {
  if (part.kind === 'chain' || part.kind === 'has') {
    return scannedEntries(reader, part.type, part.where);
  }
  if (part.kind !== 'string' || !['contains', 'suffix'].includes(part.compare)) return 0;
  const every: Expression = { ...part, anyOf: [''] };
  return countMatches(reader, { type, where: every, sort: [] });
}

type Words = Readonly<Record<string, string>>;

/** Things of the nation that queries are about. */
function findWords(reader: Reader, environment: SearchEnvironment): Words {
  const first = (type: string, text: string, place = 0): Resource => {
    const { query } = resolveSearch(type, encodeQuery(text), environment);
    const { versions } = searchPage(reader, query, { count: place + 1 });
    return readVersion(versions.at(-1));
  };
  // Somebody of whom everything is known that the searches ask for.
  const patient = first(
    'Patient',
    '_has:Condition:patient:clinical-status=active' +
      '&_has:Immunization:patient:date=ge2025-09-01' +
      '&_has:Communication:recipient:sent=ge2026-01-01' +
      '&general-practitioner.partof:missing=false&residence.partof:missing=false' +
      '&identifier=https://fhir.nhs.uk/Id/nhs-number|&address-postalcode:missing=false',
    3,
  );
  const dose = first('Immunization', `patient=${String(patient.id)}`);
  const practice = idOf(at(patient.generalPractitioner, 0));
  const pcn = idOf(first('Organization', `_id=${practice}`).partOf);
  const area = first('Location', `_id=${codeOf(patient, 'small-area')}`);
  const site = first('Location', 'near=52|-1|500|km', 3);
  const slot = first('Slot', 'status=free', 11);
  const appointment = first('Appointment', 'status=booked', 5);
  const participants = (appointment.participant ?? []) as { actor?: { reference?: string } }[];
  const booked = participants.find(({ actor }) => actor?.reference?.startsWith('Patient/'));
  const name = at(patient.name, 0) as Record<string, unknown>;
  const family = String(name.family);
  const numbers = (patient.identifier as { system: string; value: string }[]) ?? [];
  const { latitude = 52, longitude = -1 } = (site.position ?? {}) as Record<string, number>;
  return {
    patient: String(patient.id),
    nhs: numbers.find(({ system }) => system.endsWith('nhs-number'))?.value ?? '',
    family,
    part: family.slice(1, 4),
    given: String(at(name.given, 0)),
    birthdate: String(patient.birthDate),
    gender: String(patient.gender),
    postcode: String((at(patient.address, 0) as Record<string, unknown>)?.postalCode),
    dose: String((at(dose.identifier, 0) as Record<string, unknown>)?.value),
    practice,
    pcn,
    icb: idOf(
      first('Organization', `_id=${idOf(first('Organization', `_id=${pcn}`).partOf)}`).partOf,
    ),
    district: idOf(area.partOf),
    latitude: String(latitude),
    longitude: String(longitude),
    schedule: idOf(slot.schedule),
    booked: idOf(booked?.actor),
    flagged: idOf(first('Flag', 'date=ge1900', 9).subject),
  };
}

type Resource = Readonly<Record<string, unknown>>;

function readVersion(version: Version | undefined): Resource {
  return JSON.parse(version?.text ?? '{}') as Resource;
}

function at(list: unknown, index: number): unknown {
  return Array.isArray(list) ? list[index] : undefined;
}

function idOf(reference: unknown): string {
  const { reference: text = '' } = (reference ?? {}) as { readonly reference?: string };
  return text.slice(text.indexOf('/') + 1);
}

function codeOf(resource: Resource, extension: string): string {
  const all = (resource.extension ?? []) as { url: string; valueCoding?: { code: string } }[];
  return all.find(({ url }) => url.endsWith(`/${extension}`))?.valueCoding?.code ?? '';
}

/** Encodes what a person writes into a query string. */
function encodeQuery(text: string): string {
  return text.replaceAll(/[ "#%+]/g, encodeURIComponent);
}
