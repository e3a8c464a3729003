// How many people of which age and sex live in England: thousands by five-year band, rounded from
// the Office for National Statistics' mid-2022 population estimates. Within a band each year of age
// is taken to hold as many people as the next; from 90 on each holds three quarters of the one
// before (an assumption).

/** One band: `first` to `last` completed years of age, thousands of people by sex. */
export interface AgeBandRow {
  readonly first: number;
  readonly last: number;
  readonly male: number;
  readonly female: number;
}

export const ageBands: readonly AgeBandRow[] = [
  { first: 0, last: 4, male: 1577, female: 1500 },
  { first: 5, last: 9, male: 1728, female: 1647 },
  { first: 10, last: 14, male: 1784, female: 1698 },
  { first: 15, last: 19, male: 1690, female: 1590 },
  { first: 20, last: 24, male: 1745, female: 1695 },
  { first: 25, last: 29, male: 1875, female: 1905 },
  { first: 30, last: 34, male: 1975, female: 2055 },
  { first: 35, last: 39, male: 1900, female: 1980 },
  { first: 40, last: 44, male: 1820, female: 1870 },
  { first: 45, last: 49, male: 1715, female: 1755 },
  { first: 50, last: 54, male: 1890, female: 1940 },
  { first: 55, last: 59, male: 1890, female: 1940 },
  { first: 60, last: 64, male: 1650, female: 1700 },
  { first: 65, last: 69, male: 1365, female: 1445 },
  { first: 70, last: 74, male: 1295, female: 1405 },
  { first: 75, last: 79, male: 1080, female: 1210 },
  { first: 80, last: 84, male: 665, female: 815 },
  { first: 85, last: 89, male: 375, female: 525 },
  { first: 90, last: 104, male: 170, female: 350 },
];

/** From this age on the years of a band thin out. */
export const THINNING_AGE = 90;
export const THINNING = 0.75;
