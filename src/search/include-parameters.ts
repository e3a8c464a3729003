// `_include` and `_revinclude`: which references lead from the matches to what is told beside them.
// http://hl7.org/fhir/R4/search.html#revinclude

import { fhirError } from '../fhir/fhir-error.ts';
import { malformedValue, quote } from './clause.ts';
import type { QueryParameter } from './query-string.ts';
import type { SearchParameter, SearchRegistry } from './search-registry.ts';

/** One reference parameter to follow: forwards from resources of `type`, or backwards to them. */
export interface Include {
  readonly way: 'forwards' | 'backwards';
  readonly type: string;
  readonly parameter: string;
  /** The only type to lead to (forwards), or to come from (backwards); any when absent. */
  readonly target?: string;
  /** Whether it is followed from what was included, too. */
  readonly iterates: boolean;
}

/** `Immunization:patient`, `Immunization:performer:Organization`, `Immunization:*`, `*`. */
export function readInclude(
  sent: QueryParameter,
  searched: string,
  registry: SearchRegistry,
): readonly Include[] {
  const iterates = readModifier(sent);
  return sent.values.flatMap((value) => {
    if (value === '*') return all(references(searched, registry), searched, iterates);
    const { type, parameter, target } = readParts(sent, value, registry);
    if (!iterates && type !== searched) {
      const sentence = `${quote(value)} leads from ${type}, which only :iterate comes to`;
      throw fhirError('invalid-search', `Parameter ${quote(sent.name)}: ${sentence}`);
    }
    if (parameter === '*') return all(references(type, registry), type, iterates);
    const found = requireReference(sent, type, parameter, registry);
    requireTarget(sent, found, target);
    return [{ way: 'forwards', type, parameter, iterates, ...(target ? { target } : {}) }];
  });
}

/** `Immunization:patient`: those that point at the matches; `*`: whatever points at them. */
export function readRevinclude(
  sent: QueryParameter,
  searched: string,
  registry: SearchRegistry,
): readonly Include[] {
  const iterates = readModifier(sent);
  const pointing = (type: string): Include[] =>
    references(type, registry)
      .filter(({ targets }) => targets.includes(searched))
      .map(({ code }) => ({ way: 'backwards', type, parameter: code, iterates }));
  return sent.values.flatMap((value): readonly Include[] => {
    if (value === '*') return registry.types().flatMap(pointing);
    const { type, parameter, target } = readParts(sent, value, registry);
    if (parameter === '*') return pointing(type);
    const found = requireReference(sent, type, parameter, registry);
    requireTarget(sent, found, target ?? (iterates ? undefined : searched));
    return [{ way: 'backwards', type, parameter, iterates, ...(target ? { target } : {}) }];
  });
}

function all(
  parameters: readonly SearchParameter[],
  type: string,
  iterates: boolean,
): readonly Include[] {
  return parameters.map(({ code }) => ({ way: 'forwards', type, parameter: code, iterates }));
}

function references(type: string, registry: SearchRegistry): readonly SearchParameter[] {
  return registry.all(type).filter((parameter) => parameter.type === 'reference');
}

/** `:iterate`, which STU 3 called `:recurse`. */
function readModifier({ path, name }: QueryParameter): boolean {
  const modifier = path.kind === 'plain' ? path.modifier : undefined;
  if (modifier === undefined) return false;
  if (modifier === 'iterate' || modifier === 'recurse') return true;
  const sentence = `Parameter ${quote(name)} knows the modifier :iterate alone`;
  throw fhirError('unsupported-search', sentence);
}

interface Parts {
  readonly type: string;
  readonly parameter: string;
  readonly target?: string;
}

function readParts(sent: QueryParameter, value: string, registry: SearchRegistry): Parts {
  const [type = '', parameter = '', target, ...others] = value.split(':');
  if (type === '' || parameter === '' || target === '' || others.length > 0) {
    throw malformedValue(sent.name, value, 'Type:parameter, Type:parameter:Target, Type:* or *');
  }
  if (!registry.serves(type)) {
    const sentence = `${quote(type)} is no type served here`;
    throw fhirError('invalid-search', `Parameter ${quote(sent.name)}: ${sentence}`);
  }
  return target === undefined ? { type, parameter } : { type, parameter, target };
}

function requireReference(
  { name }: QueryParameter,
  type: string,
  code: string,
  registry: SearchRegistry,
): SearchParameter {
  const found = registry.find(type, code);
  if (found?.type === 'reference') return found;
  const known = references(type, registry)
    .map((parameter) => parameter.code)
    .join(', ');
  const sentence = `${type} has no reference parameter ${quote(code)} here; it has ${known}`;
  throw fhirError('invalid-search', `Parameter ${quote(name)}: ${sentence}`);
}

function requireTarget(
  { name }: QueryParameter,
  { code, targets }: SearchParameter,
  target: string | undefined,
): void {
  if (target === undefined || targets.includes(target)) return;
  const sentence = `"${code}" points at ${targets.join(', ')}, not at ${quote(target)}`;
  throw fhirError('invalid-search', `Parameter ${quote(name)}: ${sentence}`);
}
