// history of an instance, a type or the whole system (http://hl7.org/fhir/R4/http.html#history).
// All pages are as at the commit that the first one saw.

import { type BundleEntry, type BundleLink, bundleText } from '../fhir/bundle.ts';
import { dateRange } from '../fhir/dates.ts';
import { fhirError } from '../fhir/fhir-error.ts';
import { PAGE_COUNT_DEFAULT, PAGE_COUNT_MAX } from '../limits.ts';
import type { HistoryAnswer, HistoryScope, Version } from '../store/resource-store.ts';
import type { Context, FhirRequest, FhirResponse, Interaction } from './interaction.ts';
import { notOurPage, readPageToken, writePageToken } from './page-token.ts';
import { entryVersion, resourceUrl } from './responses.ts';
import { maySee, visibleTypes } from './visibility.ts';

export const historySystem: Interaction = (context, request) =>
  answerHistory(context, request, {}, context.capabilities.types);

export const historyType: Interaction = (context, request) => {
  const type = request.path[0] as string;
  return answerHistory(context, request, { type }, [type]);
};

export const historyInstance: Interaction = async (context, request) => {
  const [type, id] = request.path as [string, string];
  const key = { type, id };
  const exists = (await context.store.read(key)) !== undefined;
  if (!exists || !(await maySee(context, request.caller, key))) {
    throw fhirError('not-found', `${type}/${id} does not exist`);
  }
  return answerHistory(context, request, key, [type]);
};

async function answerHistory(
  context: Context,
  request: FhirRequest,
  subject: HistoryScope,
  types: readonly string[],
): Promise<FhirResponse> {
  const parameters = new URLSearchParams(request.query);
  refuseOthers(request, parameters);
  const count = readCount(parameters.get('_count'));
  const page = readPage(parameters);
  const at = page?.at ?? (await context.store.position());
  const period = await readPeriod(context, parameters);
  const visible = visibleTypes(request.caller, types);
  const scope = { ...subject, ...period, ...(visible === undefined ? {} : { visible }) };
  const position = page === undefined ? { count } : { count, before: page.before };
  const answer = await context.store.history(scope, position, at);
  const next = count === 0 ? undefined : answer.next;
  return { status: 200, body: historyBundle(context, request, answer, next) };
}

function readPage(parameters: URLSearchParams): { at: number; before: number } | undefined {
  const text = parameters.get('_page');
  if (text === null) return undefined;
  const { at, after } = readPageToken(text);
  const before = Number(after);
  if (!Number.isSafeInteger(before)) throw notOurPage();
  return { at, before };
}

const KNOWN = ['_count', '_since', '_at', '_page'];

function refuseOthers(request: FhirRequest, parameters: URLSearchParams): void {
  if (request.prefer.handling === 'lenient') return;
  for (const name of parameters.keys()) {
    if (KNOWN.includes(name)) continue;
    const sentence = `A history has no parameter '${name}'; it has ${KNOWN.slice(0, 3).join(', ')}`;
    throw fhirError('invalid-search', sentence);
  }
}

function readCount(text: string | null): number {
  if (text === null) return PAGE_COUNT_DEFAULT;
  if (!/^\d{1,9}$/.test(text)) {
    throw fhirError('invalid-search', `_count must be a whole number, not '${text}'`);
  }
  return Math.min(Number(text), PAGE_COUNT_MAX);
}

async function readPeriod(
  context: Context,
  parameters: URLSearchParams,
): Promise<Pick<HistoryScope, 'after' | 'currentFrom' | 'upTo'>> {
  const since = readInstant(context, parameters, '_since');
  const at = readInstant(context, parameters, '_at');
  const { store } = context;
  return {
    ...(since === undefined ? {} : { after: await store.position(since.lowMs) }),
    ...(at === undefined
      ? {}
      : { currentFrom: await store.position(at.lowMs), upTo: await store.position(at.highMs) }),
  };
}

function readInstant(
  context: Context,
  parameters: URLSearchParams,
  name: '_since' | '_at',
): { lowMs: number; highMs: number } | undefined {
  const text = parameters.get(name);
  if (text === null) return undefined;
  // A + that was sent unescaped arrives as a space, which no date has.
  const range = dateRange(text.replace(' ', '+'), context.zone);
  if (range === undefined) throw fhirError('invalid-search', `${name} is not a date: '${text}'`);
  return range;
}

function historyBundle(
  context: Context,
  request: FhirRequest,
  { at, total, versions }: HistoryAnswer,
  next: number | undefined,
): string {
  const address = `${context.baseUrl}/${request.path.join('/')}`;
  const self = request.query === '' ? address : `${address}?${request.query}`;
  const links: BundleLink[] = [{ relation: 'self', url: self }];
  if (next !== undefined) {
    const query = new URLSearchParams(request.query);
    query.set('_page', writePageToken({ at, after: String(next) }));
    links.push({ relation: 'next', url: `${address}?${query}` });
  }
  const head = { type: 'history', timestampMs: context.now(), total, links } as const;
  const entries = versions.map((version) => historyEntry(context, version));
  return bundleText(head, entries);
}

function historyEntry(context: Context, version: Version): BundleEntry {
  const { type, id, method, text } = version;
  const url = method === 'POST' ? type : `${type}/${id}`;
  return {
    fullUrl: resourceUrl(context, version),
    ...(text === undefined ? {} : { resource: text }),
    request: { method, url },
    response: { status: historyStatus(version), ...entryVersion(version) },
  };
}

function historyStatus({ method, versionId }: Version): string {
  if (method === 'DELETE') return '204 No Content';
  return method === 'POST' || versionId === 1 ? '201 Created' : '200 OK';
}
