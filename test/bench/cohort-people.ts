// The made-up people of the cohort bench, by columns: every value is a function of the row number,
// so that the engine and DuckDB make the same people each in its own way, and neither is fed by
// the other. Proportions follow the synthetic nation's roughly.

import type { EngineLayout } from '../../src/cohort/engine/cohort-engine.ts';
import type { BlockView, EngineMemory } from '../../src/cohort/engine/memory.ts';
import { engineLayout } from '../../src/cohort/facets.ts';
import { BLOCK_ROWS } from '../../src/cohort/kernel/assembly/opcodes.ts';

/** Day numbers as the cohort index has them; this one is in November 2026. */
export const TODAY = 46_350;
export const HOMES = 33_755;
export const PRACTICES = 6_500;
export const BOARDS = 42;
export const ETHNICITIES = 18;
const DECILES = 10;
const AGES = 101;
const DAYS_PER_YEAR = 365.25;

interface Flag {
  readonly name: string;
  /** Of 65,536 people of an age within the bounds: `base + slope * age` have it. */
  readonly base: number;
  readonly slope: number;
  readonly ages: readonly [from: number, to: number];
}

function flag(name: string, base: number, slope = 0, ages: Flag['ages'] = [0, 100]): Flag {
  return { name, base, slope, ages };
}

/** In the order of DuckDB's bits. */
export const flags: readonly Flag[] = [
  flag('deceased', 200, 15),
  flag('opted-out', 650),
  flag('sensitive', 60),
  flag('asthma', 4_000, 10),
  flag('copd', 0, 50, [40, 100]),
  flag('heart', 0, 90, [30, 100]),
  flag('diabetes', 0, 110, [20, 100]),
  flag('kidney', 0, 45, [30, 100]),
  flag('stroke', 0, 40, [30, 100]),
  flag('liver', 300),
  flag('neurological', 700),
  flag('learning-disability', 330),
  flag('immunosuppression', 650),
  flag('asplenia', 60),
  flag('obesity', 1_500, 10, [16, 100]),
  flag('severe-mental-illness', 600, 0, [16, 100]),
  flag('pregnancy', 1_900, 0, [15, 45]),
  flag('care-home-resident', 2_800, 0, [75, 100]),
  flag('health-worker', 2_100, 0, [18, 67]),
  flag('care-worker', 2_200, 0, [18, 67]),
  flag('carer', 3_000, 0, [18, 90]),
  flag('invited', 5_000),
  flag('no-phone', 4_000, 60),
  flag('no-address', 300),
  flag('shielded', 400, 30),
];

interface Programme {
  readonly name: string;
  /** As for flags: had a dose in the last hundred days; had one before. */
  readonly recent: readonly [base: number, slope: number];
  readonly ever: readonly [base: number, slope: number];
}

const programmes: readonly Programme[] = [
  { name: 'flu', recent: [3_000, 400], ever: [20_000, 400] },
  { name: 'covid', recent: [500, 300], ever: [40_000, 240] },
  { name: 'mmr', recent: [200, 0], ever: [58_000, -300] },
];

const programmeFlags = ['refused', 'contraindicated', 'invited', 'reminded', 'booked'] as const;

/** As large as what the service keeps of three programmes: bitmaps that no cohort asks for stand in
 * for those that there are. */
export function cohortLayout(maxRows: number): EngineLayout {
  const ofAll = (names: readonly string[]) =>
    programmes.flatMap(({ name }) => names.map((column) => `${name}/${column}`));
  const asked = [...flags.map(({ name }) => name), ...ofAll(programmeFlags)];
  const { bitmaps } = engineLayout(['one', 'two', 'three'], maxRows);
  return {
    bitmaps: bitmaps.map((_name, index) => asked[index] ?? `other-${index}`),
    days: ['birthdate', ...ofAll(['date', 'invitation-date'])],
    counts: ofAll(['doses']),
    codes: ['home', 'practice', 'person', 'age'],
    maxRows,
  };
}

/** 32 bits that only the row and the number of the draw decide. */
function draw(row: number, number: number): number {
  let bits = Math.imul(row + number * 0x3243f6a9, 0x9e3779b1);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return (bits ^ (bits >>> 16)) >>> 0;
}

/** The draw of which a flag has half the bits. */
function flagDraw(flagNumber: number): number {
  return 20 + (flagNumber >> 1);
}

/** `person` codes by sex, ethnicity and decile: in no order, as they are when they are given out in
 * the order in which people come. */
