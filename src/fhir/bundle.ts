// Bundles for answers, written as text around the stored texts, which are never parsed
// (http://hl7.org/fhir/R4/bundle.html).

/** One link of a Bundle. */
export interface BundleLink {
  readonly relation: 'self' | 'first' | 'previous' | 'next';
  readonly url: string;
}

/** One entry of an answering Bundle. `resource` and `outcome` are JSON texts. */
export interface BundleEntry {
  readonly fullUrl?: string;
  readonly resource?: string;
  readonly searchMode?: 'match' | 'include' | 'outcome';
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: {
    readonly status: string;
    readonly location?: string;
    readonly etag?: string;
    readonly lastModified?: string;
    readonly outcome?: string;
  };
}

/** What an answering Bundle holds beside its entries. */
export interface BundleHead {
  readonly type: 'searchset' | 'history' | 'batch-response' | 'transaction-response';
  readonly timestampMs: number;
  readonly total?: number;
  readonly links?: readonly BundleLink[];
}

/** The Bundle as JSON text. */
export function bundleText(head: BundleHead, entries: readonly BundleEntry[]): string {
  const members = [
    member('resourceType', 'Bundle'),
    `"meta":{"lastUpdated":"${new Date(head.timestampMs).toISOString()}"}`,
    member('type', head.type),
  ];
  if (head.total !== undefined) members.push(member('total', head.total));
  if (head.links !== undefined) members.push(member('link', head.links));
  if (entries.length > 0) members.push(`"entry":[${entries.map(entryText).join(',')}]`);
  return `{${members.join(',')}}`;
}

function entryText(entry: BundleEntry): string {
  const members: string[] = [];
  if (entry.fullUrl !== undefined) members.push(member('fullUrl', entry.fullUrl));
  if (entry.resource !== undefined) members.push(`"resource":${entry.resource}`);
  if (entry.searchMode !== undefined) members.push(member('search', { mode: entry.searchMode }));
  if (entry.request !== undefined) members.push(member('request', entry.request));
  if (entry.response !== undefined) members.push(`"response":${responseText(entry.response)}`);
  return `{${members.join(',')}}`;
}

function responseText(response: NonNullable<BundleEntry['response']>): string {
  const { outcome, ...plain } = response;
  const text = JSON.stringify(plain);
  return outcome === undefined ? text : `${text.slice(0, -1)},"outcome":${outcome}}`;
}

function member(name: string, value: unknown): string {
  return `"${name}":${JSON.stringify(value)}`;
}
