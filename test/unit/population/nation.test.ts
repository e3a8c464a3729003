// The nation as a whole: well formed, whole in its references, unique where it must be, and the
// same every time.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { Resource } from '../../../src/fhir/types.ts';
import { estimateResources, nation, nationPeople } from '../../../src/population/nation.ts';
import { makeStructureValidator } from '../../../src/validation/structure.ts';
import { passesModulus11 } from './modulus-11.ts';

const options = { people: 5000, seed: 42, date: '2026-11-22' } as const;
const NHS_NUMBER = 'https://fhir.nhs.uk/Id/nhs-number';

interface Identifier {
  readonly system: string;
  readonly value: string;
  readonly use?: string;
}

describe('nation', function () {
  this.timeout(120_000);
  let resources: readonly Resource[] = [];
  const byType = new Map<string, Resource[]>();
  before(() => {
    resources = [...nation(options)];
    for (const resource of resources) {
      const members = byType.get(resource.resourceType) ?? [];
      members.push(resource);
      byType.set(resource.resourceType, members);
    }
  });
  const all = (type: string): readonly Resource[] => byType.get(type) ?? [];

  it('is well formed FHIR R4, every resource', () => {
    const validator = makeStructureValidator();
    for (const resource of resources) {
      const document = { value: resource } as Parameters<typeof validator.validate>[0];
      const issues = validator.validate(document, resource.resourceType);
      assert.deepEqual(issues, [], JSON.stringify(resource));
    }
  });

  it('holds no member that JSON would drop', () => {
    for (const resource of resources) {
      assert.deepEqual(JSON.parse(JSON.stringify(resource)), resource);
    }
  });

  it('refers only to what came before, and names nothing twice', () => {
    const met = new Set<string>();
    for (const resource of resources) {
      for (const target of referencesOf(resource)) {
        assert.ok(met.has(target), `${resource.resourceType}/${resource.id} → ${target}`);
      }
      const key = `${resource.resourceType}/${resource.id}`;
      assert.ok(!met.has(key), key);
      assert.match(String(resource.id), /^[A-Za-z0-9\-.]{1,64}$/);
      met.add(key);
    }
  });

  it('is the same every time, and another by another seed or day', () => {
    const first = hashOf(options);
    assert.equal(hashOf(options), first);
    assert.equal(first, KNOWN_HASH, 'the nation changed: say so when this is meant');
    assert.notEqual(hashOf({ ...options, seed: 43 }), first);
    assert.notEqual(hashOf({ ...options, date: '2026-11-23' }), first);
  });

  it('has at most 20 resources a person, as many as estimated', () => {
    const perPerson = resources.length / options.people;
    assert.ok(perPerson <= 20 && perPerson >= 11, `${perPerson}`);
    const estimated = estimateResources(options.people);
    assert.ok(Math.abs(estimated / resources.length - 1) < 0.05, `${estimated}`);
  });

  it('has valid NHS numbers, each once', () => {
    const numbers = all('Patient').flatMap((patient) =>
      identifiersOf(patient).filter(({ system, use }) => system === NHS_NUMBER && use !== 'old'),
    );
    for (const { value } of numbers) assert.ok(passesModulus11(value), value);
    for (const { value } of numbers) assert.ok(value.startsWith('999'), value);
    assert.equal(new Set(numbers.map(({ value }) => value)).size, numbers.length);
    assert.ok(numbers.length > options.people * 0.99);
  });

  it('numbers doses once per supplier and organisations once', () => {
    for (const type of ['Immunization', 'Organization']) {
      const keys = all(type)
        .flatMap(identifiersOf)
        .map(({ system, value }) => `${system}|${value}`);
      assert.equal(keys.length, all(type).length);
      assert.equal(new Set(keys).size, keys.length, type);
    }
  });

  it('merges superseded numbers into the record that still resolves them', () => {
    const replaced = all('Patient').filter((patient) => patient.link !== undefined);
    assert.ok(replaced.length >= 5, `${replaced.length}`);
    for (const old of replaced) {
      const [link] = old.link as { other: { reference: string }; type: string }[];
      assert.equal(link?.type, 'replaced-by');
      const current = all('Patient').find(({ id }) => `Patient/${id}` === link?.other.reference);
      const former = identifiersOf(current).find(({ use }) => use === 'old');
      const [number] = identifiersOf(old);
      if (identifiersOf(current).length > 0) assert.equal(former?.value, number?.value);
      assert.equal(old.active, false);
    }
  });

  it('has twins who share birth date and address', () => {
    const patients = new Map(all('Patient').map((patient) => [patient.id, patient]));
    const pairs = new Map<string, Resource[]>();
    for (const person of nationPeople(options)) {
      const patient = patients.get(person.id);
      if (!person.isTwin || patient === undefined) continue;
      const key = `${person.home.lines.join()} ${person.home.postcode} ${person.birth}`;
      pairs.set(key, [...(pairs.get(key) ?? []), patient]);
    }
    assert.ok(pairs.size >= 3, `${pairs.size} pairs`);
    for (const [key, twins] of pairs) {
      assert.equal(twins.length, 2, key);
      assert.equal(twins[0]?.birthDate, twins[1]?.birthDate);
      assert.deepEqual(twins[0]?.address, twins[1]?.address);
    }
  });

  it('says why a dose was not given, and by whom one was', () => {
    const statuses = new Map<unknown, number>();
    for (const dose of all('Immunization')) {
      statuses.set(dose.status, (statuses.get(dose.status) ?? 0) + 1);
      assert.equal(dose.status === 'not-done', dose.statusReason !== undefined);
    }
    assert.deepEqual([...statuses.keys()].sort(), ['completed', 'entered-in-error', 'not-done']);
  });

  it('has a season with messages and bookings in every state', () => {
    const states = (type: string): unknown[] =>
      [...new Set(all(type).map((resource) => resource.status))].sort();
    assert.deepEqual(states('Communication'), [
      'completed',
      'entered-in-error',
      'in-progress',
      'not-done',
      'on-hold',
      'preparation',
      'stopped',
      'unknown',
    ]);
    assert.deepEqual(states('Appointment'), ['booked', 'cancelled', 'fulfilled', 'noshow']);
    assert.deepEqual(states('Slot'), ['busy', 'free']);
    assert.deepEqual(states('Consent'), ['active', 'inactive']);
    assert.deepEqual(states('Flag'), ['active', 'inactive']);
  });

  it('records nothing after its day, but for plans and bookings', () => {
    const dayAfter = '2026-11-23';
    for (const dose of all('Immunization')) {
      assert.ok(String(dose.occurrenceDateTime) < dayAfter, JSON.stringify(dose));
      assert.ok(String(dose.recorded) < dayAfter, JSON.stringify(dose));
    }
    for (const message of all('Communication')) {
      if (message.sent !== undefined) assert.ok(String(message.sent) < dayAfter);
    }
    for (const booking of all('Appointment')) {
      const isOver = booking.status === 'fulfilled' || booking.status === 'noshow';
      assert.ok(!isOver || String(booking.start) < dayAfter, JSON.stringify(booking));
      assert.ok(String(booking.created) < dayAfter, JSON.stringify(booking));
    }
  });

  it('has the faults that real feeds have', () => {
    const patients = all('Patient');
    const doses = all('Immunization');
    const some: Record<string, boolean> = {
      restricted: patients.some((patient) => patient.meta?.security !== undefined),
      withoutBirthDate: patients.some((patient) => patient.birthDate === undefined),
      birthYear: patients.some((patient) => String(patient.birthDate).length === 4),
      withoutNumber: patients.some((patient) => patient.identifier === undefined),
      unknownGender: patients.some((patient) => patient.gender === 'unknown'),
      noFixedAbode: patients.some((patient) => JSON.stringify(patient).includes('ZZ99')),
      dead: patients.some((patient) => patient.deceasedDateTime !== undefined),
      unregistered: patients.some((patient) => patient.generalPractitioner === undefined),
      withoutPerformer: doses.some((dose) => dose.performer === undefined),
      unknownPlace: doses.some((dose) => JSON.stringify(dose.location).includes('X99999')),
      expired: doses.some((dose) => String(dose.expirationDate) < String(dose.occurrenceDateTime)),
    };
    assert.deepEqual(
      Object.keys(some).filter((name) => !some[name]),
      [],
    );
  });

  it('can be asked on any day from 2021 to 2028', () => {
    for (const date of ['2021-01-01', '2024-02-29', '2028-08-31']) {
      const validator = makeStructureValidator();
      for (const resource of nation({ people: 300, seed: 1, date })) {
        const document = { value: resource } as Parameters<typeof validator.validate>[0];
        assert.deepEqual(validator.validate(document, resource.resourceType), [], date);
      }
    }
  });

  it('refuses options out of bounds at once', () => {
    const wrong = [{ people: 0 }, { people: 1.5 }, { people: 1e9 }, { seed: -1 }, { date: 'now' }];
    for (const option of wrong) assert.throws(() => nation({ ...options, ...option }), RangeError);
  });
});

const KNOWN_HASH = '2970837a1233750e';

function hashOf(of: typeof options | { people: number; seed: number; date: string }): string {
  const hash = createHash('sha256');
  for (const resource of nation(of)) hash.update(`${JSON.stringify(resource)}\n`);
  return hash.digest('hex').slice(0, 16);
}

function identifiersOf(resource: Resource | undefined): readonly Identifier[] {
  return (resource?.identifier ?? []) as readonly Identifier[];
}

function referencesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(referencesOf);
  return Object.entries(value).flatMap(([name, member]) =>
    name === 'reference' && typeof member === 'string' ? [member] : referencesOf(member),
  );
}
