// The house rules that a machine can check. The rules themselves are data in tidy/house-rules.ts;
// Biome checks more of them (biome.json), and here is checked that it does.

import assert from 'node:assert/strict';
import { isBuiltin } from 'node:module';
import {
  arrows,
  biomeRules,
  doors,
  emptyWords,
  entries,
  FUNCTION_LINES_MAX,
  limits,
  packageHomes,
  strangers,
  testEntries,
  unfinished,
} from './tidy/house-rules.ts';
import { explainedScripts, readmeAsItShouldBe, scriptNames } from './tidy/readme.ts';
import { readProjectFile, type SourceFile, sourceFiles } from './tidy/source-files.ts';

const source = sourceFiles('src');
const tests = sourceFiles('test');
const all = [...source, ...tests];

/** Fails with every finding on a line of its own. */
function assertNone(findings: readonly string[]): void {
  assert.equal(findings.length, 0, `\n${findings.join('\n')}`);
}

/** Lines of a file that a pattern is found in, as `path:line`. */
function places(file: SourceFile, text: string, pattern: RegExp): readonly string[] {
  return text
    .split('\n')
    .flatMap((line, index) => (pattern.test(line) ? [`${file.path}:${index + 1}`] : []));
}

/** The folder or top file of src that a path belongs to. */
function part(path: string): string {
  return path.split('/')[1] ?? '';
}

