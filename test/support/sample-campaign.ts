// A campaign in NHS England's rule model for tests of its import and of its judgements: RSV for
// those aged 75 and over, not for who has had it, and for nobody who is not in a cohort.

type Json = Record<string, unknown>;

const tooYoung = {
  ...{ Type: 'F', Name: 'Too young', Description: 'Younger than 75', Priority: 100 },
  ...{ AttributeLevel: 'PERSON', AttributeName: 'DATE_OF_BIRTH' },
  ...{ Operator: 'Y>', Comparator: '-75' },
};

const vaccinated = {
  ...{ Type: 'S', Name: 'Vaccinated', Description: 'You have had it – “RSV”.', Priority: 200 },
  ...{ AttributeLevel: 'TARGET', AttributeTarget: 'RSV', AttributeName: 'LAST_SUCCESSFUL_DATE' },
  ...{ Operator: 'is_not_empty', Comparator: '' },
};

/** Looks at what no record here says. */
const detained = {
  ...{ Type: 'S', Name: 'Detained', Description: 'Is asked elsewhere', Priority: 300 },
  ...{ AttributeLevel: 'PERSON', AttributeName: 'DE_FLAG', Operator: '=', Comparator: 'Y' },
};

/** A cohort of the model: everybody, or who is said to be of it. */
export function campaignCohort(label: string, isEverybody: boolean, priority = 0): Json {
  return {
    ...{ CohortLabel: label, CohortGroup: 'older', Priority: priority },
    ...{ PositiveDescription: 'are 75 or over', NegativeDescription: 'are not 75 or over' },
    Virtual: isEverybody ? 'Y' : 'N',
  };
}

/** The one iteration. */
export function campaignIteration(more: Json = {}): Json {
  return {
    ...{ ID: 'i1', Name: 'Autumn', Version: '1', Type: 'O', IterationDate: '20260901' },
    DefaultCommsRouting: 'BOOK',
    DefaultNotEligibleRouting: '',
    DefaultNotActionableRouting: '',
    IterationCohorts: [campaignCohort('everybody', true)],
    IterationRules: [tooYoung, vaccinated, detained],
    ActionsMapper: {
      BOOK: { ActionType: 'Link', ExternalRoutingCode: 'Book', UrlLink: 'https://book.example' },
    },
    ...more,
  };
}

/** A CampaignConfig. */
export function campaignConfig(id: string, more: Json = {}): Json {
  return {
    CampaignConfig: {
      ...{ ID: id, Version: 3, Name: 'RSV, autumn 2026', Type: 'V', Target: 'RSV' },
      ...{ Manager: ['m@nhs.example'], Approver: ['a@nhs.example'], Reviewer: [] },
      ...{ IterationFrequency: 'X', IterationType: 'O' },
      ...{ StartDate: '20260901', EndDate: '20270331' },
      Iterations: [campaignIteration()],
      ...more,
    },
  };
}
