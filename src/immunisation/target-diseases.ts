// Which diseases an Immunization is about, as SNOMED CT codes: those it names itself, else those of
// its vaccine or procedure where the code stands in the table below (CVX:
// https://www.cdc.gov/vaccines/programs/iis/cvx.html).

import type { Resource } from '../fhir/types.ts';
import { type Coding, codesOf, codingsOf, objectsOf, textOf } from './record-elements.ts';

const SNOMED = 'http://snomed.info/sct';
const CVX = 'http://hl7.org/fhir/sid/cvx';
const PROCEDURE =
  'https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-VaccinationProcedure';

/** Diseases by name (SNOMED CT). */
export const diseases = {
  covid: '840539006',
  diphtheria: '397430003',
  hepatitisB: '66071002',
  hib: '709410003',
  hpv: '240532009',
  influenza: '6142004',
  measles: '14189004',
  meningococcal: '23511006',
  meningococcalB: '1354584007',
  mumps: '36989005',
  pertussis: '27836007',
  pneumococcal: '16814004',
  polio: '398102009',
  rotavirus: '186150001',
  rsv: '55735004',
  rubella: '36653000',
  shingles: '4740000',
  tetanus: '76902006',
  tuberculosis: '56717001',
  varicella: '38907003',
} as const;

type Disease = keyof typeof diseases;

/** Vaccine and procedure codes, for records that name no disease. */
const vaccineCodes: readonly {
  readonly system: string;
  readonly codes: readonly string[];
  readonly against: readonly Disease[];
}[] = [
  {
    system: SNOMED,
    codes: ['822851000000102', '43208811000001106', '34680411000001107', '43207411000001105'],
    against: ['influenza'],
  },
  {
    system: SNOMED,
    codes: [
      '1324681000000101',
      '1324691000000104',
      '1362591000000103',
      '39114911000001105',
      '39115611000001103',
      '40851611000001102',
      '43111411000001101',
    ],
    against: ['covid'],
  },
  { system: SNOMED, codes: ['1303503001', '42605811000001109'], against: ['rsv'] },
  {
    system: SNOMED,
    codes: ['722215002', '1326111000000107', '22704311000001109', '39655511000001105'],
    against: ['shingles'],
  },
  {
    system: SNOMED,
    codes: ['12866006', '16649411000001104', '3439211000001108'],
    against: ['pneumococcal'],
  },
  { system: SNOMED, codes: ['761841000', '33493111000001108'], against: ['hpv'] },
  { system: SNOMED, codes: ['871874000', '39779611000001104'], against: ['meningococcal'] },
  { system: SNOMED, codes: ['956951000000104'], against: ['pertussis'] },
  {
    system: SNOMED,
    codes: ['38598009', '13968211000001108', '34925111000001104'],
    against: ['measles', 'mumps', 'rubella'],
  },
  {
    system: SNOMED,
    codes: ['432636005', '45525711000001102'],
    against: ['measles', 'mumps', 'rubella', 'varicella'],
  },
  { system: SNOMED, codes: ['414619005'], against: ['diphtheria', 'tetanus', 'polio'] },
  { system: CVX, codes: ['140', '141', '149', '150', '158', '185'], against: ['influenza'] },
  { system: CVX, codes: ['207', '208', '210', '212'], against: ['covid'] },
  { system: CVX, codes: ['303', '305', '326'], against: ['rsv'] },
  { system: CVX, codes: ['121', '187'], against: ['shingles'] },
  { system: CVX, codes: ['33', '100', '133', '215', '216'], against: ['pneumococcal'] },
  { system: CVX, codes: ['62', '118', '165'], against: ['hpv'] },
  { system: CVX, codes: ['114', '136', '203'], against: ['meningococcal'] },
  { system: CVX, codes: ['03'], against: ['measles', 'mumps', 'rubella'] },
  { system: CVX, codes: ['94'], against: ['measles', 'mumps', 'rubella', 'varicella'] },
];

const diseasesOfVaccine: ReadonlyMap<string, readonly string[]> = new Map(
  vaccineCodes.flatMap(({ system, codes, against }) =>
    codes.map((code) => [`${system}|${code}`, against.map((name) => diseases[name])] as const),
  ),
);

/** Codes of which at least one stands in every Immunization that is about one of the diseases. */
export function codesAbout(about: readonly string[]): readonly string[] {
  const named = vaccineCodes
    .filter(({ against }) => against.some((name) => about.includes(diseases[name])))
    .flatMap(({ codes }) => codes);
  return [...about, ...named];
}

/** The diseases an Immunization is about; none when it does not let us know. */
export function targetDiseases(immunization: Resource): readonly string[] {
  const named: string[] = [];
  for (const { targetDisease } of objectsOf(immunization.protocolApplied)) {
    for (const code of codesOf(targetDisease, SNOMED)) if (!named.includes(code)) named.push(code);
  }
  if (named.length > 0) return named;
  return ofVaccine([...procedureOf(immunization), ...codingsOf(immunization.vaccineCode)]);
}

function procedureOf({ extension }: Resource): readonly Coding[] {
  return objectsOf(extension)
    .filter(({ url }) => textOf(url) === PROCEDURE)
    .flatMap(({ valueCodeableConcept }) => codingsOf(valueCodeableConcept));
}

function ofVaccine(codings: readonly Coding[]): readonly string[] {
  for (const { system, code } of codings) {
    const found = diseasesOfVaccine.get(`${system}|${code}`);
    if (found !== undefined) return found;
  }
  return [];
}
