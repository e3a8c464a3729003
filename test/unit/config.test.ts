// The settings: precedence, formats, and every fault named at once.

import assert from 'node:assert/strict';
import {
  type Config,
  listeningOn,
  readConfig,
  settingsTable,
  withoutSecrets,
} from '../../src/config.ts';

function config(flags: readonly string[], environment: Record<string, string> = {}): Config {
  const reading = readConfig(flags, environment);
  assert.equal(reading.kind, 'config', JSON.stringify(reading));
  assert.ok(reading.kind === 'config');
  return reading.config;
}

function faults(flags: readonly string[], environment: Record<string, string> = {}): string {
  const reading = readConfig(flags, environment);
  assert.ok(reading.kind === 'faults', JSON.stringify(reading));
  return reading.faults.join('\n');
}

describe('config', () => {
  it('has a default for everything', () => {
    assert.deepEqual(withoutSecrets(config([])), {
      port: 8080,
      host: '127.0.0.1',
      store: 'sqlite',
      mongodbUri: '(hidden)',
      data: './data',
      types: 'declared',
      references: 'strict',
      mode: 'standard',
      zone: 'Europe/London',
      people: 20_000,
      seed: 1,
      terminology: '',
      cohortProgrammes: 'flu-2026,covid-autumn-2026,rsv',
      cohortMemory: 2048,
      empty: false,
      logLevel: 'info',
      baseUrl: 'http://127.0.0.1:8080/fhir/R4',
    });
  });

  it('reads flags in both spellings, each from a variable too', () => {
    const flags = ['--port', '9000', '--host=0.0.0.0', '--types', 'all', '--references=lenient'];
    const variables = {
      OPENIMS_PORT: '9000',
      OPENIMS_HOST: '0.0.0.0',
      OPENIMS_TYPES: 'all',
      OPENIMS_REFERENCES: 'lenient',
    };
    assert.deepEqual(config(flags), config([], variables));
    assert.equal(config(flags).types, 'all');
  });

  it('reads a switch that takes no value, wherever it stands', () => {
    assert.equal(config(['--empty']).empty, true);
    assert.equal(config(['--empty', '--port', '9000']).port, 9000);
    assert.equal(config(['--empty=false'], { OPENIMS_EMPTY: 'true' }).empty, false);
    assert.match(faults(['--empty', 'yes']), /yes is not a flag/);
    assert.match(faults([], { OPENIMS_EMPTY: 'yes' }), /OPENIMS_EMPTY must be true or false/);
  });

  it('bounds the synthetic nation', () => {
    assert.equal(config(['--people', '500', '--seed', '7']).seed, 7);
    for (const people of ['0', '-1', '1e3', '70000001', '']) {
      assert.match(faults(['--people', people]), /--people must be a whole number from 1/);
    }
    assert.match(faults(['--seed', 'x']), /--seed must be a whole number/);
  });

  it('prefers a flag to its variable', () => {
    assert.equal(config(['--zone', 'UTC'], { OPENIMS_ZONE: 'Europe/Paris' }).zone, 'UTC');
  });

  it("leaves other programs' variables alone", () => {
    assert.equal(config([], { PATH: '/bin', PORT: '1', OPEN: 'x' }).port, 8080);
  });

  it('names the database where its address does not, and keeps the rest', () => {
    const uri = (text: string) => config([], { STORE: 'mongodb', MONGODB_URI: text }).mongodbUri;
    assert.equal(uri('mongodb://a,b:27018'), 'mongodb://a,b:27018/openims');
    assert.equal(uri('mongodb://u:p@a/?replicaSet=r'), 'mongodb://u:p@a/openims?replicaSet=r');
    assert.equal(uri('mongodb+srv://a/other?tls=true'), 'mongodb+srv://a/other?tls=true');
    const refused = faults([], { MONGODB_URI: 'http://user:secret@a' });
    assert.match(refused, /^MONGODB_URI must be an address such as mongodb:/);
    assert.doesNotMatch(refused, /secret/);
  });

  it('cannot be changed afterwards', () => {
    assert.throws(() => Object.assign(config([]), { port: 1 }), TypeError);
  });

  for (const [flags, sentence] of [
    [['--port', '65536'], "--port must be a port number from 0 to 65535, not '65536'."],
    [['--port', '80a'], "--port must be a port number from 0 to 65535, not '80a'."],
    [['--port', '-1'], "--port must be a port number from 0 to 65535, not '-1'."],
    [['--port='], "--port must be a port number from 0 to 65535, not ''."],
    [['--port'], '--port needs a value: N.'],
    [['--port', '--types', 'all'], '--port needs a value: N.'],
    [['--port', '1', '--port', '2'], '--port is given twice.'],
    [['--host', 'a b'], "--host must be an IP address or a host name, not 'a b'."],
    [['--data='], '--data must name a directory.'],
    [['--types', 'some'], "--types must be all or declared, not 'some'."],
    [['--cohort-programmes', 'flu-1918'], /--cohort-programmes must name programmes, .*'flu-1918'/],
    [['--cohort-memory', '9999'], /--cohort-memory must be from 0 to 3584 mebibytes/],
    [['--zone', '+01:00'], /--zone must be an IANA time zone such as Europe\/London/],
    [['--zone', 'Europe/Atlantis'], /--zone must be an IANA time zone/],
    [['--base-url', 'ims.test/fhir'], /--base-url must be an http or https address/],
    [['--base-url', 'https://ims.test/fhir?a=1'], /--base-url must be an http or https address/],
    [['--colour', 'red'], /^--colour is not a flag of OpenIMS; --help lists them\.\nred is not a/],
    [['8080'], '8080 is not a flag of OpenIMS; --help lists them.'],
  ] as const) {
    it(`refuses ${flags.join(' ')}`, () => {
      const found = faults(flags);
      if (typeof sentence === 'string') assert.equal(found, sentence);
      else assert.match(found, sentence);
    });
  }

  it('refuses variables with its prefix that it does not know', () => {
    const found = faults([], { OPENIMS_PROT: '1' });
    assert.equal(found, 'OPENIMS_PROT is not a setting of OpenIMS.');
  });

  it('names all faults at once, each by what brought it', () => {
    const found = faults(['--port', 'x', '--wat'], { OPENIMS_ZONE: 'x', OPENIMS_Y: '' });
    assert.deepEqual(
      found
        .split('\n')
        .map((line) => line.split(' ', 1)[0])
        .sort(),
      ['--port', '--wat', 'OPENIMS_Y', 'OPENIMS_ZONE'],
    );
  });

  it('derives the base address from host and port unless it is given', () => {
    assert.equal(config(['--host', '::1']).baseUrl, 'http://[::1]:8080/fhir/R4');
    assert.equal(config(['--host', '0.0.0.0']).baseUrl, 'http://127.0.0.1:8080/fhir/R4');
    const given = config(['--base-url', 'https://ims.test/fhir/R4/']);
    assert.equal(given.baseUrl, 'https://ims.test/fhir/R4');
    assert.equal(listeningOn(given, 9).baseUrl, 'https://ims.test/fhir/R4');
    const open = listeningOn(config(['--port', '0']), 9);
    assert.equal(open.baseUrl, 'http://127.0.0.1:9/fhir/R4');
    assert.equal(open.port, 9);
  });

  it('helps whoever asks, whatever else is wrong', () => {
    const reading = readConfig(['--wat', '--help'], { OPENIMS_Y: '' });
    assert.ok(reading.kind === 'help');
    for (const flag of ['--port N', '--references strict|lenient', 'OPENIMS_LOG_LEVEL']) {
      assert.ok(reading.text.includes(flag), flag);
    }
  });

  it('prints its table with as many cells in every row', () => {
    const rows = settingsTable().split('\n');
    for (const row of rows) assert.equal(row.split(/(?<!\\)\|/).length, 6, row);
    assert.equal(rows.length, 2 + Object.keys(config([])).length);
  });
});
