// Tells whoever started the service how the synthetic nation loads: a bar that is drawn anew on a
// terminal, a line for every tenth elsewhere.

import type { LoadProgress } from './load-nation.ts';

/** Where it is told. */
export interface ReportTarget {
  readonly isTerminal: boolean;
  write(text: string): void;
}

const BAR_WIDTH = 30;

/** One line: a bar, the share, the rate, the time gone and the time left.
 * @param elapsedMs since the load began */
export function progressLine({ loaded, expected }: LoadProgress, elapsedMs: number): string {
  const share = Math.min(1, loaded / expected);
  const filled = Math.round(share * BAR_WIDTH);
  const bar = '#'.repeat(filled) + '-'.repeat(BAR_WIDTH - filled);
  const perSecond = (loaded * 1_000) / Math.max(1, elapsedMs);
  const leftMs = share === 0 ? 0 : (elapsedMs * (1 - share)) / share;
  const percent = `${Math.floor(share * 100)} %`;
  const rate = `${Math.round(perSecond)} resources/s`;
  return `[${bar}] ${percent}, ${rate}, ${seconds(elapsedMs)} gone, ${seconds(leftMs)} left`;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}

/**
 * A listener for loadNation.
 * @param now milliseconds, any origin
 */
export function reportLoad(
  people: number,
  now: () => number,
  target: ReportTarget,
): (progress: LoadProgress) => void {
  const startedAtMs = now();
  let toldTenth = -1;
  return (progress) => {
    if (toldTenth === -1) {
      target.write(`Loading a synthetic nation of ${people} people (--empty for none)\n`);
      toldTenth = 0;
    }
    const line = progressLine(progress, now() - startedAtMs);
    const isDone = progress.loaded >= progress.expected;
    if (target.isTerminal) {
      target.write(`\r${line}${isDone ? '\n' : ''}`);
      return;
    }
    const tenth = Math.floor((progress.loaded * 10) / progress.expected);
    if (tenth > toldTenth) target.write(`${line}\n`);
    toldTenth = Math.max(tenth, toldTenth);
  };
}
