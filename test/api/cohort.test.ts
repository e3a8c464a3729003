// Patient/$cohort: who is counted, what each rule takes away, where they live; with an index and
// without one, on every store.

import assert from 'node:assert/strict';
import type { Caller } from '../../src/search/caller.ts';
import { cohortHome, cohortPeople, cohortPerson, putResource } from '../support/cohort-people.ts';
import { type Answer, onEveryBackEnd } from '../support/service.ts';

interface Counted {
  readonly code: { readonly coding: readonly { readonly code: string }[]; readonly text?: string };
  readonly count: number;
  readonly extension?: readonly { readonly valueInteger?: number }[];
}

interface Stratum {
  readonly value?: { readonly coding: readonly { readonly code: string }[] };
  readonly component?: readonly { readonly value: Stratum['value'] }[];
  readonly population: readonly { readonly count: number }[];
}

interface Report {
  readonly extension: readonly {
    readonly url: string;
    readonly valueCode?: string;
    readonly extension?: readonly { readonly valueDecimal?: number }[];
  }[];
  readonly group: readonly [
    {
      readonly population: readonly Counted[];
      readonly stratifier?: readonly { readonly stratum: readonly Stratum[] }[];
    },
  ];
}

const reportOf = (answer: Answer): Report => {
  assert.equal(answer.status, 200, answer.body);
  return answer.resource as unknown as Report;
};

/** `code: count` of each row, the counts of people left. */
function rowsOf(report: Report): readonly string[] {
  const [{ population }] = report.group;
  return population.map(({ code, count }) => `${code.coding[0]?.code} ${count}`);
}

/** `code count`, or `code/code count`. */
function strataOf(report: Report, index = 0): readonly string[] {
  const strata = report.group[0].stratifier?.[index]?.stratum ?? [];
  return strata.map(({ value, component, population }) => {
    const values = component === undefined ? [value] : component.map((each) => each.value);
    const codes = values.map((each) => each?.coding[0]?.code).join('/');
    return `${codes} ${population[0]?.count}`;
  });
}

const OVER_65 = 'birthdate=le1961-11-25';

