// The coded parts that many Immunizations share, made once: products, sites, routes, amounts,
// diseases and procedures. Part of immunizations.ts.

import { type Product, type Term, type VaccineType, vaccines } from './tables/vaccines.ts';
import {
  type CodeableConcept,
  concept,
  extension,
  extensionUrls,
  frozen,
  systems,
} from './terms.ts';

const concepts = new Map<string, CodeableConcept>();

/** The SNOMED concept of a term. */
export function snomed([code, display]: Term): CodeableConcept {
  const known = concepts.get(code);
  if (known !== undefined) return known;
  const made = frozen(concept(systems.snomed, code, display));
  concepts.set(code, made);
  return made;
}

const leftArm = snomed(['368208006', 'Left upper arm structure']);
const rightArm = snomed(['368209003', 'Right upper arm structure']);
const leftThigh = snomed(['61396006', 'Structure of left thigh']);
const rightThigh = snomed(['11207009', 'Structure of right thigh']);
const nose = snomed(['279549004', 'Nasal cavity structure']);

/** Routes by what the products table calls them. */
export const routes = frozen({
  intramuscular: snomed(['78421000', 'Intramuscular route']),
  nasal: snomed(['46713006', 'Nasal route']),
  oral: snomed(['26643006', 'Oral route']),
});

/** Where a dose of a product goes in; undefined when it is swallowed. */
export function bodySite(
  product: Product,
  years: number,
  isRight: boolean,
): CodeableConcept | undefined {
  if (product.route === 'oral') return undefined;
  if (product.route === 'nasal') return nose;
  if (years < 1) return isRight ? rightThigh : leftThigh;
  return isRight ? rightArm : leftArm;
}

const amounts = new Map<number, Record<string, unknown>>();

/** A dose quantity. */
export function amount(millilitres: number): Record<string, unknown> {
  const known = amounts.get(millilitres);
  if (known !== undefined) return known;
  const made = frozen({
    value: millilitres,
    unit: 'Milliliter',
    system: systems.snomed,
    code: '258773002',
  });
  amounts.set(millilitres, made);
  return made;
}

/** The vaccineCode of a product. */
export const productConcepts = new Map<Product, CodeableConcept>(
  Object.values(vaccines).flatMap(({ products }) =>
    products.map((product) => [product, snomed(product.term)] as const),
  ),
);

/** What all Immunizations of a vaccine type share. */
export const shared = Object.fromEntries(
  Object.entries(vaccines).map(([type, vaccine]) => {
    const usual = procedureExtension(vaccine.procedure);
    const numbered = new Map(
      Object.entries(vaccine.procedures ?? {}).map(([number, term]) => [
        Number(number),
        procedureExtension(term),
      ]),
    );
    return [
      type,
      {
        diseases: frozen(vaccine.diseases.map(snomed)),
        procedure: (number: number) => numbered.get(number) ?? usual,
      },
    ];
  }),
) as unknown as Readonly<
  Record<
    VaccineType,
    {
      readonly diseases: readonly CodeableConcept[];
      readonly procedure: (number: number) => readonly Record<string, unknown>[];
    }
  >
>;

function procedureExtension(term: Term): readonly Record<string, unknown>[] {
  return frozen([
    extension(extensionUrls.vaccinationProcedure, { valueCodeableConcept: snomed(term) }),
  ]);
}

const manufacturers = new Map(
  Object.values(vaccines).flatMap(({ products }) =>
    products.map((product) => [product.manufacturer, frozen({ display: product.manufacturer })]),
  ),
);

/** A product's manufacturer, by name alone. */
export function manufacturerOf(product: Product): { readonly display: string } | undefined {
  return manufacturers.get(product.manufacturer);
}
