// Wires everything: opens the store, gives the interactions what they need, starts the followers
// of the log. The only place that knows the clock and makes ids.

import { randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Cohorts } from './cohort/cohorts.ts';
import { openCohortEngine } from './cohort/engine/open-engine.ts';
import { type IndexOptions, openCohorts } from './cohort/open-cohorts.ts';
import type { Config } from './config.ts';
import type { App } from './http/server.ts';
import { programmeRules } from './immunisation/programme-rules.ts';
import { programmes } from './immunisation/programmes.ts';
import type { CapabilityStatement } from './interactions/capability-statement.ts';
import type { Context } from './interactions/interaction.ts';
import { openPageKey } from './interactions/page-secret.ts';
import { route } from './interactions/router.ts';
import type { PageKey } from './interactions/search-page.ts';
import { Lease, type Work } from './jobs/lease.ts';
import { waitOnTimer } from './jobs/pause.ts';
import { AddedParameterIndex, startReindex } from './jobs/reindex.ts';
import { errorFields, type Log } from './lib/logging.ts';
import { COHORT_WORKERS_MAX, STORE_MAINTENANCE_INTERVAL_MS } from './limits.ts';
import { makeNhsJudges } from './nhs/nhs-judge.ts';
import { makeNhsMode } from './nhs/nhs-mode.ts';
import { makeOperations } from './operations/operations.ts';
import { loadNation } from './population/load-nation.ts';
import { type ReportTarget, reportLoad } from './population/load-report.ts';
import type { CustomParameter } from './search/search-parameter-files.ts';
import { makeSearchRegistry, type SearchRegistry } from './search/search-registry.ts';
import { openStore, PROFILES, servedBy } from './service-store.ts';
import { programmeList } from './setting-values.ts';
import type { ResourceStore } from './store/resource-store.ts';
import { startSubscriptions } from './subscriptions/subscriptions.ts';
import { loadTerminology, type Terminology } from './terminology/terminology.ts';
import { type Judge, makeJudge } from './validation/judge.ts';
import { loadProfiles } from './validation/profile-definition.ts';

const TERMINOLOGY = ['valuesets', 'codesystems', 'namingsystems'];

/**
 * Opens the service, filling an empty store with the synthetic nation unless told otherwise. http/
 * listens.
 * @param target where the filling is reported
 * @throws StoreError `unavailable` when the data directory or the database cannot be used
 */
export async function openApp(config: Config, log: Log, target: ReportTarget): Promise<App> {
  const served = servedBy(config);
  const { capabilities, added } = served;
  const terminology = openTerminology(config, log);
  const knowledge = { terminology, judge: shippedJudge(terminology), added };
  const store = await openStore(config, served, () => randomUUID());
  try {
    return await openAppOver(store, { config, log, target, capabilities, knowledge });
  } catch (error) {
    // Its threads would keep the process alive.
    await store.close();
    throw error;
  }
}

/** What an app is opened with, beside its store. */
interface Parts {
  readonly config: Config;
  readonly log: Log;
  readonly target: ReportTarget;
  readonly capabilities: CapabilityStatement;
  readonly knowledge: Knowledge;
}

async function openAppOver(store: ResourceStore, parts: Parts): Promise<App> {
  const { config, log, target, knowledge } = parts;
  const pageKey = await openPageKey(store, Date.now(), randomBytes);
  const index = await AddedParameterIndex.open(store, parts.knowledge.added, Date.now());
  const cohorts = await openCohortsOver(store, parts);
  const context = makeContext({ pageKey, index, cohorts }, parts);
  const { mode, search, now } = context;
  const { baseUrl, zone, people, seed } = config;
  if (!config.empty) {
    const date = dateIn(zone, now());
    // The nation is made for the default mode: it has doses that were not given, and references.
    const loading = { ...context, validator: knowledge.judge };
    await loadNation(loading, { people, seed, date }, reportLoad(people, now, target));
  }
  const { terminology } = knowledge;
  const following = { search, terminology, baseUrl, zone, now, log };
  const works: Readonly<Record<string, (leased: ResourceStore) => Promise<Work>>> = {
    subscriptions: (leased) => startSubscriptions({ ...following, store: leased }),
    upkeep: async (leased) => startUpkeep({ ...context, store: leased }, index, log),
  };
  const leases = Object.entries(works).map(
    ([name, work]) =>
      new Lease({
        ...{ store, name, holder: context.newId(), work, now, log },
        elapsedMs: () => performance.now(),
        wait: waitOnTimer,
      }),
  );
  for (const lease of leases) {
    await lease.step();
    lease.start();
  }
  cohorts.start();
  const refreshing = setInterval(() => {
    index.refresh().catch((error: unknown) => log.warn(errorFields(error), 'not refreshed'));
  }, STORE_MAINTENANCE_INTERVAL_MS);
  return {
    route: (request) => route(context, request),
    ...(mode === undefined
      ? {}
      : { refuse: (request, error) => mode.refusal(context, request, error) }),
    newId: context.newId,
    close: async () => {
      clearInterval(refreshing);
      await Promise.all([...leases.map((lease) => lease.stop()), cohorts.stop()]);
      await store.close();
    },
  };
}

