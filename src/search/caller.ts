// Who asks. Every request carries a Caller, and every read passes through search/restrict.ts
// with what that caller may see.

import type { Expression } from './expression.ts';

/** Someone who asks: a client, a person, or the local operator. */
export interface Caller {
  /** Stands in the audit and in page links; never shown to others. */
  readonly id: string;
  /**
   * Which resources of the type the caller may see: `everything`, `nothing`, or an expression on
   * that type. What does not match is treated as absent in reads, searches, totals, chains,
   * `_has`, includes and history.
   */
  readonly maySee: (type: string) => Expression;
}

/** The caller until security is configured: whoever can reach the loopback address. */
export const localOperator: Caller = {
  id: 'local-operator',
  maySee: () => ({ kind: 'everything' }),
};