const personCodes = (() => {
  const codes = Uint16Array.from({ length: 2 * ETHNICITIES * DECILES }, (_, index) => index + 1);
  const order = codes.toSorted((one, other) => draw(one, 99) - draw(other, 99));
  return order;
})();

/** The codes of people of a sex (0 is female) and of some ethnicities. */
export function personCodesOf(wanted: (sex: number, ethnicity: number) => boolean): number[] {
  return [...personCodes].filter((_code, index) => {
    const [sex, ethnicity] = [Math.floor(index / (ETHNICITIES * DECILES)), ethnicityAt(index)];
    return wanted(sex, ethnicity);
  });
}

/** Ethnicity by `person` code. */
export const ethnicityOfCode = (() => {
  const ethnicities = new Uint8Array(personCodes.length + 1);
  for (const [index, code] of personCodes.entries()) ethnicities[code] = ethnicityAt(index);
  return ethnicities;
})();

function ethnicityAt(index: number): number {
  return Math.floor(index / DECILES) % ETHNICITIES;
}

/** Fills the rows 1 to `people` of an empty memory. */
export function fillColumns(memory: EngineMemory, people: number): void {
  memory.reach(people);
  for (let block = 0; block < memory.blocks; block += 1) {
    const last = Math.min(people, (block + 1) * BLOCK_ROWS - 1);
    const writer = new BlockWriter(memory, memory.block(block));
    for (let row = Math.max(1, block * BLOCK_ROWS); row <= last; row += 1) writer.write(row);
  }
  memory.raise('home', HOMES);
  memory.raise('practice', PRACTICES);
  memory.raise('person', personCodes.length);
  memory.raise('age', AGES);
}

class BlockWriter {
  readonly #view: BlockView;
  readonly #present: number;
  readonly #flags: readonly (Flag & { readonly offset: number })[];
  readonly #programmes: readonly (Programme & { date: number; doses: number })[];
  readonly #offsets: Readonly<Record<'birthdate' | 'home' | 'practice' | 'person' | 'age', number>>;

  constructor(memory: EngineMemory, view: BlockView) {
    const { present, bitmaps, days, counts, codes } = memory.columns;
    const of = (columns: ReadonlyMap<string, number>, name: string) => columns.get(name) ?? 0;
    this.#view = view;
    this.#present = present;
    this.#flags = flags.map((one) => ({ ...one, offset: of(bitmaps, one.name) }));
    this.#programmes = programmes.map((one) => ({
      ...one,
      date: of(days, `${one.name}/date`),
      doses: of(counts, `${one.name}/doses`),
    }));
    this.#offsets = {
      birthdate: of(days, 'birthdate'),
      home: of(codes, 'home'),
      practice: of(codes, 'practice'),
      person: of(codes, 'person'),
      age: of(codes, 'age'),
    };
  }

  write(row: number): void {
    const at = row % BLOCK_ROWS;
    const age = ageOf(row);
    const { birthdate, home, practice, person, age: ageAt } = this.#offsets;
    this.#setBit(this.#present, at);
    this.#setWord(birthdate, at, birthOf(row, age));
    const place = draw(row, 4) % HOMES;
    this.#setWord(home, at, place + 1);
    this.#setWord(practice, at, (draw(row, 5) % PRACTICES) + 1);
    this.#setWord(ageAt, at, age + 1);
    const group = ethnicityOf(row);
    const index = ((draw(row, 7) & 1) * ETHNICITIES + group) * DECILES + (place % DECILES);
    this.#setWord(person, at, personCodes[index] ?? 0);
    for (const [number, { offset, base, slope, ages }] of this.#flags.entries()) {
      const bits = draw(row, flagDraw(number));
      const hasIt = (number % 2 === 0 ? bits & 0xffff : bits >>> 16) < base + slope * age;
      if (hasIt && age >= ages[0] && age <= ages[1]) this.#setBit(offset, at);
    }
    for (const [number, { date, doses, recent, ever }] of this.#programmes.entries()) {
      const bits = draw(row, 60 + number);
      const chance = bits & 0xffff;
      const ago = bits >>> 16;
      const isRecent = chance < recent[0] + recent[1] * age;
      if (!isRecent && chance >= ever[0] + ever[1] * age) continue;
      this.#setWord(date, at, TODAY - (isRecent ? ago % 100 : 200 + (ago % 900)));
      this.#view.bytes[doses + at] = 1 + (ago % 3);
    }
  }

  #setBit(offset: number, at: number): void {
    const { bytes } = this.#view;
    const index = offset + (at >> 3);
    bytes[index] = (bytes[index] ?? 0) | (1 << (at & 7));
  }

  #setWord(offset: number, at: number, value: number): void {
    this.#view.words[offset / 2 + at] = value;
  }
}

