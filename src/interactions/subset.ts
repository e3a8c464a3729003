// `_summary` and `_elements`: a part of a resource, marked SUBSETTED so that nobody takes it for
// the whole (http://hl7.org/fhir/R4/search.html#summary). Numbers keep their digits.

import { elementShapes, membersOf } from '../definitions/element-shapes.ts';
import type { ElementShape } from '../definitions/schema-shapes.ts';
import { parseExact, printExact } from '../lib/json.ts';
import type { ResolvedSearch } from '../search/resolve.ts';

/** How much of each resource a search tells. */
export type Subset = Pick<ResolvedSearch, 'summary' | 'elements'>;

type Members = Readonly<Record<string, unknown>>;

/** Whether an element of an owner is told. */
type IsTold = (element: ElementShape, owner: string) => boolean;

const ALWAYS: ReadonlySet<string> = new Set(['id', 'meta']);

const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};

/** Whether the search tells all of each resource. */
export function isWhole({ summary, elements }: Subset): boolean {
  return elements === undefined && (summary === 'none' || summary === 'count');
}

/** The part of a resource's text that is asked for. */
export function subsetText(text: string, subset: Subset): string {
  const resource = parseExact(text) as Members;
  const type = String(resource.resourceType);
  const isTold = ruleOf(subset);
  const kept = partOf(resource, type, (element, owner) => {
    const isBare = owner === type && ALWAYS.has(element.name);
    return isBare || element.min > 0 || isTold(element, owner);
  });
  return printExact(marked({ resourceType: type, ...kept }));
}

function ruleOf({ summary, elements }: Subset): IsTold {
  if (elements !== undefined) {
    const named = new Set(elements);
    return (element, owner) => owner.includes('.') || named.has(element.name);
  }
  switch (summary) {
    case 'true':
      return (element) => element.summary === true;
    case 'text':
      return (element, owner) => owner.includes('.') || element.name === 'text';
    case 'data':
      return (element, owner) => owner.includes('.') || element.name !== 'text';
    case 'none':
    case 'count':
      return () => true;
  }
}

function partOf(node: Members, owner: string, isTold: IsTold): Members {
  const kept: Record<string, unknown> = {};
  for (const element of elementShapes(owner)?.values() ?? []) {
    if (!isTold(element, owner)) continue;
    for (const member of membersOf(element)) {
      for (const name of [member.json, `_${member.json}`]) {
        const value = node[name];
        if (value === undefined) continue;
        // Of a data type all is told: its elements are in summaries without exception.
        kept[name] = member.owner.includes('.') ? partsOf(value, member.owner, isTold) : value;
      }
    }
  }
  // As the sender had them.
  return Object.fromEntries(
    Object.keys(node).flatMap((name) => {
      return Object.hasOwn(kept, name) ? [[name, kept[name]]] : [];
    }),
  );
}

function partsOf(value: unknown, owner: string, isTold: IsTold): unknown {
  if (Array.isArray(value)) return value.map((item) => partsOf(item, owner, isTold));
  return partOf(value as Members, owner, isTold);
}

function marked(resource: Members): Members {
  const meta = (resource.meta ?? {}) as Members;
  const tags = Array.isArray(meta.tag) ? meta.tag : [];
  return { ...resource, meta: { ...meta, tag: [...tags, SUBSETTED] } };
}
