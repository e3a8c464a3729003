// The house rules as data: which way imports point, where each package and each door to the
// outside world is at home, how long things may be, which words are not used.

/** Folders and top files of src in the order in which imports may point: a later one may import
 * an earlier one, never the reverse. */
export const arrows: readonly string[] = [
  'lib',
  'limits.ts',
  'fhir',
  'definitions',
  'terminology',
  'search',
  'validation',
  'immunisation',
  'store',
  'cohort',
  'interactions',
  'jobs',
  'operations',
  'nhs',
  'subscriptions',
  'campaigns',
  'statistics',
  'security',
  'population',
  'feeds',
  'http',
  'web',
  'setting-values.ts',
  'config.ts',
  'service-store.ts',
  'app.ts',
  'copy-store.ts',
  'main.ts',
  'start.js',
];

/** Folders that may not import one another although the order would let them. */
export const strangers: readonly (readonly [from: string, to: string])[] = [
  ['http', 'store'],
  ['web', 'store'],
];

/** Where each package may be imported: path prefixes under src. */
export const packageHomes: Readonly<Record<string, readonly string[]>> = {
  '@hapi/hapi': ['http/', 'web/'],
  ajv: ['definitions/', 'validation/', 'config.ts'],
  'better-sqlite3': ['store/sqlite/'],
  'fhir-kit-client': ['feeds/', 'subscriptions/'],
  fhirpath: ['fhir/'],
  mongodb: ['store/mongo/'],
  mongoose: ['store/mongo/'],
  pino: ['lib/logging.ts'],
};

/** Doors to the outside world, each with the one place that may open it. */
export const doors: readonly { readonly pattern: RegExp; readonly home: string }[] = [
  // NODE_COMPILE_CACHE is told to Node's own threads by start.js; it configures nothing of ours.
  { pattern: /\bprocess\.env\b(?!\.NODE_COMPILE_CACHE)/, home: 'src/config.ts' },
  { pattern: /\bDate\.now\b/, home: 'src/app.ts' },
  { pattern: /\bnew Date\(\s*\)/, home: 'src/app.ts' },
  { pattern: /\bMath\.random\b/, home: 'src/app.ts' },
  { pattern: /\brandomUUID\b/, home: 'src/app.ts' },
];

/** Files that something other than an import starts. */
export const entries: readonly { readonly path: string; readonly startedBy: string }[] = [
  { path: 'src/start.js', startedBy: 'npm start' },
  { path: 'src/cohort/kernel/build.ts', startedBy: 'npm run build' },
  { path: 'src/definitions/build.ts', startedBy: 'npm run build' },
  { path: 'src/population/generate.ts', startedBy: 'npm run generate' },
  { path: 'src/copy-store.ts', startedBy: 'npm run copy' },
  { path: 'src/operations/explain.ts', startedBy: 'npm run explain' },
  { path: 'src/definitions/referenced-type.ts', startedBy: 'the generated extractors' },
];

/** Files of test/ that are no tests and that something other than an import starts. */
export const testEntries: readonly { readonly path: string; readonly startedBy: string }[] = [
  { path: 'test/tidy/write-readme.ts', startedBy: 'whoever changes a table that README shows' },
  { path: 'test/bench/bare-server.ts', startedBy: 'test/bench/http-rows.ts' },
  { path: 'test/mongodb/writing-instance.ts', startedBy: 'test/mongodb/faults.test.ts' },
  { path: 'test/bench/store-load.ts', startedBy: 'test/bench/store-rows.ts' },
];

export const limits = { columns: 100, sourceLines: 400, testLines: 800, headerLines: 5 };

/** Names that say nothing. */
export const emptyWords = /^(?:utils?|helpers?|commons?|managers?|misc|stuff)$/i;

/** Marks of unfinished work, and of rules switched off. */
export const unfinished = /\b(?:TODO|FIXME|XXX|HACK)\b|biome-ignore|@ts-(?:ignore|expect-error)/;

/** Rules that Biome checks for us, by group: they must be errors in biome.json. */
export const biomeRules: Readonly<Record<string, readonly string[]>> = {
  complexity: ['noExcessiveLinesPerFunction'],
  style: ['noDefaultExport', 'noNonNullAssertion', 'noParameterProperties', 'noEnum'],
  performance: ['noBarrelFile'],
  suspicious: ['noExplicitAny'],
};

export const FUNCTION_LINES_MAX = 70;
