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
  if (value === undefined) return NONE;
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.filter(isObject);
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
  return objectsOf(concepts).flatMap(({ coding }) =>
    objectsOf(coding).flatMap((each) => {
      const code = textOf(each.code);
      if (code === undefined) return [];
      const display = textOf(each.display);
      const known = { system: textOf(each.system) ?? '', code };
      return [display === undefined ? known : { ...known, display }];
    }),
  );
}

/** Codes of one system among a CodeableConcept's or a list's codings. */
export function codesOf(concepts: unknown, system: string): readonly string[] {
  return codingsOf(concepts)
    .filter((coding) => coding.system === system)
    .map(({ code }) => code);
}

/** A CodeableConcept in words: its text, else the first display, else the first code. */
export function wordsOf(concepts: unknown): string | undefined {
  const text = objectsOf(concepts)
    .map((concept) => textOf(concept.text))
    .find((each) => each !== undefined);
  if (text !== undefined) return text;
  const codings = codingsOf(concepts);
  return codings.find(({ display }) => display !== undefined)?.display ?? codings[0]?.code;
}

/** A record as evidence. @param date as the record has it */
export function evidenceOf(resource: Resource, date: unknown, words: string): Evidence {
  const reference = `${resource.resourceType}/${resource.id ?? ''}`;
  const source = textOf(resource.meta?.source);
  const dated = textOf(date);
  return {
    reference,
    ...(source === undefined ? {} : { source }),
    ...(dated === undefined ? {} : { date: dated }),
    words,
  };
}
