// R4's constraints on whole Bundles: what a batch or transaction must have in its entries and no
// other kind may (http://hl7.org/fhir/R4/bundle.html#invs). A part of invariants.ts.

import { has, isObject, items, member } from './nodes.ts';

const HOLDS: readonly string[] = [];
const REQUESTING = new Set<unknown>(['batch', 'transaction', 'history']);
const RESPONDING = new Set<unknown>(['batch-response', 'transaction-response', 'history']);
const KNOWN = new Set<unknown>([
  ...REQUESTING,
  ...RESPONDING,
  'document',
  'message',
  'searchset',
  'collection',
]);
const COUNTED = new Set<unknown>(['searchset', 'history']);

/** By key; each answers where it fails, as FHIRPath relative to the Bundle. */
export const bundleRules: Readonly<Record<string, (bundle: unknown) => readonly string[]>> = {
  'bdl-1': (bundle) =>
    has(bundle, 'total') && !COUNTED.has(member(bundle, 'type')) ? ['total'] : HOLDS,
  'bdl-2': (bundle) =>
    member(bundle, 'type') === 'searchset'
      ? HOLDS
      : entriesWhere(bundle, 'search', (entry) => has(entry, 'search')),
  'bdl-3': (bundle) => mandatoryOrForbidden(bundle, 'request', REQUESTING),
  'bdl-4': (bundle) => mandatoryOrForbidden(bundle, 'response', RESPONDING),
  'bdl-7': (bundle) => (member(bundle, 'type') === 'history' ? HOLDS : repeatedUrls(bundle)),
  'bdl-9': (bundle) => {
    const identifier = member(bundle, 'identifier');
    const complete = has(identifier, 'system') && has(identifier, 'value');
    return isDocument(bundle) && !complete ? ['identifier'] : HOLDS;
  },
  'bdl-10': (bundle) => (isDocument(bundle) && !has(bundle, 'timestamp') ? ['timestamp'] : HOLDS),
  'bdl-11': (bundle) => (isDocument(bundle) ? firstMustBe(bundle, 'Composition') : HOLDS),
  'bdl-12': (bundle) =>
    member(bundle, 'type') === 'message' ? firstMustBe(bundle, 'MessageHeader') : HOLDS,
};

function isDocument(bundle: unknown): boolean {
  return member(bundle, 'type') === 'document';
}

function entriesWhere(
  bundle: unknown,
  name: string,
  fails: (entry: unknown) => boolean,
): readonly string[] {
  return items(bundle, 'entry').flatMap((entry, index) =>
    isObject(entry) && fails(entry) ? [`entry[${index}].${name}`] : [],
  );
}

function mandatoryOrForbidden(
  bundle: unknown,
  name: string,
  types: ReadonlySet<unknown>,
): readonly string[] {
  const type = member(bundle, 'type');
  if (!KNOWN.has(type)) return HOLDS;
  const mandatory = types.has(type);
  return entriesWhere(bundle, name, (entry) => has(entry, name) !== mandatory);
}

function repeatedUrls(bundle: unknown): readonly string[] {
  const seen = new Set<string>();
  return entriesWhere(bundle, 'fullUrl', (entry) => {
    const fullUrl = member(entry, 'fullUrl');
    if (typeof fullUrl !== 'string') return false;
    const versionId = member(member(member(entry, 'resource'), 'meta'), 'versionId');
    const url = `${fullUrl} ${String(versionId ?? '')}`;
    const repeated = seen.has(url);
    seen.add(url);
    return repeated;
  });
}

function firstMustBe(bundle: unknown, type: string): readonly string[] {
  const first = member(items(bundle, 'entry')[0], 'resource');
  return member(first, 'resourceType') === type ? HOLDS : ['entry[0].resource'];
}
