// Whom commits concern, and what is to be held of them then: how cohort-index.ts follows the log.

import type { ResourceKey } from '../fhir/types.ts';
import type { ResourceStore, Version } from '../store/resource-store.ts';
import type { CohortEngine, EnginePerson, RemovedRow } from './engine/cohort-engine.ts';
import { recordTypes } from './facets.ts';
import { peopleInSlices } from './people-in-slices.ts';
import type { ProgrammeValues } from './person-values.ts';
import type { ValueModel } from './value-model.ts';

export type Change = EnginePerson | RemovedRow;

/** What changes are derived from. */
export interface DerivingContext {
  readonly store: ResourceStore;
  readonly model: ValueModel;
  /** What is held so far. */
  readonly engine: Pick<CohortEngine, 'person'>;
  /** YYYY-MM-DD */
  readonly today: string;
}

/** What is to be held. */
export interface Derived {
  readonly changes: readonly Change[];
  /** Of those of whom the rest is held already. */
  readonly standings: readonly ProgrammeValues[];
}

/** People by the ids of their Patients. */
type Concerned = ReadonlyMap<string, Concern>;

interface Concern {
  /** Whether facets look at what has changed; else only where they stand in the programmes is. */
  readonly isWhole: boolean;
  /** An Immunization that was recorded, where nothing else has changed. */
  readonly dose?: Version;
}

/** Works out anew everybody whom some commits concern, as at a sequence number. */
export async function deriveChanges(
  batch: readonly Version[],
  at: number,
  context: DerivingContext,
): Promise<Derived> {
  const { store, model, today } = context;
  const concerned = await concernedBy(batch, context);
  const found = await store.readMany([...concerned.keys()].map(patientKey), at);
  const patients = found.filter((version) => version !== undefined);
  const gone = patients.filter(({ text }) => text === undefined);
  const changes: Change[] = gone.map(({ number }) => ({ row: number, removed: true }));
  const standings: ProgrammeValues[] = [];
  const toRead = patients.filter((patient) => {
    const values = valuesAfterDose(patient, concerned.get(patient.id)?.dose, context);
    if (values !== undefined) standings.push(values);
    return values === undefined;
  });
  for await (const people of peopleInSlices(model, toRead, at)) {
    for (const person of people) {
      const isWhole = concerned.get(person.version.id)?.isWhole === true;
      if (isWhole) changes.push(model.values(person, today));
      else standings.push(model.programmeValues(person));
    }
  }
  return { changes, standings };
}

/** What the engine is told, beside what it holds now. */
export function changesOf(
  { changes, standings }: Derived,
  engine: Pick<CohortEngine, 'person'>,
  model: ValueModel,
): readonly Change[] {
  const standing = standings.flatMap((values) => {
    const held = engine.person(values.row);
    return held === undefined ? [] : model.withProgrammes(held, values);
  });
  return [...changes, ...standing];
}

function valuesAfterDose(
  { number, text }: Version,
  dose: Version | undefined,
  { engine, model }: DerivingContext,
): ProgrammeValues | undefined {
  if (text === undefined || dose === undefined) return undefined;
  const held = engine.person(number);
  return held && model.programmeValuesAfter(held, dose);
}

/** Whom versions are about, now or until then. */
async function concernedBy(
  batch: readonly Version[],
  { store, model }: DerivingContext,
): Promise<Concerned> {
  const replaced = batch.filter(
    ({ type, versionId }) => versionId > 1 && recordTypes[type] !== undefined,
  );
  const before = await Promise.all(
    replaced.map((version) => store.readVersion(version, version.versionId - 1)),
  );
  const concerned = new Map<string, Concern>();
  const take = (version: Version, concern: Concern) => {
    if (!model.isOfMatter(version)) return;
    for (const id of model.subjects(version)) {
      const known = concerned.get(id);
      const isWhole = concern.isWhole || known?.isWhole === true;
      concerned.set(id, known === undefined ? concern : { isWhole });
    }
  };
  for (const version of batch) {
    const isWhole = model.isLookedAt(version.type);
    const isDose = version.type === 'Immunization' && version.versionId === 1;
    take(version, isDose ? { isWhole, dose: version } : { isWhole });
  }
  for (const version of before) {
    if (version !== undefined) take(version, { isWhole: model.isLookedAt(version.type) });
  }
  return concerned;
}

function patientKey(id: string): ResourceKey {
  return { type: 'Patient', id };
}
