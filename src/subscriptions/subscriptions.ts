// The Subscriptions of this server at work: follows the log for Subscriptions that come, change
// and go, and keeps one Delivery for each that is active. Started by app.ts.

import type { Resource, ResourceKey } from '../fhir/types.ts';
import { ChangeFollower } from '../jobs/change-follower.ts';
import { CURSOR_SET, cursorWrite, savedCursor } from '../jobs/cursor.ts';
import { waitOnTimer } from '../jobs/pause.ts';
import { unreachable } from '../lib/assert.ts';
import { errorFields } from '../lib/logging.ts';
import type { SearchEnvironment } from '../search/clause.ts';
import type { Version } from '../store/resource-store.ts';
import { Delivery, type DeliveryContext } from './delivery.ts';
import { saysFailing } from './error-text.ts';
import { readSubscription, type SubscriptionTerms, statusOf, termsText } from './subscription.ts';
import { type Standing, standingOf, updateStanding } from './subscription-update.ts';

/** What the subscriptions need: the service's own store, search, addresses, clock. Without `wait`
 * they wait by the machine's clock. */
export type SubscriptionsOptions = Omit<DeliveryContext, 'wait'> & Partial<DeliveryContext>;

/** The running subscriptions. */
export interface Subscriptions {
  /** Gives up pushes under way, which are repeated after the next start, and ends. Call it before
   * the store is closed. */
  stop(): Promise<void>;
}

/**
 * Serves every active or requested Subscription of the store, from now on until stopped.
 * - `requested` becomes `active`, or `error` with the reason when it cannot be served; both, and
 *   what becomes of deliveries, are ordinary new versions of the Subscription.
 * - Changes committed after the version in which the Subscription was asked for are told. An
 *   update keeps its place in the log; `off` and deletion lose it, `error` does not.
 */
export async function startSubscriptions(options: SubscriptionsOptions): Promise<Subscriptions> {
  const service = new SubscriptionService({ wait: waitOnTimer, ...options });
  await service.start();
  return service;
}

/** Name of the follower that watches the Subscriptions themselves. */
const DIRECTORY = 'subscriptions';

/** A Delivery at work, and what it was made from. */
interface Line {
  readonly terms: string;
  readonly delivery: Delivery;
}

class SubscriptionService implements Subscriptions {
  readonly #context: DeliveryContext;
  readonly #lines = new Map<string, Line>();
  #directory: ChangeFollower | undefined;

  constructor(context: DeliveryContext) {
    this.#context = context;
  }

