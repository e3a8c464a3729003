// The service's life: read the configuration, take the port, open the app, serve, and on a
// signal stop accepting, finish, close. Whatever prevents the start is told in one sentence.

import { openApp } from './app.ts';
import { type Config, listeningOn, readConfig, withoutSecrets } from './config.ts';
import { createListener, listen } from './http/listener.ts';
import { createServer, stopServer } from './http/server.ts';
import { createLog, errorFields, type Log } from './lib/logging.ts';
import { StoreError } from './store/resource-store.ts';

/**
 * Runs the service until it is told to stop; sets the process's exit code.
 * @param flags the arguments after the program's name
 */
export async function main(flags: readonly string[]): Promise<void> {
  const reading = readConfig(flags);
  switch (reading.kind) {
    case 'help':
      process.stdout.write(`${reading.text}\n`);
      return;
    case 'faults':
      process.stderr.write(`${reading.faults.join('\n')}\n`);
      process.exitCode = 1;
      return;
    case 'config': {
      const log = createLog(reading.config.logLevel);
      await run(reading.config, log).catch((error: unknown) => {
        log.debug(errorFields(error), 'not started');
        process.stderr.write(`${sentence(error, reading.config)}\n`);
        process.exitCode = 1;
      });
    }
  }
}

async function run(wanted: Config, log: Log): Promise<void> {
  // The port comes first: its number is part of the base address, which the app is opened with.
  const listener = createListener();
  const config = listeningOn(wanted, await listen(listener, wanted.host, wanted.port));
  try {
    const app = await openApp(config, log, terminal);
    const server = createServer(app, { baseUrl: config.baseUrl, log, listener });
    await server.start();
    log.debug(withoutSecrets(config), 'started');
    // Whoever reads that it is ready may stop it at once.
    const stopping = signal();
    process.stdout.write(`${welcome(config)}\n`);
    await stopping;
    await stopServer(server);
    await app.close();
  } finally {
    listener.close();
  }
}

/** Progress goes beside the log, not into what a script reads. */
const terminal = {
  isTerminal: process.stderr.isTTY === true,
  write: (text: string) => {
    process.stderr.write(text);
  },
};

/** Waits for the first SIGINT or SIGTERM. Later ones change nothing: npm passes on what the
 * terminal has already sent, and the stop is bounded in time anyway. */
function signal(): Promise<void> {
  return new Promise((resolve) => {
    process.on('SIGINT', () => resolve());
    process.on('SIGTERM', () => resolve());
  });
}

function welcome({ baseUrl, cohortMemory }: Config): string {
  const json = "-H 'Content-Type: application/fhir+json'";
  const patient = '{"resourceType":"Patient","name":[{"family":"Khan","given":["Amina"]}]}';
  return [
    `OpenIMS is ready at ${baseUrl}`,
    cohortMemory === 0
      ? 'Cohorts are answered from the records.'
      : `Cohorts are counted in memory, of ${cohortMemory} MiB at most.`,
    'Try:',
    `  curl ${baseUrl}/metadata`,
    `  curl ${json} -d '${patient}' ${baseUrl}/Patient`,
    `  curl '${baseUrl}/Patient?family=khan&_pretty=true'`,
  ].join('\n');
}

/** Why the service cannot start, for whoever started it. */
function sentence(error: unknown, config: Config): string {
  if (error instanceof StoreError && error.refusal.reason === 'unavailable') {
    return error.refusal.detail;
  }
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${config.port} of ${config.host} is taken; choose another with --port.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `This machine has no address ${config.host}; choose another with --host.`;
    case 'EACCES':
      return `OpenIMS may not use port ${config.port} or directory ${config.data}.`;
    default: {
      const message = error instanceof Error ? error.message : String(error);
      return `OpenIMS cannot start: ${message.split('\n', 1)[0]}`;
    }
  }
}
