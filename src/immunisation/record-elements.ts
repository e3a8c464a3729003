// Reads elements of records, which are parsed JSON, without trusting their shape: what is not as R4
// has it is as if absent. And the evidence by which a record is named in an answer.

import type { Resource } from '../fhir/types.ts';

/** http://hl7.org/fhir/R4/datatypes.html#Coding */
export interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display?: string;
}

/** A record that an answer rests on. */
export interface Evidence {
  /** `Immunization/123` */
  readonly reference: string;
  /** meta.source: which feed or supplier told us. */
  readonly source?: string;
  /** As the record has it: a day, a time, a month or a year. */
  readonly date?: string;
  /** What it says, in words: `Influenza vaccination declined`. */
  readonly words: string;
}

type Elements = Readonly<Record<string, unknown>>;

/** An element's objects: of a list each, of a single one that one. */
export function objectsOf(value: unknown): readonly Elements[] {
  if (!Array.isArray(value)) return isObject(value) ? [value] : NONE;
  return value.every(isObject) ? value : value.filter(isObject);
}

const NONE: readonly Elements[] = [];

function isObject(value: unknown): value is Elements {
  return typeof value === 'object' && value !== null;
}

/** A text that is not empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** All codings of a CodeableConcept or of a list of them, in their order. */
export function codingsOf(concepts: unknown): readonly Coding[] {
  const codings: Coding[] = [];
  // Loops: all of a nation's records come by here.
  for (const { coding } of objectsOf(concepts)) {
    for (const each of objectsOf(coding)) {
      const code = textOf(each.code);
      if (code === undefined) continue;
      const system = textOf(each.system) ?? '';
      const display = textOf(each.display);
      codings.push(display === undefined ? { system, code } : { system, code, display });
    }
  }
  return codings;
}

/** Codes of one system among a CodeableConcept's or a list's codings. */
export function codesOf(concepts: unknown, system: string): readonly string[] {
  const codes: string[] = [];
  for (const { coding } of objectsOf(concepts)) {
    for (const each of objectsOf(coding)) {
      const code = each.system === system ? textOf(each.code) : undefined;
      if (code !== undefined) codes.push(code);
    }
  }
  return codes;
}

/** A CodeableConcept in words: its text, else the first display, else the first code. */
export function wordsOf(concepts: unknown): string | undefined {
  for (const concept of objectsOf(concepts)) {
    const text = textOf(concept.text);
    if (text !== undefined) return text;
  }
  const codings = codingsOf(concepts);
  return codings.find(({ display }) => display !== undefined)?.display ?? codings[0]?.code;
}

/** A record as evidence. @param date as the record has it */
export function evidenceOf(resource: Resource, date: unknown, words: string): Evidence {
  const reference = `${resource.resourceType}/${resource.id ?? ''}`;
  const evidence: Writable = { reference, words };
  const source = textOf(resource.meta?.source);
  if (source !== undefined) evidence.source = source;
  const dated = textOf(date);
  if (dated !== undefined) evidence.date = dated;
  return evidence;
}

type Writable = { -readonly [Member in keyof Evidence]: Evidence[Member] };
