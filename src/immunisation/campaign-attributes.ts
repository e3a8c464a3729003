// A person's history in the words of NHS England's rule model, so that a campaign written for their
// service (judge-person.ts) can be put to people of ours.

import type { AttributeValue } from './campaign-operators.ts';
import type { Day } from './days.ts';
import type { PersonAttributes } from './judge-person.ts';
import type { Programme } from './programme.ts';
import { lastDoseEver, programmeStatus } from './programme-status.ts';
import { historyOn, holdsOn, type VaccinationHistory } from './vaccination-history.ts';

/** What the history does not say, by the model's names. */
export interface MoreAttributes {
  /** `ICB`, `GP_PRACTICE_CODE`, `POSTCODE_SECTOR`: where somebody lives and is registered. */
  readonly person?: PersonAttributes['person'];
  /** Labels of the cohorts they are in. */
  readonly cohorts?: readonly string[];
}

/**
 * The attributes of a person on a day. What is not known is null.
 * @param targets by the model's names, `RSV`, the programme that each stands for
 */
export function attributesOf(
  history: VaccinationHistory,
  targets: Readonly<Record<string, Programme>>,
  onDate: Day,
  more: MoreAttributes = {},
): PersonAttributes {
  const { person } = history;
  const birth = person?.birth;
  const isExact = birth !== undefined && birth.first === birth.last;
  const livesInCareHome = history.flags.some(
    (flag) => flag.groups.includes('care-home-resident') && holdsOn(flag, onDate),
  );
  return {
    person: {
      DATE_OF_BIRTH: compact(isExact ? birth.first : undefined),
      CARE_HOME_FLAG: livesInCareHome ? 'Y' : 'N',
      ...more.person,
    },
    targets: Object.fromEntries(
      Object.entries(targets).map(([name, programme]) => {
        return [name, targetOf(history, programme, onDate)];
      }),
    ),
    cohorts: more.cohorts ?? [],
  };
}

function targetOf(
  history: VaccinationHistory,
  programme: Programme,
  onDate: Day,
): Readonly<Record<string, AttributeValue>> {
  const status = programmeStatus(history, programme, onDate);
  return {
    VALID_DOSES_COUNT: String(status.doses),
    LAST_SUCCESSFUL_DATE: compact(lastDoseEver(historyOn(history, onDate), programme)),
    LAST_INVITE_DATE: compact(status.lastInvitation),
    BOOKED_APPOINTMENT_DATE: compact(status.bookedFor),
  };
}

function compact(day: Day | undefined): string | null {
  return day?.replaceAll('-', '') ?? null;
}
