import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { TidelineError } from '../errors.ts';
import type { ChildrenRecord } from './children-record.ts';
import { openLog, tailOf } from './files.ts';
import { identifyProcess } from './process-identity.ts';

export interface StopStep {
  signal: NodeJS.Signals;
  /** How long to wait for the end before the next step, milliseconds. */
  patienceMs: number;
}

export interface ProcessSpecification {
  /** As people call it: "PostgreSQL", "the worker". */
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** Where stdout and stderr go; null: to those of this process. */
  logFile: string | null;
  /** Opens an IPC channel, whose end tells the child that this process is gone. */
  watchParent: boolean;
  /** One attempt; false or a rejection means not yet. */
  isReady(): Promise<boolean>;
  /** How long a start may take, milliseconds. */
  readyWithinMs: number;
  /** Signals in order; SIGKILL comes last by itself. */
  stop: StopStep[];
  /** What makes it end at once without harm when a person hurries. */
  hurrySignal: NodeJS.Signals;
  /** Runs before each start, restarts included: leftovers of the dead one. */
  prepare?(): void;
}

const FIRST_RESTART_MS = 200;
/** A second one that is killed young is no reason to miss the ten seconds within which work goes on. */
const LONGEST_RESTART_MS = 5_000;
/** A process that lived this long was not broken from its start: it is back at once, however often it was killed. */
const STABLE_AFTER_MS = 5_000;

/** One child process that is started again when it dies, until it is told to stop. */
export class SupervisedProcess {
  readonly specification: ProcessSpecification;
  readonly #record: ChildrenRecord;
  readonly #report: (line: string) => void;
  readonly #ending = new AbortController();
  #child: ChildProcess | null = null;
  #startedAt = 0;
  #restartDelay = FIRST_RESTART_MS;
  #keepAlive = false;

  constructor(specification: ProcessSpecification, record: ChildrenRecord, report: (line: string) => void) {
    this.specification = specification;
    this.#record = record;
    this.#report = report;
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /**
   * Starts the process and waits until it is ready; from then on it is restarted when it dies.
   * @throws TidelineError with the end of its log when it ends or is not ready in time
   */
  async start(signal: AbortSignal): Promise<void> {
    const { name, readyWithinMs } = this.specification;
    const child = this.#spawn();
    const deadline = Date.now() + readyWithinMs;
    let nextNote = Date.now() + 10_000;
    while (!(await this.#probe())) {
      signal.throwIfAborted();
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
        throw this.#failed(`${name} ended while it was starting (${describeEnd(child)}).`);
      }
      if (Date.now() > deadline) {
        throw this.#failed(`${name} was not ready within ${Math.round(readyWithinMs / 1000)} s.`);
      }
      if (Date.now() > nextNote) {
        this.#report(`${name} is still starting…`);
        nextNote += 10_000;
      }
      await sleep(40, undefined, { signal });
    }
    this.#keepAlive = true;
    // It may have died between the last probe and here, when nobody restarted it yet.
    if (this.#child === null) this.#scheduleRestart(child);
  }

  /** Stops it for good, however far it got. Never throws for a process that is already gone. */
  async stop(): Promise<void> {
    this.#keepAlive = false;
    this.#ending.abort();
    const child = this.#child;
    if (child === null) return;
    const ended = once(child, 'exit');
    for (const step of [...this.specification.stop, { signal: 'SIGKILL' as const, patienceMs: 5_000 }]) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(step.signal);
      const patience = new AbortController();
      const outcome = await Promise.race([
        ended.then(() => 'ended'),
        sleep(step.patienceMs, 'late', { signal: patience.signal }).catch(() => 'late'),
      ]);
      patience.abort();
      if (outcome === 'ended') return;
    }
  }

  /** Makes the process end at once; used when a person asks a second time. */
  hurry(): void {
    this.#keepAlive = false;
    this.#ending.abort();
    this.#child?.kill(this.specification.hurrySignal);
  }

  async #probe(): Promise<boolean> {
    try {
      return await this.specification.isReady();
    } catch {
      // Whatever the reason: asked again until the time is up, which then shows the process's own log.
      return false;
    }
  }

  #spawn(): ChildProcess {
    const { specification } = this;
    specification.prepare?.();
    const log = specification.logFile === null ? ('inherit' as const) : openLog(specification.logFile);
    const stdio = ['ignore' as const, log, log];
    try {
      const child = spawn(specification.command, specification.args, {
        env: specification.env,
        cwd: specification.cwd,
        uid: specification.uid,
        gid: specification.gid,
        // A process group of its own: Ctrl-C in the terminal reaches only us, and we stop in order.
        detached: true,
        stdio: specification.watchParent ? [...stdio, 'ipc'] : stdio,
      });
      this.#child = child;
      this.#startedAt = Date.now();
      const identity = child.pid === undefined ? null : identifyProcess(child.pid);
      if (identity !== null) {
        this.#record.add(specification.name, identity, specification.stop[0]?.signal ?? 'SIGTERM');
      }
      child.once('error', (error) => this.#ended(child, error));
      child.once('exit', () => this.#ended(child, null));
      return child;
    } finally {
      if (typeof log === 'number') closeSync(log);
    }
  }

  #ended(child: ChildProcess, error: Error | null): void {
    if (child !== this.#child) return;
    this.#child = null;
    if (child.pid !== undefined) this.#record.remove(child.pid);
    if (!this.#keepAlive) return;
    this.#report(
      `${this.specification.name} ended (${error?.message ?? describeEnd(child)}); starting it again.`,
    );
    this.#scheduleRestart(child);
  }

  #scheduleRestart(dead: ChildProcess): void {
    if (Date.now() - this.#startedAt > STABLE_AFTER_MS) this.#restartDelay = FIRST_RESTART_MS;
    const delay = this.#restartDelay;
    this.#restartDelay = Math.min(delay * 2, LONGEST_RESTART_MS);
    sleep(delay, undefined, { signal: this.#ending.signal }).then(
      () => {
        if (!this.#keepAlive || this.#child !== null) return;
        try {
          this.#spawn();
        } catch (error) {
          this.#report(`${this.specification.name} could not be started: ${(error as Error).message}`);
          this.#scheduleRestart(dead);
        }
      },
      // Only the end of the supervisor interrupts the wait.
      () => undefined,
    );
  }

  #failed(message: string): TidelineError {
    const { logFile } = this.specification;
    const tail = logFile === null ? '' : tailOf(logFile, 8);
    return new TidelineError({
      code: 'process-not-started',
      message: tail === '' ? message : `${message} The end of its log:\n${tail}`,
      actor: 'operator',
      ...(logFile === null ? {} : { action: `See ${logFile}.` }),
    });
  }
}

function describeEnd(child: ChildProcess): string {
  if (child.signalCode !== null) return `signal ${child.signalCode}`;
  return child.exitCode === null ? 'it could not be executed' : `exit code ${child.exitCode}`;
}
