// Reads a Subscription (http://hl7.org/fhir/R4/subscription.html): what it asks for, or in one
// sentence why that cannot be served.

import { resourceTypes, searchParametersOf } from '../definitions/definitions.ts';
import { FhirError } from '../fhir/fhir-error.ts';
import type { Resource } from '../fhir/types.ts';
import type { SearchEnvironment } from '../search/clause.ts';
import type { Expression } from '../search/expression.ts';
import { resolveCriteria } from '../search/resolve.ts';

/** Where and how a subscriber is told: a `rest-hook` channel. */
export interface Channel {
  readonly endpoint: string;
  /** `channel.header` as names and values. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Without a payload the subscriber gets an empty POST and asks for itself. */
  readonly sendsResource: boolean;
}

/** A Subscription that can be served. */
export interface SubscriptionTerms {
  readonly type: string;
  readonly where: Expression;
  readonly channel: Channel;
  /** Changes from this instant on are no longer told; milliseconds since 1970 UTC. */
  readonly endMs?: number;
}

export type SubscriptionReading =
  | { readonly kind: 'terms'; readonly terms: SubscriptionTerms }
  | { readonly kind: 'refused'; readonly why: string };

/** The statuses of http://hl7.org/fhir/R4/valueset-subscription-status.html. */
export type SubscriptionStatus = 'requested' | 'active' | 'error' | 'off';

/** The Subscription's status as it stands. */
export function statusOf(subscription: Resource): SubscriptionStatus {
  return subscription.status as SubscriptionStatus;
}

/** What a Subscription asks for as one text: equal for equal terms, whatever its status. */
export function termsText({ criteria, channel, end }: Resource): string {
  return JSON.stringify([criteria, channel, end]);
}

/** Ends a reading with the sentence that goes into `Subscription.error`. */
class Refusal extends Error {}

/** Reads what a structurally valid Subscription asks for. */
export function readSubscription(
  subscription: Resource,
  environment: SearchEnvironment,
): SubscriptionReading {
  try {
    const { type, where } = readCriteria(String(subscription.criteria), environment);
    const channel = readChannel(subscription.channel as Readonly<Record<string, unknown>>);
    if (channel.sendsResource && !hasIdentifier(type)) {
      const why = `${type} has no identifier by which a subscriber could know it again`;
      throw new Refusal(`${why}; leave channel.payload out`);
    }
    const endMs = typeof subscription.end === 'string' ? Date.parse(subscription.end) : undefined;
    const terms = { type, where, channel, ...(endMs === undefined ? {} : { endMs }) };
    return { kind: 'terms', terms };
  } catch (error) {
    if (error instanceof Refusal) return { kind: 'refused', why: error.message };
    throw error;
  }
}

function readCriteria(
  criteria: string,
  environment: SearchEnvironment,
): { type: string; where: Expression } {
  const [, type = '', query = ''] = /^([^?]*)(?:\?(.*))?$/s.exec(criteria) ?? [];
  if (!resourceTypes.has(type) || !environment.registry.serves(type)) {
    throw new Refusal('criteria must begin with a resource type that is served here');
  }
  if (query === '') return { type, where: { kind: 'everything' } };
  try {
    return { type, where: resolveCriteria(type, query, environment) };
  } catch (error) {
    if (!(error instanceof FhirError)) throw error;
    const reasons = error.issues.map(({ diagnostics }) => diagnostics);
    throw new Refusal(`criteria: ${reasons.join('; ')}`);
  }
}

const payloads: ReadonlySet<unknown> = new Set(['application/fhir+json', 'application/json']);

function readChannel(channel: Readonly<Record<string, unknown>>): Channel {
  if (channel.type !== 'rest-hook') {
    throw new Refusal('channel.type must be rest-hook, the only channel that is served here');
  }
  if (channel.payload !== undefined && !payloads.has(channel.payload)) {
    throw new Refusal('channel.payload must be application/fhir+json, or left out');
  }
  const headers = Array.isArray(channel.header) ? channel.header.map(readHeader) : [];
  const sendsResource = channel.payload !== undefined;
  return { endpoint: readEndpoint(channel.endpoint), headers, sendsResource };
}

function readEndpoint(endpoint: unknown): string {
  const url = typeof endpoint === 'string' ? URL.parse(endpoint) : null;
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Refusal('channel.endpoint must be an http or https address');
  }
  if (url.username !== '' || url.password !== '') {
    const sentence = 'channel.endpoint must not hold a user name or password';
    throw new Refusal(`${sentence}; use channel.header`);
  }
  return url.href;
}

/** Headers that are the connection's own business, or decided by what is sent. */
const reservedHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'keep-alive',
  'prefer',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

// The text is not quoted in refusals: it may be a secret.
function readHeader(text: unknown): readonly [string, string] {
  const [, name = '', value = ''] = /^([^:\s]+):(.*)$/s.exec(String(text)) ?? [];
  if (name === '' || !isHeader(name, value.trim())) {
    throw new Refusal('channel.header must be written as `Name: value`');
  }
  if (reservedHeaders.has(name.toLowerCase())) {
    throw new Refusal(`channel.header must not set ${name.toLowerCase()}`);
  }
  return [name, value.trim()];
}

function isHeader(name: string, value: string): boolean {
  try {
    new Headers([[name, value]]);
    return true;
  } catch {
    return false;
  }
}

function hasIdentifier(type: string): boolean {
  return searchParametersOf(type).some(({ code }) => code === 'identifier');
}
