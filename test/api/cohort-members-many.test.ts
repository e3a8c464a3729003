// The members of a large cohort pass through memory in batches: however many there are, what is
// read and written at once is no more.

import assert from 'node:assert/strict';
import { putWrite } from '../../src/interactions/put-write.ts';
import { MEMBERS_BATCH_MAX, MEMBERS_BATCHES_AT_ONCE } from '../../src/limits.ts';
import type { ResourceStore } from '../../src/store/resource-store.ts';
import { backEnds } from '../conformance/back-ends.ts';
import { patient } from '../support/sample-resources.ts';
import { openService, type Service } from '../support/service.ts';

const MEMBERS = 12 * MEMBERS_BATCH_MAX + 1;

/** Methods that read or write many at once, and how many. */
const counted: Readonly<Record<string, (given: never) => number>> = {
  readIds: ([, numbers]: Parameters<ResourceStore['readIds']>) => numbers.length,
  readNumbers: ([, numbers]: Parameters<ResourceStore['readNumbers']>) => numbers.length,
  rows: ([, , limit]: Parameters<ResourceStore['rows']>) => limit,
  transact: ([{ writes }]: Parameters<ResourceStore['transact']>) => writes.length,
};

/** What a store was asked. */
interface Asked {
  /** At most so many at once in one call, and in all calls that were not answered yet. */
  most: number;
  mostUnderWay: number;
  total: number;
}

/** The store, telling what is asked of it. */
function watched(store: ResourceStore, asked: Asked): ResourceStore {
  let underWay = 0;
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name);
      const count = counted[String(name)];
      if (typeof method !== 'function') return method;
      if (count === undefined) return method.bind(target);
      return async (...given: never[]) => {
        const size = count(given as never);
        underWay += size;
        asked.total += size;
        asked.most = Math.max(asked.most, size);
        asked.mostUnderWay = Math.max(asked.mostUnderWay, underWay);
        try {
          return await method.apply(target, given);
        } finally {
          underWay -= size;
        }
      };
    },
  });
}

describe('the members of a large cohort', function () {
  this.timeout(60_000);
  const asked: Asked = { most: 0, mostUnderWay: 0, total: 0 };
  let service: Service;

  before(async () => {
    const [sqlite] = backEnds().filter(({ name }) => name === 'sqlite');
    assert.ok(sqlite !== undefined);
    const { open, ...backEnd } = sqlite;
    service = await openService(
      {
        ...backEnd,
        open: async (...given) => {
          const lease = await open(...given);
          return { ...lease, store: watched(lease.store, asked) };
        },
      },
      { cohortIndex: true },
    );
    const { context } = service;
    const writes = Array.from({ length: MEMBERS }, (_, index) => {
      const value = patient({ id: `p${index}`, birthDate: '1950-01-01' });
      return putWrite(context, { type: 'Patient', id: `p${index}` }, { value }, 'PUT', 'absent');
    });
    const nowMs = context.now();
    await context.store.transact({ guards: [], writes, nowMs, references: 'strict' });
    const position = String(await context.store.position());
    const group = {
      ...{ resourceType: 'Group', id: 'all', type: 'person', actual: true },
      modifierExtension: [
        {
          url: 'http://hl7.org/fhir/uv/bulkdata/StructureDefinition/member-filter',
          valueExpression: { language: 'application/x-fhir-query', expression: 'birthdate=1950' },
        },
        {
          url: 'https://openims.example/fhir/StructureDefinition/cohort-exclusion-off',
          valueCode: 'not-registered',
        },
      ],
    };
    const answer = await service.request('PUT', '/Group/all', group, {
      'openims-sequence': position,
    });
    assert.equal(answer.status, 201, answer.body);
    assert.equal(answer.resource.quantity, MEMBERS);
  });
  after(() => service.close());

  /** Sends the operation. @returns what the store was asked for it */
  async function askedBy(operation: string): Promise<Asked> {
    Object.assign(asked, { most: 0, mostUnderWay: 0, total: 0 });
    const answer = await service.request('POST', `/Group/all/${operation}`);
    assert.equal(answer.status, 200, answer.body);
    return { ...asked };
  }

  const BATCHES_MAX = MEMBERS_BATCHES_AT_ONCE + 1;

  for (const operation of ['$refresh-members', '$freeze-members']) {
    it(`are never read and written all at once by ${operation}`, async () => {
      const { most, mostUnderWay, total } = await askedBy(operation);
      assert.ok(total >= 2 * MEMBERS, `${total} were read and written in all`);
      assert.ok(most <= MEMBERS_BATCH_MAX, `${most} in one call`);
      assert.ok(mostUnderWay <= BATCHES_MAX * MEMBERS_BATCH_MAX, `${mostUnderWay} at once`);
      assert.ok(mostUnderWay > MEMBERS_BATCH_MAX, 'the next are read while others are written');
    });
  }
});
