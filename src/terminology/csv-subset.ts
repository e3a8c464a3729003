// Subsets of code systems as CSV, the form that terminology browsers and the NHS export: one code
// a line. Becomes a CodeSystem with those codes and a ValueSet that lists them.

import {
  type CodeSystem,
  type Concept,
  TerminologyFault,
  type TerminologyResource,
  type ValueSet,
} from './resources.ts';

/**
 * The form. UTF-8; the first line has column names; fields may be in double quotes, which are
 * doubled within (RFC 4180). The first column holds the code and is named for its code system;
 * `display` must follow somewhere; `parent` may hold the codes directly above, separated by
 * blanks. A column `code` makes a complete code system of our own, named after the file; the
 * others are fragments of a system that is published elsewhere.
 */
const codeColumns: Readonly<Record<string, string | undefined>> = {
  code: undefined,
  snomed: 'http://snomed.info/sct',
  dmd: 'https://dmd.nhs.uk',
  ods_role: 'https://directory.spineservices.nhs.uk/STU3/CodeSystem/ODSAPI-OrganizationRole-1',
};

const OURS = 'https://openims.example/fhir';

const PARENT = {
  code: 'parent',
  uri: 'http://hl7.org/fhir/concept-properties#parent',
  type: 'code',
} as const;

/**
 * Reads a CSV file.
 * @returns undefined when its columns are not those of a code list
 * @throws TerminologyFault naming the line
 */
export function readCsvSubset(
  file: string,
  text: string,
): readonly TerminologyResource[] | undefined {
  const [header = [], ...rows] = parseCsv(text.replace(/^\uFEFF/, ''), file);
  const columns = header.map((name) => name.trim().toLowerCase());
  const [first = ''] = columns;
  if (!Object.hasOwn(codeColumns, first) || !columns.includes('display')) return undefined;
  const concepts = rows
    .map((row, index) => ({ row, line: `line ${index + 2}` }))
    .filter(({ row }) => row.some((field) => field !== ''))
    .map(({ row, line }) => readConcept(row, columns, (problem) => fault(file, line, problem)));
  refuseRepeats(concepts, file);
  return [codeSystemOf(file, codeColumns[first], concepts), valueSetOf(file, first, concepts)];
}

function fault(file: string, line: string, problem: string): TerminologyFault {
  return new TerminologyFault(file, line, problem);
}

function readConcept(
  row: readonly string[],
  columns: readonly string[],
  refuse: (problem: string) => TerminologyFault,
): Concept {
  if (row.length !== columns.length) {
    throw refuse(`has ${row.length} fields where the header has ${columns.length}`);
  }
  const field = (name: string) => row[columns.indexOf(name)]?.trim() ?? '';
  const code = row[0]?.trim() ?? '';
  const display = field('display');
  if (code === '') throw refuse('has no code');
  const parents = field('parent')
    .split(/\s+/)
    .filter((parent) => parent !== '');
  return {
    code,
    ...(display === '' ? {} : { display }),
    ...(parents.length === 0
      ? {}
      : { property: parents.map((valueCode) => ({ code: 'parent', valueCode })) }),
  };
}

function refuseRepeats(concepts: readonly Concept[], file: string): void {
  const seen = new Set<string>();
  for (const { code } of concepts) {
    if (seen.has(code)) throw fault(file, `the code '${code}'`, 'stands there twice');
    seen.add(code);
  }
}

function codeSystemOf(
  file: string,
  system: string | undefined,
  concepts: readonly Concept[],
): CodeSystem {
  const id = idOf(file);
  return {
    resourceType: 'CodeSystem',
    id: `${id}-codes`,
    url: system ?? `${OURS}/CodeSystem/${id}`,
    name: nameOf(id),
    status: 'active',
    caseSensitive: true,
    content: system === undefined ? 'complete' : 'fragment',
    property: [PARENT],
    concept: concepts,
  };
}

function valueSetOf(file: string, column: string, concepts: readonly Concept[]): ValueSet {
  const id = idOf(file);
  const listed = concepts.map(({ code, display }) =>
    display === undefined ? { code } : { code, display },
  );
  const system = codeColumns[column] ?? `${OURS}/CodeSystem/${id}`;
  return {
    resourceType: 'ValueSet',
    id,
    url: `${OURS}/ValueSet/${id}`,
    name: nameOf(id),
    status: 'active',
    compose: { include: [{ system, concept: listed }] },
  };
}

/** `ethnic_category.csv` is `ethnic-category`. */
function idOf(file: string): string {
  const base = file.slice(file.lastIndexOf('/') + 1).replace(/\.csv$/i, '');
  return base.replaceAll(/[^A-Za-z0-9.]+/g, '-');
}

/** `ethnic-category` is called `EthnicCategory`. */
function nameOf(id: string): string {
  return id.replaceAll(/(?:^|[^A-Za-z0-9]+)(\w?)/g, (_all, letter: string) => letter.toUpperCase());
}

const FIELD = /"((?:[^"]|"")*)"|([^",\r\n]*)/y;

function parseCsv(text: string, file: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let position = 0;
  while (position < text.length) {
    FIELD.lastIndex = position;
    const match = FIELD.exec(text);
    position = FIELD.lastIndex;
    row.push(match?.[1]?.replaceAll('""', '"') ?? match?.[2] ?? '');
    const separator = /^(?:,|\r?\n|$)/.exec(text.slice(position, position + 2))?.[0];
    if (separator === undefined) {
      throw fault(file, `line ${rows.length + 1}`, 'has a quote where none can stand');
    }
    position += separator.length;
    if (separator === ',') continue;
    rows.push(row);
    row = [];
  }
  if (row.length > 0) rows.push([...row, '']);
  return rows;
}
