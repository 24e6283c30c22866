import type { ChildrenRecord } from './children-record.ts';
import { type ProcessSpecification, SupervisedProcess } from './supervised-process.ts';

/** Starts child processes, restarts what dies, and stops all of them in reverse order. */
export class Supervisor {
  readonly #record: ChildrenRecord;
  readonly #report: (line: string) => void;
  readonly #children: SupervisedProcess[] = [];
  readonly #lastResort = (): void => {
    for (const child of this.#children) child.hurry();
  };
  #stopping: Promise<void> | null = null;

  constructor(record: ChildrenRecord, report: (line: string) => void) {
    this.#record = record;
    this.#report = report;
    // An exit that nobody planned must not leave servers behind either.
    process.once('exit', this.#lastResort);
  }

  /**
   * Starts a process and waits until it is ready. The order of the calls is the order of the start; stopping goes
   * backwards. A process that failed to become ready is stopped by `stopAll` like the others.
   */
  async start(specification: ProcessSpecification, signal: AbortSignal): Promise<SupervisedProcess> {
    signal.throwIfAborted();
    const child = new SupervisedProcess(specification, this.#record, this.#report);
    this.#children.push(child);
    await child.start(signal);
    return child;
  }

  /** Stops everything; a second call waits for the first. */
  stopAll(): Promise<void> {
    this.#stopping ??= this.#stopInOrder();
    return this.#stopping;
  }

  /** Makes a stop under way end at once. */
  hurry(): void {
    for (const child of this.#children) child.hurry();
  }

  async #stopInOrder(): Promise<void> {
    for (const child of [...this.#children].reverse()) await child.stop();
    process.removeListener('exit', this.#lastResort);
  }
}
