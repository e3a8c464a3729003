// The parts of CodeSystem, ValueSet and NamingSystem that terminology/ reads, as FHIR names them
// (http://hl7.org/fhir/R4/codesystem.html, valueset.html, namingsystem.html).

import type { Resource } from '../fhir/types.ts';

/** CodeSystem.concept.property: `code` names it, one `value[x]` holds it. */
export interface ConceptProperty {
  readonly code: string;
  readonly valueCode?: string;
  readonly valueString?: string;
  readonly valueBoolean?: boolean;
  readonly valueInteger?: number;
  readonly valueDecimal?: number;
  readonly valueDateTime?: string;
  readonly valueCoding?: { readonly system?: string; readonly code?: string };
}

export interface Designation {
  readonly language?: string;
  readonly value: string;
}

/** CodeSystem.concept, with those nested below it. */
export interface Concept {
  readonly code: string;
  readonly display?: string;
  readonly definition?: string;
  readonly designation?: readonly Designation[];
  readonly property?: readonly ConceptProperty[];
  readonly concept?: readonly Concept[];
}

/** What CodeSystem.content may say. */
export type Content = 'not-present' | 'example' | 'fragment' | 'complete' | 'supplement';

export interface CodeSystem extends Resource {
  readonly resourceType: 'CodeSystem';
  readonly url: string;
  readonly version?: string;
  readonly name?: string;
  readonly title?: string;
  readonly caseSensitive?: boolean;
  readonly content: Content;
  readonly valueSet?: string;
  readonly property?: readonly { readonly code: string; readonly uri?: string }[];
  readonly concept?: readonly Concept[];
}

/** ValueSet.compose.include.filter. */
export interface Filter {
  readonly property: string;
  readonly op: string;
  readonly value: string;
}

/** ValueSet.compose.include or .exclude. */
export interface ConceptSet {
  readonly system?: string;
  readonly version?: string;
  readonly concept?: readonly { readonly code: string; readonly display?: string }[];
  readonly filter?: readonly Filter[];
  readonly valueSet?: readonly string[];
}

/** ValueSet.expansion.contains. */
export interface Contained {
  readonly system?: string;
  readonly code?: string;
  readonly display?: string;
  readonly abstract?: boolean;
  readonly contains?: readonly Contained[];
}

export interface ValueSet extends Resource {
  readonly resourceType: 'ValueSet';
  readonly url: string;
  readonly version?: string;
  readonly name?: string;
  readonly title?: string;
  readonly compose?: {
    readonly inactive?: boolean;
    readonly include: readonly ConceptSet[];
    readonly exclude?: readonly ConceptSet[];
  };
  readonly expansion?: { readonly contains?: readonly Contained[] };
}

export interface NamingSystem extends Resource {
  readonly resourceType: 'NamingSystem';
  readonly name: string;
  readonly uniqueId: readonly { readonly type: string; readonly value: string }[];
}

export type TerminologyResource = CodeSystem | ValueSet | NamingSystem;

/** A resource and the file that it came from. */
export interface Sourced<T extends TerminologyResource = TerminologyResource> {
  readonly file: string;
  readonly resource: T;
}

/** Why the service does not start: a terminology file that cannot be relied on. */
export class TerminologyFault extends Error {
  /**
   * @param file path of the file
   * @param element where in it, as FHIRPath or line; '' for the whole
   * @param problem what is wrong, as the end of a sentence
   */
  constructor(file: string, element: string, problem: string) {
    super(element === '' ? `${file} ${problem}` : `${file}: ${element} ${problem}`);
  }
}

/** `url|version` as its two parts. */
export function splitCanonical(canonical: string): { url: string; version?: string } {
  const bar = canonical.indexOf('|');
  if (bar < 0) return { url: canonical };
  const version = canonical.slice(bar + 1);
  return { url: canonical.slice(0, bar), ...(version === '' ? {} : { version }) };
}
