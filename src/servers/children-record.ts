import { join } from 'node:path';
import { readJsonObject, replaceFile } from './files.ts';
import { isRunning, type ProcessIdentity, signalProcess } from './process-identity.ts';

interface RecordedChild extends ProcessIdentity {
  name: string;
  stopSignal: NodeJS.Signals;
}

/** The children of the running supervisor, kept on disk so that the start after a SIGKILL can stop them. */
export interface ChildrenRecord {
  add(name: string, identity: ProcessIdentity, stopSignal: NodeJS.Signals): void;
  remove(pid: number): void;
}

function recordPath(directory: string): string {
  return join(directory, 'children.json');
}

function readRecorded(directory: string): RecordedChild[] {
  const children = readJsonObject(recordPath(directory))?.children;
  return Array.isArray(children) ? children.filter(isRecordedChild) : [];
}

function isRecordedChild(value: unknown): value is RecordedChild {
  if (typeof value !== 'object' || value === null) return false;
  const child = value as Record<string, unknown>;
  return typeof child.pid === 'number' && typeof child.started === 'string';
}

function write(directory: string, children: RecordedChild[]): void {
  replaceFile(recordPath(directory), `${JSON.stringify({ children }, null, 2)}\n`, 0o600);
}

/**
 * Starts an empty record. To be called by the holder of the lock, after `stopLeftovers`. Later changes that cannot be
 * written, as on a full disk, are reported and written with the next one: the children matter more than their record.
 */
export function openChildrenRecord(directory: string, report: (line: string) => void): ChildrenRecord {
  let children: RecordedChild[] = [];
  write(directory, children);
  const update = (next: RecordedChild[]): void => {
    children = next;
    try {
      write(directory, children);
    } catch (error) {
      report(`The record of the started processes could not be written: ${(error as Error).message}`);
    }
  };
  return {
    add: (name, identity, stopSignal) => {
      update([...children, { name, ...identity, stopSignal }]);
    },
    remove: (pid) => {
      update(children.filter((child) => child.pid !== pid));
    },
  };
}

/**
 * Stops what a supervisor that was killed left running, last started first. Only processes whose pid and start time
 * both match are touched.
 * @param patienceMs how long each may take before it is killed
 * @returns the names of what was stopped
 */
export async function stopLeftovers(directory: string, patienceMs = 10_000): Promise<string[]> {
  const stopped: string[] = [];
  for (const child of readRecorded(directory).reverse()) {
    if (!signalProcess(child, child.stopSignal)) continue;
    stopped.push(child.name);
    if (!(await endsWithin(child, patienceMs))) {
      signalProcess(child, 'SIGKILL');
      await endsWithin(child, patienceMs);
    }
  }
  return stopped;
}

/** Waits until a process is gone; false when it still runs after `milliseconds`. */
export async function endsWithin(identity: ProcessIdentity, milliseconds: number): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (isRunning(identity)) {
    if (Date.now() >= deadline) return false;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  return true;
}
