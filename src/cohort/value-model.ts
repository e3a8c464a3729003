// All that turns people's records into what the engine holds, and searches into what it is asked:
// the facets' meanings, the dictionaries of values, the places, the days. Kept beside a snapshot.

import type { ProgrammeRules } from '../immunisation/programme-rules.ts';
import type { TextTest } from '../immunisation/texts-that-matter.ts';
import { type Caller, localOperator } from '../search/caller.ts';
import type { SearchEnvironment } from '../search/clause.ts';
import type { Expression } from '../search/expression.ts';
import { indexEntries } from '../search/index-entries.ts';
import type { IndexEntry } from '../search/index-entry.ts';
import type { SearchRegistry } from '../search/search-registry.ts';
import type { ResourceStore, Version } from '../store/resource-store.ts';
import { Categories } from './categories.ts';
import { type DayNumbers, dayNumbersOf } from './day-numbers.ts';
import type { EnginePerson } from './engine/cohort-engine.ts';
import { EntryDictionary } from './entry-dictionary.ts';
import {
  evidenceRegistry,
  facetRegistry,
  facetsVersion,
  keysOf,
  readBitFacets,
  typesLookedAt,
} from './facet-searches.ts';
import { AGE, AGE_OTHERS, codeFacets, dayFacets } from './facets.ts';
import {
  type PersonRecords,
  type ReadingContext,
  readPeople,
  readRecord,
  subjectsOf,
} from './person-records.ts';
import {
  codedValues,
  enginePerson,
  type ProgrammeValues,
  programmeValues,
  programmeValuesAfter,
  type ValueContext,
  withProgrammes,
} from './person-values.ts';
import { Places } from './places.ts';
import type { PlanContext } from './plan.ts';

/** What a model is made from. */
export interface ModelOptions {
  readonly store: ResourceStore;
  /** Every parameter as if it were filled: the model indexes what it reads by itself. */
  readonly environment: SearchEnvironment;
  readonly rules: ProgrammeRules;
  /** Programmes to load, each one of the rules'. */
  readonly programmes: readonly string[];
  /** Of the program: snapshots of others are not used. */
  readonly softwareVersion: string;
  /** Which resources of a type there are; the others are as if absent. All when absent. */
  readonly maySee?: MaySee;
}

type MaySee = Caller['maySee'];

/** Dictionaries as they are kept. */
export interface KeptValues {
  readonly version: string;
  readonly dictionaries: Readonly<Record<string, readonly (readonly IndexEntry[])[]>>;
}

export class ValueModel {
  readonly places = new Places();
  readonly categories = new Categories(this);
  readonly days: DayNumbers;
  readonly programmes: readonly string[];
  /** Differs whenever what is held means something else. */
  readonly version: string;
  readonly #options: ModelOptions;
  readonly #registry: SearchRegistry;
  readonly #reading: ReadingContext;
  readonly #bitSearches: ReadonlyMap<string, Expression>;
  readonly #bits: ReadonlyMap<string, string>;
  readonly #immunizationMatters: TextTest;
  readonly #typesLookedAt: ReadonlySet<string>;
  #dictionaries = freshDictionaries();

