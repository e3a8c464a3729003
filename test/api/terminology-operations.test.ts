// $expand, $validate-code, $lookup and $subsumes on the shipped terminology and R4's.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { FhirError } from '../../src/fhir/fhir-error.ts';
import { readJson } from '../../src/fhir/read-json.ts';
import type { Resource } from '../../src/fhir/types.ts';
import type { FhirRequest } from '../../src/interactions/interaction.ts';
import { makeOperations } from '../../src/operations/operations.ts';
import { localOperator } from '../../src/search/caller.ts';
import { loadTerminology } from '../../src/terminology/terminology.ts';
import { shippedJudge } from '../support/our-judge.ts';
import { inMemory, type Service, START_MS } from '../support/service.ts';

const terminology = loadTerminology({ folders: [join(import.meta.dirname, '../../profiles')] });
const operations = makeOperations({ terminology, judge: shippedJudge(terminology) });

const OURS = 'https://openims.example/fhir';
const UK_CORE = 'https://fhir.hl7.org.uk';
const SCT = 'http://snomed.info/sct';
const GENDER = 'http://hl7.org/fhir/ValueSet/administrative-gender';
const REASONS = `${UK_CORE}/ValueSet/UKCore-ReasonImmunizationNotAdministered`;
const ROLES = 'http://terminology.hl7.org/CodeSystem/v3-RoleCode';
const AREAS = `${OURS}/CodeSystem/area`;

/** Asks at a path such as `ValueSet/$expand`, with query parameters or with a body. */
async function ask(
  service: Service,
  path: string,
  parameters: Record<string, string> = {},
  body?: unknown,
): Promise<Resource> {
  const segments = path.split('/');
  const level = segments.length === 2 ? 'type' : 'instance';
  const operation = operations.find(
    (each) => each.name === segments.at(-1) && each.level === level,
  );
  assert.ok(operation !== undefined, path);
  const request: FhirRequest = {
    method: body === undefined ? 'GET' : 'POST',
    path: segments,
    query: new URLSearchParams(parameters).toString(),
    prefer: {},
    caller: localOperator,
    ...(body === undefined ? {} : { body: readJson(JSON.stringify(body)) }),
  };
  const response = await operation.run(service.context, request);
  assert.equal(response.status, 200);
  return JSON.parse(response.body ?? '') as Resource;
}

/** What the refusal says: `status: diagnostics`. */
async function refusal(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => assert.fail('was not refused'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof FhirError, String(error));
  return `${error.status}: ${error.issues.map(({ diagnostics }) => diagnostics).join('; ')}`;
}

interface Parameter {
  readonly name: string;
  readonly part?: readonly Parameter[];
  readonly [member: string]: unknown;
}

/** The parameters of an answer by name; parts as lists of their values. */
function valuesOf(answer: Resource): Record<string, unknown> {
  assert.equal(answer.resourceType, 'Parameters');
  const parameters = answer.parameter as readonly Parameter[];
  return Object.fromEntries(parameters.map((each) => [each.name, answered(each)]));
}

function answered({ name: _name, part, ...values }: Parameter): unknown {
  return part === undefined ? Object.values(values)[0] : part.map(answered);
}

interface Expansion {
  readonly extension?: readonly { readonly url: string; readonly valueBoolean: boolean }[];
  readonly identifier: string;
  readonly timestamp: string;
  readonly total: number;
  readonly offset: number;
  readonly contains?: readonly {
    readonly system: string;
    readonly code: string;
    readonly display?: string;
    readonly abstract?: boolean;
  }[];
}

function expansionOf(answer: Resource): Expansion {
  assert.equal(answer.resourceType, 'ValueSet');
  return answer.expansion as Expansion;
}

function parameters(...parameter: readonly object[]): Resource {
  return { resourceType: 'Parameters', parameter };
}

