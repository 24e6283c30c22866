import { readdirSync, readFileSync } from 'node:fs';

/** Files, sockets and pipes that a process has open. */
export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

/** Resident memory of a process. */
export function residentMegabytes(pid: number): number {
  const [, kilobytes = '0'] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}

/** How much values that are as far apart as each other rise from one to the next: the slope of the line that fits best. */
export function slope(values: readonly number[]): number {
  const mean = (list: readonly number[]): number => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [middle, average] = [(values.length - 1) / 2, mean(values)];
  const rise = values.reduce((sum, value, place) => sum + (place - middle) * (value - average), 0);
  return rise / values.reduce((sum, _, place) => sum + (place - middle) ** 2, 0);
}
