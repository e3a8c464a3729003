// The escapes inside one search value: \, \| \$ \\ (http://hl7.org/fhir/R4/search.html#escaping).
// They lie under the percent-encoding, which query-string.ts has removed.

/**
 * Splits at every separator that no backslash protects. The pieces keep their escapes.
 * `separator` is one character.
 */
export function splitUnescaped(text: string, separator: string): string[] {
  if (!text.includes('\\')) return text.split(separator);
  const pieces: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === '\\') index += 1;
    else if (character === separator) {
      pieces.push(text.slice(start, index));
      start = index + 1;
    }
  }
  pieces.push(text.slice(start));
  return pieces;
}

/** Whether each backslash stands before one of the four characters that may be escaped. */
export function hasLegalEscapes(text: string): boolean {
  return !text.replace(/\\[,|$\\]/g, '').includes('\\');
}

/** The text meant: every escape replaced by its character. */
export function unescapeValue(text: string): string {
  return text.includes('\\') ? text.replace(/\\(.)/gs, '$1') : text;
}

/** The inverse of unescapeValue: text that stands for itself anywhere in a search value. */
export function escapeValue(text: string): string {
  return text.replace(/[,|$\\]/g, '\\$&');
}
