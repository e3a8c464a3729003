// Where our verdict and the reference validator's differ, as data: each row says whose refusal it
// explains, how to know it, and what of R4 decides. A row that no longer occurs has to go.

import { NUMBER_MARK } from '../../src/lib/json.ts';
import type { JsonObject } from './places.ts';

/** A class of differences. */
export interface KnownDifference {
  /** Who refuses what the other accepts. */
  readonly refusedBy: 'us' | 'reference';
  /** Found in the refusal's text; the reference's begin with `[id] location: `. */
  readonly pattern: RegExp;
  /** What R4 says, and what follows. */
  readonly because: string;
  /** Where it says so, under http://hl7.org/fhir/R4/. */
  readonly source: string;
  /** A resource that shows the difference; an exact tree, as of lib/json.ts. */
  readonly specimen: JsonObject;
}

const EXTENSION = 'https://ims.test/extension';
const organization = (elements: JsonObject) => ({ resourceType: 'Organization', ...elements });
const relative = (patient: JsonObject) => ({ resourceType: 'RelatedPerson', patient });
const measured = (value: JsonObject) => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'A' },
  ...value,
});

/** We refuse, and R4 says so; the reference does not look. */
const rightlyRefused: readonly KnownDifference[] = [
  {
    refusedBy: 'us',
    pattern: /is nothing but white space/,
    because:
      'No blank matches the expression of any type but string and markdown. Of those R4 ' +
      'says: "a string that consists only of whitespace could be trimmed to nothing, which ' +
      'would be treated as an invalid element value", and published cases of the NHS are to ' +
      'be refused.',
    source: 'datatypes.html#string',
    specimen: organization({ name: ' ' }),
  },
  {
    refusedBy: 'us',
    pattern: /contains the control character U\+/,
    because:
      '"Strings SHALL NOT contain Unicode character points below 32, except for u0009, u0010 ' +
      'and u0013" (tab, carriage return and line feed are meant).',
    source: 'datatypes.html#string',
    specimen: organization({ name: 'a\u0001b' }),
  },
  {
    refusedBy: 'us',
    pattern: /is an empty array: leave the element out instead/,
    because:
      '"Just as in XML, JSON objects and arrays are never empty". The reference overlooks ' +
      'empty arrays of primitives.',
    source: 'json.html',
    specimen: { resourceType: 'Patient', name: [{ family: 'A', given: [] }] },
  },
  {
    refusedBy: 'us',
    pattern: /\._id is unknown/,
    because:
      'Resource.id is of the type http://hl7.org/fhirpath/System.String, which has neither ' +
      'id nor extensions; fhir.schema.json gives no resource a member _id.',
    source: 'resource-definitions.html#Resource.id',
    specimen: { resourceType: 'Patient', id: 'a', _id: { id: 'b' } },
  },
  {
    refusedBy: 'us',
    pattern: /\._url is unknown: Extension/,
    because:
      'Extension.url is of the type http://hl7.org/fhirpath/System.String and an attribute ' +
      'in XML (representation xmlAttr): it can carry neither id nor extensions.',
    source: 'extensibility-definitions.html#Extension.url',
    specimen: organization({
      name: 'A',
      extension: [{ url: EXTENSION, _url: { id: 'b' }, valueCode: 'c' }],
    }),
  },
  {
    refusedBy: 'us',
    pattern: /resourceType is "Resource", which R4 does not know/,
    because: 'Resource is abstract: no instance can be one.',
    source: 'resource.html',
    specimen: organization({
      name: 'A',
      contained: [{ resourceType: 'Resource', id: 'c' }],
      extension: [{ url: EXTENSION, valueReference: { reference: '#c' } }],
    }),
  },
  {
    refusedBy: 'us',
    pattern: /has something after its <div> element/,
    because: 'Narrative.div is "a single <div> element".',
    source: 'narrative.html#xhtml',
    specimen: organization({
      name: 'A',
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">A</div>B' },
    }),
  },
  {
    refusedBy: 'us',
    pattern: /points at an? \w+, but may only point at/,
    because:
      'The types of ElementDefinition.type.targetProfile hold for conditional references ' +
      'too; the reference reads no type from them.',
    source: 'references.html#Reference',
    specimen: relative({ reference: 'Practitioner?identifier=1' }),
  },
  {
    refusedBy: 'us',
    pattern: /is -0, which is no (?:integer|positiveInt|unsignedInt)/,
    because: 'integer is "[0]|[-+]?[1-9][0-9]*": zero has no sign.',
    source: 'datatypes.html#integer',
    specimen: measured({ valueInteger: `${NUMBER_MARK}-0` }),
  },
  {
    refusedBy: 'us',
    pattern: /is -?1e400, which is no decimal/,
    because:
      'R4 gives decimals no range; JSON "allows implementations to set limits on the range ' +
      'and precision of numbers accepted" (RFC 8259, section 6), and what no double can hold ' +
      'could be neither compared nor searched for.',
    source: 'datatypes.html#decimal',
    specimen: measured({ valueQuantity: { value: `${NUMBER_MARK}1e400` } }),
  },
  {
    refusedBy: 'us',
    pattern: /which is no URL: it has white space in it/,
    because:
      'A reference "may be a relative reference … or an absolute URL": no URL holds blanks ' +
      'of any kind. The reference looks for the blanks of ASCII alone.',
    source: 'references-definitions.html#Reference.reference',
    specimen: relative({ reference: '\u00a0Patient/1' }),
  },
  {
    refusedBy: 'us',
    pattern: /points at a http\S+, but may only point at/,
    because:
      'Of Reference.type R4 says: "Absolute URLs are only allowed for logical models (and ' +
      'can only be used in references in logical models, not resources)".',
    source: 'references-definitions.html#Reference.type',
    specimen: relative({ type: 'http://ims.test/{a}', display: 'A' }),
  },
];

