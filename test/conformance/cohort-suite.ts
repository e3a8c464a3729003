// Sets of people by the index compared with those by the store: a synthetic nation is loaded and
// changed in every way, and each generated search must find the same people at the same moment.

import assert from 'node:assert/strict';
import type { Cohorts } from '../../src/cohort/cohorts.ts';
import { select } from '../../src/cohort/selection.ts';
import type { OpenEngine } from '../../src/cohort/snapshots.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { searchEnvironment } from '../../src/interactions/conditional.ts';
import { loadNation } from '../../src/population/load-nation.ts';
import { type Caller, localOperator } from '../../src/search/caller.ts';
import type { Expression } from '../../src/search/expression.ts';
import { resolveSelection } from '../../src/search/resolve.ts';
import { restrictExpression } from '../../src/search/restrict.ts';
import {
  cohortNation,
  makeCohortSearch,
  type NationValues,
  nationValues,
} from '../support/cohort-searches.ts';
import { type SeededRandom, seededRandom } from '../support/seeded-random.ts';
import { openService, type Service } from '../support/service.ts';
import { type BackEnd, within } from './back-ends.ts';

const SEED = 20_261_125;
const isThorough = process.env.CI === 'true';
/** How much is compared; little where each search of a store reads everything many times. */
const TRIALS = { searches: isThorough ? 2_000 : 200, changes: 60, hidden: 20 };
const SLOW_TRIALS = { searches: isThorough ? 12 : 4, changes: 6, hidden: 4 };
/** People where each search of a store reads everything, unless time is no matter. */
const FEW_PEOPLE = 20;

/** Describes the comparison. */
export function cohortSuite(backEnd: BackEnd, openEngine: OpenEngine): void {
  const random = seededRandom(SEED);
  const { searches, changes, hidden } = backEnd.isSlow ? SLOW_TRIALS : TRIALS;
  let service: Service | undefined;
  let values: NationValues | undefined;
  const opened = () => {
    assert.ok(service !== undefined && values !== undefined, 'the service is open');
    return { service, values };
  };

  before(async function () {
    this.timeout(within(backEnd, 300_000));
    const isSmall = backEnd.isSlow && !isThorough;
    const options = isSmall ? { ...cohortNation, people: FEW_PEOPLE } : cohortNation;
    values = nationValues(options);
    service = await openService(backEnd, { cohortIndex: true, openEngine });
    await loadNation(service.context, options, () => undefined);
  });

  after(() => service?.close());

  it(`finds the same people by ${searches} searches, seed ${SEED}`, async function () {
    this.timeout(within(backEnd, 300_000));
    await compare(opened(), random, Math.ceil(searches / 2));
  });

  it('finds the same people after changes of every kind', async function () {
    this.timeout(within(backEnd, 300_000));
    const { service: own } = opened();
    for (let change = 0; change < changes; change += 1)
      await makeChange(own, random, opened().values);
    await compare(opened(), random, Math.floor(searches / 2));
  });

  it('finds for a caller who may not see everything what the store finds', async function () {
    this.timeout(within(backEnd, 300_000));
    const caller: Caller = {
      id: 'clerk',
      maySee: (type) => {
        if (type === 'Communication') return { kind: 'nothing' };
        if (type !== 'Patient') return { kind: 'everything' };
        return { kind: 'token', parameter: 'gender', anyOf: [{ code: 'female' }] };
      },
    };
    await compare(opened(), random, hidden, caller);
  });
}

interface Opened {
  readonly service: Service;
  readonly values: NationValues;
}

async function compare(
  { service, values }: Opened,
  random: SeededRandom,
  searches: number,
  caller: Caller = localOperator,
): Promise<void> {
  const { cohorts } = service.context;
  const environment = searchEnvironment(service.context);
  const atLeast = await cohorts.store.position();
  let found = 0;
  for (let count = 0; count < searches; count += 1) {
    const search = makeCohortSearch(random, values);
    const where = resolveSelection('Patient', search, environment);
    const [by, store] = await bothWays(cohorts, where, atLeast, caller);
    assert.deepEqual(by, store, search);
    found += store.length;
    if (caller !== localOperator) continue;
    const counted = await cohorts.count({ type: 'Patient', where, sort: [] }, caller);
    if (counted !== undefined) assert.equal(counted.total, store.length, search);
  }
  assert.ok(found > 0, 'the searches find people');
}

