import { appendFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RandomSequence } from '../../../simulator/random.ts';
import { type FaultRig, type FaultRigOptions, startFaultRig } from './fault-rig.ts';
import type { Verdict } from './verdict.ts';

/** A fault of docs/faults.md and how it is tried. */
export interface Fault {
  /** As in docs/faults.md. */
  id: string;
  /** What goes wrong, and what holds all the same. */
  title: string;
  /** How often it strikes: in `npm test` and in `npm run faults`, where `--times` changes it. Once where not given. */
  times?: { quick: number; full: number };
  /** Too long for `npm test`: only `npm run faults` tries it. */
  long?: boolean;
  /** What the machine lacks for it, in words; null when nothing. */
  lacks?: () => string | null;
}

/** What a test gets to work with. */
export interface Trial {
  seed: number;
  times: number;
  /** Choices that the same seed repeats. */
  random: RandomSequence;
  /** Starts an installation that is stopped after the test. */
  rig(options?: FaultRigOptions): Promise<FaultRig>;
  /** Something else to undo after the test, last first. */
  cleanUp(work: () => Promise<void> | void): void;
}

/** What a test found out. */
export interface Finding {
  /** What was done, in one line of the report. */
  done: string;
  verdict: Verdict;
  /** Figures that are reported, not judged. */
  note?: string;
}

const full = process.env.TIDELINE_FAULTS === 'full';
const seed = Number(process.env.TIDELINE_FAULTS_SEED ?? 1);
const findings = process.env.TIDELINE_FAULTS_FINDINGS;
const minutes = 60_000;

/**
 * Declares a fault test. Its body lets the fault happen to real processes and asks the checker; nothing lost and
 * nothing doubled is demanded here, of every one. `npm run faults` writes a line for each into docs/fault-report.md.
 */
export function fault(about: Fault, body: (trial: Trial) => Promise<Finding>): void {
  const times = full
    ? Number(process.env.TIDELINE_FAULTS_TIMES ?? about.times?.full ?? 1)
    : Number(process.env.TIDELINE_FAULTS_TIMES ?? about.times?.quick ?? 1);
  const reason = about.long && !full ? 'only by npm run faults' : (about.lacks?.() ?? null);
  if (reason !== null) {
    if (about.lacks !== undefined) console.error(`Skipped fault ${about.id}: ${reason}.`);
    it.skip(`${about.id}: ${about.title} (skipped: ${reason})`, () => undefined);
    return;
  }
  const timeout = full ? 60 * minutes : 5 * minutes;
  it(`${about.id}: ${about.title}`, { timeout }, async () => {
    const undo: (() => Promise<void> | void)[] = [];
    const trial: Trial = {
      seed,
      times,
      random: new RandomSequence(seed),
      async rig(options) {
        const rig = await startFaultRig(options);
        undo.push(() => rig.stop());
        return rig;
      },
      cleanUp: (work) => void undo.push(work),
    };
    let finding: Finding | null = null;
    try {
      finding = await body(trial);
      expect(finding.verdict).toMatchObject({ lost: 0, doubled: 0, differences: [] });
      report(about, times, finding, 'passed');
    } catch (error) {
      report(about, times, finding, 'FAILED', error);
      throw error;
    } finally {
      for (let work = undo.pop(); work !== undefined; work = undo.pop()) await work();
    }
  });
}

function report(
  about: Fault,
  times: number,
  finding: Finding | null,
  outcome: 'passed' | 'FAILED',
  error?: unknown,
): void {
  if (findings === undefined) return;
  const { lost = null, doubled = null, refetched = null } = finding?.verdict ?? {};
  const reason = error === undefined ? undefined : String(error).split('\n')[0]?.slice(0, 200);
  const line = {
    at: new Date().toISOString().slice(0, 16),
    id: about.id,
    done: finding?.done ?? about.title,
    seed,
    times,
    lost,
    doubled,
    refetched,
    outcome,
    note: reason ?? finding?.note ?? '',
  };
  appendFileSync(findings, `${JSON.stringify(line)}\n`);
}
