// The ajv keywords that FHIR's structural schemas are written in. Each generates straight code that
// reports a Fault of schemas.ts in `params`; validation/generated-checks.ts provides the names
// that the code calls: types, primitives, codes, concepts, targets, resource, rules, adopt,
// issuesMax.

import { _, type Code, type CodeKeywordDefinition, type KeywordCxt, Name } from 'ajv';
import { getProperty, strConcat } from 'ajv/dist/compile/codegen/code.js';
import { Type } from 'ajv/dist/compile/util.js';
import type { KeywordErrorCxt } from 'ajv/dist/types/index.js';
import { assert } from '../lib/assert.ts';
import type { Choice, Mandatory, TypeSchema } from './schema-of-type.ts';

const ERRORS = new Name('errors');
const COLLECTED = new Name('vErrors');
const INSTANCE_PATH = new Name('instancePath');

/** Bits of a JavaScript integer: how many mandatory elements one type may have. */
const MANDATORY_MAX = 31;

const error = {
  message: '',
  params: (cxt: KeywordErrorCxt): Code => (cxt.params?.fault as Code | undefined) ?? _`{}`,
};

function report(cxt: KeywordCxt, fault: Code): void {
  cxt.error(false, { fault });
}

/** A constant of the generated module, made once when it is loaded. */
function constant(cxt: KeywordCxt, code: Code): Name {
  return cxt.gen.scopeValue('func', { ref: String(code), code });
}

/** Faults are bounded: a body of a million bad items costs no more than one of a hundred. */
function stopWhenFull(cxt: KeywordCxt): void {
  cxt.gen.if(_`${ERRORS} >= issuesMax`, () => cxt.gen.break());
}

/** Takes over the faults that `faults` (an array, null when none) holds. */
function adopt(cxt: KeywordCxt, faults: Code): void {
  cxt.gen.assign(COLLECTED, _`adopt(${COLLECTED}, ${faults})`);
  cxt.gen.assign(ERRORS, _`${COLLECTED}.length`);
}

function pathOf(cxt: KeywordCxt): Code {
  return strConcat(INSTANCE_PATH, cxt.it.errorPath);
}

/** `elements`: the members of an object; none other is allowed, and none may be missing that
 * `mandatory` or `choices` beside it ask for. One pass over the members that are there. */
const elements: CodeKeywordDefinition = {
  keyword: 'elements',
  schemaType: 'object',
  error,
  code(cxt) {
    const { gen, data } = cxt;
    gen.if(
      _`typeof ${data} !== "object" || ${data} === null || Array.isArray(${data})`,
      () => report(cxt, _`{fault: "object"}`),
      () => walkMembers(cxt),
    );
  },
};

interface Tally {
  /** One bit per mandatory element that was met. */
  readonly met: Name;
  /** Per choice: 0, the number of the variant that was met, or -1 for several. */
  readonly chosen: readonly Name[];
  readonly count: Name;
}

function walkMembers(cxt: KeywordCxt): void {
  const { gen, data } = cxt;
  const { choices, mandatory, elements } = cxt.parentSchema as TypeSchema;
  assert(mandatory.length <= MANDATORY_MAX, 'mandatory elements fit into one integer');
  const tally: Tally = {
    met: gen.let('met', 0),
    chosen: choices.map(() => gen.let('chosen', 0)),
    count: gen.let('count', 0),
  };
  gen.forIn('key', data, (key) => {
    gen.assign(tally.count, _`${tally.count} + 1`);
    for (const [index, name] of Object.keys(elements).entries()) {
      const isMember = _`${key} === ${name}`;
      if (index === 0) gen.if(isMember);
      else gen.elseIf(isMember);
      noteMember(cxt, name, tally);
      cxt.subschema({ keyword: 'elements', schemaProp: name, dataProp: name }, gen.name('valid'));
    }
    gen.else();
    report(cxt, _`{fault: "unknown", element: ${key}}`);
    gen.endIf();
    stopWhenFull(cxt);
  });
  gen.if(
    _`${tally.count} === 0`,
    () => report(cxt, _`{fault: "empty"}`),
    () => {
      reportMissing(cxt, mandatory, tally.met);
      for (const [index, choice] of choices.entries()) {
        reportChoice(cxt, choice, tally.chosen[index] as Name);
      }
    },
  );
}

