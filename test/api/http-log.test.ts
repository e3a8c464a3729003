// What the HTTP side writes into the log: the kind of a request, never whom it was about.

import assert from 'node:assert/strict';
import type { LogLevel } from '../../src/lib/logging.ts';
import { type ServedApp, serve } from '../support/fake-app.ts';

interface Line {
  readonly level: LogLevel;
  readonly fields: Record<string, unknown>;
}

describe('http: log', () => {
  let served: ServedApp;
  const lines: Line[] = [];
  const keep = (level: LogLevel) => (fields: Record<string, unknown>) => {
    lines.push({ level, fields });
  };
  const log = {
    debug: keep('debug'),
    info: keep('info'),
    warn: keep('warn'),
    error: keep('error'),
    isLevelEnabled: () => true,
  };
  before(async () => {
    served = await serve(
      ({ path }) => {
        if (path[0] === 'Basic') throw new Error('Khan, 9434765919');
        return { status: 200, body: '{"family":"Khan"}' };
      },
      { log },
    );
  });
  beforeEach(() => lines.splice(0));
  after(() => served.close());

  it('names method, kind of address, status and request id of every answer', async () => {
    const url = `${served.url}/Patient/9434765919?family=Khan`;
    await (await fetch(url, { headers: { 'x-request-id': 'spine-1' } })).text();
    const [line] = lines;
    assert.equal(lines.length, 1);
    assert.equal(line?.level, 'debug');
    const { ms, ...fields } = line.fields;
    assert.equal(typeof ms, 'number');
    assert.deepEqual(fields, {
      method: 'get',
      route: '/fhir/R4/Patient/{}',
      status: 200,
      requestId: 'spine-1',
    });
  });

  it('says where the program failed, without repeating what it said', async () => {
    const response = await fetch(`${served.url}/Basic?name=Khan`);
    assert.equal(response.status, 500);
    const requestId = response.headers.get('x-request-id');
    assert.ok((await response.text()).includes(String(requestId)));
    assert.deepEqual(
      lines.map(({ level, fields }) => [level, fields.requestId]),
      [
        ['error', requestId],
        ['error', requestId],
      ],
    );
    assert.match(JSON.stringify(lines), /http-log\.test\.ts/);
    assert.doesNotMatch(JSON.stringify(lines), /Khan|9434765919/);
  });
});
