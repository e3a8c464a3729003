// A sample of a cohort for people to check: every member as likely as any other, under a pseudonym,
// with what the facets say and nothing that names anybody.

import { createHmac } from 'node:crypto';
import { COHORT_ROWS_PAGE_MAX } from '../limits.ts';
import { type Category, type CodeDimension, dimensions } from './dimensions.ts';
import type { EngineExpression, EnginePerson } from './engine/cohort-engine.ts';
import type { People } from './people.ts';

/** One person of a sample. */
export interface SampledPerson {
  readonly pseudonym: string;
  /** By dimension. */
  readonly categories: readonly { readonly dimension: string; readonly category: Category }[];
}

/** Coarse enough that a row alone points at nobody. */
const shown = ['age-band', 'sex', 'ethnic-category', 'deprivation', 'icb', 'residence-region'];

/**
 * Draws a sample. The same secret and moment draw the same one.
 * @param total how many the set holds @param secret what pseudonyms and the draw come from
 */
export async function samplePeople(
  people: People,
  cohort: EngineExpression,
  total: number,
  count: number,
  secret: Buffer,
): Promise<readonly SampledPerson[]> {
  const draw = drawer(secret, people.asOf.sequence);
  const ranks = drawRanks(Math.min(count, total), total, draw);
  const rows: number[] = [];
  let after = 0;
  for (let passed = 0; rows.length < ranks.length; ) {
    const page = await people.rows(cohort, after, COHORT_ROWS_PAGE_MAX);
    if (page.length === 0) break;
    for (let rank = ranks[rows.length]; rank !== undefined && rank < passed + page.length; ) {
      rows.push(page[rank - passed] ?? 0);
      rank = ranks[rows.length];
    }
    passed += page.length;
    after = page.at(-1) ?? 0;
  }
  const values = await people.values(rows);
  return values.map((person) => ({
    pseudonym: pseudonym(secret, people.asOf.sequence, person.row),
    categories: categoriesOf(person, people),
  }));
}

/** So many different ranks below `total`, ascending (Floyd's algorithm). */
function drawRanks(count: number, total: number, draw: (end: number) => number): number[] {
  const ranks = new Set<number>();
  for (let top = total - count; top < total; top += 1) {
    const rank = draw(top + 1);
    ranks.add(ranks.has(rank) ? top : rank);
  }
  return [...ranks].sort((one, other) => one - other);
}

/** Whole numbers from 0 to below `end`, that nobody without the secret foresees. */
function drawer(secret: Buffer, sequence: number): (end: number) => number {
  let drawn = 0;
  return (end) => {
    drawn += 1;
    const bytes = createHmac('sha256', secret).update(`draw ${sequence} ${drawn}`).digest();
    // 48 bits over 27: the bias is below one in a million.
    return bytes.readUIntBE(0, 6) % end;
  };
}

function pseudonym(secret: Buffer, sequence: number, row: number): string {
  const text = `person ${sequence} ${row}`;
  return createHmac('sha256', secret).update(text).digest('hex').slice(0, 16);
}

function categoriesOf({ codes }: EnginePerson, people: People): SampledPerson['categories'] {
  return shown.map((dimension) => {
    const { column } = dimensions[dimension] as CodeDimension;
    const code = codes[column] ?? 0;
    const known = people.model.categories.of(dimensions[dimension] as CodeDimension, code + 1);
    return { dimension, category: known[code] ?? { code: 'unknown' } };
  });
}
