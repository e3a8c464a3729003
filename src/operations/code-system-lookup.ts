// CodeSystem/$lookup (http://hl7.org/fhir/R4/codesystem-operation-lookup.html): what a code means.

import { fhirError } from '../fhir/fhir-error.ts';
import type { FhirRequest, FhirResponse, Operation } from '../interactions/interaction.ts';
import type { CodeEntry, CodeTable } from '../terminology/code-table.ts';
import type { ConceptProperty } from '../terminology/resources.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { heldCodeSystem, unanswerable } from './held.ts';
import {
  type AnswerParameter,
  parametersResponse,
  readParameters,
  refused,
  single,
} from './parameters.ts';

const declared = {
  code: 'code',
  system: 'uri',
  version: 'string',
  coding: 'Coding',
  property: 'code',
} as const;

/** $lookup at type level. */
export function lookupOperations(terminology: Terminology): readonly Operation[] {
  const run: Operation['run'] = async (_context, request) => lookup(terminology, request);
  return [{ name: '$lookup', level: 'type', run }];
}

function lookup(terminology: Terminology, request: FhirRequest): FhirResponse {
  const given = readParameters(request, '$lookup', declared);
  const coding = single(given.coding, 'coding');
  const code = single(given.code, 'code') ?? coding?.code;
  const system = single(given.system, 'system') ?? coding?.system;
  const version = single(given.version, 'version') ?? coding?.version;
  if (code === undefined || system === undefined) {
    throw refused('$lookup needs code and system, or a coding that has both');
  }
  const canonical = version === undefined ? system : `${system}|${version}`;
  const table = heldCodeSystem(terminology, canonical);
  const entry = requireEntry(terminology, canonical, code);
  return parametersResponse(answer(table, entry, given.property));
}

/** The entry of a code.
 * @throws FhirError `not-found`: there is no such code, or it may lie in the part not held */
export function requireEntry(terminology: Terminology, canonical: string, code: string): CodeEntry {
  const found = terminology.lookup(canonical, code);
  switch (found.kind) {
    case 'found':
      return found.entry;
    case 'absent':
      throw fhirError('not-found', `${canonical} has no code '${code}'`);
    case 'unknown':
      throw unanswerable(`What '${code}' means`, [{ kind: 'partial', canonical }]);
  }
}

/** @param wanted names of properties; all when there is none */
function answer(
  table: CodeTable,
  entry: CodeEntry,
  wanted: readonly string[],
): readonly AnswerParameter[] {
  const { version, name } = table;
  const { display, designations } = entry;
  return [
    { name: 'name', valueString: name },
    ...(version === undefined ? [] : [{ name: 'version', valueString: version }]),
    { name: 'display', valueString: display ?? entry.code },
    ...designations.map(({ language, value }) => ({
      name: 'designation',
      part: [
        ...(language === undefined ? [] : [{ name: 'language', valueCode: language }]),
        { name: 'value', valueString: value },
      ],
    })),
    ...propertiesOf(entry).filter(
      ({ part: [code] }) => wanted.length === 0 || wanted.includes(String(code.valueCode)),
    ),
  ];
}

interface AnswerProperty extends AnswerParameter {
  readonly part: readonly [AnswerParameter, AnswerParameter];
}

/** What a concept says itself, and the codes above and below it, however the system says that. */
const RELATIONS = new Set(['parent', 'child', 'subsumedBy']);

function propertiesOf({
  definition,
  parents,
  children,
  properties,
}: CodeEntry): readonly AnswerProperty[] {
  return [
    ...(definition === undefined ? [] : [property('definition', { valueString: definition })]),
    ...parents.map((code) => property('parent', { valueCode: code })),
    ...children.map((code) => property('child', { valueCode: code })),
    ...properties.filter(({ code }) => !RELATIONS.has(code)).map(statedProperty),
  ];
}

function statedProperty({ code, ...value }: ConceptProperty): AnswerProperty {
  return property(code, value);
}

function property(code: string, value: Record<`value${string}`, unknown>): AnswerProperty {
  return {
    name: 'property',
    part: [
      { name: 'code', valueCode: code },
      { name: 'value', ...value },
    ],
  };
}
