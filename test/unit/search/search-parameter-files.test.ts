// SearchParameter files: what they add, and why the service does not start with a faulty one.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  loadSearchParameters,
  SearchParameterFault,
} from '../../../src/search/search-parameter-files.ts';
import { searchParametersDir } from '../../support/our-judge.ts';

const sound = {
  resourceType: 'SearchParameter',
  url: 'https://ims.test/SearchParameter/shoe',
  code: 'shoe',
  base: ['Patient'],
  type: 'token',
  expression: "Patient.extension.where(url='https://ims.test/shoe').value",
};

describe('SearchParameter files', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'parameters-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const load = (...contents: readonly unknown[]) => {
    for (const [index, content] of contents.entries()) {
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      writeFileSync(join(folder, `${index}.json`), text);
    }
    return loadSearchParameters(folder);
  };

  it('that are shipped are all sound', () => {
    assert.ok(loadSearchParameters(searchParametersDir).length >= 10);
  });

  it('add a parameter to each of their bases', () => {
    const [added, ...others] = load(sound);
    assert.equal(others.length, 0);
    assert.equal(added?.type, 'Patient');
    assert.equal(added?.parameter.code, 'shoe');
  });

  it('differ by hash where what is indexed does', () => {
    const [one] = load(sound);
    const [same] = load({ ...sound, description: 'said otherwise' });
    const [other] = load({ ...sound, expression: 'Patient.gender' });
    assert.equal(one?.hash, same?.hash);
    assert.notEqual(one?.hash, other?.hash);
  });

  const faults: Readonly<Record<string, readonly [unknown, RegExp]>> = {
    'that are no JSON': ['{', /0\.json: .*is no JSON/],
    'of another type': [{ ...sound, resourceType: 'Patient' }, /resourceType is not/],
    'without url': [{ ...sound, url: undefined }, /url is missing/],
    'with a code that no query can have': [{ ...sound, code: 'a b' }, /code 'a b' cannot be/],
    'on a type that is none': [{ ...sound, base: ['Unicorn'] }, /base is Unicorn/],
    'of an unknown kind': [{ ...sound, type: 'colour' }, /type 'colour'/],
    "with a code of R4's": [{ ...sound, code: 'gender' }, /code 'gender' is one that R4/],
    'with an unknown element': [
      { ...sound, expression: 'Patient.shoeSize' },
      /expression does not compile: Patient has no element shoeSize/,
    ],
    'with an expression of another shape': [
      { ...sound, expression: 'Patient.name.first()' },
      /expression does not compile: No extractor/,
    ],
    'about another type': [{ ...sound, expression: 'Group.code' }, /finds nothing on Patient/],
    'without expression': [{ ...sound, expression: undefined }, /expression is missing/],
    'with a part that is not there': [
      {
        ...sound,
        type: 'composite',
        expression: 'Patient',
        component: [{ definition: 'https://ims.test/none', expression: 'gender' }],
      },
      /component\[0\] names https:\/\/ims\.test\/none/,
    ],
    'with one part': [
      {
        ...sound,
        type: 'composite',
        expression: 'Patient',
        component: [
          {
            definition: 'http://hl7.org/fhir/SearchParameter/individual-gender',
            expression: 'gender',
          },
        ],
      },
      /component must have two parts/,
    ],
  };
  for (const [what, [content, message]] of Object.entries(faults)) {
    it(`${what} are refused, naming file and element`, () => {
      assert.throws(
        () => load(content),
        (error) => error instanceof SearchParameterFault && message.test(error.message),
      );
    });
  }

  it('with the same code are refused', () => {
    assert.throws(() => load(sound, sound), /code 'shoe' is that of .*0\.json too/);
  });
});
