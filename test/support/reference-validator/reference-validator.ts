// HAPI's validator as a process beside the tests: resources go in line by line, what it finds comes
// out line by line. Used where Java and Maven are; what needs it says so where they are not.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

import { buildProgram } from './build-program.ts';

/** One finding, in HAPI's words. */
export interface ReferenceMessage {
  readonly severity: 'information' | 'warning' | 'error' | 'fatal';
  /** What kind of finding it is; null for those that HAPI gives no name. */
  readonly id: string | null;
  /** FHIRPath of the element. */
  readonly location: string;
  readonly text: string;
}

/** What HAPI says of one resource. */
export interface ReferenceAnswer {
  /** How long it took to validate, without reading and writing. */
  readonly nanoseconds: number;
  readonly messages: readonly ReferenceMessage[];
}

/** A running validator. */
export interface ReferenceValidator {
  /** Judges a JSON text. Questions may be asked without waiting for the answers before.
   * @throws Error when the process has ended */
  validate(resource: string): Promise<ReferenceAnswer>;
  /** Ends the process. */
  close(): Promise<void>;
}

/** Why HAPI refuses the resource; empty when it accepts. */
export function refusals({ messages }: ReferenceAnswer): readonly ReferenceMessage[] {
  return messages.filter(({ severity }) => severity === 'error' || severity === 'fatal');
}

/** The commands that are missing here, in one plain sentence; undefined when all are there. */
export function missingCommands(): string | undefined {
  const missing = ['java', 'javac', 'mvn'].filter(
    (command) => spawnSync(command, ['-version'], { stdio: 'ignore' }).status !== 0,
  );
  return missing.length === 0
    ? undefined
    : `the reference validator needs ${missing.join(' and ')}, which is not here`;
}

/**
 * Skips the running test or hook where Java or Maven is absent, in one plain line; under `CI=true`
 * their absence is a failure.
 */
export function needsReferenceValidator(context: Mocha.Context): void {
  const reason = missingCommands();
  if (reason === undefined) return;
  if (process.env.CI === 'true') throw new Error(reason);
  console.log(`      skipped: ${reason}`);
  context.skip();
}

/** Java's own bounds, so that it takes no more than the tests leave it; one language and zone, so
 * that answers are the same everywhere. */
const JAVA_FLAGS = ['-XX:+UseSerialGC', '-Xmx2g', '-Duser.language=en', '-Duser.timezone=UTC'];
/** For how many resources Java should compile: the best code costs more than it saves on a few
 * hundred. */
const COMPILER_FLAGS = { few: ['-XX:TieredStopAtLevel=1'], many: [] } as const;
const MAIN_CLASS = 'openims.ReferenceValidator';

interface Question {
  readonly resolve: (answer: ReferenceAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** Starts the validator, built first when needed. It is ready some ten seconds later; questions
 * asked before wait.
 * @param resources how many it will judge: hundreds, or thousands */
export async function startReferenceValidator(
  resources: 'few' | 'many',
): Promise<ReferenceValidator> {
  const classpath = await buildProgram();
  const flags = [...JAVA_FLAGS, ...COMPILER_FLAGS[resources], '-cp', classpath, MAIN_CLASS];
  const child = spawn('java', flags, { stdio: ['pipe', 'pipe', 'pipe'] });
  const killWithUs = () => child.kill('SIGKILL');
  process.once('exit', killWithUs);
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => undefined);
  const waiting: Question[] = [];
  createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY }).on(
    'line',
    (line) => {
      waiting.shift()?.resolve(JSON.parse(line) as ReferenceAnswer);
    },
  );
  const ended = whenClosed(child).then(() => {
    process.removeListener('exit', killWithUs);
    const error = new Error(`The reference validator has ended: ${stderr}`);
    for (const { reject } of waiting.splice(0)) reject(error);
  });
  return {
    validate(resource) {
      return new Promise((resolve, reject) => {
        if (child.exitCode !== null) reject(new Error('The reference validator has ended.'));
        waiting.push({ resolve, reject });
        // A line end can only stand between tokens: within strings JSON escapes it.
        child.stdin.write(`${resource.replaceAll(/[\r\n]/g, ' ')}\n`);
      });
    },
    async close() {
      child.stdin.end();
      await ended;
    },
  };
}

function whenClosed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
}
