// The service in this process, without HTTP: a store, the router, a clock and ids that the test
// controls. The way in for all tests of interactions.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { OpenEngine } from '../../src/cohort/snapshots.ts';
import { resourceTypes } from '../../src/definitions/definitions.ts';
import { readJson } from '../../src/fhir/read-json.ts';
import type { Issue, Resource } from '../../src/fhir/types.ts';
import { readConditions, readPrefer, readSequence } from '../../src/http/headers.ts';
import {
  readCapabilityStatement,
  serveAllTypes,
} from '../../src/interactions/capability-statement.ts';
import type {
  Context,
  FhirRequest,
  FhirResponse,
  Method,
} from '../../src/interactions/interaction.ts';
import { route } from '../../src/interactions/router.ts';
import { pageKeyOf } from '../../src/interactions/search-page.ts';
import { makeNhsJudges } from '../../src/nhs/nhs-judge.ts';
import { makeNhsMode } from '../../src/nhs/nhs-mode.ts';
import { makeOperations } from '../../src/operations/operations.ts';
import { type Caller, localOperator } from '../../src/search/caller.ts';
import {
  type CustomParameter,
  loadSearchParameters,
} from '../../src/search/search-parameter-files.ts';
import { makeSearchRegistry } from '../../src/search/search-registry.ts';
import type { TextIndexerOptions } from '../../src/search/text-indexer.ts';
import type { TextIndexerSource } from '../../src/store/text-indexer.ts';
import { loadTerminology } from '../../src/terminology/terminology.ts';
import { type BackEnd, backEnds, WINDOW_MS, within } from '../conformance/back-ends.ts';
import { makeModelStore } from './model-store.ts';
import { searchParametersDir, shippedJudge, terminologyFolders } from './our-judge.ts';
import { openTestCohorts } from './test-cohorts.ts';

/** 2026-11-25T10:00:00Z, a Wednesday in winter: where every test begins. */
export const START_MS = Date.UTC(2026, 10, 25, 10);

export const BASE_URL = 'http://ims.test/fhir/R4';

