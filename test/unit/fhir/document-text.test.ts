// The text that the store keeps: the client's own JSON with id and meta set.

import assert from 'node:assert/strict';
import { documentText } from '../../../src/fhir/document-text.ts';
import { readJson } from '../../../src/fhir/read-json.ts';

/** The text as stored, with `@` where the commit writes versionId and lastUpdated. */
function stored(body: string, id = 'new'): string {
  const { before, after } = documentText(readJson(body), id);
  return `${before}@${after}`;
}

describe('the text that is stored', () => {
  it('has id and meta right behind resourceType when the client sent none', () => {
    assert.equal(
      stored('{ "resourceType" : "Flag", "status" : "active" }'),
      '{"resourceType":"Flag","id":"new","meta":{@},"status":"active"}',
    );
  });

  it('keeps the order of members, id and meta where they stood', () => {
    assert.equal(
      stored('{"status":"active","meta":{"tag":[]},"id":"old","resourceType":"Flag"}'),
      '{"status":"active","meta":{@,"tag":[]},"id":"new","resourceType":"Flag"}',
    );
  });

  it("replaces the client's versionId and lastUpdated", () => {
    const body = '{"resourceType":"Flag","meta":{"versionId":"7","source":"x","lastUpdated":"y"}}';
    assert.equal(stored(body), '{"resourceType":"Flag","id":"new","meta":{@,"source":"x"}}');
  });

  it('keeps the digits of decimals, and text that looks like our marks', () => {
    const body = '{"resourceType":"X","a":0.10,"b":"\\\\u00000.10\\"","c":1.50,"meta":{"d":2.0}}';
    assert.equal(
      stored(body),
      '{"resourceType":"X","id":"new","a":0.10,"b":"\\\\u00000.10\\"","c":1.50,"meta":{@,"d":2.0}}',
    );
  });
});
