// The SearchParameters of `profiles/`, which add to R4's: read and checked when the service starts.
// Adding one is adding a file and declaring it in the capability statement
// (http://hl7.org/fhir/R4/searchparameter.html).

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileExpression } from '../definitions/compile-extractor.ts';
import { resourceTypes, searchParametersOf } from '../definitions/definitions.ts';
import { isAlias } from './aliases.ts';
import type { SearchComponent, SearchParameter } from './search-registry.ts';

/** A parameter that a file adds to a type. */
export interface CustomParameter {
  readonly type: string;
  readonly parameter: SearchParameter;
  /** Differs whenever what is indexed for it may. */
  readonly hash: string;
}

/** Why the service does not start. */
export class SearchParameterFault extends Error {
  /** @param problem what is wrong, as the end of a sentence that begins with file and element */
  constructor(file: string, element: string, problem: string) {
    super(`${file}: SearchParameter.${element} ${problem}`);
  }
}

/** A SearchParameter resource, as far as it is read here. */
interface Definition {
  readonly resourceType?: unknown;
  readonly url?: string;
  readonly code?: string;
  readonly base?: readonly string[];
  readonly type?: SearchParameter['type'];
  readonly expression?: string;
  readonly target?: readonly string[];
  readonly component?: readonly { readonly definition: string; readonly expression: string }[];
}

interface Sourced {
  readonly file: string;
  readonly definition: Definition;
}

const KINDS: ReadonlySet<unknown> = new Set([
  'token',
  'string',
  'date',
  'number',
  'quantity',
  'reference',
  'uri',
  'composite',
  'special',
]);

const CODE = /^-?[A-Za-z][A-Za-z0-9.-]{0,63}$/;

/**
 * Reads every `*.json` of the folder.
 * @throws SearchParameterFault naming file and element
 */
export function loadSearchParameters(folder: string): readonly CustomParameter[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.json'));
  const sources = files.sort().map((name) => readFile(join(folder, name)));
  const taken = new Map<string, string>();
  return sources.flatMap((source) =>
    (source.definition.base ?? []).map((type) => customParameter(source, type, sources, taken)),
  );
}

function readFile(file: string): Sourced {
  let definition: Definition;
  try {
    definition = JSON.parse(readFileSync(file, 'utf8')) as Definition;
  } catch (error) {
    throw new SearchParameterFault(file, '', `is no JSON: ${(error as Error).message}`);
  }
  const { resourceType, url, code = '', base, type } = definition;
  const require = (holds: boolean, element: string, problem: string): void => {
    if (!holds) throw new SearchParameterFault(file, element, problem);
  };
  require(resourceType === 'SearchParameter', 'resourceType', 'is not SearchParameter');
  require(typeof url === 'string' && url !== '', 'url', 'is missing');
  require(CODE.test(code), 'code', `'${code}' cannot be a name in a query`);
  require(Array.isArray(base) && base.length > 0, 'base', 'names no type');
  require(KINDS.has(type), 'type', `'${type}' is no type of search parameter`);
  return { file, definition };
}

function customParameter(
  { file, definition }: Sourced,
  type: string,
  sources: readonly Sourced[],
  taken: Map<string, string>,
): CustomParameter {
  const { code = '', url = '', type: kind = 'special', expression = '', target = [] } = definition;
  const refuse = (element: string, problem: string) => {
    return new SearchParameterFault(file, element, problem);
  };
  if (!resourceTypes.has(type)) throw refuse('base', `is ${type}, which R4 does not know`);
  const other = taken.get(`${type} ${code}`);
  if (other !== undefined) throw refuse('code', `'${code}' is that of ${other} too`);
  taken.set(`${type} ${code}`, file);
  if (searchParametersOf(type).some((known) => known.code === code)) {
    throw refuse('code', `'${code}' is one that R4 gives ${type} already`);
  }
  const components = (definition.component ?? []).map((component, index) => {
    const named = find(component.definition, sources);
    if (named !== undefined) return { ...named, expression: component.expression };
    throw refuse(`component[${index}]`, `names ${component.definition}, which is not here`);
  });
  const plain = { code, url, type: kind, expression, targets: target };
  const parameter = components.length === 0 ? plain : { ...plain, components };
  if (!isAlias(type, code)) check(parameter, type, refuse);
  const hash = createHash('sha256').update(JSON.stringify(parameter)).digest('hex');
  return { type, parameter, hash };
}

type Refuse = (element: string, problem: string) => SearchParameterFault;

/** Proves that the parameter can be indexed. */
function check(
  { type: kind, expression, components = [] }: SearchParameter,
  type: string,
  refuse: Refuse,
) {
  if (kind === 'special') throw refuse('code', 'is special, and no such parameter is known');
  if (expression === '') throw refuse('expression', 'is missing');
  if (kind === 'composite' && components.length < 2) {
    throw refuse('component', 'must have two parts, or more');
  }
  const finds = compiled(expression, type, 'expression', refuse);
  if (finds.length === 0) throw refuse('expression', `finds nothing on ${type}`);
  for (const { owner } of finds) {
    for (const [index, component] of components.entries()) {
      compiled(component.expression, owner, `component[${index}].expression`, refuse);
    }
  }
}

function compiled(expression: string, owner: string, element: string, refuse: Refuse) {
  try {
    return compileExpression(expression, owner).finds;
  } catch (error) {
    throw refuse(element, `does not compile: ${(error as Error).message}`);
  }
}

/** What a component means by the parameter that it names, of R4 or of a file. */
function find(
  url: string,
  sources: readonly Sourced[],
): Omit<SearchComponent, 'expression'> | undefined {
  const own = sources.find(({ definition }) => definition.url === url)?.definition;
  if (own?.type !== undefined) return { type: own.type, targets: own.target ?? [] };
  for (const type of resourceTypes) {
    const known = searchParametersOf(type).find((parameter) => parameter.url === url);
    if (known !== undefined) return { type: known.type, targets: known.targets };
  }
  return undefined;
}
