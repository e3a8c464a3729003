// The settings: one table that flags, environment variables, `--help` and the README all come
// from, and how each value is read. What is given of them is found by config.ts.

import { programmes } from './immunisation/programmes.ts';
import { COHORT_MEMORY_MAX_MIB } from './limits.ts';
import { PEOPLE_MAX } from './population/nation.ts';

/** How a setting is written and read. `read` throws an Error that completes "--flag …". */
export interface Setting<Value> {
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

/** All of them, in the order of `--help`. */
export const settings = {
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

export type SettingName = keyof typeof settings;
export const settingNames = Object.keys(settings) as readonly SettingName[];

/** The programmes that `--cohort-programmes` names. */
export function programmeList(text: string): readonly string[] {
  return text.split(',').filter((id) => id !== '');
}

function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`must be a port number from 0 to 65535, not '${text}'`);
  return port;
}

function readPeople(text: string): number {
  const people = /^\d{1,8}$/.test(text) ? Number(text) : Number.NaN;
  if (!(people >= 1 && people <= PEOPLE_MAX)) {
    throw new Error(`must be a whole number from 1 to ${PEOPLE_MAX}, not '${text}'`);
  }
  return people;
}

function readSeed(text: string): number {
  const seed = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(seed)) throw new Error(`must be a whole number, not '${text}'`);
  return seed;
}

function readProgrammes(text: string): string {
  const known = programmes.map(({ id }) => id);
  const unknown = programmeList(text).find((id) => !known.includes(id));
  if (unknown === undefined) return text;
  throw new Error(`must name programmes, of ${known.join(', ')}; there is no '${unknown}'`);
}

function readCohortMemory(text: string): number {
  const mebibytes = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(mebibytes <= COHORT_MEMORY_MAX_MIB)) {
    throw new Error(`must be from 0 to ${COHORT_MEMORY_MAX_MIB} mebibytes, not '${text}'`);
  }
  return mebibytes;
}

function readSwitch(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error(`must be true or false, not '${text}'`);
  return text === 'true';
}

function readHost(text: string): string {
  if (!/^[A-Za-z0-9.:_-]+$/.test(text)) {
    throw new Error(`must be an IP address or a host name, not '${text}'`);
  }
  return text;
}

function readDirectory(text: string): string {
  if (text === '' || text.includes('\0')) throw new Error('must name a directory');
  return text;
}

/** A database without a name is ours by default. Faults do not repeat what may hold a password. */
function readMongodbUri(text: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(\?.*)?$/.exec(text);
  if (parts === null) throw new Error('must be an address such as mongodb://HOST:PORT/DATABASE');
  const [, servers = '', name, options = ''] = parts;
  return `${servers}/${name || 'openims'}${options}`;
}

function readZone(text: string): string {
  try {
    if (!/^[A-Za-z]/.test(text)) throw new RangeError('an offset is not a zone');
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new Error(`must be an IANA time zone such as Europe/London, not '${text}'`);
  }
}

function readBaseUrl(text: string): string {
  if (text === '') return text;
  const url = URL.parse(text);
  const isPlain = url !== null && url.search === '' && url.hash === '' && url.username === '';
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new Error(`must be an http or https address without query, not '${text}'`);
  }
  return text.replace(/\/+$/, '');
}

function oneOf<const Value extends string>(...values: readonly Value[]): (text: string) => Value {
  return (text) => {
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) throw new Error(`must be ${values.join(' or ')}, not '${text}'`);
    return value;
  };
}
