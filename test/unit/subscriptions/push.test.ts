// One attempt to tell a subscriber: what counts as told, and what is said where it was not.

import assert from 'node:assert/strict';
import { DELIVERY_RESPONSE_BYTES_MAX } from '../../../src/limits.ts';
import { PushFailure, push } from '../../../src/subscriptions/push.ts';
import {
  openReceivingServer,
  type ReceivingServer,
  type ScriptedAnswer,
} from '../../support/receiving-server.ts';

const bundle = '{"resourceType":"Bundle","type":"transaction"}';
const { signal } = new AbortController();

function entries(...statuses: readonly unknown[]): ScriptedAnswer {
  const entry = statuses.map((status) => ({ response: { status } }));
  return { status: 200, body: { resourceType: 'Bundle', type: 'transaction-response', entry } };
}

describe('a push', () => {
  let gp: ReceivingServer;

  beforeEach(async () => {
    gp = await openReceivingServer();
  });

  afterEach(() => gp.close());

  const channel = (headers: readonly (readonly [string, string])[] = []) => ({
    endpoint: gp.url,
    headers,
    sendsResource: true,
  });

  async function failure(answer: ScriptedAnswer): Promise<string> {
    gp.answer = () => answer;
    const error: unknown = await push(channel(), bundle, signal).catch((thrown) => thrown);
    assert.ok(error instanceof PushFailure, String(error));
    return error.message;
  }

  it('posts FHIR JSON to the endpoint itself', async () => {
    await push(channel([['X-Key', 'k']]), bundle, signal);
    const [request] = gp.requests;
    assert.equal(request?.method, 'POST');
    assert.equal(`http://${request?.headers.host}${request?.path}`, gp.url);
    assert.equal(request?.body, bundle);
    assert.equal(request?.headers['content-type'], 'application/fhir+json');
    assert.equal(request?.headers['x-key'], 'k');
  });

  for (const [what, answer] of [
    ['204', { status: 204 }],
    ['a transaction-response in which nothing failed', entries('201 Created', '200', '304')],
    ['a body that is no JSON', { status: 200, body: undefined }],
    ['a body beyond the bound', { status: 200, body: 'x'.repeat(2 * DELIVERY_RESPONSE_BYTES_MAX) }],
  ] as const) {
    it(`has succeeded with ${what}`, async () => {
      gp.answer = () => answer;
      await push(channel(), bundle, signal);
    });
  }

  for (const [what, answer, message] of [
    ['404', { status: 404 }, 'HTTP status 404'],
    ['a redirect, which is not followed', { status: 307, location: '/x' }, 'HTTP status 307'],
    ['a failed entry', entries('201', '412 No'), "the answer's entry has status 412"],
    ['an entry without status', entries(undefined), "the answer's entry has status none"],
    ['a broken connection', 'reset', 'the connection failed (UND_ERR_SOCKET)'],
  ] as const) {
    it(`has failed with ${what}`, async () => {
      assert.equal(await failure(answer), message);
      assert.equal(gp.requests.length, 1);
    });
  }

  it('tells the codes of an OperationOutcome and nothing it says in words', async () => {
    const issue = [
      { code: 'not-found', diagnostics: 'Patient 9000000009 is unknown' },
      { code: 'not-found' },
      { code: 'Patient 9000000009' },
      null,
      { code: 'conflict' },
    ];
    const body = { resourceType: 'OperationOutcome', issue };
    assert.equal(await failure({ status: 422, body }), 'HTTP status 422 (not-found, conflict)');
  });

  it('has failed when nobody listens', async () => {
    await gp.close();
    assert.equal(await failure({ status: 200 }), 'the connection failed (ECONNREFUSED)');
  });

  it('is given up when told to', async () => {
    gp.answer = () => 'silence';
    const stopping = new AbortController();
    const pushing = push(channel(), bundle, stopping.signal);
    await gp.received(1);
    stopping.abort();
    await assert.rejects(pushing, PushFailure);
  });
});
