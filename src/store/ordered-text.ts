// How text is kept in the database: SQLite compares UTF-8 bytes, which is code-point order and
// ends at a NUL in places; the contract orders by UTF-16 code units. Encoded text compares by
// bytes exactly as the original by code units, and holds neither NUL nor SEPARATOR.

/** Parts two encoded texts in one value; below every encoded character. */
export const SEPARATOR = '\u0001';

/** Above every encoded text that shares a prefix: `prefix + HIGHEST` ends a prefix range. */
export const HIGHEST = '\u{10FFFF}\u{10FFFF}';

const ESCAPE_LOW = '\u0002';
const ESCAPE_HIGH = '\u{10FFFF}';

// The first class sits below ESCAPE_LOW + 'd'; the second must follow all supplementary
// characters, whose surrogates are smaller code units.
const TO_ENCODE = /[\u0000-\u0002\uE000-\uFFFF]|\u{10FFFF}/gu;
const TO_DECODE = /\u0002([a-c])|\u{10FFFF}(.)/gsu;

function encodeCharacter(character: string): string {
  if (character === ESCAPE_HIGH) return `${ESCAPE_HIGH}a`;
  const code = character.charCodeAt(0);
  return code > 2 ? ESCAPE_HIGH + character : ESCAPE_LOW + 'abc'.charAt(code);
}

/** The text as it is stored, compared and searched. */
export function encodeText(text: string): string {
  return text.replace(TO_ENCODE, encodeCharacter);
}

/** The text that `encodeText` was given. */
export function decodeText(encoded: string): string {
  return encoded.replace(TO_DECODE, (_, low: string | undefined, high: string | undefined) => {
    if (low !== undefined) return String.fromCharCode('abc'.indexOf(low));
    return high === 'a' ? ESCAPE_HIGH : (high ?? '');
  });
}