/** Rows by the people asked, and by the store that they were made from, at the same moment. */
async function bothWays(
  cohorts: Cohorts,
  where: Expression,
  atLeast: number,
  caller: Caller,
): Promise<readonly [readonly number[], readonly number[]]> {
  return cohorts.ask({ caller, atLeast }, async (people) => {
    const store = cohorts.storeOf(people);
    const { expression } = await select(where, { people, store, caller });
    const rows = await people.rows(expression, 0, 10_000);
    // Without facets all of it is the store's: what is derived is worked out person by person.
    const asked = restrictExpression('Patient', where, caller);
    const query = { type: 'Patient', where: asked, sort: [] };
    return [[...rows], [...(await store.numbers(query, people.asOf.sequence))]];
  });
}

/** One write of some kind, as feeds and staff make them. */
async function makeChange(
  service: Service,
  random: SeededRandom,
  { patients, practices, organizations, locations }: NationValues,
): Promise<void> {
  const id = String(random.pick(patients).id);
  const read = async (type: string, key: string): Promise<Resource | undefined> => {
    const answer = await service.request('GET', `/${type}/${key}`);
    return answer.status === 200 ? answer.resource : undefined;
  };
  const put = async (resource: Resource): Promise<void> => {
    const answer = await service.request(
      'PUT',
      `/${resource.resourceType}/${resource.id}`,
      resource,
    );
    assert.ok(answer.status < 300, answer.body);
  };
  const edit = async (type: string, key: string, elements: object): Promise<void> => {
    const resource = await read(type, key);
    if (resource !== undefined) await put({ ...resource, ...elements });
  };
  const anyOf = async (type: string): Promise<Resource | undefined> => {
    const answer = await service.request('GET', `/${type}?patient=Patient/${id}&_count=1`);
    return answer.bundle.entry?.[0]?.resource;
  };
  const other = String(random.pick(patients).id);
  const kinds: readonly (() => Promise<unknown>)[] = [
    () =>
      edit('Patient', id, { birthDate: random.pick(['1950-02-28', '2026-11-25', '1999', '1888']) }),
    () => edit('Patient', id, { deceasedDateTime: '2026-11-01' }),
    () => edit('Patient', id, { generalPractitioner: [{ reference: random.pick(practices) }] }),
    () => edit('Patient', id, { generalPractitioner: undefined, telecom: undefined }),
    () => edit('Patient', id, { gender: random.pick(['male', 'female', 'other']) }),
    async () => {
      const resource = await anyOf(random.pick(['Immunization', 'Condition', 'Flag']));
      if (resource !== undefined) {
        await service.request('DELETE', `/${resource.resourceType}/${resource.id}`);
      }
    },
    async () => {
      // A record that was put down to the wrong person.
      const dose = await anyOf('Immunization');
      if (dose !== undefined) await put({ ...dose, patient: { reference: `Patient/${other}` } });
    },
    async () => {
      const dose = await anyOf('Immunization');
      if (dose !== undefined) await put({ ...dose, status: 'entered-in-error' });
    },
    async () => {
      const dose = await anyOf('Immunization');
      if (dose === undefined) return;
      const again = { id: `${dose.id}-again`, identifier: undefined };
      await put({ ...dose, ...again, occurrenceDateTime: '2026-10-05' });
    },
    () => edit('Organization', random.pick(organizations), { name: 'Orchard of another name' }),
    () =>
      edit('Organization', random.pick(organizations), {
        partOf: { reference: 'Organization/Y56' },
      }),
    () => edit('Location', random.pick(locations), { partOf: undefined }),
    () =>
      put({
        resourceType: 'Patient',
        id: `new-${random.below(5)}`,
        gender: 'female',
        birthDate: '1944-04-04',
      }),
    () => service.request('DELETE', `/Patient/new-${random.below(5)}`),
  ];
  await random.pick(kinds)();
}