inMemory('ValueSet/$expand', {}, (service) => {
  it('lists a value set, with when it did', async () => {
    const answer = await ask(service(), 'ValueSet/$expand', { url: GENDER });
    const { total, offset, timestamp, identifier, extension, contains } = expansionOf(answer);
    assert.equal(answer.url, GENDER);
    assert.deepEqual([total, offset, extension], [4, 0, undefined]);
    assert.equal(timestamp, new Date(START_MS).toISOString());
    assert.match(identifier, /^urn:uuid:/);
    assert.deepEqual(contains?.[0], {
      system: 'http://hl7.org/fhir/administrative-gender',
      code: 'male',
      display: 'Male',
    });
  });

  it('filters and pages', async () => {
    const page = async (offset: string) => {
      const asked = { url: REASONS, filter: 'declined', count: '20', offset };
      return expansionOf(await ask(service(), 'ValueSet/$expand', asked));
    };
    const [first, second] = [await page('0'), await page('20')];
    assert.equal(first.contains?.length, 20);
    assert.equal(first.total, second.total);
    assert.equal(second.offset, 20);
    const codes = [...(first.contains ?? []), ...(second.contains ?? [])].map(({ code }) => code);
    assert.equal(new Set(codes).size, 40);
    for (const { display = '' } of first.contains ?? []) assert.match(display, /declined/i);
  });

  it('tells the total alone for a count of 0', async () => {
    const answer = await ask(service(), 'ValueSet/$expand', { url: REASONS, count: '0' });
    const { total, contains } = expansionOf(answer);
    assert.deepEqual([total, contains], [159, undefined]);
  });

  it('reads Parameters', async () => {
    const body = parameters(
      { name: 'url', valueUri: GENDER },
      { name: 'count', valueInteger: 1 },
      { name: 'filter', valueString: 'fem' },
    );
    const { contains } = expansionOf(await ask(service(), 'ValueSet/$expand', {}, body));
    assert.deepEqual(
      contains?.map(({ code }) => code),
      ['female'],
    );
  });

  it('works on an instance, of ours or of R4', async () => {
    const ours = await ask(service(), 'ValueSet/risk-group/$expand', { filter: 'asplenia' });
    assert.equal(expansionOf(ours).total, 1);
    const r4 = await ask(service(), 'ValueSet/event-status/$expand');
    assert.equal(expansionOf(r4).total, 8);
  });

  it('takes a version', async () => {
    const answer = await ask(service(), 'ValueSet/$expand', {
      url: GENDER,
      valueSetVersion: '4.0.1',
    });
    assert.equal(answer.version, '4.0.1');
    const asked = ask(service(), 'ValueSet/$expand', { url: `${GENDER}|9.9.9` });
    assert.equal(
      await refusal(asked),
      `404: The value set ${GENDER}|9.9.9 is not held; versions that are: 4.0.1`,
    );
  });

  it('marks a list that may have more members', async () => {
    const url = `${OURS}/ValueSet/area-of-planning`;
    const { total, extension } = expansionOf(await ask(service(), 'ValueSet/$expand', { url }));
    assert.equal(total, 451);
    assert.match(extension?.[0]?.url ?? '', /valueset-unclosed$/);
  });

  it('marks codes that only group others', async () => {
    const url = 'http://terminology.hl7.org/ValueSet/v3-ActCode';
    const answer = await ask(service(), 'ValueSet/$expand', { url, filter: 'actcoveragetypecode' });
    const { contains = [] } = expansionOf(answer);
    const marked = contains.filter(({ abstract }) => abstract).map(({ code }) => code);
    assert.ok(marked.includes('_ActCoverageTypeCode'), marked.join());
  });

  it('names what is not held', async () => {
    const nowhere = `${OURS}/ValueSet/nowhere`;
    const unknown = ask(service(), 'ValueSet/$expand', { url: nowhere });
    assert.equal(await refusal(unknown), `404: The value set ${nowhere} is not held`);
    const url = 'http://hl7.org/fhir/ValueSet/mimetypes';
    const unlistable = await refusal(ask(service(), 'ValueSet/$expand', { url }));
    assert.match(unlistable, /^404: .*mimetypes.* cannot be said: urn:ietf:bcp:13 is not held$/);
    const id = await refusal(ask(service(), 'ValueSet/nowhere/$expand'));
    assert.equal(id, "404: No value set with the id 'nowhere' is held");
  });

  const wrong: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{}, /^400: Parameter 'url' is missing$/],
    [{ url: GENDER, count: '-1' }, /^400: Parameter 'count' of \$expand must be a whole number/],
    [{ url: GENDER, colour: 'red' }, /^400: \$expand takes url, .*, not 'colour'$/],
    [{ url: '' }, /^400: Parameter 'url' of \$expand must be a uri$/],
    [{ url: GENDER, activeOnly: 'yes' }, /^400: Parameter 'activeOnly' .* must be true or false$/],
  ];
  for (const [asked, message] of wrong) {
    it(`refuses ${JSON.stringify(asked)}`, async () => {
      assert.match(await refusal(ask(service(), 'ValueSet/$expand', asked)), message);
    });
  }

  it('refuses a parameter given twice, a url beside an id, and what is no Parameters', async () => {
    const twice = parameters({ name: 'url', valueUri: GENDER }, { name: 'url', valueUri: GENDER });
    const bodies = [
      twice,
      { resourceType: 'ValueSet' },
      { resourceType: 'Parameters', parameter: 5 },
    ];
    for (const body of bodies) {
      assert.match(await refusal(ask(service(), 'ValueSet/$expand', {}, body)), /^400: /);
    }
    const both = ask(service(), 'ValueSet/risk-group/$expand', { url: GENDER });
    assert.match(await refusal(both), /^400: Parameter 'url' cannot be given with an id$/);
  });
});