/** Cohorts, with an index unless the settings grant it no memory. */
function openCohortsOver(store: ResourceStore, parts: Parts): Promise<Cohorts> {
  const { config, log, capabilities, knowledge } = parts;
  const { zone, baseUrl, cohortMemory } = config;
  const registry = makeRegistry(capabilities, knowledge.added, () => true);
  const index: IndexOptions = {
    openEngine: openCohortEngine,
    directory: join(config.data, 'cohorts'),
    memoryBytes: cohortMemory * 1024 * 1024,
    workers: Math.min(availableParallelism(), COHORT_WORKERS_MAX),
  };
  return openCohorts({
    store,
    environment: {
      ...{ registry, zone, baseUrl, terminology: knowledge.terminology },
      ...{ nowMs: Date.now(), handling: 'strict' },
    },
    rules: programmeRules(programmes, zone),
    programmes: programmeList(config.cohortProgrammes),
    softwareVersion: packageVersion(),
    ...(cohortMemory === 0 ? {} : { index }),
    now: () => Date.now(),
    newId: () => randomUUID(),
    random: () => Math.random(),
    wait: waitOnTimer,
    log,
  });
}

function makeRegistry(
  capabilities: CapabilityStatement,
  list: readonly CustomParameter[],
  isFilled: (type: string, code: string) => boolean,
): SearchRegistry {
  const declared = (type: string) => capabilities.searchParameters(type);
  return makeSearchRegistry(declared, capabilities.types, { list, isFilled });
}

/** What the store needs from time to time, and what its index lacks. */
function startUpkeep(context: Context, index: AddedParameterIndex, log: Log): Work {
  const { store, now } = context;
  const reindex = startReindex(index, context, log);
  const maintenance = setInterval(() => {
    store.maintain(now()).catch((error: unknown) => log.error(errorFields(error), 'upkeep'));
  }, STORE_MAINTENANCE_INTERVAL_MS);
  return {
    stop: async () => {
      clearInterval(maintenance);
      await reindex.stop();
    },
  };
}

/** The terminology of `profiles/` and of the configured directory. */
function openTerminology(config: Config, log: Log): Terminology {
  const shipped = TERMINOLOGY.map((name) => join(PROFILES, name));
  const configured = config.terminology === '' ? [] : [config.terminology];
  const terminology = loadTerminology({ folders: [...shipped, ...configured] });
  const { passedOver } = terminology;
  if (passedOver.length > 0) log.warn({ passedOver }, 'files that are no terminology');
  return terminology;
}

function shippedJudge(valueSets: Terminology): Judge {
  return makeJudge({ profiles: loadProfiles(join(PROFILES, 'structuredefinitions')), valueSets });
}

/** What judges resources and codes. */
interface Knowledge {
  readonly terminology: Terminology;
  readonly judge: Judge;
  /** Search parameters that `profiles/` adds. */
  readonly added: readonly CustomParameter[];
}

/** What the store keeps for the service itself. */
interface Kept {
  readonly pageKey: PageKey;
  readonly index: AddedParameterIndex;
  readonly cohorts: Cohorts;
}

function makeContext(kept: Kept, parts: Parts): Context {
  const { config, log, capabilities } = parts;
  const { terminology, judge, added } = parts.knowledge;
  const nhs = config.mode === 'nhs' ? makeNhsJudges(judge, Date.now, config.zone) : undefined;
  return {
    store: kept.cohorts.store,
    cohorts: kept.cohorts,
    capabilities,
    terminology,
    pageKey: kept.pageKey,
    search: makeRegistry(capabilities, added, (type, code) => kept.index.isFilled(type, code)),
    validator: nhs?.ofRecords ?? judge,
    operations: makeOperations({ terminology, judge: nhs?.ofCreates ?? judge }),
    ...(nhs === undefined ? {} : { mode: makeNhsMode(nhs) }),
    baseUrl: config.baseUrl,
    references: config.references,
    zone: config.zone,
    softwareVersion: packageVersion(),
    now: () => Date.now(),
    newId: () => randomUUID(),
    reportFault: (error) => log.error(errorFields(error), 'a fault of the program'),
  };
}

/** The day it is in the zone, as a FHIR date. */
function dateIn(zone: string, nowMs: number): string {
  // Sweden writes dates as FHIR does.
  return new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(nowMs);
}

function packageVersion(): string {
  const { version } = readJsonFile('../package.json') as { version: string };
  return version;
}

function readJsonFile(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}
