// NHS mode judged by others' cases: what NHS England's Immunisation FHIR API and PDS accept and
// refuse, sent to the service as their clients send it.

import assert from 'node:assert/strict';

import type { Resource } from '../../src/fhir/types.ts';
import { needsRealMaterial, type RealCase, readCase, realCases } from '../support/real-material.ts';
import { BASE_URL, onEveryBackEnd, type Service } from '../support/service.ts';

const LAYERS: readonly string[] = ['nhs-imms', 'pds'];
const USES: readonly (string | undefined)[] = ['create', 'transaction'];

function isSent({ layer, use, ambiguous }: RealCase): boolean {
  return LAYERS.includes(layer) && USES.includes(use) && ambiguous !== true;
}

function bodyOf(realCase: RealCase): Resource {
  return JSON.parse(readCase(realCase).toString('utf8')) as Resource;
}

interface Sent {
  readonly status: number;
  readonly diagnostics: readonly string[];
  /** Of what was created. */
  readonly location: string | undefined;
}

/**
 * Sends a case. Many share one identifier, so what was created before has been deleted. Samples
 * that show a stored record have its id: it is no part of a create.
 */
async function send(service: Service, realCase: RealCase): Promise<Sent> {
  const { id: _stored, ...body } = bodyOf(realCase);
  const path = realCase.use === 'transaction' ? '/' : `/${body.resourceType}`;
  const answer = await service.request('POST', path, body);
  const outcome = answer.status < 400 ? [] : answer.issues;
  const diagnostics = outcome.map((issue) => issue.diagnostics);
  return { status: answer.status, diagnostics, location: answer.location };
}

async function remove(service: Service, location: string | undefined): Promise<void> {
  if (location?.includes('/Immunization/') !== true) return;
  const answer = await service.request('DELETE', location.replace(BASE_URL, ''));
  assert.equal(answer.status, 204, answer.body);
}

onEveryBackEnd('NHS mode', { mode: 'nhs', allTypes: true, references: 'lenient' }, (service) => {
  it('answers every case as its publisher does', async function () {
    needsRealMaterial(this, 'cases');
    const cases = realCases().filter(isSent);
    const wrong: string[] = [];
    for (const realCase of cases) {
      const { status, diagnostics, location } = await send(service(), realCase);
      await remove(service(), location);
      if (status !== realCase.httpStatus) {
        wrong.push(`${realCase.file}: ${status}, not ${realCase.httpStatus}: ${diagnostics}`);
      }
    }
    assert.deepEqual(wrong, []);
    assert.ok(cases.length >= 90, `${cases.length} cases were sent`);
  }).timeout(30_000);

  it("tells what is wrong in the Immunisation FHIR API's own words", async function () {
    needsRealMaterial(this, 'cases');
    const refused = realCases().filter((one) => isSent(one) && one.error !== undefined);
    for (const realCase of refused) {
      const { diagnostics } = await send(service(), realCase);
      assert.equal(diagnostics.length, 1, realCase.file);
      assert.match(diagnostics[0] ?? '', /^Validation errors: /, realCase.file);
      const told = diagnostics[0] ?? '';
      assert.ok(told.includes(realCase.error ?? ''), `${realCase.file}: ${told}`);
    }
    assert.ok(refused.length >= 45, `${refused.length} cases were refused`);
  }).timeout(30_000);
});

/** Cases that break a rule of R4 beside the NHS's policy, and how we tell that rule. */
const BROKEN_BY_R4: ReadonlyMap<string, RegExp> = new Map([
  // dom-3: a second Practitioner that nothing refers to
  ['imms-r015', /\(dom-3\)/],
  // ref-1: a reference into the container that finds nothing
  ['imms-r016', /\(ref-1\)/],
  // Immunization.performer.actor: Reference(Practitioner | PractitionerRole | Organization)
  ['imms-r159', /points at a Patient, but may only point at/],
]);

function ruleOfR4(realCase: RealCase): RegExp | undefined {
  return BROKEN_BY_R4.get(/imms-r\d+/.exec(realCase.file)?.[0] ?? '');
}

onEveryBackEnd('Default mode', { references: 'lenient' }, (service) => {
  it('accepts what only the policy of the NHS API refuses', async function () {
    needsRealMaterial(this, 'cases');
    const cases = realCases().filter((one) => one.policy === 'nhs-only' && isSent(one));
    for (const realCase of cases) {
      const { status, diagnostics, location } = await send(service(), realCase);
      const rule = ruleOfR4(realCase);
      assert.equal(status, rule === undefined ? 201 : 400, `${realCase.file}: ${diagnostics}`);
      if (rule !== undefined) assert.match(diagnostics.join(' '), rule);
      await remove(service(), location?.replace(/\/_history\/.*$/, ''));
    }
    assert.ok(cases.length >= 8, `${cases.length} cases were sent`);
  });
});
