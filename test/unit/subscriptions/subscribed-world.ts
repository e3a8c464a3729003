// A store with patients and immunisations, a clock that moves only when something waits, and the
// subscriptions at work on them: what the tests of src/subscriptions share.

import { documentText } from '../../../src/fhir/document-text.ts';
import { readJson } from '../../../src/fhir/read-json.ts';
import type { Resource, ResourceKey } from '../../../src/fhir/types.ts';
import type { Wait } from '../../../src/jobs/pause.ts';
import type { SearchEnvironment } from '../../../src/search/clause.ts';
import { indexEntries, outgoingReferences } from '../../../src/search/index-entries.ts';
import { makeSearchRegistry } from '../../../src/search/search-registry.ts';
import type { TextIndexerOptions } from '../../../src/search/text-indexer.ts';
import type { PutWrite, ResourceStore, Write } from '../../../src/store/resource-store.ts';
import type { TextIndexerSource } from '../../../src/store/text-indexer.ts';
import {
  type Subscriptions,
  startSubscriptions,
} from '../../../src/subscriptions/subscriptions.ts';
import type { BackEnd } from '../../conformance/back-ends.ts';
import { makeModelStore } from '../../support/model-store.ts';
import { r4Terminology } from '../../support/r4-terminology.ts';

export const baseUrl = 'http://ims.test/fhir/R4';
const zone = 'Europe/London';
export const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

const types = [
  'Patient',
  'Immunization',
  'Organization',
  'Encounter',
  'Subscription',
  'Provenance',
];
const search = makeSearchRegistry(() => 'all', types);

/** What criteria are read in. */
export const environment: SearchEnvironment = {
  registry: search,
  terminology: r4Terminology,
  zone,
  baseUrl,
  nowMs: Date.UTC(2026, 10, 25, 9),
  handling: 'strict',
};

/** A clock that a pause moves on at once, so that hours of backing off take no time. */
export class LeapingClock {
  nowMs = environment.nowMs;
  readonly now = (): number => this.nowMs;
  /** Every pause that was asked for, milliseconds. */
  readonly pauses: number[] = [];
  readonly wait: Wait = async (ms) => {
    this.pauses.push(ms);
    this.nowMs += ms;
    await turn();
  };
}

/** Lets everything that is ready go on. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

const UNTIL_MS = 50_000;

/** Turns until the condition holds. Ends before a test's time-out, lest it turn for ever. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const signal = AbortSignal.timeout(UNTIL_MS);
  while (!(await condition())) {
    signal.throwIfAborted();
    await turn();
  }
}

export interface SubscribedWorld {
  readonly store: ResourceStore;
  readonly clock: LeapingClock;
  /** Commits the resources as given, ids included, in one commit. */
  put(...resources: readonly Resource[]): Promise<void>;
  putText(text: string): Promise<void>;
  remove(key: ResourceKey): Promise<void>;
  start(): Promise<Subscriptions>;
  subscription(id: string): Promise<Resource>;
  /** Stops what was started and removes the store. */
  close(): Promise<void>;
}

/** The same reading of a text as `putWrite` below, for stores that read it themselves. */
const indexer: TextIndexerSource = {
  module: new URL('../../../src/search/text-indexer.ts', import.meta.url).href,
  options: {
    parameters: Object.fromEntries(
      types.map((type) => [type, search.all(type).map(({ code }) => code)]),
    ),
    added: [],
    zone,
    baseUrl,
  } satisfies TextIndexerOptions,
  version: 'written and read by the same code',
};

/** The store in memory, where the store is not what is tested. */
export const model: BackEnd = {
  name: 'model',
  isSlow: false,
  open: async () => ({ store: makeModelStore(60_000), dispose: async () => {} }),
};

/** A world over an empty store of the back end. */
export async function openWorld({ open }: BackEnd): Promise<SubscribedWorld> {
  const { store, dispose } = await open(indexer);
  const clock = new LeapingClock();
  const services: Subscriptions[] = [];
  const commit = async (...writes: readonly Write[]): Promise<void> => {
    await store.transact({ guards: [], writes, nowMs: clock.now(), references: 'lenient' });
  };
  return {
    store,
    clock,
    put: (...resources) => commit(...resources.map((each) => putWrite(JSON.stringify(each)))),
    putText: (text) => commit(putWrite(text)),
    remove: (key) => commit({ kind: 'delete', expect: 'any', ...key }),
    start: async () => {
      const { now, wait } = clock;
      const service = await startSubscriptions({
        store,
        search,
        terminology: r4Terminology,
        baseUrl,
        zone,
        now,
        wait,
      });
      services.push(service);
      return service;
    },
    subscription: async (id) => {
      const version = await store.read({ type: 'Subscription', id });
      return JSON.parse(version?.text ?? 'null') as Resource;
    },
    close: async () => {
      for (const service of services) await service.stop();
      await dispose();
    },
  };
}

function putWrite(text: string): PutWrite {
  const document = readJson(text);
  const resource = document.value as Resource;
  const { resourceType: type, id = '' } = resource;
  return {
    kind: 'put',
    method: 'PUT',
    type,
    id,
    expect: 'any',
    document: documentText(document, id),
    entries: indexEntries(resource, search, { zone, baseUrl }),
    references: outgoingReferences(resource, baseUrl),
  };
}

export function patient(id: string, nhsNumber?: string): Resource {
  const identifier = [{ system: NHS_NUMBER, value: nhsNumber }];
  return { resourceType: 'Patient', id, ...(nhsNumber !== undefined && { identifier }) };
}

export function immunization(id: string, more: Partial<Resource> = {}): Resource {
  return {
    resourceType: 'Immunization',
    id,
    identifier: [{ system: 'https://pharmacy.test/dose', value: id }],
    status: 'completed',
    vaccineCode: { coding: [{ system: 'http://hl7.org/fhir/sid/cvx', code: '140' }] },
    patient: { reference: 'Patient/amina' },
    occurrenceDateTime: '2026-11-25',
    ...more,
  };
}

export function subscription(id: string, endpoint: string, more: Partial<Resource> = {}): Resource {
  return {
    resourceType: 'Subscription',
    id,
    status: 'requested',
    reason: 'The practice keeps its own records',
    criteria: 'Immunization?status=completed',
    channel: { type: 'rest-hook', endpoint, payload: 'application/fhir+json' },
    ...more,
  };
}
