// The settings: one table that flags, environment variables, `--help` and the README all come
// from. Read once by main.ts and passed down; nothing else looks at the environment.

import {
  oneOf,
  readBaseUrl,
  readCohortMemory,
  readDirectory,
  readHost,
  readMongodbUri,
  readPeople,
  readPort,
  readProgrammes,
  readSeed,
  readSwitch,
  readZone,
} from './setting-values.ts';

/** How a setting is written and read. `read` throws an Error that completes "--flag …". */
interface Setting<Value> {
  readonly flag: string;
  readonly variable: string;
  /** The argument's placeholder in `--help` and the README; '' for a switch, which takes none. */
  readonly format: string;
  readonly doc: string;
  /** As text, read like any other value. */
  readonly default: string;
  /** Hidden wherever the configuration is printed. */
  readonly secret: boolean;
  readonly read: (text: string) => Value;
}

const settings = {
  port: {
    flag: '--port',
    variable: 'OPENIMS_PORT',
    format: 'N',
    doc: 'TCP port to listen on; 0 takes a free one',
    default: '8080',
    secret: false,
    read: readPort,
  },
  host: {
    flag: '--host',
    variable: 'OPENIMS_HOST',
    format: 'H',
    doc: 'address or name to listen on; 0.0.0.0 or :: opens the service to the network',
    default: '127.0.0.1',
    secret: false,
    read: readHost,
  },
  store: {
    flag: '--store',
    variable: 'STORE',
    format: 'sqlite|mongodb',
    doc: 'where resources are kept: in files beside the service, or in a database of many services',
    default: 'sqlite',
    secret: false,
    read: oneOf('sqlite', 'mongodb'),
  },
  mongodbUri: {
    flag: '--mongodb-uri',
    variable: 'MONGODB_URI',
    format: 'URI',
    doc: 'address of that database, where the store is `mongodb`',
    default: 'mongodb://127.0.0.1:27017/openims',
    secret: true,
    read: readMongodbUri,
  },
  data: {
    flag: '--data',
    variable: 'OPENIMS_DATA',
    format: 'DIR',
    doc: 'directory of the embedded store; made when absent',
    default: './data',
    secret: false,
    read: readDirectory,
  },
  types: {
    flag: '--types',
    variable: 'OPENIMS_TYPES',
    format: 'all|declared',
    doc: 'the resource types served: those of the capability statement, or every one of R4',
    default: 'declared',
    secret: false,
    read: oneOf('all', 'declared'),
  },
  references: {
    flag: '--references',
    variable: 'OPENIMS_REFERENCES',
    format: 'strict|lenient',
    doc: 'whether a reference to a resource that does not exist is refused or only warned about',
    default: 'strict',
    secret: false,
    read: oneOf('strict', 'lenient'),
  },
  mode: {
    flag: '--mode',
    variable: 'OPENIMS_MODE',
    format: 'standard|nhs',
    doc: "whether NHS England's own APIs are stood in for: their rules, texts and headers",
    default: 'standard',
    secret: false,
    read: oneOf('standard', 'nhs'),
  },
  zone: {
    flag: '--zone',
    variable: 'OPENIMS_ZONE',
    format: 'Z',
    doc: 'IANA time zone: what dates and times without a zone mean',
    default: 'Europe/London',
    secret: false,
    read: readZone,
  },
  people: {
    flag: '--people',
    variable: 'OPENIMS_PEOPLE',
    format: 'N',
    doc: 'people of the synthetic nation that an empty store is filled with',
    default: '20000',
    secret: false,
    read: readPeople,
  },
  seed: {
    flag: '--seed',
    variable: 'OPENIMS_SEED',
    format: 'S',
    doc: 'seed of that nation: another whole number is another nation',
    default: '1',
    secret: false,
    read: readSeed,
  },
  empty: {
    flag: '--empty',
    variable: 'OPENIMS_EMPTY',
    format: '',
    doc: 'leaves an empty store empty; always set it where real people are to be loaded',
    default: 'false',
    secret: false,
    read: readSwitch,
  },
  terminology: {
    flag: '--terminology',
    variable: 'OPENIMS_TERMINOLOGY',
    format: 'DIR',
    doc: 'directory of further code systems and value sets: FHIR JSON, or CSV lists of codes',
    default: '',
    secret: false,
    read: (text) => text,
  },
  cohortProgrammes: {
    flag: '--cohort-programmes',
    variable: 'OPENIMS_COHORT_PROGRAMMES',
    format: 'LIST',
    doc: 'programmes whose doses and invitations the cohort index holds, with commas between',
    default: 'flu-2026,covid-autumn-2026,rsv',
    secret: false,
    read: readProgrammes,
  },
  cohortMemory: {
    flag: '--cohort-memory',
    variable: 'OPENIMS_COHORT_MEMORY',
    format: 'MIB',
    doc: 'mebibytes that the cohort index may take; 0: cohorts are answered from the records alone',
    default: '2048',
    secret: false,
    read: readCohortMemory,
  },
  logLevel: {
    flag: '--log-level',
    variable: 'OPENIMS_LOG_LEVEL',
    format: 'debug|info|warn|error|silent',
    doc: 'least severity that is logged to stderr',
    default: 'info',
    secret: false,
    read: oneOf('debug', 'info', 'warn', 'error', 'silent'),
  },
  baseUrl: {
    flag: '--base-url',
    variable: 'OPENIMS_BASE_URL',
    format: 'URL',
    doc: 'public address of the FHIR API, when it differs from http://HOST:PORT/fhir/R4',
    default: '',
    secret: false,
    read: readBaseUrl,
  },
} as const satisfies Record<string, Setting<unknown>>;