function noteMember(cxt: KeywordCxt, name: string, { met, chosen }: Tally): void {
  const { choices, mandatory } = cxt.parentSchema as TypeSchema;
  const bit = mandatory.findIndex(({ members }) => members.includes(name));
  if (bit >= 0) cxt.gen.assign(met, _`${met} | ${1 << bit}`);
  for (const [index, choice] of choices.entries()) {
    const number = choice.variants.findIndex((members) => members.includes(name)) + 1;
    if (number === 0) continue;
    const before = chosen[index] as Name;
    const free = _`${before} === 0 || ${before} === ${number}`;
    cxt.gen.assign(before, _`${free} ? ${number} : -1`);
  }
}

function reportMissing(cxt: KeywordCxt, mandatory: readonly Mandatory[], met: Name): void {
  if (mandatory.length === 0) return;
  cxt.gen.if(_`${met} !== ${2 ** mandatory.length - 1}`, () => {
    for (const [bit, { element }] of mandatory.entries()) {
      cxt.gen.if(_`(${met} & ${1 << bit}) === 0`, () =>
        report(cxt, _`{fault: "missing", element: ${element}}`),
      );
    }
  });
}

function reportChoice(cxt: KeywordCxt, { element, mandatory }: Choice, chosen: Name): void {
  cxt.gen.if(_`${chosen} < 0`, () => report(cxt, _`{fault: "choice", element: ${element}}`));
  if (!mandatory) return;
  cxt.gen.if(_`${chosen} === 0`, () => report(cxt, _`{fault: "missing", element: ${element}}`));
}

/** `list`: an array of at least one item. Where primitives repeat, null stands for a value or for
 * extensions that the array `beside` it has at the same place. */
const list: CodeKeywordDefinition = {
  keyword: 'list',
  schemaType: 'object',
  error,
  code(cxt) {
    const { gen, data, parentSchema } = cxt;
    const { beside, listMax } = parentSchema as { beside?: string; listMax?: number };
    gen.if(
      _`!Array.isArray(${data})`,
      () => report(cxt, _`{fault: "array"}`),
      () => {
        gen.if(_`${data}.length === 0`, () => report(cxt, _`{fault: "empty-array"}`));
        if (listMax !== undefined) {
          gen.if(_`${data}.length > ${listMax}`, () =>
            report(cxt, _`{fault: "too-many", max: ${listMax}}`),
          );
        }
        gen.forRange('i', 0, _`${data}.length`, (index) => {
          if (beside === undefined) walkItem(cxt, index);
          else walkPairedItem(cxt, index, beside);
          stopWhenFull(cxt);
        });
      },
    );
  },
};

function walkItem(cxt: KeywordCxt, index: Name): void {
  cxt.subschema(
    { keyword: 'list', dataProp: index, dataPropType: Type.Num },
    cxt.gen.name('valid'),
  );
}

// An index at which both arrays hold nothing is one fault: it is reported for the values, and for
// the extensions only where there are no values.
function walkPairedItem(cxt: KeywordCxt, index: Name, beside: string): void {
  const { gen, data, it } = cxt;
  const other = _`${it.parentData as Name}${getProperty(beside)}`;
  const isExtensions = !beside.startsWith('_');
  const paired = isExtensions ? _`${index} < ${other}.length` : _`${other}[${index}] != null`;
  gen.if(
    _`${data}[${index}] === null`,
    () =>
      gen.if(_`!(Array.isArray(${other}) && ${paired})`, () =>
        report(cxt, _`{fault: "unpaired", index: ${index}}`),
      ),
    () => walkItem(cxt, index),
  );
}