/** Even up to 70, then fewer and fewer. */
function ageOf(row: number): number {
  const share = draw(row, 0) % 1_000;
  if (share < 860) return Math.floor((share * 70) / 860);
  return 70 + Math.min(draw(row, 1) % 31, draw(row, 2) % 31);
}

function birthOf(row: number, age: number): number {
  return TODAY - Math.floor((age * 1_461) / 4) - (draw(row, 3) % 365);
}

/** Three quarters are of the first. */
function ethnicityOf(row: number): number {
  const share = draw(row, 6) % 1_000;
  return share < 745 ? 0 : 1 + (share % (ETHNICITIES - 1));
}

/** The day on which somebody who is now so old was born at the latest. */
export function bornBy(age: number): number {
  return Math.floor(TODAY - age * DAYS_PER_YEAR);
}

/** The same people as a table `person` of DuckDB's; the steps of a draw are selects of their own,
 * so that none is worked out twice. */
export function peopleSql(people: number): string {
  const values = flags.map(
    ({ base, slope, ages }, number) =>
      `CASE WHEN ${chanceSql(number)} < ${base} + ${slope} * age
        AND age BETWEEN ${ages[0]} AND ${ages[1]} THEN ${2 ** number} ELSE 0 END`,
  );
  const doses = programmes.map(({ name, recent, ever }, number) => {
    const [chance, ago] = [`(d${60 + number} & 65535)`, `(d${60 + number} >> 16)`];
    const isRecent = `${chance} < ${recent[0]} + ${recent[1]} * age`;
    const isEver = `(${isRecent} OR ${chance} < ${ever[0]} + ${ever[1]} * age)`;
    return `(CASE WHEN ${isRecent} THEN ${TODAY} - ${ago} % 100
        WHEN ${isEver} THEN ${TODAY} - (200 + ${ago} % 900) ELSE 0 END)::USMALLINT AS ${name}_date,
      (CASE WHEN ${isEver} THEN 1 + ${ago} % 3 ELSE 0 END)::UTINYINT AS ${name}_doses`;
  });
  const drawn = [0, 1, 2, 3, 4, 5, 6, 7, ...flags.map((_flag, number) => flagDraw(number))];
  const numbers = [...new Set([...drawn, ...programmes.map((_one, number) => 60 + number)])];
  const step = (sql: (number: number) => string, from: string) => {
    const columns = numbers.map((number) => `${sql(number)} AS d${number}`);
    return `(SELECT id, ${columns.join(', ')} FROM ${from})`;
  };
  const low = (bits: string) => `((${bits}) & 4294967295::UBIGINT)`;
  const mixed = (shift: number, factor: number) => (number: number) =>
    low(`xor(d${number}, d${number} >> ${shift}) * ${factor}::UBIGINT`);
  const seeds = step(
    (number) =>
      low(`${low(`id::UBIGINT + ${number * 0x3243f6a9}::UBIGINT`)} * ${0x9e3779b1}::UBIGINT`),
    `range(1, ${people + 1}) AS people(id)`,
  );
  const mixes = step(mixed(13, 0xc2b2ae35), step(mixed(16, 0x85ebca6b), seeds));
  const draws = step((number) => `xor(d${number}, d${number} >> 16)::BIGINT`, mixes);
  return `CREATE TABLE person AS
    SELECT (${TODAY} - (age * 1461) // 4 - d3 % 365)::USMALLINT AS birthdate,
      (d4 % ${HOMES} + 1)::USMALLINT AS home,
      (d5 % ${PRACTICES} + 1)::USMALLINT AS practice,
      age::UTINYINT AS age,
      (d7 & 1)::UTINYINT AS sex,
      (CASE WHEN d6 % 1000 < 745 THEN 0
        ELSE 1 + d6 % 1000 % ${ETHNICITIES - 1} END)::UTINYINT AS ethnicity,
      (${values.join(' + ')})::UINTEGER AS flags,
      ${doses.join(', ')}
    FROM (SELECT *, CASE WHEN d0 % 1000 < 860 THEN d0 % 1000 * 70 // 860
      ELSE 70 + least(d1 % 31, d2 % 31) END AS age FROM ${draws})`;
}

function chanceSql(flagNumber: number): string {
  const bits = `d${flagDraw(flagNumber)}`;
  return flagNumber % 2 === 0 ? `(${bits} & 65535)` : `(${bits} >> 16)`;
}
