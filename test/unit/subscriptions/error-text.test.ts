// The text of Subscription.error, which is all that remembers what it says.

import assert from 'node:assert/strict';

import {
  failingText,
  saysFailing,
  undeliveredText,
  workingText,
} from '../../../src/subscriptions/error-text.ts';

const lost = 'Not delivered: Immunization/1 version 1 (Patient/2 has no NHS number).';
const failing =
  'Delivery fails: Immunization/3 version 2 (HTTP status 503). ' +
  'It is tried again until it succeeds.';

describe('error text', () => {
  it('says that deliveries fail, and takes it back', () => {
    const text = failingText(undefined, 'Immunization/3 version 2', 'HTTP status 503');
    assert.equal(text, failing);
    assert.equal(saysFailing(text), true);
    assert.equal(workingText(text), undefined);
    assert.equal(saysFailing(undefined), false);
  });

  it('says the latest failure alone', () => {
    const first = failingText(undefined, 'Immunization/3 version 2', 'reset');
    assert.equal(failingText(first, 'Immunization/3 version 2', 'HTTP status 503'), failing);
  });

  it('keeps what was given up beside what fails', () => {
    const why = 'Patient/2 has no NHS number';
    assert.equal(undeliveredText(undefined, 'Immunization/1 version 1', why), lost);
    const both = undeliveredText(failing, 'Immunization/1 version 1', why);
    assert.equal(both, `${lost} ${failing}`);
    assert.equal(failingText(lost, 'Immunization/3 version 2', 'HTTP status 503'), both);
    assert.equal(workingText(both), lost);
    assert.equal(workingText(lost), lost);
  });

  it('leaves out what others wrote there', () => {
    assert.equal(workingText('some words'), undefined);
  });
});
