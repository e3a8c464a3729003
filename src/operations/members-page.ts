// Group/[id]/$members: the members of a cohort as they were last written, a page of them in the
// Group, or one of them alone. capability-statement/operations/members.json

import { isDeepStrictEqual } from 'node:util';
import {
  type Member,
  type MemberEvidence,
  type MembersHead,
  readHead,
  readMember,
  readMembers,
} from '../cohort/member-rows.ts';
import { bundleText } from '../fhir/bundle.ts';
import { fhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import type { Context, FhirRequest, Interaction } from '../interactions/interaction.ts';
import { notOurPage, readPageToken, writePageToken } from '../interactions/page-token.ts';
import { requireExisting } from '../interactions/read.ts';
import { resourceUrl } from '../interactions/responses.ts';
import { MEMBERS_COUNT_DEFAULT, MEMBERS_COUNT_MAX } from '../limits.ts';
import { restrictExpression } from '../search/restrict.ts';
import { readParameters, refused, single } from './parameters.ts';

const OURS = 'https://openims.example/fhir/StructureDefinition';

/** http://hl7.org/fhir/R4/codesystem-observation-values.html: an element list is left out. */
const SUBSETTED = {
  system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue',
  code: 'SUBSETTED',
};

const declared = { _count: 'count', _page: 'string', patient: 'string' } as const;

export const membersPage: Interaction = async (context, request) => {
  const given = readParameters(request, '$members', declared);
  const [type = '', id = ''] = request.path;
  const version = await requireExisting(context, request.caller, { type, id });
  const group = JSON.parse(version.text ?? '{}') as Resource;
  const head = await readHead(context.store, id);
  if (head === undefined) {
    throw fhirError('not-found', `Group/${id} has no members yet: $refresh-members writes them`);
  }
  const patient = single(given.patient, 'patient');
  const size = Math.min(single(given._count, '_count') ?? MEMBERS_COUNT_DEFAULT, MEMBERS_COUNT_MAX);
  if (size < 1) throw refused(`Parameter '_count' of $members must be 1 or more`);
  const after = placeOf(single(given._page, '_page'), head);
  const found =
    patient === undefined
      ? await readMembers(context.store, { groupId: id, ...head }, after, size)
      : { members: await membersNamed(context, id, head, patient), next: undefined };
  const members = await visible(context, request, found.members);
  const next = found.next === undefined ? [] : [nextLink(context, id, head, size, found.next)];
  const links = [{ relation: 'self', url: selfUrl(context, request) } as const, ...next];
  const entry = {
    fullUrl: resourceUrl(context, { type, id }),
    resource: JSON.stringify(withMembers(group, members)),
    searchMode: 'match',
  } as const;
  const bundle = bundleText({ type: 'searchset', timestampMs: context.now(), links }, [entry]);
  return { status: 200, body: bundle };
};

/** The key that a page link names. @throws FhirError `page-expired` when the members of the page
 * before no longer count */
function placeOf(token: string | undefined, { sequence }: MembersHead): string {
  if (token === undefined) return '';
  const { at, after } = readPageToken(token);
  if (!/^\d{1,10}$/.test(after)) throw notOurPage();
  if (at === sequence) return after;
  throw fhirError('page-expired', 'The members were written anew since; start with the first page');
}

function nextLink(
  { baseUrl }: Context,
  id: string,
  { sequence }: MembersHead,
  size: number,
  after: string,
) {
  const token = writePageToken({ at: sequence, after });
  const url = `${baseUrl}/Group/${id}/$members?_count=${size}&_page=${token}`;
  return { relation: 'next', url } as const;
}

function selfUrl({ baseUrl }: Context, { path, query }: FhirRequest): string {
  return `${baseUrl}/${path.join('/')}${query === '' ? '' : `?${query}`}`;
}

async function membersNamed(
  { store }: Context,
  groupId: string,
  head: MembersHead,
  patient: string,
): Promise<readonly Member[]> {
  const [, id = ''] = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/.exec(patient) ?? [];
  if (id === '') throw refused(`Parameter 'patient' of $members must be Patient/ and an id`);
  const person = await store.read({ type: 'Patient', id });
  if (person === undefined) return [];
  const member = await readMember(store, { groupId, ...head }, person.number);
  return member === undefined ? [] : [member];
}

/** Those whom the caller may see. */
async function visible(
  { store }: Context,
  { caller }: FhirRequest,
  members: readonly Member[],
): Promise<readonly Member[]> {
  if (caller.maySee('Patient').kind === 'everything' || members.length === 0) return members;
  const ids = members.map(({ value }) => value.id);
  const where = restrictExpression('Patient', { kind: 'id', ids }, caller);
  const page = { count: ids.length };
  const { versions } = await store.search({ type: 'Patient', where, sort: [] }, page);
  const seen = new Set(versions.map(({ id }) => id));
  return members.filter(({ value }) => seen.has(value.id));
}

function withMembers(group: Resource, members: readonly Member[]): Resource {
  const tags = Array.isArray(group.meta?.tag) ? group.meta.tag : [];
  const isTagged = tags.some((tag) => isDeepStrictEqual(tag, SUBSETTED));
  const meta = { ...group.meta, tag: isTagged ? tags : [...tags, SUBSETTED] };
  return members.length === 0
    ? { ...group, meta }
    : { ...group, meta, member: members.map(memberElement) };
}

function memberElement({ value: { id, evidence = [] } }: Member): object {
  const entity = { reference: `Patient/${id}` };
  return evidence.length === 0 ? { entity } : { extension: evidence.map(evidenceElement), entity };
}

function evidenceElement({ rule, record, words, source, date }: MemberEvidence): object {
  const parts: object[] = [
    { url: 'rule', valueCode: rule },
    { url: 'record', valueReference: { reference: record, display: words } },
  ];
  if (source !== undefined) parts.push({ url: 'source', valueUri: source });
  if (date !== undefined) parts.push({ url: 'date', valueString: date });
  return { url: `${OURS}/cohort-evidence`, extension: parts };
}
