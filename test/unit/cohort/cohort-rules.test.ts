// A cohort's definition as rules: their order, what they mean, and what is refused by name.

import assert from 'node:assert/strict';
import { type CohortDefinition, readCohortRules } from '../../../src/cohort/cohort-rules.ts';
import { programmes } from '../../../src/immunisation/programmes.ts';
import { COHORT_NODES_MAX } from '../../../src/limits.ts';
import { type OpenedModel, openModel } from '../../support/cohort-model.ts';

const nothing: CohortDefinition = { include: [], exclude: [], without: [] };

describe('the rules of a cohort', () => {
  let opened: OpenedModel;
  before(async () => {
    opened = await openModel();
  });
  after(() => opened.service.close());

  const read = (definition: Partial<CohortDefinition>) =>
    readCohortRules(
      { ...nothing, ...definition },
      { environment: opened.environment, programmes: programmes.map(({ id }) => id) },
    );

  it('are its searches in order, then the standard exclusions', () => {
    const { rules, off } = read({
      include: ['gender=male', 'Condition?category=heart'],
      exclude: ['Patient?risk-group=pregnancy'],
      programme: 'flu-2026',
      without: ['restricted'],
    });
    assert.deepEqual(
      rules.map(({ code, keeps }) => `${code} ${keeps}`),
      [
        ...['include-1 true', 'include-2 true', 'exclude-1 false', 'deceased false'],
        ...['not-registered false', 'opted-out false', 'vaccinated false', 'invited false'],
        'booked false',
      ],
    );
    assert.deepEqual(off, ['restricted']);
    assert.equal(rules[1]?.where.kind, 'has');
  });

  it('leave the exclusions of a programme off where there is none', () => {
    assert.deepEqual(read({}).off, ['vaccinated', 'invited', 'booked']);
  });

  it('leave out who has opted out of all invitations, or of those to the programme', () => {
    const optedOut = (definition: Partial<CohortDefinition>) =>
      JSON.stringify(read(definition).rules.find(({ code }) => code === 'opted-out')?.where);
    assert.match(optedOut({ programme: 'rsv' }), /vaccination-invitations.*vaccination-opted-out/);
    assert.doesNotMatch(optedOut({}), /vaccination-opted-out/);
  });

  it('are refused when there are too many, or too many clauses', () => {
    const many = (count: number, search: string) => Array.from({ length: count }, () => search);
    assert.throws(() => read({ include: many(51, 'gender=male') }), /50 searches at most/);
    const clauses = many(90, 'gender=male').join('&');
    // Each search is one more, which joins its clauses.
    const searches = Math.ceil((COHORT_NODES_MAX + 1) / 91);
    const sentence = new RegExp(
      `include-${searches} .* more than ${COHORT_NODES_MAX} clauses`,
      's',
    );
    assert.throws(() => read({ include: many(searches, clauses) }), sentence);
  });

  it('are refused by the clause, whichever is wrong', () => {
    assert.throws(
      () => read({ include: ['gender=male', 'birthdate=soon'] }),
      /include-2 'birthdate=soon'/,
    );
    assert.throws(
      () => read({ exclude: ['Slot?status=free'] }),
      /exclude-1 'Slot\?status=free': People/,
    );
    assert.throws(() => read({ include: ['Patient?'] }), /include-1 'Patient\?': No criteria/);
  });
});
