// The store that the settings name, and how what is written to it is indexed: by the capability
// statement and the search parameters that `profiles/` adds.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Config } from './config.ts';
import { resourceTypes } from './definitions/definitions.ts';
import type { Resource } from './fhir/types.ts';
import {
  type CapabilityStatement,
  readCapabilityStatement,
  serveAllTypes,
} from './interactions/capability-statement.ts';
import { unreachable } from './lib/assert.ts';
import { WINDOW_MS } from './limits.ts';
import { type CustomParameter, loadSearchParameters } from './search/search-parameter-files.ts';
import { makeSearchRegistry } from './search/search-registry.ts';
import { indexingVersion, type TextIndexerOptions } from './search/text-indexer.ts';
import { openMongoStore } from './store/mongo/mongo-store.ts';
import type { ResourceStore } from './store/resource-store.ts';
import { openSqliteStore } from './store/sqlite/sqlite-store.ts';
import type { TextIndexerSource } from './store/text-indexer.ts';

export const PROFILES = fileURLToPath(new URL('../profiles/', import.meta.url));

const STATEMENT = fileURLToPath(new URL('../capability-statement/openims.json', import.meta.url));

/** The declared type whose interactions `--types all` gives to every type. */
const MODEL_TYPE = 'Patient';

/** What is served, and by which parameters it is found. */
export interface Served {
  readonly capabilities: CapabilityStatement;
  /** Search parameters that `profiles/` adds. */
  readonly added: readonly CustomParameter[];
}

/** What the settings have the service serve. */
export function servedBy({ types }: Pick<Config, 'types'>): Served {
  return {
    capabilities: readCapabilityStatement(statementOf(types)),
    added: loadSearchParameters(join(PROFILES, 'searchparameters')),
  };
}

function statementOf(types: Config['types']): Resource {
  const statement = JSON.parse(readFileSync(STATEMENT, 'utf8')) as Resource;
  if (types === 'declared') return statement;
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

/** How the entries of a stored text are made. */
export function storeIndexer(
  { capabilities, added }: Served,
  { zone, baseUrl }: Pick<Config, 'zone' | 'baseUrl'>,
): TextIndexerSource {
  const parameters = capabilities.types.map((type) => [type, capabilities.searchParameters(type)]);
  const options: TextIndexerOptions = {
    parameters: Object.fromEntries(parameters),
    added,
    zone,
    baseUrl,
  };
  return {
    module: import.meta.resolve('./search/text-indexer.ts'),
    options,
    version: indexingVersion(options),
  };
}

/**
 * Opens the store of the settings.
 * @param newNonce a text that nobody else ever has
 * @throws StoreError `unavailable` when the data directory or the database cannot be used
 */
export function openStore(
  config: Config,
  served: Served,
  newNonce: () => string,
): Promise<ResourceStore> {
  const common = { windowMs: WINDOW_MS, indexer: storeIndexer(served, config) };
  switch (config.store) {
    case 'sqlite':
      return openSqliteStore({ ...common, directory: config.data });
    case 'mongodb':
      return openMongoStore({ ...common, uri: config.mongodbUri, newNonce });
    default:
      return unreachable(config.store);
  }
}
