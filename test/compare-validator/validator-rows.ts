// The bench's row against the reference validator: both judge the same texts in one run, each
// warmed up by them before.

import { readJson } from '../../src/fhir/read-json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import { makeStructureValidator, type StructureValidator } from '../../src/validation/structure.ts';
import type { Material } from '../bench/material.ts';
import { type BenchRow, median, quantile } from '../bench/row.ts';
import {
  missingCommands,
  startReferenceValidator,
} from '../support/reference-validator/reference-validator.ts';

const TEXTS_MAX = 300;
const WARM_ROUNDS = 3;
/** Ours is judged so often that its compiler has settled, too. */
const OUR_WARM_ROUNDS = 30;
const OUR_ROUNDS = 15;
const TIMES_FASTER_MIN = 50;

/** One row, or none, saying so, where Java or Maven is absent.
 * @param validator ours */
export async function validatorRows(
  { mixed }: Material,
  validator: StructureValidator = makeStructureValidator(),
): Promise<BenchRow[]> {
  const missing = missingCommands();
  if (missing !== undefined) {
    console.log(`left out: ${missing}`);
    return [];
  }
  const step = Math.max(1, Math.floor(mixed.length / TEXTS_MAX));
  const texts = mixed.filter((_, position) => position % step === 0).slice(0, TEXTS_MAX);
  const peer = await referenceTimes(texts);
  const ours = ourTimes(texts, validator);
  const ratio = median(ours) / median(peer);
  const row: BenchRow = {
    name: `validation of ${texts.length} mixed resources, from their texts`,
    median: median(ours),
    p99: quantile(ours, 0.99),
    unit: 'us',
    peer: `HAPI ${median(peer).toFixed(0)}`,
    ratio,
    budget: `<= 1/${TIMES_FASTER_MIN}`,
    pass: ratio <= 1 / TIMES_FASTER_MIN,
  };
  return [row];
}

/** Microseconds that the reference takes for each text. */
async function referenceTimes(texts: readonly string[]): Promise<number[]> {
  const reference = await startReferenceValidator('many');
  try {
    for (let round = 0; round < WARM_ROUNDS; round += 1) {
      await Promise.all(texts.map((text) => reference.validate(text)));
    }
    const answers = await Promise.all(texts.map((text) => reference.validate(text)));
    return answers.map(({ nanoseconds }) => nanoseconds / 1_000);
  } finally {
    await reference.close();
  }
}

/** Microseconds that we take for each text, several times. */
function ourTimes(texts: readonly string[], validator: StructureValidator): number[] {
  const judge = (text: string) => {
    const document = readJson(text);
    return validator.validate(document, (document.value as Resource).resourceType);
  };
  for (let round = 0; round < OUR_WARM_ROUNDS; round += 1) for (const text of texts) judge(text);
  return Array.from({ length: OUR_ROUNDS }, () =>
    texts.map((text) => {
      const startedAt = performance.now();
      judge(text);
      return (performance.now() - startedAt) * 1_000;
    }),
  ).flat();
}