for (const cohortIndex of [true, false]) {
  const title = cohortIndex ? 'cohorts by the index' : 'cohorts from the store';
  onEveryBackEnd(title, { cohortIndex }, (service) => {
    let last = 0;

    before(async () => {
      for (const resource of cohortPeople) {
        last = await putResource(service(), resource);
      }
    });

    const ask = (query: Record<string, string | readonly string[]>) => {
      const pairs = Object.entries(query).flatMap(([name, values]) =>
        [values].flat().map((value) => [name, value] as [string, string]),
      );
      const text = new URLSearchParams([...pairs, ['_asOf', String(last)]]).toString();
      return service().request('GET', `/Patient/$cohort?${text}`);
    };

    it('tell who is left after each rule and each standard exclusion', async () => {
      const report = reportOf(await ask({ include: OVER_65, programme: 'flu-2026' }));
      assert.deepEqual(rowsOf(report), [
        'everybody 10',
        'include-1 8',
        'deceased 7',
        'not-registered 6',
        'restricted 5',
        'opted-out 5',
        'vaccinated 4',
        'invited 3',
        'booked 3',
        'cohort 3',
      ]);
      const [{ population }] = report.group;
      const removed = population.slice(1, -1).map(({ extension }) => extension?.[0]?.valueInteger);
      assert.deepEqual(removed, [2, 1, 1, 1, 0, 1, 1, 0]);
      assert.equal(population[1]?.code.text, OVER_65);
    });

    it('say as of when, and what answered', async () => {
      const { extension } = reportOf(await ask({ include: OVER_65 }));
      const [asOf, by] = extension;
      assert.equal(asOf?.extension?.[0]?.valueDecimal, last);
      assert.equal(by?.valueCode, cohortIndex ? 'index' : 'store');
    });

    it('keep the exclusions of a programme apart where none is named', async () => {
      const report = reportOf(await ask({ include: OVER_65, without: ['deceased', 'restricted'] }));
      assert.deepEqual(rowsOf(report), [
        'everybody 10',
        'include-1 8',
        'not-registered 7',
        'opted-out 7',
        'cohort 7',
      ]);
      const off = report.extension
        .filter(({ url }) => url.endsWith('cohort-standard-exclusion-off'))
        .map(({ valueCode }) => valueCode);
      assert.deepEqual(off, ['deceased', 'restricted', 'vaccinated', 'invited', 'booked']);
    });

    it('leave out whom an excluding search finds, and ask the store what is no facet', async () => {
      const report = reportOf(
        await ask({ include: OVER_65, exclude: ['_id=bert', 'risk-group=respiratory'] }),
      );
      assert.deepEqual(rowsOf(report).slice(1, 4), ['include-1 8', 'exclude-1 7', 'exclude-2 6']);
      const by = report.extension.find(({ url }) => url.endsWith('cohort-answered-by'));
      assert.equal(by?.valueCode, cohortIndex ? 'index-and-store' : 'store');
    });

    it('find people by searches on their records', async () => {
      const found = async (include: string) => {
        const without = ['deceased', 'not-registered', 'restricted', 'opted-out'];
        return rowsOf(reportOf(await ask({ include, without }))).at(-1);
      };
      assert.equal(await found('Condition?category=respiratory'), 'cohort 1');
      assert.equal(await found('Immunization?status=completed'), 'cohort 1');
      assert.equal(await found('Patient?gender=male'), 'cohort 1');
      assert.equal(await found('icb=P1,P2'), 'cohort 9');
    });

    it('are broken down by areas, ages and crosses of two', async () => {
      const breakdown = ['practice', 'region', 'small-area', 'district', 'age-band', 'sex'];
      const crossed = ['practice,sex', 'risk-group', 'risk-group,sex'];
      const without = ['deceased', 'not-registered', 'restricted', 'opted-out'];
      const report = reportOf(
        await ask({ include: OVER_65, breakdown: [...breakdown, ...crossed], without }),
      );
      assert.deepEqual(strataOf(report, 0), ['P1 5', 'P2 2', 'unknown 1']);
      assert.deepEqual(strataOf(report, 1), ['Y1 7', 'unknown 1']);
      assert.deepEqual(strataOf(report, 2), ['E01000001 5', 'E01000002 2', 'unknown 1']);
      assert.deepEqual(strataOf(report, 3), ['E1 7', 'unknown 1']);
      assert.deepEqual(strataOf(report, 4), [
        '70-74 1',
        '75-79 1',
        '80-84 3',
        '85-89 2',
        'unknown 1',
      ]);
      assert.deepEqual(strataOf(report, 5), ['female 7', 'male 1']);
      assert.deepEqual(strataOf(report, 6), [
        'P1/female 5',
        'P2/female 1',
        'P2/male 1',
        'unknown/female 1',
      ]);
      assert.deepEqual(strataOf(report, 7), ['respiratory 1']);
      assert.deepEqual(strataOf(report, 8), ['respiratory/female 1']);
    });

    it('can be asked by POST of Parameters', async () => {
      const parameter = [
        { name: 'include', valueString: OVER_65 },
        { name: '_asOf', valueDecimal: last },
      ];
      const body = { resourceType: 'Parameters', parameter };
      const report = reportOf(await service().request('POST', '/Patient/$cohort', body));
      assert.equal(rowsOf(report)[1], 'include-1 8');
    });

    it('count what has just been written', async () => {
      const before = reportOf(await ask({ include: 'gender=other' }));
      assert.equal(rowsOf(before).at(-1), 'cohort 0');
      last = await putResource(
        service(),
        cohortPerson({ ...cohortHome, id: 'new', birthDate: '1950', gender: 'other' }),
      );
      assert.equal(rowsOf(reportOf(await ask({ include: 'gender=other' }))).at(-1), 'cohort 1');
      await service().request('DELETE', '/Patient/new');
      last += 1;
      const after = reportOf(await ask({ include: 'gender=other' }));
      assert.equal(rowsOf(after).at(-1), 'cohort 0');
      assert.equal(rowsOf(after)[0], 'everybody 10');
    });

    it('know of what the header OpenIMS-Sequence names', async () => {
      const sequence = await putResource(
        service(),
        cohortPerson({ ...cohortHome, id: 'anna', birthDate: '1950-02-04' }),
      );
      const headers = { 'openims-sequence': String(sequence) };
      const url = '/Patient/$cohort?include=birthdate%3D1950-02-04';
      const report = reportOf(await service().request('GET', url, undefined, headers));
      assert.equal(rowsOf(report).at(-1), 'cohort 1');
      last = await putResource(
        service(),
        cohortPerson({ ...cohortHome, id: 'anna', birthDate: '1950-02-03' }),
      );
    });

    it('are of those records alone that the caller may see', async () => {
      const clerk: Caller = {
        id: 'clerk',
        maySee: (type) => {
          if (type === 'Communication') return { kind: 'nothing' };
          if (type !== 'Patient') return { kind: 'everything' };
          return { kind: 'not', of: { kind: 'id', ids: ['anna'] } };
        },
      };
      const url = `/Patient/$cohort?include=birthdate%3Dle1961-11-25&programme=flu-2026`;
      const report = reportOf(
        await service().as(clerk).request('GET', `${url}&breakdown=practice`),
      );
      assert.deepEqual(rowsOf(report).slice(-3), ['invited 3', 'booked 3', 'cohort 3']);
      assert.equal(rowsOf(report)[0], 'everybody 9');
      const by = report.extension.find(({ url: name }) => name.endsWith('cohort-answered-by'));
      assert.equal(by?.valueCode, 'store');
      const refused = await service()
        .as(clerk)
        .request('GET', '/Patient?vaccination-invited=flu-2026');
      assert.equal(refused.status, 400);
      assert.match(refused.issues[0]?.diagnostics ?? '', /"vaccination-invited" is worked out/);
    });

    it('are refused by the name of the clause that is wrong', async () => {
      const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
        [
          { include: 'birthdate=le1961-99-22' },
          /^include-1 'birthdate=le1961-99-22': .*"birthdate"/,
        ],
        [{ exclude: 'shoe-size=44' }, /^exclude-1 'shoe-size=44': .*"shoe-size"/],
        [{ include: 'icb=NOWHERE' }, /include-1 'icb=NOWHERE': there is no place 'NOWHERE'/],
        [{ include: 'small-area=E09' }, /include-1 'small-area=E09': there is no place 'E09'/],
        [{ exclude: 'general-practitioner=Organization/P9' }, /no place 'Organization\/P9'/],
        [{ include: 'risk-group=hay-fever' }, /include-1 'risk-group=hay-fever': .*asplenia/],
        [{ include: 'vaccination-doses=flu-1918$ge1' }, /"flu-1918" is not a programme/],
        [{ include: 'Organization?name=x' }, /People are found by searches on Patient, /],
        [{ include: '' }, /No criteria/],
        [{ include: '_summary=count' }, /chooses no resource/],
        [{ programme: 'flu-1918' }, /^Programme 'flu-1918' is not known: .*, rsv/],
        [{ include: 'gender=femail' }, /include-1 'gender=femail': .*male, female, other/],
        [{ include: 'ethnic-category=ZZ' }, /"ethnic-category": "ZZ" is not a code of /],
        [{ exclude: '_filter=not (deprivation-decile eq 11)' }, /exclude-1 .*"11" is not a code/],
        [{ without: 'dead' }, /^Standard exclusion 'dead' is not known: .* deceased, /],
        [{ breakdown: 'shoe-size' }, /Parameter 'breakdown' is one of small-area, /],
        [{ breakdown: 'sex,sex' }, /Parameter 'breakdown' is one of/],
        [{ colour: 'red' }, /\$cohort takes include, exclude, .* not 'colour'/],
        [{ include: `_filter=${'('.repeat(60)}gender eq male${')'.repeat(60)}` }, /_filter/],
      ];
      for (const [query, words] of cases) {
        const answer = await ask(query);
        assert.equal(answer.status, 400, JSON.stringify(query));
        assert.match(answer.issues[0]?.diagnostics ?? '', words);
      }
      const second = await ask({ include: [OVER_65, 'birthdate=soon'] });
      assert.match(second.issues[0]?.diagnostics ?? '', /^include-2 'birthdate=soon'/);
      const many = await ask({ include: Array.from({ length: 51 }, () => OVER_65) });
      assert.match(many.issues[0]?.diagnostics ?? '', /50 searches at most/);
    });

    it('take every code that somebody may have', async () => {
      const codes = ['gender=FEMALE', 'ethnic-category=A', 'deprivation-decile=10'];
      const systems = ['gender=http://hl7.org/fhir/administrative-gender|female', 'gender=x|y'];
      for (const include of [...codes, ...systems]) reportOf(await ask({ include }));
    });

    it('give the total of a search as the store does', async () => {
      for (const query of [OVER_65, 'icb=P1', '_id=anna', 'vaccination-invited=flu-2026']) {
        const counted = await service().request('GET', `/Patient?${query}&_summary=count`);
        const found = await service().request('GET', `/Patient?${query}`);
        assert.equal(counted.status, 200, counted.body);
        assert.equal(counted.bundle.total, found.bundle.total, query);
        assert.equal(counted.bundle.total, found.bundle.entry?.length ?? 0, query);
      }
    });
  });
}
