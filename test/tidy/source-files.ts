// The project's own files as the house rules see them: text, code, imports, exports.

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { blankCode } from './blank-code.ts';

/** The project's directory. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What a file takes from another. */
export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Path from ROOT when it is a file of the project. */
  readonly file: string | undefined;
  /** Names taken; empty for a whole module or a file loaded by address. */
  readonly names: readonly string[];
}

/** What a file offers by name. */
export interface Export {
  readonly name: string;
  readonly isType: boolean;
}

export interface SourceFile {
  /** Path from ROOT, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  /** The text without comments and the insides of strings. */
  readonly code: string;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
}

/** Reads a text file of the project. */
export function readProjectFile(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Every source file under a directory of the project. */
export function sourceFiles(directory: string): readonly SourceFile[] {
  return readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[cm]?[jt]s$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !path.startsWith('test/fixtures/'))
    .sort()
    .map(readSourceFile);
}

function readSourceFile(path: string): SourceFile {
  const text = readProjectFile(path);
  const code = blankCode(text);
  return {
    path,
    text,
    lines: text.split('\n'),
    code,
    imports: findImports(path, text, code),
    exports: findExports(code),
  };
}

const STATIC_IMPORT = /\b(?:import|export)\s+(?:type\s+)?([\w\s{},*$]*?)\s*(?:\bfrom\s+)?'( *)'/g;
const LOADED = /\bimport\(\s*'( *)'\s*\)|\bnew URL\(\s*'( *)',\s*import\.meta\.url\s*\)/g;

function findImports(path: string, text: string, code: string): readonly Import[] {
  const statics = [...code.matchAll(STATIC_IMPORT)].map((match) =>
    toImport(path, quoted(text, match), namesIn(match[1] ?? '')),
  );
  const loaded = [...code.matchAll(LOADED)].map((match) => toImport(path, quoted(text, match), []));
  return [...statics, ...loaded];
}

/** What stands between the quotes of a match in the blanked code. */
function quoted(text: string, match: RegExpMatchArray): string {
  const start = (match.index ?? 0) + match[0].indexOf("'") + 1;
  return text.slice(start, text.indexOf("'", start));
}

function toImport(path: string, specifier: string, names: readonly string[]): Import {
  const isOurs = specifier.startsWith('.');
  const file = isOurs ? join(dirname(path), specifier).replaceAll('\\', '/') : undefined;
  return { specifier, file, names };
}

function namesIn(clause: string): readonly string[] {
  const [, braced = ''] = /\{([\s\S]*)\}/.exec(clause) ?? [];
  return braced
    .split(',')
    .map(
      (name) =>
        name
          .trim()
          .replace(/^type\s+/, '')
          .split(/\s+as\s+/, 1)[0] ?? '',
    )
    .filter((name) => name !== '');
}

const VALUE = /(?:async\s+)?(?:function\*?|const|let|class)/;
const EXPORT = new RegExp(`\\bexport\\s+(?:${VALUE.source}|(interface|type))\\s+([\\w$]+)`, 'g');

function findExports(code: string): readonly Export[] {
  return [...code.matchAll(EXPORT)].map(([, type, name = '']) => ({
    name,
    isType: type !== undefined,
  }));
}
