// The door to cohorts: finds the people that a question is put to, as its caller may see them. The
// index answers when it can; else they come from the store, one by one.

import { fhirError } from '../fhir/fhir-error.ts';
import { COHORT_COUNT_WAIT_MS, COHORT_WAIT_MAX_MS } from '../limits.ts';
import type { Caller } from '../search/caller.ts';
import type { SearchQuery } from '../search/expression.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { CohortChecker } from './cohort-checker.ts';
import type { CohortIndex } from './cohort-index.ts';
import type { CohortRule } from './cohort-rules.ts';
import { DerivedStore } from './derived-store.ts';
import type { EngineMoment } from './engine/cohort-engine.ts';
import { type EvidenceContext, evidenceFor, type VersionEvidence } from './evidence.ts';
import { indexedPeople, type People, seesEverybody } from './people.ts';
import type { PersonRecords } from './person-records.ts';
import { fillPlan, plan } from './plan.ts';
import { StreamedPeople } from './streamed-people.ts';
import type { ValueModel } from './value-model.ts';

export interface CohortsOptions {
  /** As it is, without derived parameters. */
  readonly store: ResourceStore;
  /** Of everybody. */
  readonly model: ValueModel;
  /** Absent where none is kept: all questions go to the store. */
  readonly index?: CohortIndex;
  /** Of the index. */
  readonly checker?: CohortChecker;
  /** Milliseconds since 1970 UTC. */
  readonly now: () => number;
}

/** A record by which a person matches a rule. */
export interface RuleEvidence extends VersionEvidence {
  /** The rule's code. */
  readonly rule: string;
}

/**
 * By which records people match rules, one answer per number, as at a sequence number.
 * @param numbers of Patients; one that is not there has no evidence
 * @throws StoreError `behind-window` for a moment that can no longer be asked
 */
export type FindEvidence = (
  numbers: readonly number[],
  at: number,
) => Promise<readonly (readonly RuleEvidence[])[]>;

/** Who asks, and what the answer must know of. */
export interface Asker {
  readonly caller: Caller;
  /** Sequence number of a write. */
  readonly atLeast?: number;
}

/** How many there are, as at a sequence number. */
export interface Counted {
  readonly total: number;
  readonly at: number;
}

export class Cohorts {
  /** The store with derived parameters answered, for what needs no caller of its own. */
  readonly store: ResourceStore;
  readonly #options: CohortsOptions;

  constructor(options: CohortsOptions) {
    this.#options = options;
    this.store = new DerivedStore(options.store, options.model);
  }

  /** How far the index is; undefined where there is none. */
  get index(): CohortIndex | undefined {
    return this.#options.index;
  }

  get checker(): CohortChecker | undefined {
    return this.#options.checker;
  }

  /** Follows the log, and checks what is held, until stopped. */
  start(): void {
    this.#options.index?.start();
    this.#options.checker?.start();
  }

  async stop(): Promise<void> {
    await this.#options.checker?.stop();
    await this.#options.index?.stop();
  }

  /** The programmes that there are rules for. */
  get programmes(): readonly string[] {
    return this.#options.model.rules.programmes;
  }

  /**
   * Puts a question to the people whom the caller may see; nothing changes until it is answered.
   * @throws FhirError `unavailable` while the index is filled, or when it does not yet hold what
   *   the answer must know of; `limit-exceeded` for more people than the store is read for
   */
  async ask<Answer>(asker: Asker, question: (people: People) => Promise<Answer>): Promise<Answer> {
    const index = this.#indexFor(asker.caller);
    if (index === undefined) return question(await this.#streamed(asker));
    await reach(index, asker.atLeast);
    return index.gate.hold(() => question(indexedPeople(index)));
  }

  /** The store as the people's model derives it: what is no facet is asked of it. */
  storeOf({ model }: Pick<People, 'model'>): ResourceStore {
    return new DerivedStore(this.#options.store, model);
  }

  /** Gets ready to find by which records people match rules, as the caller may see them. */
  evidence(rules: readonly CohortRule[], caller: Caller): FindEvidence {
    const { store, model: whole } = this.#options;
    const model = seesEverybody(caller) ? whole : whole.seenBy(caller);
    const read = model.peopleFor(rules.map(({ where }) => where));
    return async (numbers, at) => {
      const versions = await store.readNumbers('Patient', numbers, at);
      const patients = versions.filter((version) => version !== undefined);
      const byNumber = new Map<number, readonly RuleEvidence[]>();
      for (const person of await read(patients, at)) {
        byNumber.set(person.version.number, ruleEvidence(rules, person, model));
      }
      return numbers.map((number) => byNumber.get(number) ?? []);
    };
  }

  /** The number of matches, of all that is committed; undefined when the index cannot say. */
  async count({ type, where }: SearchQuery, caller: Caller): Promise<Counted | undefined> {
    const index = type === 'Patient' ? this.#indexFor(caller) : undefined;
    if (index?.readiness.state !== 'ready') return undefined;
    const position = await this.#options.store.position();
    if (!(await index.reached(position, COHORT_COUNT_WAIT_MS))) return undefined;
    return index.gate.hold(async () => {
      const planned = plan(where, index.model.planning);
      if (planned.store.length > 0) return undefined;
      const [answer] = await index.engine.run([fillPlan(planned, new Map())], [[]]);
      return answer && { total: answer.total, at: answer.asOf.sequence };
    });
  }

  /** The index, where it knows all that the caller may know, and nothing else. */
  #indexFor(caller: Caller): CohortIndex | undefined {
    const { index } = this.#options;
    return index === undefined || index.engine.full || !seesEverybody(caller) ? undefined : index;
  }

  async #streamed({ caller, atLeast = 0 }: Asker): Promise<People> {
    const { store, model, now } = this.#options;
    if (!(await store.reach(atLeast, COHORT_WAIT_MAX_MS))) throw notYet(atLeast);
    const asOf = await this.#latest();
    const today = model.days.textOf(model.days.dayAt(now()));
    return StreamedPeople.open({ store, model, caller, asOf, today });
  }

  async #latest(): Promise<EngineMoment> {
    const { store } = this.#options;
    const sequence = await store.position();
    const [version] = sequence === 0 ? [] : await store.changes(sequence - 1, 1);
    return { sequence, timeMs: version?.lastUpdatedMs ?? 0 };
  }
}

function ruleEvidence(
  rules: readonly CohortRule[],
  person: PersonRecords,
  context: EvidenceContext,
): readonly RuleEvidence[] {
  return rules.flatMap(({ code: rule, where }) =>
    (evidenceFor(where, person, context) ?? []).map((each) => ({ rule, ...each })),
  );
}

/** Waits for an index that is about to be ready, and not for people to be read.
 * @throws FhirError `unavailable` */
async function reach(index: CohortIndex, atLeast = 0): Promise<void> {
  const isReading = index.readiness.state === 'filling' && index.readiness.total > 0;
  if (!isReading && (await index.reached(atLeast, COHORT_WAIT_MAX_MS))) return;
  const { readiness } = index;
  if (readiness.state === 'ready') throw notYet(atLeast);
  const { done, total } = readiness;
  const sentence = 'The cohort index is being filled from the records';
  throw fhirError('unavailable', `${sentence}: ${done} of about ${total} people are read`);
}

function notYet(sequence: number) {
  return fhirError('unavailable', `What _asOf ${sequence} names is not known here yet`);
}
