// The strings of a resource that may refer to entries of a transaction: found, and replaced
// (http://hl7.org/fhir/R4/http.html#trules, bundle.html#references).

/** A reference that names no resource by itself, and the FHIRPath location of its element. */
export interface OpenReference {
  readonly text: string;
  readonly location: string;
}

const CONDITIONAL_REFERENCE = /^[A-Z][A-Za-z]*\?./;
const NARRATIVE_LINK = /\b(href|src)="([^"]*)"/g;

/** Members of types whose strings are never links (string, markdown, code, id, canonical),
 * whatever they look like. Identifier.value is the one that really holds `urn:uuid:` values. */
const OPAQUE_MEMBERS: ReadonlySet<string> = new Set([
  'id',
  'value',
  'display',
  'text',
  'code',
  'data',
  'profile',
  'instantiatesCanonical',
  'valueString',
  'valueMarkdown',
  'valueCode',
  'valueId',
  'valueCanonical',
]);

/** Whether the reference is to be resolved by a search: `Patient?identifier=…`. */
export function isConditional(reference: string): boolean {
  return CONDITIONAL_REFERENCE.test(reference);
}

/**
 * The `urn:` and conditional references of a resource, in document order.
 * @param resource parsed JSON
 * @param root how locations begin: `Bundle.entry[3].resource`
 */
export function openReferences(resource: unknown, root: string): readonly OpenReference[] {
  const found: OpenReference[] = [];
  const path: (string | number)[] = [];
  const visit = (node: unknown): void => {
    if (typeof node === 'string') {
      if (path.at(-1) !== 'reference' || !isOpen(node)) return;
      found.push({ text: node, location: `${root}${path.slice(0, -1).map(step).join('')}` });
      return;
    }
    if (typeof node !== 'object' || node === null) return;
    const children = Array.isArray(node) ? node.entries() : Object.entries(node);
    for (const [name, child] of children) {
      path.push(name);
      visit(child);
      path.pop();
    }
  };
  visit(resource);
  return found;
}

function isOpen(reference: string): boolean {
  return reference.startsWith('urn:') || isConditional(reference);
}

function step(name: string | number): string {
  return typeof name === 'number' ? `[${name}]` : `.${name}`;
}

/**
 * The tree with its links replaced; what does not change is shared, not copied.
 * @param tree parsed JSON
 * @param link what a link (reference, uri or narrative address) becomes, else undefined;
 *   `isReference` says whether it stands in Reference.reference
 */
export function replaceLinks(
  tree: unknown,
  link: (text: string, isReference: boolean) => string | undefined,
): unknown {
  const replaceNarrative = (div: string): string =>
    div.replace(NARRATIVE_LINK, (whole, attribute: string, url: string) => {
      const target = link(url, false);
      return target === undefined ? whole : `${attribute}="${target}"`;
    });
  const visit = (node: unknown, member: string): unknown => {
    if (typeof node === 'string') {
      if (OPAQUE_MEMBERS.has(member)) return node;
      if (member === 'div') return replaceNarrative(node);
      return link(node, member === 'reference') ?? node;
    }
    if (Array.isArray(node)) {
      const items = node.map((item) => visit(item, member));
      return items.some((item, index) => item !== node[index]) ? items : node;
    }
    if (typeof node !== 'object' || node === null) return node;
    let changed: Record<string, unknown> | undefined;
    for (const [name, child] of Object.entries(node)) {
      const replaced = visit(child, name);
      if (replaced === child) continue;
      changed ??= { ...node };
      changed[name] = replaced;
    }
    return changed ?? node;
  };
  return visit(tree, '');
}
