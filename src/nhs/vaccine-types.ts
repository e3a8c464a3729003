// The vaccine types of NHS England's Immunisation FHIR API: a dose is of the type whose diseases,
// as SNOMED CT codes, are exactly its target diseases.

const DIPHTHERIA = '397430003';
const HAEMOPHILUS_INFLUENZAE_B = '709410003';
const HEPATITIS_B = '66071002';
const MEASLES = '14189004';
const MENINGOCOCCUS = '23511006';
const MUMPS = '36989005';
const PERTUSSIS = '27836007';
const POLIOMYELITIS = '398102009';
const RUBELLA = '36653000';
const TETANUS = '76902006';
const VARICELLA = '38907003';

/** Vaccine type → the diseases it is against. */
export const vaccineTypes: Readonly<Record<string, readonly string[]>> = {
  '3IN1': [POLIOMYELITIS, DIPHTHERIA, TETANUS],
  '4IN1': [POLIOMYELITIS, DIPHTHERIA, TETANUS, PERTUSSIS],
  '6IN1': [POLIOMYELITIS, DIPHTHERIA, TETANUS, PERTUSSIS, HAEMOPHILUS_INFLUENZAE_B, HEPATITIS_B],
  BCG: ['56717001'],
  COVID: ['840539006'],
  FLU: ['6142004'],
  HEPB: [HEPATITIS_B],
  HIB: [HAEMOPHILUS_INFLUENZAE_B],
  HIBMENC: [HAEMOPHILUS_INFLUENZAE_B, MENINGOCOCCUS],
  HPV: ['240532009'],
  MENACWY: [MENINGOCOCCUS],
  MENB: ['1354584007'],
  MMR: [MEASLES, MUMPS, RUBELLA],
  MMRV: [MEASLES, MUMPS, RUBELLA, VARICELLA],
  PERTUSSIS: [PERTUSSIS],
  PNEUMOCOCCAL: ['16814004'],
  ROTAVIRUS: ['186150001'],
  RSV: ['55735004'],
  SHINGLES: ['4740000'],
};

const typesByDiseases = new Map(
  Object.entries(vaccineTypes).map(([type, diseases]) => [keyOf(diseases), type]),
);

/** The vaccine type against exactly these diseases, in any order; undefined when there is none. */
export function vaccineTypeOf(diseases: readonly string[]): string | undefined {
  return typesByDiseases.get(keyOf(diseases));
}

function keyOf(diseases: readonly string[]): string {
  return diseases.toSorted().join(' ');
}
