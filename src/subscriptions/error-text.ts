// What `Subscription.error` says: first which change was given up, which only a person can mend,
// then whether deliveries fail at present, which passes. Both survive a restart in the text itself.

const UNDELIVERED = 'Not delivered: ';
const FAILING = 'Delivery fails: ';

/** The two sentences in an error text; others are left out. */
function partsOf(error: string | undefined): { undelivered: string; failing: string } {
  const text = error ?? '';
  const end = text.includes(FAILING) ? text.indexOf(FAILING) : text.length;
  const undelivered = text.slice(0, end).trimEnd();
  return {
    undelivered: undelivered.startsWith(UNDELIVERED) ? undelivered : '',
    failing: text.slice(end),
  };
}

function join(...sentences: readonly string[]): string | undefined {
  const text = sentences.filter((sentence) => sentence !== '').join(' ');
  return text === '' ? undefined : text;
}

/** Whether the text says that deliveries fail. */
export function saysFailing(error: string | undefined): boolean {
  return partsOf(error).failing !== '';
}

/**
 * The text while a change cannot be delivered and is tried again.
 * @param what names the change: `Immunization/1 version 2`
 */
export function failingText(error: string | undefined, what: string, why: string): string {
  const sentence = `${FAILING}${what} (${why}). It is tried again until it succeeds.`;
  return join(partsOf(error).undelivered, sentence) ?? sentence;
}

/** The text once deliveries work again; undefined when nothing is left to say. */
export function workingText(error: string | undefined): string | undefined {
  return join(partsOf(error).undelivered);
}

/** The text after a change that can never be delivered. It names the last such change, and stays
 * until the Subscription is updated without it. */
export function undeliveredText(error: string | undefined, what: string, why: string): string {
  const sentence = `${UNDELIVERED}${what} (${why}).`;
  return join(sentence, partsOf(error).failing) ?? sentence;
}