type SettingName = keyof typeof settings;
const settingNames = Object.keys(settings) as readonly SettingName[];

/** The settings in force. `baseUrl` is always an address, without trailing slash. */
export type Config = {
  readonly [Name in SettingName]: ReturnType<(typeof settings)[Name]['read']>;
};

/** What the command line and environment ask for: to run, to be helped, or nothing sensible. */
export type ConfigReading =
  | { readonly kind: 'config'; readonly config: Config }
  | { readonly kind: 'help'; readonly text: string }
  /** One sentence per fault, all at once. */
  | { readonly kind: 'faults'; readonly faults: readonly string[] };

const PREFIX = 'OPENIMS_';

/**
 * Reads the settings. A flag wins over its environment variable, and that over the default.
 * @param flags the arguments after the program's name
 * @param environment the process's own unless a test says otherwise
 */
export function readConfig(
  flags: readonly string[],
  environment: Readonly<Record<string, string | undefined>> = process.env,
): ConfigReading {
  if (flags.includes('--help')) return { kind: 'help', text: helpText() };
  const faults: string[] = [];
  const given = new Map<SettingName, Given>();
  takeVariables(environment, given, faults);
  takeFlags(flags, given, faults);
  const values = Object.fromEntries(
    settingNames.map((name) => [name, readSetting(name, given.get(name), faults)]),
  ) as unknown as Config;
  if (faults.length > 0) return { kind: 'faults', faults };
  const baseUrl = values.baseUrl || defaultBaseUrl(values.host, values.port);
  return { kind: 'config', config: Object.freeze({ ...values, baseUrl }) };
}

/** The configuration once the port is known that `--port 0` left open. */
export function listeningOn(config: Config, port: number): Config {
  const wasDefault = config.baseUrl === defaultBaseUrl(config.host, config.port);
  const baseUrl = wasDefault ? defaultBaseUrl(config.host, port) : config.baseUrl;
  return Object.freeze({ ...config, port, baseUrl });
}

/** The settings in force for a log: secrets hidden. */
export function withoutSecrets(config: Config): Record<string, string | number | boolean> {
  return Object.fromEntries(
    settingNames.map((name) => [name, settings[name].secret ? '(hidden)' : config[name]]),
  );
}

/** The README's table of settings, in Markdown. */
export function settingsTable(): string {
  const rows = settingNames.map((name) => {
    const { flag, variable, format, doc, default: preset } = settings[name];
    const cells = [
      `\`${`${flag} ${format}`.trim()}\``,
      `\`${variable}\``,
      preset && `\`${preset}\``,
      doc,
    ];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  return [
    '| Flag after `npm start --` | Environment variable | Default | Meaning |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function helpText(): string {
  const lines = settingNames.map((name) => {
    const { flag, variable, format, doc, default: preset } = settings[name];
    const note = preset === '' ? variable : `${variable}; default ${preset}`;
    return `  ${`${flag} ${format}`.trim()}\n      ${doc}\n      (${note})`;
  });
  return ['Usage: npm start -- [flags]', '', ...lines, '  --help', '      prints this'].join('\n');
}

/** A value as given, and the flag or variable it came by. */
interface Given {
  readonly text: string;
  readonly by: string;
}

function takeVariables(
  environment: Readonly<Record<string, string | undefined>>,
  given: Map<SettingName, Given>,
  faults: string[],
): void {
  for (const [variable, text] of Object.entries(environment)) {
    if (text === undefined) continue;
    const name = settingNames.find((candidate) => settings[candidate].variable === variable);
    if (name !== undefined) given.set(name, { text, by: variable });
    else if (variable.startsWith(PREFIX)) faults.push(`${variable} is not a setting of OpenIMS.`);
  }
}

function takeFlags(
  flags: readonly string[],
  given: Map<SettingName, Given>,
  faults: string[],
): void {
  const met = new Set<string>();
  for (let index = 0; index < flags.length; index += 1) {
    const [flag = '', inline] = splitFlag(flags[index] ?? '');
    const name = settingNames.find((candidate) => settings[candidate].flag === flag);
    if (name === undefined) {
      faults.push(`${flag} is not a flag of OpenIMS; --help lists them.`);
      continue;
    }
    const isSwitch = settings[name].format === '';
    const next = isSwitch ? undefined : flags[index + 1];
    const following = next?.startsWith('--') ? undefined : next;
    const text = inline ?? (isSwitch ? 'true' : following);
    if (inline === undefined && following !== undefined) index += 1;
    if (met.has(flag)) faults.push(`${flag} is given twice.`);
    else if (text === undefined) faults.push(`${flag} needs a value: ${settings[name].format}.`);
    else given.set(name, { text, by: flag });
    met.add(flag);
  }
}

function splitFlag(argument: string): readonly [string, string?] {
  const equals = argument.indexOf('=');
  if (!argument.startsWith('--') || equals === -1) return [argument];
  return [argument.slice(0, equals), argument.slice(equals + 1)];
}

function readSetting(name: SettingName, given: Given | undefined, faults: string[]): unknown {
  const setting: Setting<unknown> = settings[name];
  try {
    return setting.read(given?.text ?? setting.default);
  } catch (error) {
    faults.push(`${given?.by ?? setting.flag} ${(error as Error).message}.`);
    return undefined;
  }
}

// A service that listens everywhere is reached, from the machine itself, over loopback.
const everywhere: readonly string[] = ['0.0.0.0', '::'];

function defaultBaseUrl(host: string, port: number): string {
  const name = everywhere.includes(host) ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}/fhir/R4`;
}
