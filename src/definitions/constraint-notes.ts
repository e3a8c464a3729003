// What the generators have to know of R4's constraints beyond their FHIRPath: which ones code of
// validation/ judges, which cannot be judged, and which say something else than they mean.
// http://hl7.org/fhir/R4/conformance-rules.html#constraints

/** By key: the file of validation/ that judges it. Each is broken by the form of the JSON, or needs
 * more than an expression over one element can see. */
export const judgedByHand: Readonly<Record<string, string>> = {
  'ele-1': 'generated-checks.ts',
  'ref-1': 'references.ts',
  'txt-1': 'narrative.ts',
  'txt-2': 'narrative.ts',
  'dom-2': 'contained.ts',
  'dom-3': 'contained.ts',
  'dom-4': 'contained.ts',
  'dom-5': 'contained.ts',
};

/** By key: why nothing judges it. */
export const notJudged: Readonly<Record<string, string>> = {
  'ctm-1': 'It needs the resources that the members refer to: resolve().',
  'cid-0': 'It is about ChargeItemDefinition.name, which R4 does not have.',
};

/** An expression in place of R4's own. */
export interface Amendment {
  readonly expression: string;
  readonly because: string;
}

const HL7 = 'http://terminology.hl7.org/CodeSystem';

/** By key. */
export const amended: Readonly<Record<string, Amendment>> = {
  'con-3': {
    expression: [
      'clinicalStatus.exists()',
      `verificationStatus.coding.where(system = '${HL7}/condition-ver-status' and ` +
        "code = 'entered-in-error').exists()",
      `category.coding.where(system = '${HL7}/condition-category' and ` +
        "code = 'problem-list-item').empty()",
    ].join(' or '),
    because:
      'R4 writes category.select($this = ...).empty(), which no Condition with a category meets: ' +
      'select() gives one truth for each. Its words speak of problem-list items alone.',
  },
  'que-7': {
    expression: "operator = 'exists' implies (answer is boolean)",
    because: "R4 names FHIRPath's own Boolean; answer[x] is of the FHIR type boolean.",
  },
};
