// The tables of the README that say what the code says. `node test/tidy/write-readme.ts` writes
// them; tidy.test.ts fails while they differ.

import { settingsTable } from '../../src/config.ts';
import { readProjectFile } from './source-files.ts';

/** What each npm script is for. */
const scriptUses: Readonly<Record<string, string>> = {
  start: 'runs the service; flags go behind `--`',
  test: 'types, lint, format and every test',
  check: 'types, lint, format and the house rules, in seconds',
  format: 'formats and mends what can be mended',
  build: 'generates `build/` from the R4 definitions; the others run it when it is due',
  copy: 'moves an embedded store into a database: `-- --from DIR --to mongodb://…`',
  explain: 'asks the running service how it answers a search: `-- "Patient?birthdate=le1961"`',
  generate: 'writes a synthetic nation as NDJSON; `-- --help` lists the flags',
  'compare-validator': "compares verdicts with HAPI's validator (needs Java and Maven)",
  bench: 'measures against the budgets; `-- NAME…` runs a part, `-- --json FILE` writes them',
};

/** The scripts of package.json that are meant to be run by hand. */
export function scriptNames(): readonly string[] {
  const { scripts } = JSON.parse(readProjectFile('package.json')) as {
    scripts: Record<string, string>;
  };
  return Object.keys(scripts).filter((name) => !/^(?:pre|post)/.test(name));
}

/** The scripts that the README explains. */
export function explainedScripts(): readonly string[] {
  return Object.keys(scriptUses);
}

/** The README with its tables as they should be. */
export function readmeAsItShouldBe(): string {
  const readme = readProjectFile('README.md');
  return replaceTable(replaceTable(readme, 'settings', settingsTable()), 'scripts', scriptTable());
}

function scriptTable(): string {
  const rows = Object.entries(scriptUses).map(([name, use]) => {
    const command = name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`;
    return `| \`${command}\` | ${use} |`;
  });
  return ['| Command | What it does |', '|---|---|', ...rows].join('\n');
}

function replaceTable(text: string, name: string, table: string): string {
  const marked = new RegExp(`(<!-- ${name} -->)[^]*?(<!-- /${name} -->)`);
  if (!marked.test(text)) throw new Error(`README.md has no table between ${name} marks`);
  return text.replace(marked, (_whole, start, end) => `${start}\n${table}\n${end}`);
}
