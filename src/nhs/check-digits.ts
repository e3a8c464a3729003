// Check digits of the identifiers that the NHS rules look at: Modulus 11 of NHS numbers, Verhoeff
// of SNOMED CT (NHS Data Dictionary, NHS NUMBER; SNOMED CT Release File Specification 6.5).

/** Whether the text is ten digits of which the last is the Modulus 11 check digit. */
export function isNhsNumber(text: string): boolean {
  if (!/^\d{10}$/.test(text)) return false;
  let sum = 0;
  for (let index = 0; index < 9; index += 1) sum += Number(text[index]) * (10 - index);
  return (11 - (sum % 11)) % 11 === Number(text[9]);
}

/** Multiplication in the dihedral group of order ten. */
const PRODUCTS: readonly string[] = [
  '0123456789',
  '1234067895',
  '2340178956',
  '3401289567',
  '4012395678',
  '5987604321',
  '6598710432',
  '7659821043',
  '8765932104',
  '9876543210',
];

/** What a digit becomes by its place, counted from the right, modulo eight. */
const PERMUTATIONS: readonly string[] = [
  '0123456789',
  '1576283094',
  '5803796142',
  '8916043527',
  '9453126870',
  '4286573901',
  '2793806415',
  '7046913258',
];

/** Whether the digits end in their own Verhoeff check digit. */
export function passesVerhoeff(digits: string): boolean {
  let product = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const permuted = Number(PERMUTATIONS[place % 8]?.[digit]);
    product = Number(PRODUCTS[product]?.[permuted]);
  }
  return product === 0;
}

/** The two digits before the check digit say what an identifier names; these name concepts, of the
 * international edition and of an extension. */
const CONCEPT = /^[1-9]\d{2,14}[01]0\d$/;

/** Whether the text has the form of a SNOMED CT concept identifier: 6 to 18 digits, a concept's
 * partition, a right check digit. Whether the concept exists is not asked. */
export function isConceptId(text: string): boolean {
  return CONCEPT.test(text) && passesVerhoeff(text);
}