/** `primitive`: a value of that primitive type, and of the value set `codes` where one is bound. */
const primitive: CodeKeywordDefinition = {
  keyword: 'primitive',
  schemaType: 'string',
  error,
  code(cxt) {
    const { gen, data, schema: type, parentSchema } = cxt;
    const { codes } = parentSchema as { codes?: string };
    if (codes === undefined) {
      const matches = constant(cxt, _`primitives${getProperty(type)}`);
      gen.if(_`!${matches}(${data})`, () => report(cxt, _`{fault: "primitive", type: ${type}}`));
      return;
    }
    const set = constant(cxt, _`codes(${codes})`);
    gen.if(_`!${set}.has(${data})`, () =>
      report(cxt, _`{fault: "code", type: ${type}, valueSet: ${codes}}`),
    );
  },
};

/** `concepts`: a Coding or CodeableConcept with a coding of that value set. */
const concepts: CodeKeywordDefinition = {
  keyword: 'concepts',
  schemaType: 'string',
  error,
  code(cxt) {
    const { gen, data, schema: valueSet } = cxt;
    const fits = constant(cxt, _`concepts(${valueSet})`);
    gen.if(_`!${fits}(${data})`, () => report(cxt, _`{fault: "concept", valueSet: ${valueSet}}`));
  },
};

/** `targets`: a Reference to one of these resource types, as far as it says to what it points. */
const targets: CodeKeywordDefinition = {
  keyword: 'targets',
  schemaType: 'array',
  error,
  code(cxt) {
    const { gen, data, schema } = cxt;
    const names = (schema as string[]).join(' ');
    const judge = constant(cxt, _`targets(${names})`);
    const problem = gen.const('problem', _`${judge}(${data})`);
    gen.if(_`${problem} !== undefined`, () =>
      report(cxt, _`{fault: "target", problem: ${problem}}`),
    );
  },
};

/** `fhirType`: an object of that type, judged by the type's own function. */
const fhirType: CodeKeywordDefinition = {
  keyword: 'fhirType',
  schemaType: 'string',
  error,
  code(cxt) {
    const { gen, data, schema: type } = cxt;
    const check = _`types${getProperty(type)}`;
    gen.if(_`!${check}(${data}, {instancePath: ${pathOf(cxt)}})`, () =>
      adopt(cxt, _`${check}.errors`),
    );
  },
};

/** `resource`: a resource of whatever type it says it is. */
const resource: CodeKeywordDefinition = {
  keyword: 'resource',
  schemaType: 'string',
  error,
  code(cxt) {
    const { gen, data, schema: place } = cxt;
    const faults = gen.const('faults', _`resource(${data}, ${pathOf(cxt)}, ${place})`);
    gen.if(_`${faults} !== null`, () => adopt(cxt, faults));
  },
};

/** `resourceName`: the member `resourceType` holds the type's name. */
const resourceName: CodeKeywordDefinition = {
  keyword: 'resourceName',
  schemaType: 'string',
  error,
  code(cxt) {
    const { gen, data, schema: type } = cxt;
    gen.if(_`${data} !== ${type}`, () => report(cxt, _`{fault: "resource-type", type: ${type}}`));
  },
};

/** `rules`: the constraints of the type, by validation/invariants.ts. */
const rules: CodeKeywordDefinition = {
  keyword: 'rules',
  schemaType: 'boolean',
  error,
  code(cxt) {
    const { gen, data, parentSchema } = cxt;
    const { $id } = parentSchema as TypeSchema;
    const failures = constant(cxt, _`rules(${$id})`);
    gen.forOf('failure', _`${failures}(${data}, ${INSTANCE_PATH})`, (failure) =>
      report(cxt, _`{fault: "invariant", failure: ${failure}}`),
    );
  },
};

/** Members of the schemas that the keywords above read themselves. */
export const annotations = ['mandatory', 'choices', 'beside', 'listMax', 'codes'] as const;

export const keywords: readonly CodeKeywordDefinition[] = [
  elements,
  list,
  primitive,
  concepts,
  targets,
  fhirType,
  resource,
  resourceName,
  rules,
];
