// The verdict of a write: base structure and R4's constraints, then our profile of the resource's
// type and every profile that it claims to follow. Made once when the service starts.

import type { Issue } from '../fhir/types.ts';
import type { JsonDocument } from '../lib/json.ts';
import { items, member } from './nodes.ts';
import { ProfileFault, type SourcedProfile } from './profile-definition.ts';
import {
  type Judgement,
  judgeByProfile,
  type PlacedResource,
  type ValueSets,
} from './profile-judge.ts';
import { compileProfiles, type Profile, R4_DEFINITION } from './profile-tree.ts';
import { makeStructureValidator, type StructureValidator } from './structure.ts';

export interface JudgeOptions {
  readonly profiles: readonly SourcedProfile[];
  /** Who says whether a code is of a value set; without it bindings are not judged. */
  readonly valueSets?: ValueSets;
}

/** Judges resources; faults have severity error, all else refuses nothing. */
export interface Judge extends StructureValidator {
  /** As validate, with these profiles as if `meta.profile` named them. */
  validateAs(document: JsonDocument, type: string, canonicals: readonly string[]): readonly Issue[];
  /** Whether a profile of that canonical is here. */
  hasProfile(canonical: string): boolean;
}

/**
 * A profile that stands on R4's own definition of a type is judged on every resource of the type,
 * contained ones too; one that stands on another profile only on those that claim it.
 * @throws ProfileFault for profiles that cannot be relied on
 */
export function makeJudge({ profiles: sources, valueSets }: JudgeOptions): Judge {
  const structure = makeStructureValidator({ warnings: true });
  const profiles = compileProfiles(sources);
  const direct = Map.groupBy(
    [...profiles.values()].filter(({ isDirect }) => isDirect),
    ({ type }) => type,
  );
  const judgement: Judgement = { profiles, valueSets };
  if (valueSets !== undefined) refuseMissingValueSets(sources, valueSets);

  const judgePlaced = (placed: PlacedResource, type: string, named: readonly string[]) => {
    const claims = new Set([...claimsOf(placed.value), ...named].map(withoutVersion));
    const own = (direct.get(type) ?? []).filter(({ url }) => !claims.has(url));
    return [
      ...[...claims].flatMap((url) => judgeClaim(url, placed, type, judgement)),
      ...own.flatMap((profile) => judgeByProfile(profile, placed, false, judgement)),
    ];
  };

  const validateAs: Judge['validateAs'] = (document, type, canonicals) => {
    const base = structure.validate(document, type);
    const value = document.exact ?? document.value;
    // A body of another type says nothing about this one's profiles.
    if (member(value, 'resourceType') !== type) return base;
    return faultsFirst([
      ...base,
      ...judgePlaced({ value, path: type }, type, canonicals),
      ...items(value, 'contained').flatMap((resource, index) => {
        const placed = { value: resource, path: `${type}.contained[${index}]` };
        return judgePlaced(placed, String(member(resource, 'resourceType')), []);
      }),
    ]);
  };
  return {
    validateAs,
    validate: (document, type) => validateAs(document, type, []),
    hasProfile: (canonical) => profiles.has(withoutVersion(canonical)),
  };
}

/** A binding to what nobody here knows would only ever warn. */
function refuseMissingValueSets(sources: readonly SourcedProfile[], valueSets: ValueSets): void {
  for (const { file, definition } of sources) {
    for (const { id, binding } of definition.differential.element) {
      const { valueSet } = binding ?? {};
      if (valueSet === undefined || valueSets.valueSet(valueSet) !== undefined) continue;
      throw new ProfileFault(file, id, `is bound to ${valueSet}, which is not held`);
    }
  }
}

/** An outcome shows so many issues and no more: what refuses is not to be cut off. */
function faultsFirst(issues: readonly Issue[]): readonly Issue[] {
  const faults = issues.filter(({ severity }) => severity === 'error');
  if (faults.length === 0) return issues;
  return [...faults, ...issues.filter(({ severity }) => severity !== 'error')];
}

function claimsOf(resource: unknown): readonly string[] {
  const claims = items(member(resource, 'meta'), 'profile');
  return claims.filter((claim) => typeof claim === 'string');
}

function withoutVersion(canonical: string): string {
  return canonical.replace(/\|.*$/, '');
}

function judgeClaim(
  url: string,
  placed: PlacedResource,
  type: string,
  judgement: Judgement,
): readonly Issue[] {
  const profile = judgement.profiles.get(url);
  if (profile === undefined) {
    return url === R4_DEFINITION + type ? [] : [unknownProfile(url, placed.path)];
  }
  if (profile.type === type) return judgeByProfile(profile, placed, true, judgement);
  return [foreignProfile(profile, type, placed.path)];
}

function unknownProfile(url: string, path: string): Issue {
  return {
    severity: 'warning',
    code: 'not-found',
    diagnostics: `The profile ${url} is not held here, so that nothing was judged by it.`,
    expression: [`${path}.meta.profile`],
  };
}

function foreignProfile({ url, type: other }: Profile, type: string, path: string): Issue {
  return {
    severity: 'error',
    code: 'invalid',
    diagnostics: `The profile ${url} is one of ${other}, not of ${type}.`,
    expression: [`${path}.meta.profile`],
  };
}
