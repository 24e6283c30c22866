import type { LogMetadata, Logger as TemporalLogger, LogLevel as TemporalLogLevel } from '@temporalio/common';
import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  destination,
  type Logger,
  pino,
} from 'pino';
import type { LogLevel } from './config.ts';
import { prettyLine } from './log-pretty.ts';
import { redact, scrub } from './log-redaction.ts';

export type Log = Logger;

export interface LogOptions {
  level: LogLevel;
  /** Which program of Tideline speaks: "api", "worker", "cli". */
  component: string;
  /** For tests; stderr when left out. */
  stream?: DestinationStream;
}

/**
 * The log of a process: JSON lines on stderr, or short lines when a person is looking at it. Secrets and personal
 * data are taken out by the names of the fields, queries and passwords of addresses wherever they appear.
 */
export function createLog(options: LogOptions): Log {
  const log = pino(
    {
      level: options.level,
      base: { component: options.component, pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      // Our own walk turns errors into plain objects; pino's serializer would put back what it left out.
      serializers: { err: (value: unknown) => value },
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redactAll(fields),
      },
      hooks: { streamWrite: scrub },
    },
    options.stream ?? standardError(),
  );
  // pino formats the bindings of the root only; children inherit this method.
  const child: (bindings: Bindings, options?: ChildLoggerOptions) => Log = log.child;
  return Object.assign(log, {
    child(this: Log, bindings: Bindings, childOptions?: ChildLoggerOptions): Log {
      return child.call(this, redactAll(bindings), childOptions);
    },
  });
}

function redactAll(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [
      key,
      // The walk must see the key to judge it.
      (redact({ [key]: value }) as Record<string, unknown>)[key],
    ]),
  );
}

function standardError(): DestinationStream {
  if (process.stderr.isTTY) return { write: (line) => process.stderr.write(prettyLine(line)) };
  // Synchronous: the last lines before an exit are the ones that are needed.
  return destination({ fd: 2, sync: true });
}

const levels: Record<TemporalLogLevel, 'trace' | 'debug' | 'info' | 'warn' | 'error'> = {
  TRACE: 'trace',
  DEBUG: 'debug',
  INFO: 'info',
  WARN: 'warn',
  ERROR: 'error',
};

/** Lets Temporal's worker, its core and the workflows write into our log. */
export function temporalLogger(log: Log): TemporalLogger {
  const write = (level: TemporalLogLevel, message: string, metadata?: LogMetadata): void => {
    const { error, ...fields } = metadata ?? {};
    log[levels[level]](error === undefined ? fields : { ...fields, err: error }, message);
  };
  return {
    log: write,
    trace: (message, metadata) => write('TRACE', message, metadata),
    debug: (message, metadata) => write('DEBUG', message, metadata),
    info: (message, metadata) => write('INFO', message, metadata),
    warn: (message, metadata) => write('WARN', message, metadata),
    error: (message, metadata) => write('ERROR', message, metadata),
  };
}
