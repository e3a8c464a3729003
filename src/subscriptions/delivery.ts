// Delivers the changes that one subscription asks for, in order, each at least once. A follower of
// its own per subscription: an endpoint that is slow or dead delays nobody else.

import type { Resource } from '../fhir/types.ts';
import { ChangeFollower, type Following } from '../jobs/change-follower.ts';
import type { Cursor } from '../jobs/cursor.ts';
import type { Wait } from '../jobs/pause.ts';
import { errorFields, type Log } from '../lib/logging.ts';
import { DELIVERY_FAILURES_TOLD } from '../limits.ts';
import type { SearchTerminology } from '../search/clause.ts';
import type { SearchRegistry } from '../search/search-registry.ts';
import type { ResourceStore, RowWrite, Version } from '../store/resource-store.ts';
import { failingText, undeliveredText, workingText } from './error-text.ts';
import { isAskedFor } from './matching.ts';
import { PushFailure, push } from './push.ts';
import { pushedBundle } from './pushed-bundle.ts';
import type { SubscriptionTerms } from './subscription.ts';
import { type Standing, standingOf, updateStanding } from './subscription-update.ts';

/** What deliveries need of the service. */
export interface DeliveryContext {
  readonly store: ResourceStore;
  readonly search: SearchRegistry;
  readonly terminology: SearchTerminology;
  /** This server's base address, without trailing slash. */
  readonly baseUrl: string;
  /** IANA name: what dates without a zone mean. */
  readonly zone: string;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
  readonly wait: Wait;
  readonly log?: Log;
}

/** The operational rows that name every change that was given up, by subscription and sequence
 * number; the value holds `type`, `id`, `versionId` and `why`. */
export const UNDELIVERED_SET = 'undelivered-change';

/** Sequence numbers are padded, so that the rows are in the order of the log. */
const SEQUENCE_DIGITS = 16;

/** One subscription to serve. */
export interface DeliveryOrder {
  /** Of the Subscription. */
  readonly id: string;
  readonly terms: SubscriptionTerms;
  readonly cursor: Cursor;
  /** Whether the Subscription says, from before, that deliveries fail. */
  readonly isToldFailing: boolean;
}

/** One subscription's deliveries. */
export class Delivery {
  readonly #id: string;
  readonly #terms: SubscriptionTerms;
  readonly #context: DeliveryContext;
  readonly #follower: ChangeFollower;
  /** What is being judged or told. */
  #current: Version | undefined;
  /** Whether the Subscription says that deliveries fail. */
  #isToldFailing: boolean;

  constructor({ id, terms, cursor, isToldFailing }: DeliveryOrder, context: DeliveryContext) {
    this.#id = id;
    this.#terms = terms;
    this.#context = context;
    this.#isToldFailing = isToldFailing;
    this.#follower = new ChangeFollower({
      store: context.store,
      cursor,
      handle: (batch, following) => this.#handle(batch, following),
      onFailure: (error, failures) => this.#tellFailure(error, failures),
      wait: context.wait,
    });
  }

  start(): void {
    this.#follower.start();
  }

  /** Gives up a push that is under way; it will be repeated. */
  async stop(): Promise<void> {
    await this.#follower.stop();
  }

  async #handle(batch: readonly Version[], { reached, signal }: Following): Promise<void> {
    for (const version of batch) {
      signal.throwIfAborted();
      if (this.#isOver(version)) return this.#turnOff();
      this.#current = version;
      if (await isAskedFor(version, this.#terms, this.#context)) {
        await this.#tell(version, signal);
        // Saved after each, so that at most one change comes twice.
        await reached(version.sequence);
        if (this.#isToldFailing) await this.#tellWorking();
      }
      this.#current = undefined;
    }
  }

  #isOver(version: Version): boolean {
    const { endMs } = this.#terms;
    return endMs !== undefined && version.lastUpdatedMs >= endMs;
  }

  async #turnOff(): Promise<void> {
    const change = (subscription: Resource): Standing | undefined => {
      const isStillTheEnd = Date.parse(String(subscription.end)) === this.#terms.endMs;
      return isStillTheEnd ? { status: 'off' } : undefined;
    };
    await updateStanding(this.#id, change, [], this.#context);
  }

  async #tell(version: Version, signal: AbortSignal): Promise<void> {
    const { channel } = this.#terms;
    if (!channel.sendsResource) return push(channel, undefined, signal);
    const { store, baseUrl } = this.#context;
    const bundle = await pushedBundle(version, store, baseUrl);
    if (bundle.kind === 'bundle') await push(channel, bundle.text, signal);
    else await this.#giveUp(version, bundle.why);
  }

  async #giveUp(version: Version, why: string): Promise<void> {
    const { type, id, versionId, sequence } = version;
    this.#context.log?.warn({ subscription: this.#id, sequence }, 'undeliverable');
    const row: RowWrite = {
      kind: 'row',
      set: UNDELIVERED_SET,
      key: `${this.#id}/${String(sequence).padStart(SEQUENCE_DIGITS, '0')}`,
      value: JSON.stringify({ type, id, versionId, why }),
    };
    await this.#updateError((error) => undeliveredText(error, nameOf(version), why), [row]);
  }

  async #tellWorking(): Promise<void> {
    await this.#updateError(workingText, []);
    this.#isToldFailing = false;
    this.#context.log?.info({ subscription: this.#id }, 'delivers again');
  }

  async #tellFailure(error: unknown, failures: number): Promise<void> {
    const { log } = this.#context;
    const isOfPush = error instanceof PushFailure;
    const why = isOfPush ? error.message : 'internal error';
    const fields = isOfPush ? { why } : errorFields(error);
    const subscription = this.#id;
    const sequence = this.#current?.sequence;
    log?.warn({ subscription, sequence, failures, ...fields }, 'not delivered');
    if (failures < DELIVERY_FAILURES_TOLD) return;
    const what = this.#current === undefined ? 'the next change' : nameOf(this.#current);
    try {
      await this.#updateError((text) => failingText(text, what, why), []);
      this.#isToldFailing = true;
    } catch (unwritten) {
      log?.warn({ subscription, ...errorFields(unwritten) }, 'error text not written');
    }
  }

  /** Sets the error text while the Subscription is active; the rows are written anyway. */
  async #updateError(
    change: (error: string | undefined) => string | undefined,
    rows: readonly RowWrite[],
  ): Promise<void> {
    const restand = (subscription: Resource): Standing => {
      const standing = standingOf(subscription);
      if (standing.status !== 'active') return standing;
      const error = change(standing.error);
      return error === undefined ? { status: 'active' } : { status: 'active', error };
    };
    await updateStanding(this.#id, restand, rows, this.#context);
  }
}

/** `Immunization/1 version 2` */
function nameOf({ type, id, versionId }: Version): string {
  return `${type}/${id} version ${versionId}`;
}
