// Cohorts kept as Groups: counted when they come, their members written, read in pages and frozen,
// so that what was approved is what is sent; with an index and without one, on every store.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Resource } from '../../src/fhir/types.ts';
import type { Caller } from '../../src/search/caller.ts';
import { patient } from '../support/sample-resources.ts';
import { type Answer, onEveryBackEnd } from '../support/service.ts';

const OURS = 'https://openims.example/fhir/StructureDefinition';
const CODES = 'https://openims.example/fhir/CodeSystem';
const CLINICAL = 'http://terminology.hl7.org/CodeSystem/condition-clinical';
const BULK_DATA = 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition';

const filter = (url: string, expression: string) => ({
  url,
  valueExpression: { language: 'application/x-fhir-query', expression },
});
const include = (expression: string) => filter(`${BULK_DATA}/member-filter`, expression);
const exclude = (expression: string) => filter(`${OURS}/cohort-exclude-filter`, expression);

function cohort(id: string, filters: readonly object[], more: object = {}): Resource {
  return {
    ...{ resourceType: 'Group', id, name: id, type: 'person', actual: true },
    modifierExtension: filters,
    ...more,
  };
}

interface Extension {
  readonly url: string;
  readonly valueDateTime?: string;
  readonly valueCode?: string;
  readonly valueString?: string;
  readonly valueUri?: string;
  readonly valueReference?: { readonly reference: string };
  readonly valueUnsignedInt?: number;
  readonly extension?: readonly Extension[];
}

function named(resource: Resource, url: string): Extension | undefined {
  return (resource.extension as readonly Extension[] | undefined)?.find((one) => one.url === url);
}

const refreshedOf = (group: Resource) =>
  named(group, `${BULK_DATA}/members-refreshed`)?.valueDateTime;

function partOf(extension: Extension | undefined, url: string): Extension | undefined {
  return extension?.extension?.find((part) => part.url === url);
}

interface MemberElement {
  readonly entity: { readonly reference: string };
  readonly extension?: readonly Extension[];
}

const membersOf = (answer: Answer): readonly MemberElement[] => {
  assert.equal(answer.status, 200, answer.body);
  const [entry] = answer.bundle.entry ?? [];
  return (entry?.resource?.member ?? []) as readonly MemberElement[];
};

const idsOf = (answer: Answer) => membersOf(answer).map(({ entity }) => entity.reference.slice(8));

const registered = {
  active: true,
  generalPractitioner: [{ reference: 'Organization/practice' }],
};

/** Of the people born in a year. */
const BORN = 'birthdate=1950';

