// The store with its searches on derived parameters answered: what a person's records together say
// under the rules of a programme is worked out from these records, one person after another, and
// the search goes on with the people who were found. Everything else passes through.

import { fhirError } from '../fhir/fhir-error.ts';
import type { ResourceKey } from '../fhir/types.ts';
import type { Expression, SearchQuery } from '../search/expression.ts';
import { leafClauses } from '../search/leaf-clauses.ts';
import { matches } from '../search/match.ts';
import { derivedIn, isDerived } from '../search/patient-aliases.ts';
import type {
  Commit,
  HistoryAnswer,
  HistoryPage,
  HistoryScope,
  ReferrerQuery,
  ResourceStore,
  Row,
  SearchAnswer,
  SearchExplanation,
  SearchPage,
  Transaction,
  Version,
} from '../store/resource-store.ts';
import { derivedEntries, programmesNamed } from './derived-values.ts';
import { peopleInSlices } from './people-in-slices.ts';
import { NOWHERE, type PersonRecords, resourcesOf } from './person-records.ts';
import type { ValueModel } from './value-model.ts';

/** A search of which no part is derived any more, and the moment it is of. */
interface PlainSearch {
  readonly query: SearchQuery;
  readonly at: number | undefined;
}

export class DerivedStore implements ResourceStore {
  readonly #store: ResourceStore;
  readonly #model: ValueModel;

  /** @param model what reads people, from that store */
  constructor(store: ResourceStore, model: ValueModel) {
    this.#store = store;
    this.#model = model;
  }

  get properties() {
    return this.#store.properties;
  }

  async search(query: SearchQuery, page: SearchPage, at?: number): Promise<SearchAnswer> {
    const plain = await this.#plain(query, at);
    return this.#store.search(plain.query, page, plain.at);
  }

  async count(query: SearchQuery, at?: number): Promise<number> {
    const plain = await this.#plain(query, at);
    return this.#store.count(plain.query, plain.at);
  }

  async explain(query: SearchQuery): Promise<SearchExplanation> {
    const plain = await this.#plain(query, undefined);
    return this.#store.explain(plain.query);
  }

  async numbers(query: SearchQuery, at?: number): Promise<Float64Array> {
    const plain = await this.#plain(query, at);
    return this.#store.numbers(plain.query, plain.at);
  }

  async *stream(query: SearchQuery, at?: number): AsyncGenerator<Version> {
    const plain = await this.#plain(query, at);
    yield* this.#store.stream(plain.query, plain.at);
  }

  read(key: ResourceKey, at?: number): Promise<Version | undefined> {
    return this.#store.read(key, at);
  }

  readVersion(key: ResourceKey, versionId: number): Promise<Version | undefined> {
    return this.#store.readVersion(key, versionId);
  }

  readMany(keys: readonly ResourceKey[], at?: number): Promise<readonly (Version | undefined)[]> {
    return this.#store.readMany(keys, at);
  }

  readNumbers(
    type: string,
    numbers: readonly number[],
    at?: number,
  ): Promise<readonly (Version | undefined)[]> {
    return this.#store.readNumbers(type, numbers, at);
  }

