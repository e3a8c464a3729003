// Wires everything: opens the store, gives the interactions what they need, starts the followers
// of the log. The only place that knows the clock and makes ids.

import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import { resourceTypes } from './definitions/definitions.ts';
import type { Resource } from './fhir/types.ts';
import type { App } from './http/server.ts';
import {
  type CapabilityStatement,
  readCapabilityStatement,
  serveAllTypes,
} from './interactions/capability-statement.ts';
import type { Context } from './interactions/interaction.ts';
import { route } from './interactions/router.ts';
import { errorFields, type Log } from './lib/logging.ts';
import { STORE_MAINTENANCE_INTERVAL_MS, WINDOW_MS } from './limits.ts';
import { makeNhsJudges } from './nhs/nhs-judge.ts';
import { makeNhsMode } from './nhs/nhs-mode.ts';
import { validateOperations } from './operations/validate.ts';
import { loadNation } from './population/load-nation.ts';
import { type ReportTarget, reportLoad } from './population/load-report.ts';
import { makeSearchRegistry, type SearchRegistry } from './search/search-registry.ts';
import { indexingVersion, type TextIndexerOptions } from './search/text-indexer.ts';
import type { ResourceStore } from './store/resource-store.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { TextIndexerSource } from './store/sqlite/text-indexer.ts';
import { startSubscriptions } from './subscriptions/subscriptions.ts';
import { loadTerminology } from './terminology/terminology.ts';
import { type Judge, makeJudge } from './validation/judge.ts';
import { loadProfiles } from './validation/profile-definition.ts';

const PROFILES = fileURLToPath(new URL('../profiles/', import.meta.url));
const TERMINOLOGY = ['valuesets', 'codesystems', 'namingsystems'];

/** The declared type whose interactions `--types all` gives to every type. */
const MODEL_TYPE = 'Patient';

/**
 * Opens the service, filling an empty store with the synthetic nation unless told otherwise. http/
 * listens.
 * @param target where the filling is reported
 * @throws StoreError `unavailable` when the data directory cannot be used
 */
export async function openApp(config: Config, log: Log, target: ReportTarget): Promise<App> {
  const capabilities = readCapabilityStatement(declaredStatement(config));
  const { types } = capabilities;
  const search = makeSearchRegistry((type) => capabilities.searchParameters(type), types);
  const store = await openStore(config, capabilities);
  const judge = shippedJudge();
  const context = makeContext(config, log, store, capabilities, search, judge);
  const { mode } = context;
  const { baseUrl, zone, people, seed } = config;
  if (!config.empty) {
    const date = dateIn(zone, context.now());
    // The nation is made for the default mode: it has doses that were not given, and references.
    const loading = { ...context, validator: judge };
    await loadNation(loading, { people, seed, date }, reportLoad(people, context.now, target));
  }
  const subscriptions = await startSubscriptions({
    store,
    search,
    baseUrl,
    zone,
    now: context.now,
    log,
  });
  const maintenance = setInterval(() => {
    store
      .maintain(context.now())
      .catch((error: unknown) => log.error(errorFields(error), 'upkeep'));
  }, STORE_MAINTENANCE_INTERVAL_MS);
  return {
    route: (request) => route(context, request),
    ...(mode === undefined
      ? {}
      : { refuse: (request, error) => mode.refusal(context, request, error) }),
    newId: context.newId,
    close: async () => {
      clearInterval(maintenance);
      await subscriptions.stop();
      await store.close();
    },
  };
}

function shippedJudge(): Judge {
  return makeJudge({
    profiles: loadProfiles(join(PROFILES, 'structuredefinitions')),
    valueSets: loadTerminology({ folders: TERMINOLOGY.map((name) => join(PROFILES, name)) }),
  });
}

function makeContext(
  config: Config,
  log: Log,
  store: ResourceStore,
  capabilities: CapabilityStatement,
  search: SearchRegistry,
  judge: Judge,
): Context {
  const nhs = config.mode === 'nhs' ? makeNhsJudges(judge, Date.now, config.zone) : undefined;
  return {
    store,
    capabilities,
    search,
    validator: nhs?.ofRecords ?? judge,
    operations: validateOperations(nhs?.ofCreates ?? judge),
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

function openStore(config: Config, capabilities: CapabilityStatement): Promise<ResourceStore> {
  const { types } = capabilities;
  const parameters = types.map((type) => [type, capabilities.searchParameters(type)]);
  const options: TextIndexerOptions = {
    parameters: Object.fromEntries(parameters),
    zone: config.zone,
    baseUrl: config.baseUrl,
  };
  const indexer: TextIndexerSource = {
    module: import.meta.resolve('./search/text-indexer.ts'),
    options,
    version: indexingVersion(options),
  };
  return openSqliteStore({ directory: config.data, windowMs: WINDOW_MS, indexer });
}

function declaredStatement(config: Config): Resource {
  const statement = readJsonFile('../capability-statement/openims.json') as Resource;
  if (config.types === 'declared') return statement;
  const everyType = [...resourceTypes].sort();
  const registry = makeSearchRegistry(() => 'all', everyType);
  return serveAllTypes(statement, everyType, MODEL_TYPE, (type) =>
    registry.all(type).map(({ code, url, type: kind }) => ({
      name: code,
      definition: url,
      type: kind,
    })),
  );
}

function packageVersion(): string {
  const { version } = readJsonFile('../package.json') as { version: string };
  return version;
}

function readJsonFile(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}