inMemory('ValueSet/$validate-code', {}, (service) => {
  const validate = async (asked: Record<string, string>, body?: unknown) =>
    valuesOf(await ask(service(), 'ValueSet/$validate-code', asked, body));

  it('says yes with the display', async () => {
    const asked = { url: REASONS, system: SCT, code: '281399006' };
    assert.deepEqual(await validate(asked), { result: true, display: 'Did not attend' });
  });

  it('says no and why', async () => {
    const male = await validate({ url: GENDER, code: 'man' });
    assert.deepEqual(male, { result: false, message: `'man' is not in the value set ${GENDER}` });
    const system = 'http://hl7.org/fhir/administrative-gender';
    const { message } = await validate({ url: GENDER, system, code: 'man' });
    assert.match(String(message), /has no such code$/);
  });

  it('judges the display where every name of the code is known', async () => {
    const system = 'http://hl7.org/fhir/administrative-gender';
    const wrong = await validate({ url: GENDER, system, code: 'male', display: 'Man' });
    assert.deepEqual([wrong.result, wrong.display], [false, 'Male']);
    assert.match(String(wrong.message), /is called 'Male', not 'Man'$/);
    const right = await validate({ url: GENDER, system, code: 'male', display: ' MALE' });
    assert.deepEqual(right, { result: true, display: 'Male' });
    const hint = await validate({ url: REASONS, system: SCT, code: '281399006', display: 'DNA' });
    assert.equal(hint.result, true);
    assert.match(String(hint.message), /is called 'Did not attend'/);
  });

  it('takes a Coding and a CodeableConcept, one right coding of which is enough', async () => {
    const good = { system: SCT, code: '213257006' };
    const bad = { system: SCT, code: '22298006' };
    const asked = async (parameter: object) =>
      (await validate({ url: REASONS }, parameters(parameter))).result;
    assert.equal(await asked({ name: 'coding', valueCoding: good }), true);
    assert.equal(await asked({ name: 'coding', valueCoding: bad }), false);
    const concept = (...coding: object[]) => ({
      name: 'codeableConcept',
      valueCodeableConcept: { coding },
    });
    assert.equal(await asked(concept(bad, good)), true);
    assert.equal(await asked(concept(bad)), false);
  });

  it('accepts a code that only groups others unless it is asked not to', async () => {
    const asked = {
      url: 'http://terminology.hl7.org/ValueSet/v3-ActCode',
      code: '_ActCoverageTypeCode',
    };
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
    assert.equal((await validate({ ...asked, system })).result, true);
    const concrete = await validate({ ...asked, system, abstract: 'false' });
    assert.equal(concrete.result, false);
    assert.match(String(concrete.message), /only groups other codes/);
  });

  it('works on an instance', async () => {
    const asked = { code: 'asplenia', system: `${OURS}/CodeSystem/risk-group` };
    const answer = await ask(service(), 'ValueSet/risk-group/$validate-code', asked);
    assert.equal(valuesOf(answer).result, true);
  });

  it('never guesses', async () => {
    const url = 'http://hl7.org/fhir/ValueSet/all-languages';
    const unknown = await refusal(validate({ url, system: 'urn:ietf:bcp:47', code: 'en' }));
    assert.match(unknown, /^404: Whether .* has 'en' cannot be said: urn:ietf:bcp:47 is not held$/);
    const part = await refusal(
      validate({ url: 'http://hl7.org/fhir/ValueSet/condition-code', system: SCT, code: '1' }),
    );
    assert.match(part, /^404: .*snomed\.info\/sct/);
    const set = await refusal(validate({ url: `${OURS}/ValueSet/nowhere`, code: 'x' }));
    assert.match(set, /^404: The value set .*nowhere is not held$/);
  });

  it('needs exactly one thing to judge', async () => {
    assert.match(await refusal(validate({ url: GENDER })), /^400: \$validate-code needs one of/);
    const coding = parameters({ name: 'coding', valueCoding: { code: 'male' } });
    assert.match(await refusal(validate({ url: GENDER, code: 'male' }, coding)), /^400: /);
    const coded = await refusal(validate({ url: GENDER, coding: 'male' }));
    assert.match(coded, /^400: .* must be a Coding with a code, sent by POST/);
  });
});

