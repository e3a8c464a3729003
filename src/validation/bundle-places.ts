// Where in a Bundle its constraints fail, once they are known to: R4 states them on the whole, and
// a sender of a thousand entries wants to know which one (http://hl7.org/fhir/R4/bundle.html#invs).
// A part of invariants.ts.

import { has, isObject, items, member } from './nodes.ts';

const REQUESTING = new Set<unknown>(['batch', 'transaction', 'history']);
const RESPONDING = new Set<unknown>(['batch-response', 'transaction-response', 'history']);

/** By key; each answers with FHIRPath relative to the Bundle. */
export const bundlePlaces: Readonly<Record<string, (bundle: unknown) => readonly string[]>> = {
  'bdl-1': () => ['total'],
  'bdl-2': (bundle) => entriesWhere(bundle, 'search', (entry) => has(entry, 'search')),
  'bdl-3': (bundle) => mandatoryOrForbidden(bundle, 'request', REQUESTING),
  'bdl-4': (bundle) => mandatoryOrForbidden(bundle, 'response', RESPONDING),
  'bdl-7': repeatedUrls,
  'bdl-9': () => ['identifier'],
  'bdl-10': () => ['timestamp'],
  'bdl-11': () => ['entry[0].resource'],
  'bdl-12': () => ['entry[0].resource'],
};

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
  const mandatory = types.has(member(bundle, 'type'));
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
