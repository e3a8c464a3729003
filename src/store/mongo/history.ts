// Histories and the change feed: ranges of the log, narrowed to a resource or a type and to what
// the caller may see (http://hl7.org/fhir/R4/http.html#history).

import type { Expression } from '../../search/expression.ts';
import type { HistoryAnswer, HistoryPage, HistoryScope, Version } from '../resource-store.ts';
import type { Database } from './database.ts';
import { FilterCompiler } from './filter-compiler.ts';
import { orderedId } from './models.ts';
import type { Filter } from './value-filter.ts';
import { type ShownDocument, toVersion, VERSION_MEMBERS } from './versions.ts';

/** Resources in one list. */
const LIST_MAX = 50_000;

/** One page of the versions in scope, newest first, with their exact number. */
export async function readHistory(
  database: Database,
  scope: HistoryScope,
  page: HistoryPage,
  at: number,
): Promise<HistoryAnswer> {
  const filters = await scopeFilters(database, scope, at);
  let total = 0;
  for (const filter of filters) total += await database.versions.countDocuments(filter);
  if (page.count === 0) return { at, total, versions: [] };
  const found: ShownDocument[] = [];
  for (const filter of filters) {
    const before = page.before === undefined ? {} : rangeOf(scope, { to: page.before - 1 });
    const some = await database.versions
      .find({ $and: [filter, before] })
      .project<ShownDocument>(VERSION_MEMBERS)
      .sort(scope.type === undefined ? { _id: -1 } : { from: -1 })
      .limit(page.count + 1)
      .toArray();
    found.push(...some);
  }
  found.sort((left, right) => right.from - left.from);
  const versions = found.slice(0, page.count).map(toVersion);
  const next = versions.at(-1)?.sequence;
  if (found.length <= page.count || next === undefined) return { at, total, versions };
  return { at, total, versions, next };
}

/** Filters that together find the versions in scope, each one once. */
async function scopeFilters(
  database: Database,
  scope: HistoryScope,
  at: number,
): Promise<readonly Filter[]> {
  const { type, id, after = 0, upTo = at, currentFrom, visible } = scope;
  const range: Filter[] = [rangeOf(scope, { after, to: Math.min(at, upTo) })];
  if (type !== undefined) range.push(id === undefined ? { type } : { key: `${type}/${id}` });
  if (currentFrom !== undefined) range.push({ to: { $gt: Math.min(currentFrom, at) } });
  if (visible === undefined) return [{ $and: range }];
  const shown = await visibleFilters(database, visible, type, at);
  return shown.map((one) => ({ $and: [...range, one] }));
}

/** Versions with those sequence numbers, asked as an index finds them: of a type, or of all. */
function rangeOf(
  { type }: HistoryScope,
  { after = 0, to }: { after?: number; to: number },
): Filter {
  return type === undefined
    ? { _id: { $gt: orderedId(after), $lte: orderedId(Math.max(0, to)) } }
    : { from: { $gt: after, $lte: to } };
}

async function visibleFilters(
  database: Database,
  visible: Readonly<Record<string, Expression>>,
  scopeType: string | undefined,
  at: number,
): Promise<Filter[]> {
  const compiler = new FilterCompiler(database, at);
  const filters: Filter[] = [];
  const whole: string[] = [];
  for (const [type, where] of Object.entries(visible)) {
    if (scopeType !== undefined && type !== scopeType) continue;
    if (where.kind === 'everything') {
      whole.push(type);
      continue;
    }
    const ids = await compiler.ids(type, where);
    for (let start = 0; start < ids.length; start += LIST_MAX) {
      const some = ids.slice(start, start + LIST_MAX);
      filters.push({ key: { $in: some.map((id) => `${type}/${id}`) } });
    }
  }
  return whole.length === 0 ? filters : [...filters, { type: { $in: whole } }];
}

/** Versions after a sequence number, oldest first: whole commits, about `limit` versions. */
export async function readChanges(
  { versions }: Database,
  after: number,
  limit: number,
  last: number,
): Promise<Version[]> {
  if (after >= last) return [];
  const place = Math.min(after + Math.max(1, limit), last);
  const end = await versions.findOne(
    { _id: orderedId(place) },
    { projection: { _id: 0, commitLast: 1 } },
  );
  const range = { $gt: orderedId(after), $lte: orderedId(end?.commitLast ?? place) };
  const found = await versions
    .find({ _id: range })
    .project<ShownDocument>(VERSION_MEMBERS)
    .sort({ _id: 1 })
    .toArray();
  return found.map(toVersion);
}
