// `npm run generate -- --people 100000 --seed 42 --date 2026-11-22 --out DIR`: writes a synthetic
// nation as NDJSON files, with progress on stderr. An entry of its own, beside main.ts.

import { parseArgs } from 'node:util';

import { estimateResources, type NationOptions, nation } from './nation.ts';
import { codeOf, FolderError, writeNdjson } from './ndjson-files.ts';

const USAGE = `Usage: npm run generate -- --people N --date YYYY-MM-DD --out DIR [--seed S]

  --people N   how many people live in the nation
  --date D     the day it is observed on, such as 2026-11-22
  --out DIR    a folder that does not exist yet, for one NDJSON file per resource type
  --seed S     another number is another nation; default 42
  --help       prints this`;

/** What the command line asks for. */
export type GenerateRequest =
  | { readonly kind: 'generate'; readonly options: NationOptions; readonly out: string }
  | { readonly kind: 'help' }
  /** One sentence. */
  | { readonly kind: 'fault'; readonly fault: string };

/** Reads the arguments after the program's name. */
export function readArguments(flags: readonly string[]): GenerateRequest {
  const text = { type: 'string' } as const;
  const options = { people: text, seed: text, date: text, out: text } as const;
  try {
    const { values } = parseArgs({
      args: [...flags],
      options: { ...options, help: { type: 'boolean' } },
    });
    if (values.help) return { kind: 'help' };
    const { people, date, out, seed = '42' } = values;
    if (people === undefined) return fault('--people says how many; --help lists the flags.');
    if (date === undefined) return fault('--date says the day; --help lists the flags.');
    if (!out) return fault('--out says where to; --help lists the flags.');
    if (!isWhole(people)) return fault(`--people must be a whole number, not '${people}'.`);
    if (!isWhole(seed)) return fault(`--seed must be a whole number, not '${seed}'.`);
    return { kind: 'generate', options: { people: Number(people), seed: Number(seed), date }, out };
  } catch (error) {
    // parseArgs explains an unknown flag in its first sentence, and then how to escape it.
    const [sentence] = (error as Error).message.split(/\. |\n/);
    return fault(`${sentence?.replace(/\.$/, '')}; --help lists the flags.`);
  }
}

function fault(sentence: string): GenerateRequest {
  return { kind: 'fault', fault: sentence };
}

function isWhole(text: string): boolean {
  return /^\d{1,16}$/.test(text);
}

/** Where a run's words go. */
export interface Terminal {
  readonly isTerminal: boolean;
  write(text: string): void;
}

/**
 * Generates and writes.
 * @param signal stops the run, leaving nothing behind
 * @returns the process's exit code
 */
export async function generate(
  flags: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<number> {
  const request = readArguments(flags);
  switch (request.kind) {
    case 'help':
      terminal.write(`${USAGE}\n`);
      return 0;
    case 'fault':
      terminal.write(`${request.fault}\n`);
      return 1;
    case 'generate':
      break;
  }
  const { options, out } = request;
  try {
    const resources = nation(options);
    const onProgress = progress(estimateResources(options.people), terminal);
    const count = await writeNdjson(resources, out, { onProgress, signal });
    const people = grouped(options.people);
    endLine(terminal);
    terminal.write(`${out} holds ${grouped(count)} resources of ${people} people.\n`);
    return 0;
  } catch (error) {
    endLine(terminal);
    terminal.write(`${sentence(error, out, signal)}\n`);
    return signal.aborted ? 130 : 1;
  }
}

/** Tells how far a run is: in place on a terminal, by every tenth elsewhere. */
function progress(expected: number, terminal: Terminal): (count: number) => void {
  let told = -1;
  return (count) => {
    const percent = Math.min(99, Math.floor((100 * count) / expected));
    const step = terminal.isTerminal ? percent : Math.floor(percent / 10);
    if (step === told) return;
    told = step;
    const text = `${percent} %, ${grouped(count)} of about ${grouped(expected)} resources`;
    terminal.write(terminal.isTerminal ? `\r${text}` : `${text}\n`);
  };
}

function endLine(terminal: Terminal): void {
  if (terminal.isTerminal) terminal.write('\n');
}

/** Why a run ended, for whoever started it. */
export function sentence(error: unknown, out: string, signal: AbortSignal): string {
  if (signal.aborted) return 'Interrupted: nothing was left behind.';
  if (error instanceof FolderError) return error.message;
  if (error instanceof RangeError) return `--${error.message}.`;
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `The disk is full: ${out} was not made, and nothing was left behind.`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `OpenIMS may not write to ${out}.`;
    default: {
      const message = error instanceof Error ? error.message : String(error);
      return `${out} was not made, and nothing was left behind: ${message}`;
    }
  }
}

/** 1234567 → 1,234,567. */
function grouped(count: number): string {
  return String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');
}

if (import.meta.main) {
  const interruption = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => interruption.abort());
  }
  const terminal = {
    isTerminal: process.stderr.isTTY === true,
    write: (text: string): void => {
      process.stderr.write(text);
    },
  };
  process.exitCode = await generate(process.argv.slice(2), terminal, interruption.signal);
}
