// The real service as a child process, for tests of starting, stopping, crashing and bad input.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const START = fileURLToPath(new URL('../../src/start.js', import.meta.url));

/** A service that has said it is ready. */
export interface RunningService {
  /** Base address of the FHIR API. */
  readonly baseUrl: string;
  readonly data: string;
  /** Of its process. */
  readonly pid: number | undefined;
  /** What it has written to stderr so far. */
  readonly stderr: () => string;
  /** Asks it to stop (SIGTERM unless told otherwise) and resolves with its exit code. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
  /** Kills it at once, as a power cut would end it, and resolves when it is gone. */
  kill9(): Promise<void>;
}

/** How a process that ended by itself did so. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ServiceOptions {
  /** Data directory; the caller's to remove. */
  readonly data: string;
  /** A free one when absent. A restart on the port of before keeps the base address. */
  readonly port?: number;
  /** Further flags. */
  readonly flags?: readonly string[];
}

/** A fresh directory under the system's temporary one, and how to remove it. */
export function temporaryDirectory(): { readonly path: string; readonly remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'openims-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/**
 * Starts the service on a free port and waits until it is ready.
 * @throws Error with what it wrote when it ends instead
 */
export async function startService(options: ServiceOptions): Promise<RunningService> {
  const { data, port = 0 } = options;
  // The synthetic nation would be in the way of what a test counts.
  const own = ['--port', String(port), '--data', data, '--empty'];
  const flags = [...own, ...(options.flags ?? [])];
  const child = launch(flags);
  const baseUrl = await ready(child);
  const end = async (signal: NodeJS.Signals) => {
    child.process.kill(signal);
    return (await child.ended).exitCode;
  };
  return {
    baseUrl,
    data,
    pid: child.process.pid,
    stderr: () => child.output.stderr,
    stop: (signal = 'SIGTERM') => end(signal),
    kill9: async () => {
      await end('SIGKILL');
    },
  };
}

/** Runs the service with these flags until it ends by itself. */
export function runToItsEnd(flags: readonly string[]): Promise<Ended> {
  return launch(flags).ended;
}

interface Launched {
  readonly process: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<Ended>;
}

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

function launch(flags: readonly string[]): Launched {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('OPENIMS_'));
  const child = spawn(process.execPath, [START, ...flags], {
    env: Object.fromEntries(own),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (exitCode) => {
      running.delete(child);
      resolve({ exitCode, ...output });
    });
  });
  return { process: child, output, ended };
}

function ready({ process: child, output, ended }: Launched): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', () => {
      const [, baseUrl] = /ready at (\S+)\n/.exec(output.stdout) ?? [];
      if (baseUrl !== undefined) resolve(baseUrl);
    });
    ended.then(({ exitCode, stderr }) => {
      reject(new Error(`The service ended with ${exitCode} before it was ready: ${stderr}`));
    });
  });
}