  async start(): Promise<void> {
    const { store, now, wait, log } = this.#context;
    const position = await store.position();
    this.#directory = new ChangeFollower({
      store,
      cursor: savedCursor(store, DIRECTORY, position, now),
      handle: (batch) => this.#handle(batch),
      onFailure: async (error, failures) => {
        log?.warn({ failures, ...errorFields(error) }, 'subscriptions not followed');
      },
      wait,
    });
    // First what a crash left undone, since a place in the log may have been lost with it.
    let step = await this.#directory.step();
    while (step === 'advanced' || step === 'behind') step = await this.#directory.step();
    for (const version of await this.#allSubscriptions()) await this.#settle(version);
    this.#directory.start();
  }

  async stop(): Promise<void> {
    await this.#directory?.stop();
    await Promise.all([...this.#lines.keys()].map((id) => this.#stopLine(id)));
  }

  async #allSubscriptions(): Promise<readonly Version[]> {
    const everything = { kind: 'everything' } as const;
    const query = { type: 'Subscription', where: everything, sort: [] };
    const versions: Version[] = [];
    for await (const version of this.#context.store.stream(query)) versions.push(version);
    return versions;
  }

  async #handle(batch: readonly Version[]): Promise<void> {
    for (const version of batch) {
      if (version.type === 'Subscription') await this.#settle(version);
    }
  }

  /** Brings the service in line with one version of a Subscription: an end as it was, anything
   * else with the version that is current. Doing so again changes nothing. */
  async #settle(version: Version): Promise<void> {
    if (version.text === undefined || statusOf(JSON.parse(version.text)) === 'off') {
      return this.#end(version);
    }
    const current = await this.#context.store.read(version);
    if (current?.text === undefined) return;
    const subscription = JSON.parse(current.text) as Resource;
    const status = statusOf(subscription);
    switch (status) {
      case 'requested':
      case 'active':
        return this.#serve(version, subscription);
      case 'error':
        return this.#stopLine(version.id);
      case 'off':
        return this.#end(version);
      default:
        return unreachable(status);
    }
  }

  async #serve({ id, sequence }: Version, subscription: Resource): Promise<void> {
    const text = termsText(subscription);
    const reading = readSubscription(subscription, this.#environment());
    if (reading.kind === 'refused') return this.#refuse(id, text, reading.why);
    const isBegun = await this.#begin(id, sequence, text);
    if (isBegun) await this.#openLine(id, reading.terms, text, subscription, sequence);
  }

  #environment(): SearchEnvironment {
    const { search, terminology, zone, baseUrl, now } = this.#context;
    return { registry: search, terminology, zone, baseUrl, nowMs: now(), handling: 'strict' };
  }

  async #refuse(id: string, terms: string, why: string): Promise<void> {
    await this.#stopLine(id);
    const change = (current: Resource): Standing | undefined => {
      const isAsking = isServed(current) && termsText(current) === terms;
      return isAsking ? { status: 'error', error: why } : undefined;
    };
    await updateStanding(id, change, [], this.#context);
    this.#context.log?.warn({ subscription: id }, 'subscription refused');
  }

  /** Makes the Subscription active and, in the same commit, its place in the log lasting.
   * @returns false when it has changed since; that change is still to come */
  async #begin(id: string, startAt: number, terms: string): Promise<boolean> {
    const name = followerName(id);
    const cursor = await this.#context.store.row(CURSOR_SET, name);
    const rows = cursor === undefined ? [cursorWrite(name, startAt)] : [];
    const change = (current: Resource): Standing | undefined => {
      if (!isServed(current) || termsText(current) !== terms) return undefined;
      return statusOf(current) === 'active' ? standingOf(current) : { status: 'active' };
    };
    return updateStanding(id, change, rows, this.#context);
  }

  async #openLine(
    id: string,
    terms: SubscriptionTerms,
    text: string,
    subscription: Resource,
    startAt: number,
  ): Promise<void> {
    if (this.#lines.get(id)?.terms === text) return;
    await this.#stopLine(id);
    const { store, now, log } = this.#context;
    const cursor = savedCursor(store, followerName(id), startAt, now);
    const { status, error } = standingOf(subscription);
    const isToldFailing = status === 'active' && saysFailing(error);
    const delivery = new Delivery({ id, terms, cursor, isToldFailing }, this.#context);
    this.#lines.set(id, { terms: text, delivery });
    delivery.start();
    log?.info({ subscription: id }, 'subscription served');
  }

  async #stopLine(id: string): Promise<void> {
    const line = this.#lines.get(id);
    this.#lines.delete(id);
    await line?.delivery.stop();
  }

  /** Stops, and forgets the place in the log: what is missed from now on is not wanted. */
  async #end({ id }: ResourceKey): Promise<void> {
    await this.#stopLine(id);
    const { store, now } = this.#context;
    const name = followerName(id);
    if ((await store.row(CURSOR_SET, name)) === undefined) return;
    const writes = [cursorWrite(name, null)];
    await store.transact({ guards: [], writes, nowMs: now(), references: 'lenient' });
  }
}

function isServed(subscription: Resource): boolean {
  const status = statusOf(subscription);
  return status === 'requested' || status === 'active';
}

function followerName(subscriptionId: string): string {
  return `subscription/${subscriptionId}`;
}