/** The reference refuses what R4 allows. */
const wronglyRefused: readonly KnownDifference[] = [
  {
    refusedBy: 'reference',
    pattern: /\[Terminology_PassThrough_TX_Message\] .*: Unknown code 'http:/,
    because:
      'A code "SHALL be a syntactically correct symbol as defined by the system": whether ' +
      'the code system has it, is decided by a binding of strength required alone. Published ' +
      'NHS records with such codes are accepted.',
    source: 'datatypes.html#Coding',
    specimen: organization({
      type: [
        {
          coding: [
            { system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'a' },
          ],
        },
      ],
      name: 'A',
    }),
  },
  {
    refusedBy: 'reference',
    pattern: /\[Type_Specific_Checks_DT_Identifier_System\]/,
    because:
      '"URIs can be absolute or relative": Identifier.system is any uri. The reference ' +
      'refuses mailto: too, which is absolute.',
    source: 'datatypes.html#uri',
    specimen: organization({ identifier: [{ system: 'A', value: '1' }] }),
  },
  {
    refusedBy: 'reference',
    pattern: /\[Terminology_TX_System_Relative\]/,
    because: '"URIs can be absolute or relative": Coding.system is any uri.',
    source: 'datatypes.html#uri',
    specimen: {
      resourceType: 'ImagingStudy',
      status: 'available',
      subject: { reference: 'Patient/1' },
      modality: [{ system: 'a', code: 'b' }],
    },
  },
  {
    refusedBy: 'reference',
    pattern: /\[Extension_EXT_URL_Absolute\]/,
    because:
      'Extension.url is "a logical name or a URL"; a published case with such an extension ' +
      'is to be accepted.',
    source: 'extensibility-definitions.html#Extension.url',
    specimen: organization({ name: 'A', extension: [{ url: 'a', valueCode: 'b' }] }),
  },
  {
    refusedBy: 'reference',
    pattern: /\[Type_Specific_Checks_DT_OID_Valid\] .*\(1\.2\.840\)/,
    because: 'urn:oid:1.2.840 matches "urn:oid:[0-2](\\.(0|[1-9][0-9]*))+".',
    source: 'datatypes.html#oid',
    specimen: organization({ identifier: [{ system: 'urn:oid:1.2.840', value: '1' }] }),
  },
  {
    refusedBy: 'reference',
    pattern: /\[thrown\] null: java\.lang\.(?:UnsupportedOperation|NullPointer)Exception/,
    because:
      'In a list of primitives "JSON null values are used to fill out both arrays": the ' +
      'reference falls over one in meta.profile, or over the elements beside it.',
    source: 'json.html#primitive',
    specimen: organization({
      name: 'A',
      meta: {
        profile: [null, 'https://ims.test/a'],
        _profile: [{ extension: [{ url: EXTENSION, valueCode: 'a' }] }],
      },
    }),
  },
  {
    refusedBy: 'reference',
    pattern:
      /for ValueSet: http:\/\/hl7\.org\/fhir\/ValueSet\/languages|not in valueset: \S+languages/,
    because:
      'Patient.communication.language is bound to it as preferred: "instances are not ' +
      'required to conform". Published UK Core examples are accepted.',
    source: 'terminologies.html#preferred',
    specimen: {
      resourceType: 'Patient',
      communication: [
        { language: { coding: [{ system: 'http://snomed.info/sct', code: '297487008' }] } },
      ],
    },
  },
  {
    refusedBy: 'reference',
    pattern: /\(from \S+\/StructureDefinition\/[a-z-]+\|4\.0\.1\)|StructureDefinition\/[a-z]+#vs-/,
    because:
      'A profile in meta.profile is an assertion: "It is up to the server and/or other ' +
      'infrastructure of policy to determine whether/how these claims are verified". We ' +
      'verify the profiles that we hold; those of vital signs are not among them.',
    source: 'resource.html#Meta',
    specimen: measured({
      meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bodytemp'] },
      code: { coding: [{ system: 'http://loinc.org', code: '8310-5' }] },
      subject: { reference: 'Patient/1' },
      effectiveDateTime: '2021-02-03',
      valueQuantity: { value: 37, unit: 'C', system: 'http://unitsofmeasure.org', code: 'Cel' },
    }),
  },
  {
    refusedBy: 'reference',
    pattern: /\[Reference_REF_Format2\]/,
    because:
      'A reference "may be a relative reference, in which case it is relative to the service ' +
      'base URL": any is, a search too (R4 defines what that means in transactions). Outside ' +
      'of Bundles the reference agrees.',
    source: 'references-definitions.html#Reference.reference',
    specimen: {
      resourceType: 'Bundle',
      type: 'collection',
      entry: [
        {
          fullUrl: 'https://ims.test/fhir/RelatedPerson/1',
          resource: { ...relative({ reference: 'Patient?identifier=1' }), id: '1' },
        },
      ],
    },
  },
  {
    refusedBy: 'reference',
    pattern: /\[Reference_REF_BadTargetType2\] .*implied by the reference URL Patient\/ü /,
    because:
      'Only a URL of the structure "/[type]/[id]" says where it points, and ü is no part of ' +
      'an id.',
    source: 'references-definitions.html#Reference.reference',
    specimen: {
      resourceType: 'Slot',
      schedule: { reference: 'Patient/ü' },
      status: 'free',
      start: '2021-02-03T10:00:00Z',
      end: '2021-02-03T10:10:00Z',
    },
  },
  {
    refusedBy: 'reference',
    pattern: /\[TYPE_SPECIFIC_CHECKS_DT_IDENTIFIER_IETF_SYSTEM_VALUE\]/,
    because:
      'R4 says only the converse: "If the value is a full URI, then the system SHALL be ' +
      'urn:ietf:rfc:3986."',
    source: 'datatypes-definitions.html#Identifier.value',
    specimen: organization({ identifier: [{ system: 'urn:ietf:rfc:3986', value: 'a' }] }),
  },
  {
    refusedBy: 'reference',
    pattern: /\[Terminology_TX_Code_ValueSet_MISSING\]/,
    because:
      'A code may be absent where an extension says why: "Provides a reason why the expected ' +
      'value or elements in the element that is extended are missing." Where nothing does, ' +
      'ele-1 decides.',
    source: 'extension-data-absent-reason.html',
    specimen: {
      resourceType: 'Patient',
      _gender: {
        extension: [
          {
            url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason',
            valueCode: 'unknown',
          },
        ],
      },
    },
  },
  {
    refusedBy: 'reference',
    pattern: /\[http:\/\/hl7\.org\/fhir\/StructureDefinition\/Period#per-1\]/,
    because:
      'A year as end: "The end value includes any matching date/time. i.e. ' +
      '2012-02-03T10:00:00 is in a period that has an end value of 2012-02-03." FHIRPath leaves ' +
      'the comparison undecided, which the reference takes for a failure.',
    source: 'datatypes-definitions.html#Period.end',
    specimen: {
      resourceType: 'Patient',
      name: [{ family: 'A', period: { start: '2021-05-01', end: '2021' } }],
    },
  },
  {
    refusedBy: 'reference',
    pattern: /\[Reference_REF_BadTargetType\] .*Found \w+, but expected one of/,
    because:
      '"If both Reference.type and Reference.reference are populated and Reference.reference is ' +
      'a FHIR URL, both SHALL be consistent." A fragment is no address of a resource, and a ' +
      'published NHS case with such a type is to be accepted.',
    source: 'references-definitions.html#Reference.type',
    specimen: {
      resourceType: 'Immunization',
      contained: [{ resourceType: 'Practitioner', id: 'p' }],
      status: 'completed',
      vaccineCode: { text: 'A' },
      patient: { display: 'A' },
      occurrenceString: 'once',
      performer: [{ actor: { reference: '#p', type: 'Organization' } }],
    },
  },
];

/** R4 gives the code system no content, so that nobody can judge its codes by R4 alone. */
const notHeld: readonly KnownDifference[] = [
  {
    refusedBy: 'reference',
    pattern: /urn:iso:std:iso:4217|ValueSet\/currencies/,
    because: 'ValueSet currencies includes all of ISO 4217, whose codes R4 does not list.',
    source: 'valueset-currencies.html',
    specimen: organization({
      name: 'A',
      extension: [{ url: EXTENSION, valueMoney: { value: 1, currency: 'ü' } }],
    }),
  },
  {
    refusedBy: 'reference',
    pattern: /\[Terminology_PassThrough_TX_Message\] .*http:\/\/unitsofmeasure\.org#/,
    because:
      'R4 does not contain UCUM, and Quantity.code has no binding. A published NHS case with ' +
      'such a unit is to be accepted.',
    source: 'datatypes.html#Quantity',
    specimen: measured({
      valueQuantity: { value: 1, system: 'http://unitsofmeasure.org', code: 'ABC123' },
    }),
  },
];

/** Every class of differences that has been looked into. */
export const knownDifferences: readonly KnownDifference[] = [
  ...rightlyRefused,
  ...wronglyRefused,
  ...notHeld,
];
