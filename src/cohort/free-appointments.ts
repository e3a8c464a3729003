// Free appointments by the area that their site lies in, from the Slots that were loaded: whether
// the sites can take a cohort. As at one moment; a count for each Schedule, never a Slot in memory.

import type { Caller } from '../search/caller.ts';
import type { Expression } from '../search/expression.ts';
import { restrictExpression } from '../search/restrict.ts';
import type { ResourceStore } from '../store/resource-store.ts';
import type { Area, Places } from './places.ts';

export interface AppointmentsContext {
  readonly store: ResourceStore;
  readonly caller: Caller;
  readonly places: Places;
  /** Sequence number. */
  readonly at: number;
  /** Slots that begin from then on, milliseconds since 1970 UTC. */
  readonly fromMs: number;
  /** Codes of what Slots are for, any of them; all Slots when absent. */
  readonly services?: readonly string[];
}

/** Free appointments of an area. */
export interface AreaAppointments {
  readonly area: Area;
  readonly free: number;
}

const SERVICES = 'https://openims.example/fhir/CodeSystem/vaccination-service';

/** Free appointments by areas of a level, by id. Sites that lie in none are left out. */
export async function freeAppointments(
  level: string,
  context: AppointmentsContext,
): Promise<ReadonlyMap<string, AreaAppointments>> {
  const { store, caller, places, at } = context;
  const byArea = new Map<string, AreaAppointments>();
  const where = caller.maySee('Schedule');
  for await (const { id, text } of store.stream({ type: 'Schedule', where, sort: [] }, at)) {
    const area = areaOf(text ?? '{}', level, places);
    if (area === undefined) continue;
    const query = { type: 'Slot', where: freeSlotsOf(id, context), sort: [] };
    const free = (byArea.get(area.id)?.free ?? 0) + (await store.count(query, at));
    byArea.set(area.id, { area, free });
  }
  return byArea;
}

/** The area of a Schedule's site. */
function areaOf(schedule: string, level: string, places: Places): Area | undefined {
  const { actor = [] } = JSON.parse(schedule) as {
    readonly actor?: readonly { readonly reference?: string }[];
  };
  const site = actor.find(({ reference }) => reference?.startsWith('Location/') === true);
  return site?.reference === undefined ? undefined : places.areaOf(site.reference, level);
}

function freeSlotsOf(
  schedule: string,
  { caller, fromMs, services }: AppointmentsContext,
): Expression {
  const of: Expression[] = [
    { kind: 'reference', parameter: 'schedule', anyOf: [`Schedule/${schedule}`] },
    { kind: 'token', parameter: 'status', anyOf: [{ code: 'free' }] },
    { kind: 'date', parameter: 'start', anyOf: [{ lowFrom: fromMs }] },
  ];
  if (services !== undefined) {
    const anyOf = services.map((code) => ({ system: SERVICES, code }));
    of.push({ kind: 'token', parameter: 'service-type', anyOf });
  }
  return restrictExpression('Slot', { kind: 'and', of }, caller);
}
