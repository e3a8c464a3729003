// Log lines name the kind of a request, never whom it was about.

import assert from 'node:assert/strict';
import { routeTemplate } from '../../../src/http/fhir-request.ts';

describe('routeTemplate', () => {
  for (const [path, template] of [
    ['/fhir/R4', '/fhir/R4'],
    ['/fhir/R4/metadata', '/fhir/R4/metadata'],
    ['/fhir/R4/Patient', '/fhir/R4/Patient'],
    ['/fhir/R4/Patient/9434765919', '/fhir/R4/Patient/{}'],
    ['/fhir/R4/Patient/khan-1950/_history/2', '/fhir/R4/Patient/{}/_history/{}'],
    ['/fhir/R4/Patient/9434765919/$everything', '/fhir/R4/Patient/{}/$everything'],
    ['/fhir/R4/9434765919/x', '/fhir/R4/{}/{}'],
    ['/wp-admin/Khan', '{}'],
  ] as const) {
    it(`makes ${template} of ${path}`, () => {
      assert.equal(routeTemplate(path), template);
    });
  }
});