for (const cohortIndex of [true, false]) {
  const title = cohortIndex ? 'a cohort by the index' : 'a cohort from the store';
  onEveryBackEnd(title, { cohortIndex }, (service) => {
    const send = async (method: 'PUT' | 'POST' | 'DELETE', url: string, body?: object) => {
      const known = await service().context.store.position();
      return service().request(method, url, body, { 'openims-sequence': String(known) });
    };
    const done = async (...request: Parameters<typeof send>) => {
      const answer = await send(...request);
      assert.ok(answer.status < 300, answer.body);
      return answer;
    };
    const put = (resource: Resource) =>
      done('PUT', `/${resource.resourceType}/${resource.id}`, resource);
    const read = async (id: string) => (await service().request('GET', `/Group/${id}`)).resource;
    const members = (id: string, query = '') =>
      service().request('GET', `/Group/${id}/$members${query}`);
    const refused = async (answer: Promise<Answer>, status: number, words: RegExp) => {
      const given = await answer;
      assert.equal(given.status, status, given.body);
      assert.match(given.issues[0]?.diagnostics ?? '', words);
      return given.issues[0]?.expression;
    };

    /** Five people born in 1950, by turns women and men, and one who is younger. */
    before(async () => {
      await put({ resourceType: 'Organization', id: 'practice', name: 'A practice' });
      for (let index = 1; index <= 5; index += 1) {
        const gender = index % 2 === 0 ? 'male' : 'female';
        const birthDate = `1950-0${index}-01`;
        await put(patient({ id: `p${index}`, birthDate, gender, ...registered }) as Resource);
      }
      await put(patient({ id: 'young', birthDate: '1990-01-01', ...registered }) as Resource);
    });

    it('is counted when it comes, whatever the client says of it', async () => {
      const said = {
        quantity: 99,
        extension: [{ url: `${BULK_DATA}/members-refreshed`, valueDateTime: '2026-01-01' }],
      };
      const answer = await done(
        'POST',
        '/Group',
        cohort('new', [include(`Patient?${BORN}`)], said),
      );
      assert.equal(answer.status, 201);
      const group = answer.resource;
      assert.equal(group.quantity, 5);
      assert.equal(refreshedOf(group), undefined);
      const asOf = partOf(named(group, `${OURS}/as-of`), 'sequence');
      assert.ok(asOf !== undefined);
    });

    it('holds whom all its filters find, less whom it leaves out', async () => {
      const filters = [include(`Patient?${BORN}`), include('gender=female'), exclude('_id=p3')];
      await put(cohort('women', filters));
      assert.equal((await read('women')).quantity, 2);
    });

    it('is counted again when its filters change, and not for another name', async () => {
      await put(cohort('counted', [include('_id=p1')]));
      await done('POST', '/Group/counted/$refresh-members');
      await put(cohort('counted', [include('_id=p1')], { name: 'Renamed' }));
      const renamed = await read('counted');
      assert.equal(renamed.quantity, 1);
      assert.ok(refreshedOf(renamed) !== undefined, 'its members are still those of its filters');
      await put(cohort('counted', [include('_id=p1,p2')]));
      const changed = await read('counted');
      assert.equal(changed.quantity, 2);
      assert.equal(refreshedOf(changed), undefined);
    });

    it('is counted within a transaction', async () => {
      const resource = cohort('within', [include(BORN)]);
      const request = { method: 'PUT', url: 'Group/within' };
      const entry = [{ resource, request }];
      await done('POST', '/', { resourceType: 'Bundle', type: 'transaction', entry });
      assert.equal((await read('within')).quantity, 5);
    });

    it('is refused by the name of what is wrong with it', async () => {
      const post = (filters: readonly object[], more?: object) =>
        send('POST', '/Group', cohort('new', filters, more));
      const wrong = [{ url: `${BULK_DATA}/member-filter`, valueString: BORN }];
      const path = await refused(post(wrong), 400, /modifierExtension\[0\] must have a valueExpr/);
      assert.deepEqual(path, ['Group.modifierExtension[0]']);
      await refused(post([include('shoe-size=44')]), 400, /^include-1 'shoe-size=44': .*shoe-/);
      await refused(post([exclude(BORN)]), 400, /A cohort has a http.*member-filter/);
      await refused(post([include(BORN)], { type: 'animal' }), 400, /type 'person'/);
      await refused(post([include(BORN)], { actual: false }), 400, /actual people/);
      const member = [{ entity: { reference: 'Patient/p1' } }];
      await refused(post([include(BORN)], { member }), 400, /come from its filters/);
      const programme = { url: `${OURS}/cohort-programme`, valueCode: 'flu-1918' };
      await refused(post([include(BORN), programme]), 400, /'flu-1918' is not known/);
    });

    it('has members once they are written, and the same until they are written again', async () => {
      await put(cohort('listed', [include(BORN)]));
      await refused(members('listed'), 404, /no members yet/);
      const { resource } = await done('POST', '/Group/listed/$refresh-members');
      assert.equal(resource.quantity, 5);
      assert.equal(refreshedOf(resource), new Date(service().clock.nowMs).toISOString());
      await put(patient({ id: 'p1', birthDate: '1951-01-01' }) as Resource);
      assert.deepEqual(idsOf(await members('listed')), ['p1', 'p2', 'p3', 'p4', 'p5']);
      await done('POST', '/Group/listed/$refresh-members');
      assert.deepEqual(idsOf(await members('listed')), ['p2', 'p3', 'p4', 'p5']);
      await put(patient({ id: 'p1', birthDate: '1950-01-01', ...registered }) as Resource);
    });

    it('is read in pages, each member once', async () => {
      await put(cohort('paged', [include(BORN)]));
      await done('POST', '/Group/paged/$refresh-members');
      const pages: string[][] = [];
      let url: string | undefined = '/Group/paged/$members?_count=2';
      let link: string | undefined;
      while (url !== undefined) {
        const page: Answer = await service().request('GET', url);
        pages.push(idsOf(page));
        url = page.bundle.link?.find(({ relation }) => relation === 'next')?.url;
        link ??= url;
      }
      assert.deepEqual(pages, [['p1', 'p2'], ['p3', 'p4'], ['p5']]);
      await done('POST', '/Group/paged/$refresh-members');
      await refused(service().request('GET', link ?? ''), 410, /written anew since/);
    });

    it('shows one member alone, and none who is none', async () => {
      await put(cohort('asked', [include(BORN)]));
      await done('POST', '/Group/asked/$refresh-members');
      assert.deepEqual(idsOf(await members('asked', '?patient=Patient/p2')), ['p2']);
      assert.deepEqual(idsOf(await members('asked', '?patient=young')), []);
      assert.deepEqual(idsOf(await members('asked', '?patient=Patient/nobody')), []);
      await refused(members('asked', '?patient=a/b/c'), 400, /Patient\/ and an id/);
      await refused(members('asked', '?_count=0'), 400, /1 or more/);
      await refused(members('asked', '?_page=x'), 400, /not a page link/);
    });

    it('shows those members alone whom the caller may see', async () => {
      await put(cohort('seen', [include(BORN)]));
      await done('POST', '/Group/seen/$refresh-members');
      const clerk: Caller = {
        id: 'clerk',
        maySee: (type) =>
          type === 'Patient'
            ? { kind: 'not', of: { kind: 'id', ids: ['p3'] } }
            : { kind: 'everything' },
      };
      const answer = await service().as(clerk).request('GET', '/Group/seen/$members');
      assert.deepEqual(idsOf(answer), ['p1', 'p2', 'p4', 'p5']);
    });

    it('stays as it is once it is frozen', async () => {
      const filters = [include(BORN), exclude('gender=male')];
      await put(cohort('frozen', filters));
      await refused(send('POST', '/Group/frozen/$freeze-members'), 409, /refresh-members comes/);
      await done('POST', '/Group/frozen/$refresh-members');
      const { resource } = await done('POST', '/Group/frozen/$freeze-members');
      const frozen = named(resource, `${OURS}/cohort-frozen`);
      const lines = ['p1', 'p3', 'p5'].map((id) => `Patient/${id}\n`).join('');
      const hash = createHash('sha256').update(lines).digest('hex');
      assert.equal(partOf(frozen, 'hash')?.valueString, hash);
      assert.equal(partOf(frozen, 'count')?.valueUnsignedInt, 3);
      const again = await done('POST', '/Group/frozen/$freeze-members');
      assert.equal(again.versionId, '3');

      const person = patient({ id: 'p3', gender: 'female', ...registered });
      await put({ ...person, birthDate: '1951-01-01' } as Resource);
      await refused(send('POST', '/Group/frozen/$refresh-members'), 409, /is frozen/);
      const changed = cohort('frozen', [include(BORN)]);
      await refused(send('PUT', '/Group/frozen', changed), 409, /is frozen/);
      await refused(send('DELETE', '/Group/frozen'), 409, /is frozen/);
      await refused(send('DELETE', '/Group?_id=frozen'), 409, /is frozen/);
      await put(cohort('frozen', filters, { name: 'Sent' }));
      assert.deepEqual(idsOf(await members('frozen')), ['p1', 'p3', 'p5']);
      const renamed = await read('frozen');
      assert.equal(partOf(named(renamed, `${OURS}/cohort-frozen`), 'hash')?.valueString, hash);
      await put({ ...person, birthDate: '1950-03-01' } as Resource);
    });

    it('keeps by which records each member matched, once it is frozen', async () => {
      await put({
        ...{ resourceType: 'Condition', id: 'asthma', meta: { source: 'urn:practice' } },
        subject: { reference: 'Patient/p1' },
        category: [{ coding: [{ system: `${CODES}/risk-group`, code: 'respiratory' }] }],
        code: { coding: [{ system: 'http://snomed.info/sct', code: '195967001' }], text: 'Asthma' },
        clinicalStatus: { coding: [{ system: CLINICAL, code: 'active' }] },
        onsetDateTime: '2001-05',
      });
      await put(cohort('proven', [include(BORN), include('risk-group=respiratory')]));
      await done('POST', '/Group/proven/$refresh-members');
      await done('POST', '/Group/proven/$freeze-members');
      await done('DELETE', '/Condition/asthma');
      const [member] = membersOf(await members('proven', '?patient=Patient/p1'));
      const told = member?.extension?.map((evidence) =>
        ['rule', 'record', 'source', 'date'].map((name) => {
          const { valueCode, valueReference, valueUri, valueString } = partOf(evidence, name) ?? {};
          return valueCode ?? valueReference?.reference ?? valueUri ?? valueString;
        }),
      );
      const { versionId } = await service().request('GET', '/Patient/p1');
      assert.deepEqual(told, [
        ['include-1', `Patient/p1/_history/${versionId}`, undefined, '1950-01-01'],
        ['include-2', 'Condition/asthma/_history/1', 'urn:practice', '2001-05'],
      ]);
    });

    it('is not frozen with members of other filters than it has now', async () => {
      await put(cohort('stale', [include('_id=p1')]));
      await done('POST', '/Group/stale/$refresh-members');
      await put(cohort('stale', [include('_id=p2')]));
      await refused(send('POST', '/Group/stale/$freeze-members'), 409, /refresh-members comes/);
    });

    it('has no members of its own where it has no filters', async () => {
      const { modifierExtension: _none, ...plain } = cohort('plain', []);
      await put({ ...plain, member: [{ entity: { reference: 'Patient/p1' } }] } as Resource);
      await refused(send('POST', '/Group/plain/$refresh-members'), 409, /is no cohort/);
      await refused(send('POST', '/Group/nobody/$refresh-members'), 404, /does not exist/);
    });
  });
}
