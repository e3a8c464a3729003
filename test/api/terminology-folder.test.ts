// The setting --terminology, as somebody who keeps code lists in a directory of their own meets it.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Resource } from '../../src/fhir/types.ts';
import { runToItsEnd, startService, temporaryDirectory } from '../support/running-service.ts';

const SYSTEM = 'https://hospital.example/codes';
const wards = {
  resourceType: 'CodeSystem',
  id: 'wards',
  url: SYSTEM,
  status: 'active',
  content: 'complete',
  concept: [{ code: 'north', display: 'North ward' }],
};

describe('a directory of code lists', () => {
  const data = temporaryDirectory();
  const lists = temporaryDirectory();
  after(() => {
    data.remove();
    lists.remove();
  });

  it('is asked beside what the service has, and what is none of it is told', async () => {
    writeFileSync(join(lists.path, 'wards.json'), JSON.stringify(wards));
    writeFileSync(join(lists.path, 'notes.txt'), 'north is closed in winter');
    const service = await startService({
      data: data.path,
      flags: ['--terminology', lists.path],
    });
    try {
      const ask = `CodeSystem/$lookup?system=${encodeURIComponent(SYSTEM)}&code=north`;
      const answer = await fetch(`${service.baseUrl}/${ask}`);
      assert.equal(answer.status, 200);
      const { parameter } = (await answer.json()) as Resource & { parameter: object[] };
      assert.ok(
        parameter.some((each) => 'valueString' in each && each.valueString === 'North ward'),
      );
      assert.match(service.stderr(), /notes\.txt/);
    } finally {
      await service.stop();
    }
  });

  it('refuses start when a list is wrong, naming file and element', async () => {
    const twice = { ...wards, concept: [...wards.concept, ...wards.concept] };
    writeFileSync(join(lists.path, 'wards.json'), JSON.stringify(twice));
    const flags = ['--port', '0', '--data', data.path, '--empty', '--terminology', lists.path];
    const { exitCode, stderr } = await runToItsEnd(flags);
    assert.equal(exitCode, 1);
    assert.match(stderr, /wards\.json/);
    assert.match(stderr, /CodeSystem\.concept\[1\]/);
  });
});
