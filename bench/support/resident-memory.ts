import { readFileSync } from 'node:fs';

const sampleMs = 25;

function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

/** By how much a process outgrows what it is now, at most, while `work` goes on. Bytes. */
export async function withMemoryGrowth<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; growth: number }> {
  const before = residentBytes(pid);
  let most = before;
  const sample = (): void => {
    most = Math.max(most, residentBytes(pid));
  };
  const timer = setInterval(sample, sampleMs);
  try {
    const result = await work();
    sample();
    return { result, growth: most - before };
  } finally {
    clearInterval(timer);
  }
}
