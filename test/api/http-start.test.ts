// The service as a process: how it starts, refuses to, and ends.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runToItsEnd, startService, temporaryDirectory } from '../support/running-service.ts';

/** One sentence on one line, and nothing of our insides. */
function assertOneSentence(text: string): void {
  assert.match(text, /^[A-Z][^\n]{10,300}\.\n$/);
  assert.doesNotMatch(text, /Error|\bat .*:\d+/);
}

describe('the service as a process', function () {
  this.timeout(30_000);
  const directory = temporaryDirectory();
  after(directory.remove);

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`keeps what it acknowledged and ends with 0 on ${signal}`, async () => {
      const first = await startService({ data: directory.path });
      assert.match(first.baseUrl, /^http:\/\/127\.0\.0\.1:\d+\/fhir\/R4$/);
      const response = await fetch(`${first.baseUrl}/Patient`, {
        method: 'POST',
        headers: { 'content-type': 'application/fhir+json' },
        body: JSON.stringify({ resourceType: 'Patient', gender: 'female' }),
      });
      assert.equal(response.status, 201, await response.text());
      const location = response.headers.get('location') ?? '';
      assert.ok(location.startsWith(`${first.baseUrl}/Patient/`), location);
      assert.equal(await first.stop(signal), 0);
      assert.equal(first.stderr(), '');

      const second = await startService({ data: directory.path });
      const read = await fetch(location.replace(first.baseUrl, second.baseUrl));
      assert.equal(read.status, 200);
      assert.equal(((await read.json()) as { gender: string }).gender, 'female');
      assert.equal(await second.stop(signal), 0);
    });
  }

  it('refuses a data directory that another process uses', async () => {
    const first = await startService({ data: directory.path });
    const { exitCode, stderr, stdout } = await runToItsEnd([
      ...['--port', '0', '--data', directory.path],
    ]);
    assert.equal(exitCode, 1);
    assert.equal(stdout, '');
    assertOneSentence(stderr);
    assert.ok(stderr.includes(directory.path), stderr);
    await first.stop();
  });

  it('refuses a port that is taken', async () => {
    const taken = createServer();
    const { promise, resolve } = Promise.withResolvers<void>();
    taken.listen(0, '127.0.0.1', resolve);
    await promise;
    const { port } = taken.address() as { port: number };
    const { exitCode, stderr } = await runToItsEnd([
      ...['--port', String(port), '--data', directory.path],
    ]);
    taken.close();
    assert.equal(exitCode, 1);
    assertOneSentence(stderr);
    assert.ok(stderr.includes(String(port)), stderr);
  });

  it('refuses an address that is not its own', async () => {
    const flags = ['--host', '192.0.2.1', '--port', '0', '--data', directory.path];
    const { exitCode, stderr } = await runToItsEnd(flags);
    assert.equal(exitCode, 1);
    assertOneSentence(stderr);
  });

  it('refuses a damaged database', async () => {
    const damaged = temporaryDirectory();
    await (await startService({ data: damaged.path })).stop();
    const file = join(damaged.path, 'openims.db');
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0x5a, 0, 4096));
    const { exitCode, stderr } = await runToItsEnd(['--port', '0', '--data', damaged.path]);
    damaged.remove();
    assert.equal(exitCode, 1);
    assertOneSentence(stderr);
    assert.ok(stderr.includes(damaged.path), stderr);
  });

  it('refuses a data directory that is a file', async () => {
    const file = join(directory.path, 'a-file');
    writeFileSync(file, '');
    const { exitCode, stderr } = await runToItsEnd(['--port', '0', '--data', file]);
    assert.equal(exitCode, 1);
    assertOneSentence(stderr);
  });

  it('names every wrong flag and does not start', async () => {
    const { exitCode, stderr } = await runToItsEnd(['--port', 'x', '--wat', '--zone', 'Mars']);
    assert.equal(exitCode, 1);
    assert.equal(stderr.split('\n').length, 4, stderr);
  });

  it('helps on stdout', async () => {
    const { exitCode, stdout, stderr } = await runToItsEnd(['--help']);
    assert.equal(exitCode, 0);
    assert.match(stdout, /--data DIR/);
    assert.equal(stderr, '');
  });

  it('refuses an older Node in one sentence', () => {
    const start = new URL('../../src/start.js', import.meta.url);
    const pretend = `Object.defineProperty(process, 'versions', { value: { node: '20.19.2' } });`;
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', `${pretend} await import(${JSON.stringify(start.href)});`],
      { encoding: 'utf8', cwd: fileURLToPath(new URL('.', start)) },
    );
    assert.equal(status, 1);
    assertOneSentence(stderr);
    assert.match(stderr, /needs Node 24.*20\.19\.2/);
  });
});
