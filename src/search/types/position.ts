// The special parameter `near` of Location: how a circle is read, how positions are indexed, how
// the two match. http://hl7.org/fhir/R4/location.html#search

import { NEAR_DISTANCE_DEFAULT_M } from '../../limits.ts';
import { type Clause, malformedValue, unsupportedModifier } from '../clause.ts';
import { splitUnescaped, unescapeValue } from '../escapes.ts';
import type { Circle, Expression } from '../expression.ts';
import type { ValueEntry } from '../index-entry.ts';

type PositionEntry = Extract<ValueEntry, { kind: 'position' }>;

/** Mean radius of the earth (IUGG), metres. */
const EARTH_RADIUS_M = 6_371_008.8;

/** Metres of each unit of UCUM that a distance may be given in. */
const unitsM: Readonly<Record<string, number | undefined>> = {
  m: 1,
  km: 1_000,
  '[mi_i]': 1_609.344,
  '[mi_us]': 1_609.347_219,
  '[ft_i]': 0.304_8,
  '[yd_i]': 0.914_4,
};

const EXPECTED =
  'latitude|longitude|distance|unit: decimal degrees, a distance, and its unit in UCUM ' +
  `(${Object.keys(unitsM).join(', ')}; km when absent)`;

/** `near=51.5|-0.12|10|km` as an expression. Refuses any modifier. */
export function readNear(clause: Clause): Expression {
  if (clause.modifier !== undefined) throw unsupportedModifier(clause, []);
  const anyOf = clause.values.map((value) => {
    const circle = circleOf(splitUnescaped(value, '|').map(unescapeValue));
    if (circle === undefined) throw malformedValue(clause.name, value, EXPECTED);
    return circle;
  });
  return { kind: 'near', parameter: clause.parameter.code, anyOf };
}

function circleOf(parts: readonly string[]): Circle | undefined {
  const latitude = decimalOf(parts[0]);
  const longitude = decimalOf(parts[1]);
  const unitM = unitsM[parts[3] || 'km'];
  const radiusM = parts[2] ? (decimalOf(parts[2]) ?? -1) * (unitM ?? -1) : NEAR_DISTANCE_DEFAULT_M;
  if (latitude === undefined || longitude === undefined || parts.length > 4) return undefined;
  if (!isOnEarth(latitude, longitude) || unitM === undefined || radiusM < 0) return undefined;
  return { latitude, longitude, radiusM };
}

function decimalOf(text: string | undefined): number | undefined {
  return text !== undefined && /^[+-]?\d{1,9}(?:\.\d{1,18})?$/.test(text)
    ? Number(text)
    : undefined;
}

function isOnEarth(latitude: number, longitude: number): boolean {
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}

/** Index entries of Location.position. */
export function positionEntries(parameter: string, node: unknown, _fhirType: string): ValueEntry[] {
  const { latitude, longitude } = (node ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof latitude !== 'number' || typeof longitude !== 'number') return [];
  if (!isOnEarth(latitude, longitude)) return [];
  return [{ kind: 'position', parameter, latitude, longitude }];
}

/** Whether the position is in the circle, its edge included. */
export function positionMatches(
  { latitude, longitude }: Pick<PositionEntry, 'latitude' | 'longitude'>,
  circle: Circle,
): boolean {
  const haversine =
    halfSineSquared(latitude - circle.latitude) +
    Math.cos(radians(latitude)) *
      Math.cos(radians(circle.latitude)) *
      halfSineSquared(longitude - circle.longitude);
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(haversine))) <= circle.radiusM;
}

/** The latitudes between which the whole circle lies, a little more than it needs: what an index
 * narrows the search to before positions are judged. */
export function latitudesOf({ latitude, radiusM }: Circle): { low: number; high: number } {
  const marginDegrees = (radiusM / EARTH_RADIUS_M) * (180 / Math.PI) + 1e-9;
  return { low: latitude - marginDegrees, high: latitude + marginDegrees };
}

function halfSineSquared(degrees: number): number {
  return Math.sin(radians(degrees) / 2) ** 2;
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