inMemory('CodeSystem operations', {}, (service) => {
  const lookup = (asked: Record<string, string>, body?: unknown) =>
    ask(service(), 'CodeSystem/$lookup', asked, body);

  it('$lookup tells name, display, definition, relatives and properties', async () => {
    const answer = await lookup({ system: ROLES, code: 'MTH' });
    const values = valuesOf(answer);
    assert.deepEqual([values.display, values.name], ['mother', 'v3 Code System RoleCode']);
    const properties = (answer.parameter as readonly Parameter[])
      .filter(({ name }) => name === 'property')
      .map(answered) as [string, unknown][];
    assert.deepEqual(
      properties.filter(([code]) => code === 'parent'),
      [['parent', 'PRN']],
    );
    assert.ok(properties.some(([code, child]) => code === 'child' && child === 'NMTH'));
    assert.ok(properties.some(([code]) => code === 'definition'));
  });

  it('$lookup limits itself to the properties asked for, and takes a Coding', async () => {
    const coding = { system: `${OURS}/CodeSystem/vaccine-type`, code: 'MMR' };
    const body = parameters(
      { name: 'coding', valueCoding: coding },
      { name: 'property', valueCode: 'targetDisease' },
    );
    const answer = await lookup({}, body);
    const diseases = (answer.parameter as readonly Parameter[])
      .filter(({ name }) => name === 'property')
      .map((each) => (answered(each) as [string, { code: string }])[1].code);
    assert.deepEqual(diseases, ['14189004', '36989005', '36653000']);
  });

  it('$lookup tells no such code from one that is not held', async () => {
    const absent = await refusal(lookup({ system: ROLES, code: 'NOBODY' }));
    assert.equal(absent, `404: ${ROLES} has no code 'NOBODY'`);
    const part = await refusal(lookup({ system: SCT, code: '22298006' }));
    assert.match(part, /^404: What '22298006' means cannot be said: of .*sct only a part is held$/);
    const system = await refusal(lookup({ system: 'http://loinc.org', code: '8867-4' }));
    assert.equal(system, '404: The code system http://loinc.org is not held');
    assert.match(await refusal(lookup({ code: 'MTH' })), /^400: \$lookup needs code and system/);
  });

  it('$validate-code judges codes of a system', async () => {
    const validate = async (asked: Record<string, string>, path = 'CodeSystem/$validate-code') =>
      valuesOf(await ask(service(), path, asked));
    assert.equal((await validate({ url: ROLES, code: 'MTH' })).result, true);
    assert.deepEqual(await validate({ url: ROLES, code: 'NOBODY' }), {
      result: false,
      message: `${ROLES} has no code 'NOBODY'`,
    });
    const onInstance = 'CodeSystem/risk-group/$validate-code';
    assert.equal((await validate({ code: 'obesity' }, onInstance)).result, true);
    assert.match(await refusal(validate({ url: SCT, code: '1' })), /^404: .* only a part is held$/);
    assert.match(
      await refusal(validate({ url: 'http://loinc.org', code: '1' })),
      /^404: The code system http:\/\/loinc\.org is not held$/,
    );
  });

  it('$validate-code finds the system in the Coding', async () => {
    const ask1 = (body: Resource) => ask(service(), 'CodeSystem/$validate-code', {}, body);
    const coding = { system: ROLES, code: 'MTH' };
    const right = valuesOf(await ask1(parameters({ name: 'coding', valueCoding: coding })));
    assert.equal(right.result, true);
    const other = parameters(
      { name: 'url', valueUri: `${OURS}/CodeSystem/risk-group` },
      { name: 'coding', valueCoding: coding },
    );
    const wrong = valuesOf(await ask1(other));
    assert.equal(wrong.result, false);
    assert.match(String(wrong.message), /is a code of .*v3-RoleCode, not .*risk-group$/);
  });

  const pairs: readonly (readonly [string, string, string, string])[] = [
    [ROLES, 'FAMMEMB', 'MTH', 'subsumes'],
    [ROLES, 'MTH', 'FAMMEMB', 'subsumed-by'],
    [ROLES, 'MTH', 'MTH', 'equivalent'],
    [ROLES, 'MTH', 'FTH', 'not-subsumed'],
    [AREAS, 'E40000003', 'E09000007', 'subsumes'],
  ];
  for (const [system, codeA, codeB, outcome] of pairs) {
    it(`$subsumes: ${codeA} to ${codeB} is ${outcome}`, async () => {
      const asked = { system, codeA, codeB };
      const answer = await ask(service(), 'CodeSystem/$subsumes', asked);
      assert.deepEqual(valuesOf(answer), { outcome });
    });
  }

  it('$subsumes takes Codings and instances', async () => {
    const codingA = { system: ROLES, code: 'FAMMEMB' };
    const codingB = { system: ROLES, code: 'MTH' };
    const body = parameters(
      { name: 'codingA', valueCoding: codingA },
      { name: 'codingB', valueCoding: codingB },
    );
    const answer = await ask(service(), 'CodeSystem/$subsumes', {}, body);
    assert.deepEqual(valuesOf(answer), { outcome: 'subsumes' });
    const asked = { codeA: 'E92000001', codeB: 'E40000003' };
    const instance = await ask(service(), 'CodeSystem/area/$subsumes', asked);
    assert.deepEqual(valuesOf(instance), { outcome: 'subsumes' });
  });

  it('$subsumes says so when it cannot know', async () => {
    const subsumes = (asked: Record<string, string>) =>
      refusal(ask(service(), 'CodeSystem/$subsumes', asked));
    assert.match(
      await subsumes({ system: AREAS, codeA: 'E40000003', codeB: 'E08000035' }),
      /^404: How 'E40000003' stands to 'E08000035' cannot be said: of .*area only a part is held$/,
    );
    assert.match(
      await subsumes({ system: ROLES, codeA: 'MTH', codeB: 'X' }),
      /^404: .*no code 'X'$/,
    );
    assert.match(await subsumes({ system: ROLES, codeA: 'MTH' }), /^400: \$subsumes needs/);
    assert.match(await subsumes({ codeA: 'MTH', codeB: 'FTH' }), /^400: Parameter 'system'/);
  });
});
