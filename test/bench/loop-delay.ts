// How long the event loop was held up while something ran. Node's own histogram counts the time
// between disabling and enabling it as one long delay, so each run has a histogram of its own.

import { monitorEventLoopDelay } from 'node:perf_hooks';

/** Delays in milliseconds. */
export interface LoopDelay {
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Runs `work` and adds what it did to the event loop to `delays`. */
export async function watchLoop(delays: LoopDelay[], work: () => Promise<unknown>): Promise<void> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await work();
  delay.disable();
  delays.push({
    medianMs: delay.percentile(50) / 1e6,
    p99Ms: delay.percentile(99) / 1e6,
    maxMs: delay.max / 1e6,
  });
}