  async referrers(
    keys: readonly ResourceKey[],
    queries: readonly ReferrerQuery[],
    at?: number,
  ): Promise<readonly (readonly Version[])[]> {
    const moment = at ?? (await this.#store.position());
    const plain = await Promise.all(
      queries.map(async ({ type, parameter, where }): Promise<ReferrerQuery> => {
        const { query } = await this.#plain({ type, where, sort: [] }, moment);
        return { type, parameter, where: query.where };
      }),
    );
    return this.#store.referrers(keys, plain, moment);
  }

  readIds(
    type: string,
    numbers: readonly number[],
    at?: number,
  ): Promise<readonly (string | undefined)[]> {
    return this.#store.readIds(type, numbers, at);
  }

  history(scope: HistoryScope, page: HistoryPage, at?: number): Promise<HistoryAnswer> {
    return this.#store.history(scope, page, at);
  }

  transact(transaction: Transaction): Promise<Commit> {
    return this.#store.transact(transaction);
  }

  changes(after: number, limit: number): Promise<readonly Version[]> {
    return this.#store.changes(after, limit);
  }

  position(beforeMs?: number): Promise<number> {
    return this.#store.position(beforeMs);
  }

  reach(sequence: number, withinMs: number): Promise<boolean> {
    return this.#store.reach(sequence, withinMs);
  }

  rowSets(): Promise<readonly string[]> {
    return this.#store.rowSets();
  }

  rows(set: string, after: string, limit: number): Promise<readonly Row[]> {
    return this.#store.rows(set, after, limit);
  }

  row(set: string, key: string): Promise<string | undefined> {
    return this.#store.row(set, key);
  }

  maintain(nowMs: number): Promise<void> {
    return this.#store.maintain(nowMs);
  }

  close(): Promise<void> {
    return this.#store.close();
  }

  async #plain(query: SearchQuery, at: number | undefined): Promise<PlainSearch> {
    if (derivedIn(query.type, query.where) === undefined) return { query, at };
    refuseUnknownProgrammes(query.type, query.where, this.#model.rules.programmes);
    const moment = at ?? (await this.#store.position());
    const where = await this.#found(query.type, query.where, { kind: 'everything' }, moment);
    return { query: { ...query, where }, at: moment };
  }

  /** The expression with people in place of what is derived.
   * @param among an expression on Patient beside which it stands */
  async #found(
    type: string,
    expression: Expression,
    among: Expression,
    at: number,
  ): Promise<Expression> {
    if (derivedIn(type, expression) === undefined) return expression;
    const inside = (part: Expression) => this.#found(type, part, among, at);
    switch (expression.kind) {
      case 'and': {
        const plain = expression.of.filter((part) => derivedIn(type, part) === undefined);
        const fewer: Expression = { kind: 'and', of: [among, ...plain] };
        const narrowed = (part: Expression) => this.#found(type, part, fewer, at);
        return { kind: 'and', of: await inTurn(expression.of, narrowed) };
      }
      case 'or':
        return { kind: 'or', of: await inTurn(expression.of, inside) };
      case 'not':
        return { kind: 'not', of: await inside(expression.of) };
      case 'below':
      case 'above': {
        const [of, through] = await inTurn([expression.of, expression.through], (part) =>
          this.#found(type, part, EVERYTHING, at),
        );
        return { ...expression, of: of ?? EVERYTHING, through: through ?? EVERYTHING };
      }
      case 'chain':
      case 'has': {
        const where = await this.#found(expression.type, expression.where, EVERYTHING, at);
        return { ...expression, where };
      }
      default:
        return this.#people(expression, among, at);
    }
  }

  /** Those of some people of whom a derived clause is true. */
  async #people(clause: Expression, among: Expression, at: number): Promise<Expression> {
    const ids: string[] = [];
    const query: SearchQuery = { type: 'Patient', where: among, sort: [] };
    const patients = this.#store.stream(query, at);
    for await (const people of peopleInSlices(this.#model, patients, at)) {
      for (const person of people) {
        const entries = this.#entries(clause, person);
        if (matches(clause, { ...person.indexed, entries }, NOWHERE)) ids.push(person.version.id);
      }
    }
    return { kind: 'id', ids };
  }

  #entries(clause: Expression, person: PersonRecords) {
    const { rules, days } = this.#model;
    return programmesNamed(clause).flatMap((programme) =>
      derivedEntries(programme, rules.status(programme, resourcesOf(person)), days),
    );
  }
}

const EVERYTHING: Expression = { kind: 'everything' };

async function inTurn(
  parts: readonly Expression[],
  find: (part: Expression) => Promise<Expression>,
): Promise<Expression[]> {
  const found: Expression[] = [];
  for (const part of parts) found.push(await find(part));
  return found;
}

/**
 * Refuses what names a programme that there is not.
 * @throws FhirError `invalid-search`
 */
export function refuseUnknownProgrammes(
  type: string,
  expression: Expression,
  programmes: readonly string[],
): void {
  for (const { type: asked, clause } of leafClauses(type, expression)) {
    if (clause.kind !== 'token' && clause.kind !== 'composite') continue;
    if (asked !== 'Patient' || !isDerived(clause.parameter)) continue;
    const unknown = programmesNamed(clause).find((name) => !programmes.includes(name));
    if (unknown === undefined) continue;
    const known = programmes.length === 0 ? 'there are none' : programmes.join(', ');
    throw fhirError(
      'invalid-search',
      `Parameter "${clause.parameter}": "${unknown}" is not a programme: ${known}`,
    );
  }
}
