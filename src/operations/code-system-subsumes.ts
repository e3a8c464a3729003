// CodeSystem/$subsumes (http://hl7.org/fhir/R4/codesystem-operation-subsumes.html): how one code
// stands to another in the hierarchy of their code system.

import type { FhirRequest, FhirResponse, Operation } from '../interactions/interaction.ts';
import type { Terminology } from '../terminology/terminology.ts';
import { requireEntry } from './code-system-lookup.ts';
import { canonicalOf, heldCodeSystem, unanswerable } from './held.ts';
import { type Coding, parametersResponse, readParameters, refused, single } from './parameters.ts';

const declared = {
  codeA: 'code',
  codeB: 'code',
  system: 'uri',
  version: 'string',
  codingA: 'Coding',
  codingB: 'Coding',
} as const;

/** $subsumes at type and instance level. */
export function subsumesOperations(terminology: Terminology): readonly Operation[] {
  const run: Operation['run'] = async (_context, request) => subsumes(terminology, request);
  return [
    { name: '$subsumes', level: 'type', run },
    { name: '$subsumes', level: 'instance', run },
  ];
}

function subsumes(terminology: Terminology, request: FhirRequest): FhirResponse {
  const given = readParameters(request, '$subsumes', declared);
  const codingA = single(given.codingA, 'codingA');
  const codingB = single(given.codingB, 'codingB');
  const codeA = single(given.codeA, 'codeA') ?? codingA?.code;
  const codeB = single(given.codeB, 'codeB') ?? codingB?.code;
  if (codeA === undefined || codeB === undefined) {
    throw refused('$subsumes needs codeA and codeB, or codingA and codingB');
  }
  const url = single(given.system, 'system') ?? commonSystem(codingA, codingB);
  const version = single(given.version, 'version');
  const canonical = canonicalOf(terminology, request, 'CodeSystem', {
    name: 'system',
    ...(url === undefined ? {} : { url }),
    ...(version === undefined ? {} : { version }),
  });
  heldCodeSystem(terminology, canonical);
  for (const code of [codeA, codeB]) requireEntry(terminology, canonical, code);
  const outcome = terminology.subsumes(canonical, codeA, codeB);
  if (outcome === 'unknown') {
    const question = `How '${codeA}' stands to '${codeB}'`;
    throw unanswerable(question, [{ kind: 'partial', canonical }]);
  }
  return parametersResponse([{ name: 'outcome', valueCode: outcome }]);
}

function commonSystem(a: Coding | undefined, b: Coding | undefined): string | undefined {
  if (a?.system !== undefined && b?.system !== undefined && a.system !== b.system) {
    throw refused('$subsumes compares codes of one system');
  }
  return a?.system ?? b?.system;
}
