// The `next` and `previous` of a search page: the resource that the other page begins after or ends
// before. It carries the total too, since all pages of one search have the same.

/** A resource of a page. */
export interface PagePosition {
  /** The sequence number that the pages are as at. */
  readonly at: number;
  readonly total: number;
  /** Of its version. */
  readonly sequence: number;
  readonly number: number;
}

/** The position as opaque text of A-Z a-z 0-9 - _. */
export function writePosition({ at, total, sequence, number }: PagePosition): string {
  return Buffer.from(JSON.stringify([at, total, sequence, number])).toString('base64url');
}

/** Reads a position back; undefined when the text is none. */
export function readPosition(text: string): PagePosition | undefined {
  const parts = parsed(Buffer.from(text, 'base64url').toString());
  if (!Array.isArray(parts) || parts.length !== 4) return undefined;
  const [at, total, sequence, number] = parts;
  if (!parts.every((part) => Number.isSafeInteger(part) && part >= 0)) return undefined;
  return { at, total, sequence, number };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
