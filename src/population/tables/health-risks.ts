// Clinical risks by age: which SNOMED concept, which risk group of the Green Book's chapter 19 it
// puts a person in, and how common it is. Shares are percents of people in each age band, rounded
// from the Quality and Outcomes Framework's prevalence tables, the Health Survey for England and
// the risk-group sizes that UKHSA publishes with influenza uptake; their split by age is an
// assumption.

/** Ages at which the bands of `shares` begin. */
export const riskAgeBands = [0, 16, 40, 65, 75, 85] as const;

export interface RiskRow {
  readonly group: RiskGroup;
  readonly code: string;
  readonly display: string;
  /** Percent of people in each band of `riskAgeBands`. */
  readonly shares: readonly [number, number, number, number, number, number];
}

/** The programme's risk groups and their names. */
export const riskGroups = {
  respiratory: 'Chronic respiratory disease',
  heart: 'Chronic heart and vascular disease',
  kidney: 'Chronic kidney disease',
  liver: 'Chronic liver disease',
  neurological: 'Chronic neurological disease',
  'learning-disability': 'Learning disability',
  diabetes: 'Diabetes and adrenal insufficiency',
  immunosuppression: 'Immunosuppression',
  asplenia: 'Asplenia or dysfunction of the spleen',
  obesity: 'Morbid obesity',
  'severe-mental-illness': 'Severe mental illness',
  pregnancy: 'Pregnancy',
} as const;

export type RiskGroup = keyof typeof riskGroups;

export const risks: readonly RiskRow[] = [
  risk('respiratory', '195967001', 'Asthma', [1.5, 2, 2.5, 3, 3, 2.5]),
  risk('respiratory', '13645005', 'Chronic obstructive lung disease', [0, 0.1, 2, 6.5, 8, 7]),
  risk('heart', '53741008', 'Coronary arteriosclerosis', [0, 0.1, 2.6, 10, 16, 18]),
  risk('heart', '84114007', 'Heart failure', [0.1, 0.1, 0.6, 2.5, 6, 10]),
  risk('kidney', '433144002', 'Chronic kidney disease stage 3', [0, 0.2, 2, 8, 18, 29]),
  risk('liver', '328383001', 'Chronic liver disease', [0.05, 0.3, 1, 1.2, 1, 0.7]),
  risk('neurological', '230690007', 'Cerebrovascular accident', [0, 0.1, 1.2, 4, 8, 12]),
  risk('neurological', '24700007', 'Multiple sclerosis', [0, 0.1, 0.4, 0.3, 0.2, 0.1]),
  risk(
    'learning-disability',
    '110359009',
    'Intellectual disability',
    [0.7, 0.7, 0.5, 0.3, 0.2, 0.1],
  ),
  risk('diabetes', '46635009', 'Type 1 diabetes mellitus', [0.25, 0.6, 0.6, 0.4, 0.3, 0.2]),
  risk('diabetes', '44054006', 'Type 2 diabetes mellitus', [0, 0.6, 7.5, 15, 18, 15]),
  risk('immunosuppression', '370388006', 'Patient immunocompromised', [0.3, 0.8, 1.8, 2.8, 3, 2.2]),
  risk('asplenia', '38096003', 'Acquired absence of spleen', [0.02, 0.08, 0.15, 0.2, 0.2, 0.2]),
  risk('obesity', '408512008', 'Body mass index 40+ - severely obese', [0.1, 2.2, 4, 3, 1.5, 0.5]),
  risk('severe-mental-illness', '58214004', 'Schizophrenia', [0, 0.5, 0.9, 0.8, 0.6, 0.4]),
  risk('severe-mental-illness', '13746004', 'Bipolar disorder', [0, 0.3, 0.6, 0.5, 0.4, 0.2]),
];

/** A risk's share in the most deprived tenth of areas stands to the average as 1 + 4.5 times this
 * to 1. After the Marmot reviews and QOF by deprivation; an assumption. */
export const RISK_BY_DEPRIVATION = 0.06;

/** Share of Conditions that later ended, and then no longer count: an assumption. */
export const RESOLVED_SHARE = 0.04;

export const pregnancyConcept = { code: '77386006', display: 'Pregnant' } as const;

/** Percent of women pregnant on a day, from the given age on: births by age of mother (ONS, Births
 * in England and Wales 2022) times 40 weeks. */
export const pregnantShares: readonly (readonly [fromAge: number, percent: number])[] = [
  [0, 0],
  [16, 0.7],
  [20, 3],
  [25, 6.2],
  [30, 7.6],
  [35, 4.6],
  [40, 1.1],
  [45, 0],
];

/** A priority group: percent of people from each age on who belong to it. */
export interface PriorityGroupRow {
  readonly code: string;
  readonly display: string;
  readonly snomed?: { readonly code: string; readonly display: string };
  readonly shares: readonly (readonly [fromAge: number, percent: number])[];
}

/**
 * Flags. NHS staff: 1.5 million (NHS Workforce Statistics 2024). Social care: 1.6 million (Skills
 * for Care 2024). Unpaid carers known to a GP: some 2 million (domain.md, section 1). Care home
 * residents: 370,000, mostly over 80 (ONS 2023). Shielded: some 2.2 million when the list closed on
 * 30 June 2022 (domain.md, section 4.3). Their split by age is an assumption.
 */
export const priorityGroups = {
  staff: {
    code: 'nhs-staff',
    display: 'NHS staff',
    shares: [
      [0, 0],
      [18, 4.1],
      [66, 0.4],
      [75, 0],
    ],
  },
  socialCare: {
    code: 'social-care-worker',
    display: 'Social care worker',
    shares: [
      [0, 0],
      [18, 4.3],
      [66, 0.8],
      [75, 0],
    ],
  },
  carer: {
    code: 'unpaid-carer',
    display: 'Unpaid carer',
    snomed: { code: '224484003', display: 'Patient themselves providing care' },
    shares: [
      [0, 0],
      [16, 2],
      [40, 5.5],
      [65, 6.5],
      [85, 3],
    ],
  },
  careHome: {
    code: 'care-home-resident',
    display: 'Resident of a care home for older adults',
    snomed: { code: '160734000', display: 'Lives in nursing home' },
    shares: [
      [0, 0],
      [65, 0.7],
      [75, 2.3],
      [85, 9],
      [90, 20],
    ],
  },
  shielded: {
    code: 'shielded',
    display: 'Shielded: clinically extremely vulnerable',
    snomed: {
      code: '1300561000000107',
      display:
        'High risk category for developing complication from coronavirus disease 19 infection',
    },
    shares: [
      [0, 0.4],
      [16, 1.3],
      [40, 4],
      [65, 8],
      [75, 11],
    ],
  },
} as const satisfies Record<string, PriorityGroupRow>;

export type PriorityGroup = keyof typeof priorityGroups;

function risk(group: RiskGroup, code: string, display: string, shares: RiskRow['shares']): RiskRow {
  return { group, code, display, shares };
}
