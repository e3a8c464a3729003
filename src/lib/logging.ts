// The log: JSON lines on stderr through pino. Lines say what happened to which kind of request,
// never what was in it: query values and resources carry names and NHS numbers.

import { type Logger, pino } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** `log.info({ field: value }, 'what happened')`. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'isLevelEnabled'>;

/** A log of that least severity. Lines are written before the call returns, so that the last
 * one before a crash is not lost. */
export function createLog(level: LogLevel): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return pino(options, pino.destination({ fd: 2, sync: true }));
}

/**
 * An unexpected error as log fields: its kind, code and where it was thrown. Its message is left
 * out, since that of a parser or database quotes what it choked on.
 */
export function errorFields(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { error: typeof error };
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  const code = 'code' in error ? { code: error.code } : {};
  return { error: error.name, ...code, at: frames.map((line) => line.slice('    at '.length)) };
}
