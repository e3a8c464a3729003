// Which Subscriptions can be served, and what is said of those that cannot.

import assert from 'node:assert/strict';
import type { Resource } from '../../../src/fhir/types.ts';
import {
  readSubscription,
  type SubscriptionReading,
  termsText,
} from '../../../src/subscriptions/subscription.ts';
import { environment, subscription } from './subscribed-world.ts';

const endpoint = 'https://gp.test/fhir/R4';
const restHook = (more: object) => ({ channel: { type: 'rest-hook', endpoint, ...more } });

function read(more: Partial<Resource>): SubscriptionReading {
  return readSubscription(subscription('s1', endpoint, more), environment);
}

function terms(more: Partial<Resource>) {
  const reading = read(more);
  assert.ok(reading.kind === 'terms', reading.kind === 'refused' ? reading.why : '');
  return reading.terms;
}

describe('reading a Subscription', () => {
  it('finds type, criteria and channel', () => {
    const header = ['Authorization: Bearer a:b', 'X-Practice:Y01234'];
    const channel = { type: 'rest-hook', endpoint, payload: 'application/fhir+json', header };
    assert.deepEqual(terms({ channel }), {
      type: 'Immunization',
      where: { kind: 'token', parameter: 'status', anyOf: [{ code: 'completed' }] },
      channel: {
        endpoint,
        headers: [
          ['Authorization', 'Bearer a:b'],
          ['X-Practice', 'Y01234'],
        ],
        sendsResource: true,
      },
    });
  });

  it('takes a type alone for all resources of the type', () => {
    for (const criteria of ['Immunization', 'Immunization?']) {
      assert.deepEqual(terms({ criteria }).where, { kind: 'everything' });
    }
  });

  it('sends nothing without a payload', () => {
    assert.equal(terms(restHook({})).channel.sendsResource, false);
  });

  it('reads the end', () => {
    const endMs = Date.UTC(2027, 2, 31, 22);
    assert.equal(terms({ end: '2027-03-31T23:00:00+01:00' }).endMs, endMs);
  });

  it('tells new terms from a new status', () => {
    const [one, same, other] = [
      subscription('s1', endpoint),
      subscription('s1', endpoint, { status: 'active', error: 'x', reason: 'y' }),
      subscription('s1', endpoint, restHook({ header: ['A: b'] })),
    ];
    assert.equal(termsText(one), termsText(same));
    assert.notEqual(termsText(one), termsText(other));
  });

  const refusals: readonly (readonly [string, Partial<Resource>, RegExp])[] = [
    ['an unknown parameter', { criteria: 'Immunization?colour=red' }, /^criteria: .*colour/],
    ['a malformed value', { criteria: 'Immunization?date=soon' }, /^criteria: .*date/],
    ['a type that is not served', { criteria: 'Observation?code=1' }, /^criteria must begin/],
    ['a type that is none', { criteria: 'Vaccination' }, /^criteria must begin/],
    ['no type', { criteria: '?status=completed' }, /^criteria must begin/],
    ['another channel', { channel: { type: 'email', endpoint } }, /rest-hook/],
    ['no endpoint', { channel: { type: 'rest-hook' } }, /channel\.endpoint/],
    ['an ftp endpoint', restHook({ endpoint: 'ftp://gp.test' }), /http or https/],
    ['a relative endpoint', restHook({ endpoint: '/fhir' }), /http or https/],
    [
      'a password in the endpoint, without repeating it',
      restHook({ endpoint: 'http://gp:s3cret@gp.test' }),
      /^(?!.*s3cret).*user name or password/,
    ],
    ['an XML payload', restHook({ payload: 'application/fhir+xml' }), /application\/fhir\+json/],
    [
      'a header without name, without repeating it',
      restHook({ header: ['s3cret'] }),
      /^(?!.*s3cret).*channel\.header/,
    ],
    ['a header over two lines', restHook({ header: ['A: b\r\nC: d'] }), /channel\.header/],
    ['a header that is not theirs to set', restHook({ header: ['Host: a'] }), /not set host/],
    [
      'a type without identifiers',
      { criteria: 'Provenance?recorded=2026', ...restHook({ payload: 'application/json' }) },
      /no identifier/,
    ],
  ];

  for (const [fault, more, why] of refusals) {
    it(`refuses ${fault}`, () => {
      const reading = read(more);
      assert.equal(reading.kind, 'refused');
      assert.match(reading.kind === 'refused' ? reading.why : '', why);
    });
  }
});
