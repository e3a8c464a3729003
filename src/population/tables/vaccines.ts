// What is given: for each vaccine type of NHS England's list the diseases it is against, the SNOMED
// codes of giving and refusing it, and the products in use when. Disease codes: vaccine types of
// the Immunisation FHIR API; reasons: UK Core value set ReasonImmunizationNotAdministered;
// products: dm+d codes met in published NHS test data, displays shortened, dates of use an
// assumption.

import { type Day, dayOf } from '../calendar.ts';

export type VaccineType =
  | '6IN1'
  | '4IN1'
  | '3IN1'
  | 'ROTAVIRUS'
  | 'MENB'
  | 'PNEUMOCOCCAL'
  | 'HIBMENC'
  | 'MMR'
  | 'MMRV'
  | 'HPV'
  | 'MENACWY'
  | 'FLU'
  | 'COVID'
  | 'SHINGLES'
  | 'RSV'
  | 'PERTUSSIS';

/** SNOMED code and display. */
export type Term = readonly [code: string, display: string];

export interface Product {
  readonly term: Term;
  readonly manufacturer: string;
  /** In use until before this day. */
  readonly until?: Day;
  /** Given to people from this age to below that one, years. */
  readonly ages?: readonly [from: number, below: number];
  readonly doseMl: number;
  readonly route: 'intramuscular' | 'nasal' | 'oral';
}

export interface Vaccine {
  readonly diseases: readonly Term[];
  readonly procedure: Term;
  /** What giving the dose of a number is called, where it has a code of its own. */
  readonly procedures?: Readonly<Record<number, Term>>;
  readonly declined: Term;
  readonly contraindicated: Term;
  /** The first that fits day and age is given. */
  readonly products: readonly Product[];
}

const polio: Term = ['398102009', 'Acute poliomyelitis'];
const diphtheria: Term = ['397430003', 'Diphtheria caused by Corynebacterium diphtheriae'];
const tetanus: Term = ['76902006', 'Tetanus'];
const pertussis: Term = ['27836007', 'Pertussis'];
const hib: Term = ['709410003', 'Haemophilus influenzae type b infection'];
const meningococcal: Term = ['23511006', 'Meningococcal infectious disease'];
const mmr: readonly Term[] = [
  ['14189004', 'Measles'],
  ['36989005', 'Mumps'],
  ['36653000', 'Rubella'],
];
const declinedByPatient: Term = ['591000119102', 'Vaccine declined by patient'];
const contraindicated: Term = ['266758009', 'Immunisation contraindicated'];

/** Reasons that fit every vaccine. */
export const unwell: Term = ['213257006', 'Generally unwell'];
export const absent: Term = ['281399006', 'Did not attend'];

