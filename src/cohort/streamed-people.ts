// People read from the store one by one, with those of their records that the caller may see: slow,
// and right for whoever the index is not: callers who may not see everything, and services without
// an index or whose index is full.

import { fhirError } from '../fhir/fhir-error.ts';
import { COHORT_STREAMED_MAX } from '../limits.ts';
import type { Caller } from '../search/caller.ts';
import type { SearchQuery } from '../search/expression.ts';
import type { ResourceStore, Version } from '../store/resource-store.ts';
import type {
  EngineBreakdown,
  EngineExpression,
  EngineMoment,
  EnginePerson,
} from './engine/cohort-engine.ts';
import { holds } from './holds.ts';
import type { People, Tally } from './people.ts';
import { peopleInSlices } from './people-in-slices.ts';
import type { ValueModel } from './value-model.ts';

export interface StreamOptions {
  readonly store: ResourceStore;
  /** Of everybody; the caller's is made from it. */
  readonly model: ValueModel;
  readonly caller: Caller;
  readonly asOf: EngineMoment;
  /** The day that ages are counted to, YYYY-MM-DD. */
  readonly today: string;
}

export class StreamedPeople implements People {
  readonly by = 'store';
  readonly asOf: EngineMoment;
  readonly model: ValueModel;
  readonly today: string;
  readonly #options: StreamOptions;
  readonly #query: SearchQuery;

  private constructor(options: StreamOptions) {
    this.#options = options;
    this.asOf = options.asOf;
    this.today = options.today;
    this.model = options.model.seenBy(options.caller);
    this.#query = { type: 'Patient', where: options.caller.maySee('Patient'), sort: [] };
  }

  /**
   * Gets to know what values there are.
   * @throws FhirError `limit-exceeded` for more people than can be read for one question
   */
  static async open(options: StreamOptions): Promise<StreamedPeople> {
    const people = new StreamedPeople(options);
    const { store, asOf } = options;
    const found = await store.count(people.#query, asOf.sequence);
    if (found > COHORT_STREAMED_MAX) {
      const sentence = 'This question is answered from the records themselves, of at most';
      throw fhirError('limit-exceeded', `${sentence} ${COHORT_STREAMED_MAX} people, not ${found}`);
    }
    await people.model.loadPlaces(asOf.sequence);
    for await (const patient of store.stream(people.#query, asOf.sequence)) {
      people.model.learn(patient, options.today);
    }
    return people;
  }

  size(column: string): number {
    return this.model.dictionary(column)?.size ?? 1;
  }

  async run(
    expressions: readonly EngineExpression[],
    breakdowns: readonly (readonly EngineBreakdown[])[],
  ): Promise<readonly Tally[]> {
    const totals = expressions.map(() => 0);
    const histograms = expressions.map((_, index) =>
      (breakdowns[index] ?? []).map((breakdown) => this.#emptyHistogram(breakdown)),
    );
    for await (const person of this.#everybody()) {
      for (const [index, expression] of expressions.entries()) {
        if (!holds(expression, person)) continue;
        totals[index] = (totals[index] ?? 0) + 1;
        for (const { add } of histograms[index] ?? []) add(person);
      }
    }
    return totals.map((total, index) => ({
      total,
      breakdowns: (histograms[index] ?? []).map(({ cells }) => cells),
    }));
  }

  async rows(expression: EngineExpression, after: number, limit: number): Promise<Uint32Array> {
    const rows: number[] = [];
    for await (const person of this.#everybody()) {
      if (rows.length >= limit) break;
      if (person.row > after && holds(expression, person)) rows.push(person.row);
    }
    return Uint32Array.from(rows);
  }

  async values(rows: readonly number[]): Promise<readonly EnginePerson[]> {
    const { store, asOf } = this.#options;
    const found = await store.readNumbers('Patient', rows, asOf.sequence);
    return this.#read(found.filter((version) => version !== undefined));
  }

  async *#everybody(): AsyncGenerator<EnginePerson> {
    const { store, asOf } = this.#options;
    const patients = store.stream(this.#query, asOf.sequence);
    for await (const people of peopleInSlices(this.model, patients, asOf.sequence)) {
      for (const person of people) yield this.model.values(person, this.today);
    }
  }

  async #read(patients: readonly Version[]): Promise<readonly EnginePerson[]> {
    const people = await this.model.people(patients, this.asOf.sequence);
    return Array.from(people, (person) => this.model.values(person, this.today));
  }

  #emptyHistogram({ columns: [first, second] }: EngineBreakdown) {
    const width = second === undefined ? 1 : this.size(second);
    const cells = new Uint32Array(this.size(first) * width);
    const add = ({ codes }: EnginePerson) => {
      const column = second === undefined ? 0 : (codes[second] ?? 0);
      const cell = (codes[first] ?? 0) * width + column;
      cells[cell] = (cells[cell] ?? 0) + 1;
    };
    return { cells, add };
  }
}
