// `npm run explain -- "Patient?birthdate=le1961-11-22"`: asks the running service how it answers a
// search, and prints that as text. An entry of its own, beside main.ts.

import { parseArgs } from 'node:util';

const USAGE = `Usage: npm run explain -- "Type?parameters" [--url ADDRESS]

  --url ADDRESS  the FHIR API to ask; default http://127.0.0.1:8080/fhir/R4
  --help         prints this`;

interface Parameter {
  readonly name: string;
  readonly valueString?: string;
  readonly valueInteger?: number;
  readonly part?: readonly Parameter[];
}

/** The explanation's Parameters resource as lines. */
export function explanationText(parameters: readonly Parameter[]): string {
  return parameters.map((parameter) => linesOf(parameter, '')).join('\n');
}

function linesOf({ name, part, valueString, valueInteger }: Parameter, indent: string): string {
  if (part === undefined) return `${indent}${name}: ${valueString ?? valueInteger}`;
  return [`${indent}${name}`, ...part.map((each) => linesOf(each, `${indent}  `))].join('\n');
}

/** Asks and prints; the exit code. @param print where the answer goes */
export async function explain(
  flags: readonly string[],
  print: (text: string) => void,
): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...flags],
    allowPositionals: true,
    options: { url: { type: 'string' }, help: { type: 'boolean' } },
  });
  const [search] = positionals;
  if (values.help || search === undefined) {
    print(USAGE);
    return values.help ? 0 : 1;
  }
  const base = values.url ?? 'http://127.0.0.1:8080/fhir/R4';
  const url = `${base}/${search}${search.includes('?') ? '&' : '?'}_explain=true`;
  const response = await fetch(url).catch(() => undefined);
  if (response === undefined) {
    print(`Nothing answers at ${base}; start the service, or say where it is with --url.`);
    return 1;
  }
  const answer = (await response.json()) as {
    readonly parameter?: readonly Parameter[];
    readonly issue?: readonly { readonly diagnostics: string }[];
  };
  print(
    answer.parameter === undefined
      ? (answer.issue ?? []).map(({ diagnostics }) => diagnostics).join('\n')
      : explanationText(answer.parameter),
  );
  return response.ok ? 0 : 1;
}

if (import.meta.main) {
  process.exitCode = await explain(process.argv.slice(2), (text) => console.log(text));
}
