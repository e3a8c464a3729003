// Reasons for not giving a dose, each code of the value set that the service knows.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { reasonKindOf } from '../../../src/immunisation/reasons-not-given.ts';

const profiles = join(import.meta.dirname, '../../../profiles');

interface CodeSystem {
  readonly url: string;
  readonly concept: readonly { readonly code: string; readonly display: string }[];
}

const reasons = JSON.parse(
  readFileSync(join(profiles, 'codesystems/snomed-reasons-not-given.json'), 'utf8'),
) as CodeSystem;

/** What a display says of itself. */
function kindByWords(display: string): string {
  if (/contraindicat/i.test(display)) return 'contraindicated';
  return /declined|no consent|consent not given/i.test(display) ? 'refused' : 'other';
}

describe('reasonKindOf', () => {
  it('takes each of UK Core’s reasons for what its words say', () => {
    assert.equal(reasons.concept.length, 159);
    for (const { code, display } of reasons.concept) {
      const reason = { coding: [{ system: reasons.url, code }] };
      assert.equal(reasonKindOf(reason), kindByWords(display), `${code} ${display}`);
    }
  });

  it('knows HL7’s reasons', () => {
    const system = 'http://terminology.hl7.org/CodeSystem/v3-ActReason';
    const kind = (code: string) => reasonKindOf({ coding: [{ system, code }] });
    assert.equal(kind('PATOBJ'), 'refused');
    assert.equal(kind('MEDPREC'), 'contraindicated');
    assert.equal(kind('OSTOCK'), 'other');
  });

  it('goes by the first coding that it knows', () => {
    const coding = [
      { system: 'urn:local', code: 'x' },
      { system: reasons.url, code: '315640000' },
      { system: reasons.url, code: '390796006' },
    ];
    assert.equal(reasonKindOf({ coding }), 'refused');
  });

  it('takes a code of another system, a text, and no reason at all for another reason', () => {
    assert.equal(reasonKindOf({ coding: [{ system: 'urn:local', code: '315640000' }] }), 'other');
    assert.equal(reasonKindOf({ text: 'declined' }), 'other');
    assert.equal(reasonKindOf(undefined), 'other');
  });
});
