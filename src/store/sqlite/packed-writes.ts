// Writes on their way to the writing thread. Copying their many small objects from thread to thread
// would hold up the caller's thread ten times as long as copying a few long texts.

import type { PutWrite, Write } from '../resource-store.ts';

/** Writes as texts. */
export interface PackedWrites {
  /** The writes as JSON, puts without their document. */
  readonly json: string;
  /** `before` and `after` of each put's document, in turn: they are JSON already. */
  readonly texts: readonly string[];
}

/** A put as `json` holds it. */
type BarePut = Omit<PutWrite, 'document'>;

export function packWrites(writes: readonly Write[]): PackedWrites {
  const texts: string[] = [];
  const bare = writes.map((write) => {
    if (write.kind !== 'put') return write;
    texts.push(write.document.before, write.document.after);
    return barePut(write);
  });
  return { json: JSON.stringify(bare), texts };
}

function barePut({ kind, type, id, method, expect, entries, references }: PutWrite): BarePut {
  return { kind, type, id, method, expect, entries, references };
}

/** The writes that `packWrites` was given. */
export function unpackWrites({ json, texts }: PackedWrites): Write[] {
  const bare = JSON.parse(json) as (BarePut | Exclude<Write, PutWrite>)[];
  let next = 0;
  return bare.map((write): Write => {
    if (write.kind !== 'put') return write;
    const document = { before: texts[next] ?? '', after: texts[next + 1] ?? '' };
    next += 2;
    return { ...write, document };
  });
}
