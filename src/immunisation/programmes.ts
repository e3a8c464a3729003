// All programmes there are, as dated tables. A new season is a new row of its table.

import type { Programme } from './programme.ts';
import { adultProgrammes } from './programmes/adult.ts';
import { childhoodProgrammes } from './programmes/childhood.ts';
import { covidProgrammes } from './programmes/covid.ts';
import { fluProgrammes } from './programmes/flu.ts';

export const programmes: readonly Programme[] = [
  ...fluProgrammes,
  ...covidProgrammes,
  ...adultProgrammes,
  ...childhoodProgrammes,
];