describe('tidy: imports', () => {
  it('knows every folder of src', () => {
    assertNone(
      [...new Set(source.map(({ path }) => part(path)))].filter((p) => !arrows.includes(p)),
    );
  });

  it('point one way', () => {
    const backward = source.flatMap(({ path, imports }) =>
      imports
        .filter(({ file }) => file?.startsWith('src/'))
        .filter(({ file }) => arrows.indexOf(part(file ?? '')) > arrows.indexOf(part(path)))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    assertNone(backward);
  });

  it('keep strangers apart', () => {
    const met = source.flatMap(({ path, imports }) =>
      imports
        .filter(({ file }) =>
          strangers.some(([a, b]) => part(path) === a && part(file ?? '') === b),
        )
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    assertNone(met);
  });

  it('take nothing of the tests into the source', () => {
    const taken = source.filter(({ imports }) =>
      imports.some(({ file }) => file?.startsWith('test/')),
    );
    assertNone(taken.map(({ path }) => path));
  });

  it('name files that are there', () => {
    const known = new Set(all.map(({ path }) => path));
    const missing = all.flatMap(({ path, imports }) =>
      imports
        .filter(({ file }) => /^(?:src|test)\/.*\.[jt]s$/.test(file ?? ''))
        .filter(({ file }) => !known.has(file ?? ''))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    assertNone(missing);
  });

  it('take each package only where it is at home', () => {
    const astray = source.flatMap(({ path, imports }) =>
      imports
        .filter(({ file, specifier }) => file === undefined && !isBuiltin(specifier))
        .filter(({ specifier }) => !isAtHome(path, specifier))
        .map(({ specifier }) => `${path} imports ${specifier}`),
    );
    assertNone(astray);
  });

  it('use every package that is depended on, from a home', () => {
    const { dependencies } = JSON.parse(readProjectFile('package.json')) as {
      dependencies: Record<string, string>;
    };
    assert.deepEqual(Object.keys(dependencies).sort(), Object.keys(packageHomes).sort());
  });
});

function isAtHome(path: string, specifier: string): boolean {
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const homes = packageHomes[name] ?? [];
  return homes.some((home) => path.startsWith(`src/${home}`));
}

describe('tidy: files', () => {
  it('open with a comment of one to five lines', () => {
    const bare = all.filter(({ lines }) => {
      const first = lines[0]?.startsWith('#!') ? 1 : 0;
      const end = lines.findIndex((line, index) => index >= first && !line.startsWith('//'));
      return end - first < 1 || end - first > limits.headerLines;
    });
    assertNone(bare.map(({ path }) => path));
  });

  it('are short', () => {
    const long = all.filter(({ path, lines }) => {
      const most = path.startsWith('src/') ? limits.sourceLines : limits.testLines;
      return lines.length - 1 > most;
    });
    assertNone(long.map(({ path, lines }) => `${path} has ${lines.length - 1} lines`));
  });

  it('have narrow lines', () => {
    const wide = new RegExp(`.{${limits.columns + 1}}`, 'u');
    assertNone(all.flatMap((file) => places(file, file.text, wide)));
  });

  it('hold no unfinished work and switch no rule off', () => {
    const marked = all.filter(({ path }) => path !== 'test/tidy/house-rules.ts');
    assertNone(marked.flatMap((file) => places(file, file.text, unfinished)));
  });

  it('skip no test without saying why', () => {
    const skipped = /\b(?:describe|it)\.(?:skip|only)\b/;
    assertNone(tests.flatMap((file) => places(file, file.code, skipped)));
  });

  it('have names that say something, and so has what they export', () => {
    const empty = all.flatMap(({ path, exports }) =>
      [...path.split(/[/.]/), ...exports.map(({ name }) => name)]
        .filter((name) => words(name).some((word) => emptyWords.test(word)))
        .map((name) => `${path}: ${name}`),
    );
    assertNone(empty);
  });

  it('open each door to the outside world in one place', () => {
    const open = doors.flatMap(({ pattern, home }) =>
      source
        .filter(({ path }) => path !== home)
        .flatMap((file) => places(file, file.code, pattern)),
    );
    assertNone(open);
  });
});

function words(name: string): readonly string[] {
  return name.split(/[-_]|(?<=[a-z])(?=[A-Z])/);
}

describe('tidy: nothing is dead', () => {
  it('every source file is reached from an entry', () => {
    const byPath = new Map(source.map((file) => [file.path, file]));
    const reached = new Set<string>();
    const visit = (path: string) => {
      if (reached.has(path)) return;
      reached.add(path);
      for (const { file } of byPath.get(path)?.imports ?? []) if (file !== undefined) visit(file);
    };
    for (const { path } of entries) visit(path);
    assertNone([...byPath.keys()].filter((path) => !reached.has(path)));
  });

  it('every entry is there', () => {
    const known = new Set(source.map(({ path }) => path));
    assertNone(entries.map(({ path }) => path).filter((path) => !known.has(path)));
  });

  it('every test support file is used', () => {
    const used = new Set(tests.flatMap(({ imports }) => imports.map(({ file }) => file)));
    const started = new Set(testEntries.map(({ path }) => path));
    const scripts = `${readProjectFile('package.json')}${readProjectFile('README.md')}`;
    const unused = tests
      .map(({ path }) => path)
      .filter((path) => !path.endsWith('.test.ts') && !used.has(path))
      .filter((path) => !scripts.includes(path) && !started.has(path));
    assertNone(unused);
  });

  it('every exported value is imported by another file, every exported type is used', () => {
    const taken = new Set<string>(entries.map(({ path }) => `${path} *`));
    for (const { imports } of all) {
      for (const { file, names } of imports) {
        if (names.length === 0) taken.add(`${file} *`);
        for (const name of names) taken.add(`${file} ${name}`);
      }
    }
    const idle = all.flatMap(({ path, code, exports }) =>
      exports
        .filter(({ name }) => !taken.has(`${path} ${name}`) && !taken.has(`${path} *`))
        // A type may be the shape of what its own file offers: part of a contract.
        .filter(({ name, isType }) => !isType || code.split(name).length <= 2)
        .map(({ name }) => `${path}: ${name}`),
    );
    assertNone(idle);
  });
});

describe('tidy: documents', () => {
  it("the README's tables say what the code says", () => {
    const sentence = 'README.md is behind the code: run node test/tidy/write-readme.ts';
    assert.equal(readProjectFile('README.md'), readmeAsItShouldBe(), sentence);
  });

  it('the README explains every npm script', () => {
    assert.deepEqual([...explainedScripts()].sort(), [...scriptNames()].sort());
  });

  it('the map names every folder of src', () => {
    const map = readProjectFile('src/README.md');
    const folders = new Set(source.map(({ path }) => part(path)).filter((p) => !p.includes('.')));
    assertNone([...folders].filter((folder) => !map.includes(`${folder}/`)));
  });

  it('Biome checks the rules left to it', () => {
    const { linter } = JSON.parse(readProjectFile('biome.json')) as {
      linter: { rules: Record<string, Record<string, unknown>> };
    };
    for (const [group, rules] of Object.entries(biomeRules)) {
      for (const rule of rules) {
        const setting = linter.rules[group]?.[rule];
        const level = typeof setting === 'object' ? (setting as { level: string }).level : setting;
        assert.equal(level, 'error', rule);
      }
    }
    const length = { level: 'error', options: { maxLines: FUNCTION_LINES_MAX } };
    assert.deepEqual(linter.rules.complexity?.noExcessiveLinesPerFunction, length);
  });
});
