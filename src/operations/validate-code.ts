// ValueSet/$validate-code and CodeSystem/$validate-code
// (http://hl7.org/fhir/R4/valueset-operation-validate-code.html,
// codesystem-operation-validate-code.html): whether a code is right. What is not held is a 404.

import type { FhirRequest, FhirResponse, Operation } from '../interactions/interaction.ts';
import {
  type JudgedCode,
  judgeInCodeSystem,
  judgeInValueSet,
  type Verdict,
} from '../terminology/judge-code.ts';
import { splitCanonical } from '../terminology/resources.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { canonicalOf, heldCodeSystem, heldValueSet, unanswerable } from './held.ts';
import {
  type AnswerParameter,
  type Coding,
  type Given,
  parametersResponse,
  readParameters,
  refused,
  single,
} from './parameters.ts';

const codeParameters = {
  code: 'code',
  display: 'string',
  coding: 'Coding',
  codeableConcept: 'CodeableConcept',
  abstract: 'boolean',
} as const;

const valueSetParameters = {
  url: 'uri',
  valueSetVersion: 'string',
  system: 'uri',
  ...codeParameters,
} as const;

const codeSystemParameters = { url: 'uri', version: 'string', ...codeParameters } as const;

/** On ValueSet and CodeSystem, types and instances. */
export function validateCodeOperations(terminology: Terminology): readonly Operation[] {
  const run: Operation['run'] = async (_context, request) =>
    request.path[0] === 'ValueSet'
      ? validateInValueSet(terminology, request)
      : validateInCodeSystem(terminology, request);
  return [
    { name: '$validate-code', level: 'type', run },
    { name: '$validate-code', level: 'instance', run },
  ];
}

function validateInValueSet(terminology: Terminology, request: FhirRequest): FhirResponse {
  const given = readParameters(request, '$validate-code', valueSetParameters);
  const url = single(given.url, 'url');
  const version = single(given.valueSetVersion, 'valueSetVersion');
  const canonical = canonicalOf(terminology, request, 'ValueSet', {
    name: 'url',
    ...(url === undefined ? {} : { url }),
    ...(version === undefined ? {} : { version }),
  });
  heldValueSet(terminology, canonical);
  const codes = judgedCodes(given, single(given.system, 'system'));
  const verdict = best(codes.map((code) => judgeInValueSet(terminology, canonical, code)));
  if (verdict.result !== 'unknown') return answer(verdict);
  const gaps = terminology.gaps(canonical) ?? [];
  const systems = new Set(codes.map(({ system }) => system));
  const relevant = gaps.filter((gap) => systems.has(splitCanonical(gap.canonical).url));
  throw unanswerable(
    `Whether ${canonical} has ${codes.map(({ code }) => `'${code}'`).join(' or ')}`,
    relevant.length > 0 ? relevant : gaps,
  );
}

function validateInCodeSystem(terminology: Terminology, request: FhirRequest): FhirResponse {
  const given = readParameters(request, '$validate-code', codeSystemParameters);
  const version = single(given.version, 'version');
  const isInstance = request.path.length > 2;
  const coded = given.coding[0]?.system ?? given.codeableConcept[0]?.[0]?.system;
  const url = single(given.url, 'url') ?? (isInstance ? undefined : coded);
  const canonical = canonicalOf(terminology, request, 'CodeSystem', {
    name: 'url',
    ...(url === undefined ? {} : { url }),
    ...(version === undefined ? {} : { version }),
  });
  const { url: system } = heldCodeSystem(terminology, canonical);
  const codes = judgedCodes(given, system);
  const verdict = best(
    codes.map((code) =>
      code.system === system
        ? judgeInCodeSystem(terminology, canonical, code)
        : { result: 'no', message: `'${code.code}' is a code of ${code.system}, not ${system}` },
    ),
  );
  if (verdict.result !== 'unknown') return answer(verdict);
  const question = `Whether ${codes.map(({ code }) => `'${code}'`).join(' or ')} is a code`;
  throw unanswerable(question, [{ kind: 'partial', canonical }]);
}

/** The codes that are asked about: one, or those of a CodeableConcept.
 * @param system of codes that do not name one */
function judgedCodes(
  given: Given<typeof codeParameters>,
  system: string | undefined,
): readonly JudgedCode[] {
  const code = single(given.code, 'code');
  const display = single(given.display, 'display');
  const abstract = single(given.abstract, 'abstract');
  const asked: readonly (readonly Coding[])[] = [
    ...(code === undefined ? [] : [[{ code, ...(display === undefined ? {} : { display }) }]]),
    ...given.coding.map((coding) => [coding]),
    ...given.codeableConcept,
  ];
  const [codings = [], ...others] = asked;
  if (codings.length === 0 || others.length > 0) {
    throw refused('$validate-code needs one of code, coding and codeableConcept');
  }
  return codings.map((coding) => ({
    code: coding.code ?? '',
    ...(coding.display === undefined ? {} : { display: coding.display }),
    ...((coding.system ?? system) === undefined ? {} : { system: coding.system ?? system ?? '' }),
    ...(abstract === undefined ? {} : { abstract }),
  }));
}

/** One right code makes a CodeableConcept right; one that cannot be judged may be right. */
function best(verdicts: readonly Verdict[]): Verdict {
  const [first] = verdicts;
  return (
    verdicts.find(({ result }) => result === 'yes') ??
    verdicts.find(({ result }) => result === 'unknown') ??
    first ?? { result: 'no' }
  );
}

function answer({ result, message, display }: Verdict): FhirResponse {
  const parameters: AnswerParameter[] = [{ name: 'result', valueBoolean: result === 'yes' }];
  if (message !== undefined) parameters.push({ name: 'message', valueString: message });
  if (display !== undefined) parameters.push({ name: 'display', valueString: display });
  return parametersResponse(parameters);
}