export const vaccines: Readonly<Record<VaccineType, Vaccine>> = {
  '6IN1': {
    diseases: [polio, diphtheria, hib, pertussis, tetanus, ['66071002', 'Type B viral hepatitis']],
    procedure: ['1082441000000108', 'First DTaP/IPV/Hib/HepB vaccination'],
    procedures: {
      2: ['1082451000000106', 'Second DTaP/IPV/Hib/HepB vaccination'],
      3: ['1082461000000109', 'Third DTaP/IPV/Hib/HepB vaccination'],
    },
    declined: ['1082521000000100', 'DTaP/IPV/Hib/HepB vaccination declined'],
    contraindicated: ['1083421000000107', 'DTaP/IPV/Hib/HepB vaccination contraindicated'],
    products: [
      {
        ...product('34765811000001105', 'Infanrix Hexa vaccine', 'GlaxoSmithKline UK Ltd'),
        until: dayOf(2022, 6, 1),
      },
      product('39367111000001105', 'Vaxelis vaccine', 'Sanofi'),
    ],
  },
  '4IN1': {
    diseases: [polio, diphtheria, pertussis, tetanus],
    procedure: ['868273007', 'Administration of DTaP/IPV vaccine'],
    declined: ['511531000000109', 'DTaP/IPV vaccination declined'],
    contraindicated: ['897351000000102', 'DTaP/IPV vaccination contraindicated'],
    products: [product('26267211000001100', 'Boostrix-IPV', 'GlaxoSmithKline UK Ltd')],
  },
  '3IN1': {
    diseases: [polio, diphtheria, tetanus],
    procedure: ['414619005', 'Administration of Td/IPV vaccine'],
    declined: ['903281000000100', 'Td/IPV vaccination declined'],
    contraindicated: ['903241000000108', 'Td/IPV vaccination contraindicated'],
    products: [product('7374311000001101', 'Revaxis vaccine', 'Sanofi Pasteur')],
  },
  ROTAVIRUS: {
    diseases: [['186150001', 'Enteritis caused by rotavirus']],
    procedure: ['415354003', 'Administration of rotavirus vaccine'],
    procedures: { 1: ['868631000000102', 'First rotavirus vaccination'] },
    declined: ['868711000000104', 'Rotavirus vaccination declined'],
    contraindicated: ['868691000000101', 'Rotavirus vaccination contraindicated'],
    products: [
      {
        ...product(
          '34609911000001106',
          'Rotarix vaccine oral suspension',
          'GlaxoSmithKline UK Ltd',
        ),
        doseMl: 1.5,
        route: 'oral',
      },
    ],
  },
  MENB: {
    diseases: [
      [
        '1354584007',
        'Meningococcal infectious disease caused by Neisseria meningitidis serogroup B',
      ],
    ],
    procedure: ['720539004', 'Administration of first dose of meningitis B vaccine'],
    declined: ['720548009', 'Meningitis B vaccination declined'],
    contraindicated: ['957601000000106', 'Meningitis B vaccination contraindicated'],
    products: [product('23584211000001109', 'Bexsero vaccine', 'GlaxoSmithKline UK Ltd')],
  },
  PNEUMOCOCCAL: {
    diseases: [['16814004', 'Pneumococcal infectious disease']],
    procedure: ['12866006', 'Administration of pneumococcal vaccine'],
    declined: ['401086001', 'Pneumococcal vaccination declined'],
    contraindicated: ['390795005', 'Pneumococcal vaccination contraindicated'],
    products: [
      { ...product('16649411000001104', 'Prevenar 13 vaccine', 'Pfizer Ltd'), ages: [0, 5] },
      product('3439211000001108', 'Pneumovax II vaccine', 'Merck Sharp & Dohme (UK) Ltd'),
    ],
  },
  HIBMENC: {
    diseases: [hib, meningococcal],
    procedure: ['428975001', 'Administration of Hib/MenC vaccine'],
    declined: declinedByPatient,
    contraindicated,
    products: [product('9903711000001109', 'Menitorix', 'GlaxoSmithKline UK Ltd')],
  },
  MMR: {
    diseases: mmr,
    procedure: ['38598009', 'Administration of measles, mumps and rubella vaccine'],
    declined: ['9711000175104', 'Measles, mumps and rubella vaccination declined'],
    contraindicated: ['275974002', 'Measles/mumps/rubella vaccine contraindicated'],
    products: [
      {
        ...product('13968211000001108', 'M-M-RVAXPRO vaccine', 'Merck Sharp & Dohme (UK) Ltd'),
        until: dayOf(2018, 1, 1),
      },
      product('34925111000001104', 'Priorix vaccine', 'GlaxoSmithKline UK Ltd'),
    ],
  },
  MMRV: {
    diseases: [...mmr, ['38907003', 'Varicella']],
    procedure: ['432636005', 'Administration of measles, mumps, rubella and varicella vaccine'],
    declined: ['9711000175104', 'Measles, mumps and rubella vaccination declined'],
    contraindicated: ['275974002', 'Measles/mumps/rubella vaccine contraindicated'],
    products: [product('45525711000001102', 'Priorix Tetra vaccine', 'GlaxoSmithKline UK Ltd')],
  },
  HPV: {
    diseases: [['240532009', 'Human papilloma virus infection']],
    procedure: ['761841000', 'Administration of human papillomavirus vaccine'],
    declined: ['438765003', 'Human papillomavirus vaccination declined'],
    contraindicated: ['761844008', 'Human papilloma virus vaccination contraindicated'],
    products: [
      {
        ...product('10880211000001104', 'Gardasil vaccine', 'Merck Sharp & Dohme (UK) Ltd'),
        until: dayOf(2021, 9, 1),
      },
      product('33493111000001108', 'Gardasil 9 vaccine', 'Merck Sharp & Dohme (UK) Ltd'),
    ],
  },
  MENACWY: {
    diseases: [meningococcal],
    procedure: ['871874000', 'Administration of meningococcal ACWY vaccine'],
    declined: declinedByPatient,
    contraindicated,
    products: [
      {
        ...product('20517811000001104', 'Nimenrix vaccine', 'Pfizer Ltd'),
        until: dayOf(2022, 9, 1),
      },
      product('39779611000001104', 'MenQuadfi vaccine', 'Sanofi'),
    ],
  },
  FLU: {
    diseases: [['6142004', 'Influenza']],
    procedure: ['822851000000102', 'Seasonal influenza vaccination'],
    declined: ['315640000', 'Influenza vaccination declined'],
    contraindicated: ['390796006', 'Influenza vaccination contraindicated'],
    products: [
      {
        ...product('43208811000001106', 'Fluenz vaccine nasal suspension', 'AstraZeneca UK Ltd'),
        ages: [2, 18],
        doseMl: 0.2,
        route: 'nasal',
      },
      {
        ...product('34680411000001107', 'Quadrivalent influenza vaccine', 'Sanofi Pasteur'),
        until: dayOf(2024, 9, 1),
      },
      product('43207411000001105', 'Cell-based trivalent influenza vaccine', 'Seqirus UK Ltd'),
    ],
  },
  COVID: {
    diseases: [['840539006', 'Disease caused by severe acute respiratory syndrome coronavirus 2']],
    procedure: [
      '1362591000000103',
      'Immunisation course to maintain protection against SARS-CoV-2',
    ],
    procedures: {
      1: ['1324681000000101', 'Administration of first dose of SARS-CoV-2 vaccine'],
      2: ['1324691000000104', 'Administration of second dose of SARS-CoV-2 vaccine'],
    },
    declined: ['1324721000000108', 'SARS-CoV-2 vaccination dose declined'],
    contraindicated: ['1156265005', 'SARS-CoV-2 vaccine contraindicated'],
    products: [
      {
        ...product('39114911000001105', 'COVID-19 Vaccine Vaxzevria', 'AstraZeneca UK Ltd'),
        ages: [40, 80],
        until: dayOf(2021, 9, 1),
      },
      {
        ...product('39115611000001103', 'Comirnaty COVID-19 mRNA Vaccine', 'Pfizer Ltd'),
        until: dayOf(2022, 9, 1),
        doseMl: 0.3,
      },
      {
        ...product('40851611000001102', 'Comirnaty Original/Omicron BA.1', 'Pfizer Ltd'),
        until: dayOf(2024, 9, 1),
        doseMl: 0.3,
      },
      {
        ...product('43111411000001101', 'Comirnaty JN.1 COVID-19 mRNA Vaccine', 'Pfizer Ltd'),
        doseMl: 0.3,
      },
    ],
  },
  SHINGLES: {
    diseases: [['4740000', 'Herpes zoster']],
    procedure: ['722215002', 'Administration of shingles vaccine'],
    procedures: { 2: ['1326111000000107', 'Administration of second dose of shingles vaccine'] },
    declined: ['9691000175102', 'Herpes zoster vaccination declined'],
    contraindicated: ['868531000000103', 'Herpes zoster vaccination contraindicated'],
    products: [
      {
        ...product('22704311000001109', 'Zostavax vaccine', 'Merck Sharp & Dohme (UK) Ltd'),
        until: dayOf(2023, 9, 1),
      },
      product('39655511000001105', 'Shingrix vaccine', 'GlaxoSmithKline UK Ltd'),
    ],
  },
  RSV: {
    diseases: [['55735004', 'Respiratory syncytial virus infection']],
    procedure: ['1303503001', 'Administration of respiratory syncytial virus vaccine'],
    declined: declinedByPatient,
    contraindicated,
    products: [product('42605811000001109', 'Abrysvo vaccine', 'Pfizer Ltd')],
  },
  PERTUSSIS: {
    diseases: [pertussis],
    procedure: ['956951000000104', 'Pertussis vaccination in pregnancy'],
    declined: ['866641000000105', 'Pertussis vaccination in pregnancy declined'],
    contraindicated: ['957291000000102', 'Pertussis vaccination in pregnancy contraindicated'],
    products: [product('42707511000001109', 'Adacel vaccine', 'Sanofi')],
  },
};

function product(code: string, display: string, manufacturer: string): Product {
  return { term: [code, display], manufacturer, doseMl: 0.5, route: 'intramuscular' };
}
