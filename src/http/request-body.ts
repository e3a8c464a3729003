// A request's body as text: decompressed, within bounds, in UTF-8. A request can be rejected
// here with 400, 413 and 415. Nothing is held beyond the bound, whatever the client sends.

import type { IncomingMessage } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { type FhirError, fhirError } from '../fhir/fhir-error.ts';
import { BODY_BYTES_MAX, DISCARDED_BYTES_MAX } from '../limits.ts';

const decompressors: ReadonlyMap<string, () => Transform> = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
]);

/**
 * The body as text, without byte order mark; '' when there is none.
 * @throws FhirError `unsupported-media-type` (Content-Encoding), `body-too-large` (as sent or
 *   decompressed), `malformed-body` (compression, UTF-8, connection lost)
 */
export async function readBody(request: IncomingMessage): Promise<string> {
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  const encoding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (encoding === 'identity') return decode(await collect(request));
  const decompressor = decompressors.get(encoding)?.();
  if (decompressor === undefined) {
    const known = [...decompressors.keys()].join(', ');
    throw fhirError('unsupported-media-type', `Content-Encoding must be one of ${known}`);
  }
  return decode(await collectDecompressed(request, decompressor));
}

/** Reads what is left of a refused body and throws it away, up to a bound, so that a client that
 * sends before it listens can hear the refusal. Never throws. */
export async function discardBody(request: IncomingMessage): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of chunks(request)) {
      bytes += chunk.length;
      if (bytes > DISCARDED_BYTES_MAX) return;
    }
  } catch {
    // The connection is gone, and with it whoever would have listened.
  }
}

async function collectDecompressed(
  request: IncomingMessage,
  decompressor: Transform,
): Promise<Buffer> {
  const lost = (error: Error) => decompressor.destroy(error);
  request.once('error', lost);
  try {
    return await collect(request.pipe(decompressor));
  } finally {
    request.off('error', lost);
    request.unpipe(decompressor);
    decompressor.destroy();
  }
}

async function collect(source: Readable): Promise<Buffer> {
  const collected: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of chunks(source)) {
      bytes += chunk.length;
      if (bytes > BODY_BYTES_MAX) break;
      collected.push(chunk);
    }
  } catch (error) {
    const reason = (error as Error).message;
    throw fhirError('malformed-body', `The body could not be read to its end: ${reason}`);
  }
  if (bytes > BODY_BYTES_MAX) throw tooLarge();
  const [first] = collected;
  return collected.length === 1 && first !== undefined ? first : Buffer.concat(collected);
}

// Leaving the loop early must not destroy the request: its socket still carries the answer.
function chunks(source: Readable): AsyncIterable<Buffer> {
  return source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

function decode(body: Buffer): string {
  try {
    return utf8.decode(body);
  } catch {
    throw fhirError('malformed-body', 'The body is not valid UTF-8');
  }
}

function tooLarge(): FhirError {
  const sentence = `The body is larger than ${BODY_BYTES_MAX} bytes, decompressed`;
  return fhirError('body-too-large', sentence);
}
