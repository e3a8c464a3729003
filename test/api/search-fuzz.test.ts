// Whatever is asked, by GET or POST: an answer or a refusal that says why, never our own fault.

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { immunization, observation, patient } from '../support/sample-resources.ts';
import { onEveryBackEnd } from '../support/service.ts';

const RUNS = process.env.CI === 'true' ? 3_000 : 300;

const names = [
  ...['_id', '_lastUpdated', '_tag', '_text', '_content', '_list', '_has', '_filter', '_type'],
  ...['_sort', '_count', '_total', '_summary', '_elements', '_include', '_revinclude', '_page'],
  ...['_include:iterate', '_contained', '_query', '_explain', 'identifier', 'identifier:of-type'],
  ...['gender', 'gender:not', 'gender:in', 'gender:below', 'gender:missing', 'gender:text'],
  ...['family', 'family:exact', 'family:contains', 'birthdate', 'general-practitioner:below'],
  ...['general-practitioner.name', 'pcn', 'region', 'residence', 'patient', 'patient.identifier'],
  ...['-date.from', '-immunization.target', 'target-disease-status-date', 'value-quantity', 'near'],
  ...['code-value-quantity', '_has:Immunization:patient:date', '_has:Immunization:patient:_has'],
];
const values = [
  ...['', 'a', 'a,b', 'a|b', '|a', 'a|', '\\', '\\,', 'a$b', 'a$b$c', '$', '|', ',', '%', '%zz'],
  ...['2026', 'ge2026-03', 'ap2026-11-25T10:00', 'zz2026', '5.4', 'lt5.4||mg', '1e400', '-0'],
  ...['Patient/1', 'Patient', 'http://a.example/b', 'true', 'false', '*', 'Immunization:patient'],
  ...['Patient:organization:Organization', '51|0|10|km', '0', '-1', '1000', 'family', '-family'],
  ...['gender eq "female"', 'not (gender pr true)', '(((', 'gender eq', 'Patient,Immunization'],
  ...['http://hl7.org/fhir/ValueSet/administrative-gender', '\u0000', '\ud800', '💉', '٣'],
];

onEveryBackEnd('random searches', {}, (service) => {
  before(async () => {
    for (const resource of [patient({ id: '1' }), observation({ id: 'o' })]) {
      await service().request('PUT', `/${resource.resourceType}/${resource.id}`, resource);
    }
    await service().request('POST', '/Immunization', immunization('Patient/1'));
  });

  it('get an answer or a refusal, and the same by POST as by GET', async function () {
    this.timeout(120_000);
    const encoded = fc.constantFrom(...values).map((value) => {
      return value.isWellFormed() ? encodeURIComponent(value) : value;
    });
    const value = fc.oneof(
      { weight: 4, arbitrary: encoded },
      { weight: 1, arbitrary: fc.constantFrom(...values.filter((text) => text.isWellFormed())) },
      { weight: 1, arbitrary: fc.string({ maxLength: 12 }).map(encodeURIComponent) },
    );
    const parameter = fc.tuple(fc.constantFrom(...names), value).map((pair) => pair.join('='));
    const query = fc.array(parameter, { maxLength: 3 }).map((all) => all.join('&'));
    const address = fc.constantFrom(
      '/Patient',
      '/Immunization',
      '/',
      '/Patient/1/*',
      '/Observation',
    );
    await fc.assert(
      fc.asyncProperty(address, query, async (path, text) => {
        const got = await service().request('GET', `${path}?${text}`);
        assert.ok(got.status < 500, `${path}?${text}: ${got.body}`);
        if (got.status >= 400) assert.ok((got.issues[0]?.diagnostics ?? '').length > 5, got.body);
        const search = path === '/' ? '/_search' : `${path}/_search`;
        const posted = await service().request('POST', `${search}?${text}`);
        assert.equal(posted.status, got.status, `${search}?${text}`);
        assert.equal(posted.body, got.body);
      }),
      { numRuns: RUNS, seed: 20261125 },
    );
  });
});
