// One attempt to tell a subscriber: a POST to its endpoint, and whether that was a success. The
// last step of a delivery.

import { DELIVERY_RESPONSE_BYTES_MAX, DELIVERY_TIMEOUT_MS } from '../limits.ts';
import type { Channel } from './subscription.ts';

/** A push that did not succeed, or whose success is unknown. The message may be shown to anyone
 * who may see the Subscription: it holds nothing of what the receiver said in words, since that
 * may name a person. */
export class PushFailure extends Error {}

/**
 * Posts to the channel's endpoint. Redirects are not followed: the answer would be another's.
 * @param bundle JSON text of a transaction Bundle; undefined sends an empty POST
 * @param signal gives the attempt up
 * @throws PushFailure unless the answer is 2xx and, for a transaction-response, no entry failed
 */
export async function push(
  channel: Channel,
  bundle: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const headers = new Headers(
    channel.headers.map(([name, value]): [string, string] => [name, value]),
  );
  if (bundle !== undefined) {
    headers.set('content-type', 'application/fhir+json');
    headers.set('prefer', 'return=minimal');
    if (!headers.has('accept')) headers.set('accept', 'application/fhir+json');
  }
  const timeout = AbortSignal.timeout(DELIVERY_TIMEOUT_MS);
  const { status, text } = await post(channel.endpoint, {
    method: 'POST',
    headers,
    body: bundle ?? null,
    redirect: 'manual',
    signal: AbortSignal.any([signal, timeout]),
  });
  const answer = parseAnswer(text);
  if (status < 200 || status > 299) throw new PushFailure(`HTTP status ${status}${codes(answer)}`);
  const failed = failedEntry(answer);
  if (failed !== undefined) throw new PushFailure(`the answer's entry has status ${failed}`);
}

async function post(url: string, init: RequestInit): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, init);
    return { status: response.status, text: await boundedText(response) };
  } catch (error) {
    throw new PushFailure(reasonOf(error), { cause: error });
  }
}

/** The answer's text; '' for one beyond the bound, which then is judged by its status alone. */
async function boundedText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    // Leaving the loop lets go of the connection.
    if (bytes > DELIVERY_RESPONSE_BYTES_MAX) return '';
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'the connection failed';
  if (error.name === 'TimeoutError') return `no answer within ${DELIVERY_TIMEOUT_MS / 1000} s`;
  const { cause } = error;
  const code = cause instanceof Error && 'code' in cause ? ` (${cause.code})` : '';
  return `the connection failed${code}`;
}

/** As much of an answer as is looked at. */
interface Answer {
  readonly resourceType?: unknown;
  readonly type?: unknown;
  readonly entry?: unknown;
  readonly issue?: unknown;
}

function parseAnswer(text: string): Answer {
  try {
    const answer: unknown = JSON.parse(text);
    return typeof answer === 'object' && answer !== null ? answer : {};
  } catch {
    return {};
  }
}

/** The issue codes of an OperationOutcome: ` (not-found)`; '' without any. */
function codes({ resourceType, issue }: Answer): string {
  if (resourceType !== 'OperationOutcome' || !Array.isArray(issue)) return '';
  const found = issue.map((each) => (each as { code?: unknown } | null)?.code);
  const known = found.filter((code) => typeof code === 'string' && /^[a-z-]{1,30}$/.test(code));
  return known.length === 0 ? '' : ` (${[...new Set(known)].join(', ')})`;
}

/** Status of an entry that failed. 304 is what some servers answer where nothing was to do. */
function failedEntry({ resourceType, type, entry }: Answer): string | undefined {
  if (resourceType !== 'Bundle' || type !== 'transaction-response') return undefined;
  const entries: readonly unknown[] = Array.isArray(entry) ? entry : [];
  const statuses = entries.map((each) => String((each as EntryAnswer | null)?.response?.status));
  const failed = statuses.find((status) => !/^(?:2\d\d|304)\b/.test(status));
  return failed === undefined ? undefined : (/^\d{3}/.exec(failed)?.[0] ?? 'none');
}

interface EntryAnswer {
  readonly response?: { readonly status?: unknown };
}