/** The capability statement that the service ships. */
export function shippedStatement(): Resource {
  const file = new URL('../../capability-statement/openims.json', import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Resource;
}

export interface ServiceOptions {
  /** `strict` when absent. */
  readonly references?: 'strict' | 'lenient';
  /** What is served; the shipped statement when absent. */
  readonly statement?: Resource;
  /** Whether every R4 type is served. */
  readonly allTypes?: boolean;
  /** Search parameters beside the shipped ones. */
  readonly added?: readonly CustomParameter[];
  /** `standard` when absent. */
  readonly mode?: 'standard' | 'nhs';
  /** Whether a cohort index is kept; without one, cohorts come from the store. */
  readonly cohortIndex?: boolean;
  /** The engine of the index: the model's when absent. */
  readonly openEngine?: OpenEngine;
}

/** A Bundle as tests look at it. */
export interface TestBundle extends Resource {
  readonly type: string;
  readonly total?: number;
  readonly link?: readonly { readonly relation: string; readonly url: string }[];
  readonly entry?: readonly TestEntry[];
}

export interface TestEntry {
  readonly fullUrl?: string;
  readonly resource?: Resource;
  readonly search?: { readonly mode: string };
  readonly request?: { readonly method: string; readonly url: string };
  readonly response?: {
    readonly status: string;
    readonly location?: string;
    readonly etag?: string;
    readonly lastModified?: string;
    readonly outcome?: { readonly issue: readonly Issue[] };
  };
}

/** A response with its body read. */
export interface Answer extends FhirResponse {
  /** The body; fails the test when there is none. */
  readonly resource: Resource;
  /** The body as a Bundle; fails the test when it is none. */
  readonly bundle: TestBundle;
  /** The issues of an OperationOutcome; fails the test when it is none. */
  readonly issues: readonly Issue[];
}

/** Request headers by lower-case name. */
export type Headers = Readonly<Record<string, string>>;

export interface Service {
  readonly context: Context;
  /** Milliseconds since 1970 UTC; move it forward or back at will. */
  readonly clock: { nowMs: number };
  /**
   * Sends a request.
   * @param url after the base (`/Patient?name=x`) or absolute under BASE_URL, as in a link
   * @param body a resource, or JSON text
   */
  request(method: Method, url: string, body?: unknown, headers?: Headers): Promise<Answer>;
  /** The same service for another caller. */
  as(caller: Caller): Service;
  /** Faults of the program that were reported so far; close() fails the test when there are any. */
  readonly faults: readonly unknown[];
  close(): Promise<void>;
}

const terminology = loadTerminology({ folders: terminologyFolders });
const shippedParameters = loadSearchParameters(searchParametersDir);
const validator = shippedJudge(terminology);
const standardParts = { validator, operations: makeOperations({ terminology, judge: validator }) };

function nhsParts(now: () => number, zone: string) {
  const judges = makeNhsJudges(validator, now, zone);
  return {
    validator: judges.ofRecords,
    operations: makeOperations({ terminology, judge: judges.ofCreates }),
    mode: makeNhsMode(judges),
  };
}

/** Opens a service over a fresh store of the back end. */
export async function openService(
  backEnd: BackEnd,
  options: ServiceOptions = {},
): Promise<Service> {
  const statement = statementOf(options);
  const capabilities = readCapabilityStatement(statement);
  const { types } = capabilities;
  const declared = (type: string) => capabilities.searchParameters(type);
  const zone = 'Europe/London';
  const added = [...shippedParameters, ...(options.added ?? [])];
  const parameters = Object.fromEntries(types.map((type) => [type, declared(type)]));
  const lease = await backEnd.open(indexer({ parameters, added, zone, baseUrl: BASE_URL }));
  const clock = { nowMs: START_MS };
  const faults: unknown[] = [];
  let ids = 0;
  const search = makeSearchRegistry(declared, types, { list: added, isFilled: () => true });
  const followed = await openTestCohorts({
    store: lease.store,
    environment: { registry: search, terminology, zone, baseUrl: BASE_URL },
    now: () => clock.nowMs,
    isIndexed: options.cohortIndex === true,
    ...(options.openEngine === undefined ? {} : { openEngine: options.openEngine }),
  });
  const { cohorts } = followed;
  const context: Context = {
    store: cohorts.store,
    cohorts,
    capabilities,
    search,
    terminology,
    pageKey: pageKeyOf(Buffer.alloc(64, 7)),
    ...(options.mode === 'nhs' ? nhsParts(() => clock.nowMs, zone) : standardParts),
    baseUrl: BASE_URL,
    references: options.references ?? 'strict',
    zone,
    softwareVersion: '0.0.0-test',
    now: () => clock.nowMs,
    newId: () => {
      ids += 1;
      return `id-${ids}`;
    },
    reportFault: (fault) => faults.push(fault),
  };
  const close = async () => {
    await followed.stop();
    await lease.dispose();
    assert.deepEqual(faults, [], 'the program reported faults of its own');
  };
  return serviceFor({ context, clock, faults, close }, localOperator);
}

function indexer(options: TextIndexerOptions): TextIndexerSource {
  const module = new URL('../../src/search/text-indexer.ts', import.meta.url).href;
  return { module, options, version: 'the test writes and reads with the same code' };
}

/**
 * Describes the same behaviour on every back end, each with one service for all its tests: a test
 * makes its own resources and looks only at those.
 */
export function onEveryBackEnd(
  title: string,
  options: ServiceOptions,
  tests: (service: () => Service) => void,
): void {
  for (const backEnd of backEnds()) describeOn(backEnd, title, options, tests);
}

/** Describes what no store has a part in, in memory alone. */
export function inMemory(
  title: string,
  options: ServiceOptions,
  tests: (service: () => Service) => void,
): void {
  const open = async () => ({ store: makeModelStore(WINDOW_MS), dispose: async () => {} });
  describeOn({ name: 'model', open, isSlow: false }, title, options, tests);
}

function describeOn(
  backEnd: BackEnd,
  title: string,
  options: ServiceOptions,
  tests: (service: () => Service) => void,
): void {
  describe(`${title}, on ${backEnd.name}`, function () {
    this.timeout(within(backEnd, 10_000));
    let service: Service | undefined;
    before(async function () {
      this.timeout(30_000);
      service = await openService(backEnd, options);
    });
    after(() => service?.close());
    tests(() => {
      assert.ok(service !== undefined, 'the service is open');
      return service;
    });
  });
}

function statementOf({ statement = shippedStatement(), allTypes }: ServiceOptions): Resource {
  if (allTypes !== true) return statement;
  const everyType = [...resourceTypes].sort();
  const registry = makeSearchRegistry(() => 'all', everyType);
  return serveAllTypes(statement, everyType, 'Patient', (type) =>
    registry.all(type).map(({ code, type: kind }) => ({ name: code, type: kind })),
  );
}

function serviceFor(
  own: Pick<Service, 'context' | 'clock' | 'faults' | 'close'>,
  caller: Caller,
): Service {
  return {
    ...own,
    as: (other) => serviceFor(own, other),
    request: async (method, url, body, headers = {}) =>
      readAnswer(await route(own.context, toRequest(method, url, body, headers, caller))),
  };
}

const CONTENT_TYPES: Readonly<Partial<Record<Method, string>>> = {
  POST: 'application/fhir+json',
  PUT: 'application/fhir+json',
  PATCH: 'application/json-patch+json',
};

function toRequest(
  method: Method,
  url: string,
  body: unknown,
  headers: Headers,
  caller: Caller,
): FhirRequest {
  const relative = url.startsWith(BASE_URL) ? url.slice(BASE_URL.length) : url;
  const [path = '', ...query] = relative.split('?');
  const sequence = readSequence(headers);
  const plain: FhirRequest = {
    method,
    path: path.split('/').slice(1).filter(Boolean).map(decodeURIComponent),
    query: query.join('?'),
    ...readConditions(headers),
    prefer: readPrefer(headers.prefer),
    ...(sequence === undefined ? {} : { sequence }),
    caller,
  };
  if (body === undefined) return plain;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const contentType = headers['content-type'] ?? CONTENT_TYPES[method] ?? '';
  return { ...plain, body: readJson(text), contentType };
}

function readAnswer(response: FhirResponse): Answer {
  const read = (): Resource => {
    assert.ok(response.body !== undefined, `a body is expected with ${response.status}`);
    return JSON.parse(response.body) as Resource;
  };
  const readAs = (type: string): Resource => {
    const resource = read();
    assert.equal(resource.resourceType, type, response.body);
    return resource;
  };
  return {
    ...response,
    get resource() {
      return read();
    },
    get bundle() {
      return readAs('Bundle') as TestBundle;
    },
    get issues() {
      return readAs('OperationOutcome').issue as readonly Issue[];
    },
  };
}

/** The url of a Bundle's link; undefined when it has none of that relation. */
export function linkOf(bundle: TestBundle, relation: string): string | undefined {
  return bundle.link?.find((link) => link.relation === relation)?.url;
}

/** All pages of a search or history, from the first on. */
export async function allPages(service: Service, url: string): Promise<TestBundle[]> {
  const pages: TestBundle[] = [];
  let next: string | undefined = url;
  while (next !== undefined) {
    const answer = await service.request('GET', next);
    assert.equal(answer.status, 200, answer.body);
    pages.push(answer.bundle);
    next = linkOf(answer.bundle, 'next');
    assert.ok(pages.length < 1_000, 'paging ends');
  }
  return pages;
}

/** The ids in a Bundle's entries, in order. */
export function idsOf(...bundles: readonly TestBundle[]): string[] {
  return bundles.flatMap(({ entry = [] }) => entry.map(({ resource }) => resource?.id ?? ''));
}
