// A row of the bench: what was measured against what, and how the figures are summed up.

/** One measured row. Times and rates are medians; `ratio` is ours ÷ peer in `unit`,
 * the median of the rounds' ratios. */
export interface BenchRow {
  readonly name: string;
  readonly median: number;
  readonly p99: number | null;
  readonly unit: string;
  /** What the same run measured beside it, and its median in the same unit. */
  readonly peer: string | null;
  readonly ratio: number | null;
  /** In words; `pass` says whether it was met. */
  readonly budget: string;
  readonly pass: boolean;
}

/** The value below which the share `quantile` (0 to 1) of the values lies. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const index = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  return sorted[index] ?? Number.NaN;
}

/** The middle value. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Ours ÷ peer, the middle one of the rounds: both sides of a round ran on the same machine at
 * nearly the same time, which the medians of the two need not have. */
export function medianRatio(ours: readonly number[], peer: readonly number[]): number {
  return median(ours.map((value, round) => value / (peer[round] ?? Number.NaN)));
}

/** Runs `work` until the engine has compiled what it is made of. */
export function warmUp(work: () => void): void {
  const until = performance.now() + WARM_UP_MS;
  while (performance.now() < until) work();
}

const WARM_UP_MS = 1_000;

/** Microseconds per call: one value per round of `calls` calls. */
export function timeRounds(rounds: number, calls: number, work: () => void): number[] {
  return Array.from({ length: rounds }, () => {
    const startedAt = performance.now();
    for (let call = 0; call < calls; call += 1) work();
    return ((performance.now() - startedAt) * 1_000) / calls;
  });
}

/** The rows as a table of text. */
export function table(rows: readonly BenchRow[]): string {
  const head = ['row', 'median', 'p99', 'unit', 'ratio', 'peer', 'budget', ''];
  const body = rows.map((row) => [
    row.name,
    figure(row.median),
    row.p99 === null ? '' : figure(row.p99),
    row.unit,
    row.ratio === null ? '' : `${figure(row.ratio)}x`,
    row.peer ?? '',
    row.budget,
    row.pass ? 'pass' : 'MISSED',
  ]);
  const lines = [head, ...body];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function figure(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