  constructor(options: ModelOptions) {
    const { store, environment, programmes, softwareVersion } = options;
    const { registry, zone, baseUrl } = environment;
    const maySee = options.maySee ?? localOperator.maySee;
    this.#options = options;
    this.#registry = registry;
    this.#bitSearches = readBitFacets(environment);
    this.#bits = keysOf(this.#bitSearches);
    this.#typesLookedAt = typesLookedAt(this.#bitSearches);
    const narrow = facetRegistry(registry, this.#bitSearches);
    this.#reading = { store, registry: narrow, zone, baseUrl, maySee };
    this.days = dayNumbersOf(zone);
    this.programmes = programmes;
    this.#immunizationMatters = options.rules.textsThatMatter(programmes);
    const more = [zone, baseUrl, softwareVersion, ...programmes];
    this.version = facetsVersion(this.#bitSearches, more);
  }

  /** All programmes there are, and their rules. */
  get rules(): ProgrammeRules {
    return this.#options.rules;
  }

  /** The same model of those resources alone that the caller may see; it holds nothing yet. */
  seenBy({ maySee }: Caller): ValueModel {
    return new ValueModel({ ...this.#options, maySee });
  }

  /** For plan.ts. */
  get planning(): PlanContext {
    const { places, days, programmes } = this;
    return { bits: this.#bits, dictionaries: this.#dictionaries, days, places, programmes };
  }

  dictionary(column: string): EntryDictionary | undefined {
    return this.#dictionaries.get(column);
  }

  /** The people of these Patients, with their records as at a sequence number. */
  people(patients: readonly Version[], at: number): Promise<Iterable<PersonRecords>> {
    return readPeople(patients, at, this.#reading);
  }

  /** As `people`, with all that these searches on Patient look at, and no more. */
  peopleFor(searches: readonly Expression[]): ValueModel['people'] {
    const registry = evidenceRegistry(this.#registry, searches);
    return (patients, at) => readPeople(patients, at, { ...this.#reading, registry });
  }

  /** What the engine holds of a person. @param today YYYY-MM-DD */
  values(person: PersonRecords, today: string): EnginePerson {
    return enginePerson(person, today, this.#valuing);
  }

  /** The same with no record passed over: what is held is checked against this. */
  valuesInFull(person: PersonRecords, today: string): EnginePerson {
    return enginePerson(person, today, { ...this.#valuing, immunizationMatters: () => true });
  }

  /** The part of it that follows from records that no facet looks at. */
  programmeValues(person: PersonRecords): ProgrammeValues {
    return programmeValues(person, this.#valuing);
  }

  /** That part once an Immunization is added to all that somebody is held by; undefined where that
   * takes reading it. */
  programmeValuesAfter(held: EnginePerson, { text }: Version): ProgrammeValues | undefined {
    return programmeValuesAfter(held, JSON.parse(text ?? '{}'), this.#valuing);
  }

  /** What was held of a person, with that part anew. */
  withProgrammes(held: EnginePerson, values: ProgrammeValues): EnginePerson {
    return withProgrammes(held, values, this);
  }

  /** Whether what is held of anybody may be another with or without that version. */
  isOfMatter({ type, text }: Version): boolean {
    return type !== 'Immunization' || text === undefined || this.#immunizationMatters(text);
  }

  /** Whether facets look at resources of the type. */
  isLookedAt(type: string): boolean {
    return this.#typesLookedAt.has(type);
  }

  get #valuing(): ValueContext {
    return {
      bitSearches: this.#bitSearches,
      dictionaries: this.#dictionaries,
      days: this.days,
      rules: this.rules,
      programmes: this.programmes,
      immunizationMatters: this.#immunizationMatters,
    };
  }

  /** Gives codes to what a Patient's own record says. */
  learn(patient: Version, today: string): void {
    if (patient.text === undefined) return;
    const { entries } = readRecord(patient, this.#reading).indexed;
    codedValues(entries, today, { dictionaries: this.#dictionaries, days: this.days });
  }

  /** Ids of the patients whom a version is about: a Patient's own, or a record's. */
  subjects(version: Version): readonly string[] {
    if (version.type === 'Patient') return [version.id];
    if (version.text === undefined) return [];
    const targets = subjectsOf(readRecord(version, this.#reading));
    return targets.map((target) => target.slice('Patient/'.length));
  }

  /** Takes note of a place's version. */
  setPlace({ type, id, lastUpdatedMs, text }: Version): void {
    const key = { type, id, lastUpdatedMs };
    if (text === undefined) {
      this.places.set(key);
      return;
    }
    const resource = JSON.parse(text);
    this.places.set(key, {
      resource,
      entries: indexEntries(resource, this.#registry, this.#reading),
    });
  }

  /** Reads all places as they are now, or as at a sequence number. */
  async loadPlaces(at?: number): Promise<void> {
    const { store } = this.#options;
    const { maySee } = this.#reading;
    this.places.clear();
    for (const type of this.#registry.types().filter((each) => this.places.isPlace(each))) {
      const query = { type, where: maySee(type), sort: [] };
      for await (const version of store.stream(query, at)) this.setPlace(version);
    }
  }

  /** Forgets all values: what was held is to be filled anew. */
  reset(): void {
    this.#dictionaries = freshDictionaries();
  }

  keep(): KeptValues {
    const dictionaries = [...this.#dictionaries].map(([column, dictionary]) => {
      return [column, dictionary.values()] as const;
    });
    return { version: this.version, dictionaries: Object.fromEntries(dictionaries) };
  }

  /** Takes back what was kept; false when it means something else. */
  restore({ version, dictionaries }: KeptValues): boolean {
    if (version !== this.version) return false;
    this.reset();
    for (const [column, dictionary] of this.#dictionaries) {
      dictionary.restore(dictionaries[column] ?? []);
    }
    return true;
  }
}

function freshDictionaries(): ReadonlyMap<string, EntryDictionary> {
  const others = dayFacets.map(({ parameter }) => parameter);
  return new Map([
    ...codeFacets.map(
      ({ column, parameters }) => [column, new EntryDictionary(parameters)] as const,
    ),
    [AGE, new EntryDictionary(others, AGE_OTHERS)],
  ]);
}
