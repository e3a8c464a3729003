// Many people with their records, some at a time: the next are read while some are dealt with, and
// others have their turn in between.

import { setImmediate } from 'node:timers/promises';
import { workAhead } from '../lib/work-ahead.ts';
import { COHORT_BATCH_MAX, COHORT_BATCHES_AHEAD } from '../limits.ts';
import type { Version } from '../store/resource-store.ts';
import type { PersonRecords } from './person-records.ts';
import type { ValueModel } from './value-model.ts';

/** People as at a sequence number. @param patients those that are deletions are left out */
export async function* peopleInSlices(
  model: ValueModel,
  patients: Iterable<Version> | AsyncIterable<Version>,
  at: number,
): AsyncGenerator<Iterable<PersonRecords>> {
  const read = (slice: readonly Version[]) => model.people(slice, at);
  for await (const people of workAhead(inSlices(patients), COHORT_BATCHES_AHEAD, read)) {
    yield people;
    await setImmediate();
  }
}

async function* inSlices(
  versions: Iterable<Version> | AsyncIterable<Version>,
): AsyncGenerator<readonly Version[]> {
  let slice: Version[] = [];
  for await (const version of versions) {
    slice.push(version);
    if (slice.length < COHORT_BATCH_MAX) continue;
    yield slice;
    slice = [];
  }
  yield slice;
}
