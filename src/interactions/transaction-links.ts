// What the references of a transaction stand for: fullUrls and conditional references become
// references to the resources that are written or found (http://hl7.org/fhir/R4/http.html#trules).

import { FhirError, fhirError } from '../fhir/fhir-error.ts';
import { type JsonDocument, mapDocument } from '../lib/json.ts';
import type { Caller } from '../search/caller.ts';
import type { Expression } from '../search/expression.ts';
import { resolveCriteria } from '../search/resolve.ts';
import { restrictExpression } from '../search/restrict.ts';
import type { Guard } from '../store/resource-store.ts';
import { searchEnvironment } from './conditional.ts';
import type { Context } from './interaction.ts';
import { isConditional, openReferences, replaceLinks } from './resource-links.ts';
import type { Faults } from './transaction-faults.ts';
import type { WritePlan } from './write-plan.ts';
import { type WrittenResources, writtenResources } from './written-resources.ts';

/** One entry's plan with the fullUrl that others may refer to it by. */
export interface PlannedEntry {
  readonly index: number;
  readonly fullUrl?: string;
  readonly plan: WritePlan;
}

/** What the references of a transaction stand for. */
export interface Links {
  /** fullUrl → `Type/id` */
  readonly identities: ReadonlyMap<string, string>;
  /** `Type?criterion` → `Type/id` */
  readonly found: ReadonlyMap<string, string>;
  /** What `found` rests on. */
  readonly guards: readonly Guard[];
}

const RESTFUL_URL = /^(https?:\/\/.+\/)[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;
const RELATIVE_REFERENCE = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/;

/**
 * Finds what every reference of the entries stands for.
 * @param report.faults takes a fault, naming element and reference, for each that stands for
 *   nothing or for several
 * @param report.unplanned fullUrls of faulty entries: what refers to them is not at fault itself
 */
export async function findLinks(
  context: Context,
  caller: Caller,
  entries: readonly PlannedEntry[],
  { faults, unplanned }: { readonly faults: Faults; readonly unplanned: ReadonlySet<string> },
): Promise<Links> {
  const identities = identitiesOf(entries);
  const found = new Map<string, string>();
  const guards: Guard[] = [];
  const written = writtenResources(
    context,
    entries.map(({ plan }) => plan),
  );
  for (const { plan, index } of entries) {
    if (plan.kind !== 'put') continue;
    const root = `Bundle.entry[${index}].resource`;
    for (const { text, location } of openReferences(plan.document.value, root)) {
      if (!isConditional(text)) {
        if (identities.has(text) || unplanned.has(text)) continue;
        if (context.references === 'lenient') continue;
        const sentence = `${location} refers to ${text}, which is no fullUrl of the Bundle`;
        faults.take(fhirError('reference-not-found', sentence, [location]));
      } else if (!found.has(text)) {
        const link = await findConditional(context, caller, written, text, location);
        if (link instanceof FhirError) {
          faults.take(link);
          continue;
        }
        found.set(text, link.reference);
        guards.push(link.guard);
      }
    }
  }
  return { identities, found, guards };
}

function identitiesOf(entries: readonly PlannedEntry[]): ReadonlyMap<string, string> {
  const identities = new Map<string, string>();
  for (const { fullUrl, plan } of entries) {
    if (fullUrl === undefined || plan.kind === 'delete') continue;
    const { type, id } = plan.kind === 'put' ? plan.key : plan.version;
    identities.set(fullUrl, `${type}/${id}`);
  }
  return identities;
}

/** The entry's document with every reference that `links` knows replaced; the same object when
 * there is none. */
export function linkDocument(
  document: JsonDocument,
  fullUrl: string | undefined,
  { identities, found }: Links,
): JsonDocument {
  const base = RESTFUL_URL.exec(fullUrl ?? '')?.[1];
  const link = (text: string, isReference: boolean): string | undefined => {
    const identity = identities.get(text);
    if (identity !== undefined || !isReference) return identity;
    const sibling = base !== undefined && RELATIVE_REFERENCE.test(text);
    return (sibling ? identities.get(base + text) : undefined) ?? found.get(text);
  };
  const linked = mapDocument(document, (tree) => replaceLinks(tree, link));
  return linked.value === document.value ? document : linked;
}

// A conditional reference sees the resources as they stand after the transaction: those of the
// store that it does not touch, and those that it writes.
async function findConditional(
  context: Context,
  caller: Caller,
  written: WrittenResources,
  reference: string,
  location: string,
): Promise<{ reference: string; guard: Guard } | FhirError> {
  const [type = ''] = reference.split('?', 1);
  const plain = readCriterion(context, type, reference.slice(type.length + 1), location);
  if (plain instanceof FhirError) return plain;
  const where = restrictExpression(type, plain, caller);
  const touched = written.touched(type);
  const most = touched.size + 2;
  const { versions } = await context.store.search({ type, where, sort: [] }, { count: most });
  const stored = versions.map(({ id }) => id);
  const ids = new Set(stored.filter((id) => !touched.has(id)));
  for (const id of written.matching(type, plain)) ids.add(id);
  const [id] = ids;
  if (id === undefined) {
    const sentence = `${location} refers to ${reference}, which finds nothing`;
    return fhirError('reference-not-found', sentence, [location]);
  }
  if (ids.size > 1) {
    const sentence = `${location} refers to ${reference}, which finds more than one resource`;
    return fhirError('reference-ambiguous', sentence, [location]);
  }
  return { reference: `${type}/${id}`, guard: { type, where, ids: stored } };
}

function readCriterion(
  context: Context,
  type: string,
  criterion: string,
  location: string,
): Expression | FhirError {
  try {
    return resolveCriteria(type, criterion, searchEnvironment(context));
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const issues = error.issues.map((issue) => ({ ...issue, expression: [location] }));
    return new FhirError(error.errorName, issues);
  }
}
