// Which programme of ours each target of a campaign's rules stands for: the rule model says `FLU`
// where we have a programme for each season. Used by those who put campaigns to people of ours.

import type { Campaign } from './campaign.ts';
import { compareTexts, type Day } from './days.ts';
import type { Programme } from './programme.ts';

/**
 * The programmes by the names of the targets: those that bookings for the target are of, the one
 * that began last. Targets that are no vaccination of ours are left out.
 * @param programme of the campaign's own target, where somebody has said so
 */
export function targetsOf(
  campaign: Campaign,
  programmes: readonly Programme[],
  onDate: Day,
  programme?: Programme,
): Readonly<Record<string, Programme>> {
  const found = [...targetNames(campaign)].flatMap((name) => {
    const given = name === campaign.target ? programme : undefined;
    const one = given ?? programmeOf(name, programmes, onDate);
    return one === undefined ? [] : [[name, one] as const];
  });
  return Object.fromEntries(found);
}

function targetNames({ target, iterations }: Campaign): ReadonlySet<string> {
  const looked = iterations.flatMap(({ rules }) =>
    rules.flatMap(({ attribute }) => (attribute.level === 'target' ? [attribute.target] : [])),
  );
  return new Set([target, ...looked]);
}

function programmeOf(
  target: string,
  programmes: readonly Programme[],
  onDate: Day,
): Programme | undefined {
  return programmes
    .filter(({ services, start }) => services.includes(target) && start <= onDate)
    .toSorted((one, other) => compareTexts(other.start, one.start))
    .at(0);
}
