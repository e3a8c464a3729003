// How the value of each setting is read from text. Each throws an Error that completes
// "--flag …". Part of config.ts.

import { programmes } from './immunisation/programmes.ts';
import { COHORT_MEMORY_MAX_MIB } from './limits.ts';
import { PEOPLE_MAX } from './population/nation.ts';

export function readPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`must be a port number from 0 to 65535, not '${text}'`);
  return port;
}

export function readPeople(text: string): number {
  const people = /^\d{1,8}$/.test(text) ? Number(text) : Number.NaN;
  if (!(people >= 1 && people <= PEOPLE_MAX)) {
    throw new Error(`must be a whole number from 1 to ${PEOPLE_MAX}, not '${text}'`);
  }
  return people;
}

export function readSeed(text: string): number {
  const seed = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(seed)) throw new Error(`must be a whole number, not '${text}'`);
  return seed;
}

export function readProgrammes(text: string): string {
  const known = programmes.map(({ id }) => id);
  const unknown = programmeList(text).find((id) => !known.includes(id));
  if (unknown === undefined) return text;
  throw new Error(`must name programmes, of ${known.join(', ')}; there is no '${unknown}'`);
}

/** The programmes of that setting. */
export function programmeList(text: string): readonly string[] {
  return text.split(',').filter((id) => id !== '');
}

export function readCohortMemory(text: string): number {
  const mebibytes = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(mebibytes <= COHORT_MEMORY_MAX_MIB)) {
    throw new Error(`must be from 0 to ${COHORT_MEMORY_MAX_MIB} mebibytes, not '${text}'`);
  }
  return mebibytes;
}

export function readSwitch(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw new Error(`must be true or false, not '${text}'`);
  return text === 'true';
}

export function readHost(text: string): string {
  if (!/^[A-Za-z0-9.:_-]+$/.test(text)) {
    throw new Error(`must be an IP address or a host name, not '${text}'`);
  }
  return text;
}

export function readDirectory(text: string): string {
  if (text === '' || text.includes('\0')) throw new Error('must name a directory');
  return text;
}

/** A database without a name is ours by default. Faults do not repeat what may hold a password. */
export function readMongodbUri(text: string): string {
  const parts = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/([^?]*))?(\?.*)?$/.exec(text);
  if (parts === null) throw new Error('must be an address such as mongodb://HOST:PORT/DATABASE');
  const [, servers = '', name, options = ''] = parts;
  return `${servers}/${name || 'openims'}${options}`;
}

export function readZone(text: string): string {
  try {
    if (!/^[A-Za-z]/.test(text)) throw new RangeError('an offset is not a zone');
    new Intl.DateTimeFormat('en', { timeZone: text });
    return text;
  } catch {
    throw new Error(`must be an IANA time zone such as Europe/London, not '${text}'`);
  }
}

export function readBaseUrl(text: string): string {
  if (text === '') return text;
  const url = URL.parse(text);
  const isPlain = url !== null && url.search === '' && url.hash === '' && url.username === '';
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new Error(`must be an http or https address without query, not '${text}'`);
  }
  return text.replace(/\/+$/, '');
}

export function oneOf<const Value extends string>(
  ...values: readonly Value[]
): (text: string) => Value {
  return (text) => {
    const value = values.find((candidate) => candidate === text);
    if (value === undefined) throw new Error(`must be ${values.join(' or ')}, not '${text}'`);
    return value;
  };
}
