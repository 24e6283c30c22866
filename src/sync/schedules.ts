import { createHash } from 'node:crypto';
import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  type ScheduleOptions,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { TidelineError } from '../errors.ts';
import { syncWorkflowType, taskQueue } from '../temporal/names.ts';
import type { RunStream, ScheduleSettings } from './types.ts';

export type ScheduledStream = RunStream | 'tokens';
export const scheduledStreams: readonly ScheduledStream[] = [
  'orders',
  'products',
  'analytics',
  'reconcile',
  'tokens',
];

const defaults: Record<ScheduledStream, ScheduleSettings> = {
  orders: { every: '5m', jitter: '30s', paused: false },
  products: { every: '1h', jitter: '5m', paused: false },
  analytics: { every: '1d', jitter: '1h', paused: false },
  reconcile: { every: '1d', jitter: '1h', paused: false },
  tokens: { every: '1d', jitter: '1h', paused: false },
};

const units: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };
const shortestInterval = 60;
const longestInterval = 31 * 86_400;

function scheduleType(stream: ScheduledStream): string {
  return stream === 'tokens' ? 'tokenRefresh' : syncWorkflowType(stream);
}

export function scheduleId(stream: ScheduledStream, shopId: string): string {
  return `${scheduleType(stream)}/${shopId}`;
}

/** Seconds of `90s`, `5m`, `1h` or `1d`; null when it is none of these. */
export function durationSeconds(text: string): number | null {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  return match ? Number(match[1]) * (units[match[2] ?? ''] ?? 0) : null;
}

function durationText(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  const unit = Object.entries(units)
    .toReversed()
    .find(([, size]) => seconds > 0 && seconds % size === 0);
  return unit ? `${seconds / unit[1]}${unit[0]}` : `${seconds}s`;
}

function parseSettings(settings: ScheduleSettings): { every: number; jitter: number } {
  const every = durationSeconds(settings.every);
  const jitter = durationSeconds(settings.jitter);
  const bad = (message: string): TidelineError =>
    new TidelineError({
      code: 'invalid-schedule',
      message,
      actor: 'user',
      action: 'Write it as 90s, 5m, 1h or 1d.',
    });
  if (every === null || every < shortestInterval || every > longestInterval) {
    throw bad('every must be between 1m and 31d.');
  }
  if (jitter === null || jitter > every) throw bad('jitter must be a duration no longer than every.');
  return { every, jitter };
}

/** Intervals align to the epoch: without an offset of its own every shop would start in the same second. */
function offsetSeconds(shopId: string, every: number): number {
  return createHash('sha256').update(shopId).digest().readUInt32BE(0) % every;
}

function specOf(shopId: string, settings: ScheduleSettings): ScheduleOptions['spec'] {
  const { every, jitter } = parseSettings(settings);
  return {
    intervals: [{ every: every * 1000, offset: offsetSeconds(shopId, every) * 1000 }],
    jitter: jitter * 1000,
  };
}

function optionsOf(stream: ScheduledStream, shopId: string, settings: ScheduleSettings): ScheduleOptions {
  const id = scheduleId(stream, shopId);
  const action =
    stream === 'tokens'
      ? { workflowType: 'tokenRefresh', args: [], workflowId: `${id}/scheduled` }
      : {
          workflowType: 'syncStarter',
          args: [shopId, stream],
          workflowId: `syncStarter/${stream}/${shopId}`,
        };
  return {
    scheduleId: id,
    spec: specOf(shopId, settings),
    action: { type: 'startWorkflow', taskQueue, workflowExecutionTimeout: '1h', ...action },
    // A missed interval is not made up for: the next sync reads from the watermark anyway.
    policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1m' },
    state: { paused: settings.paused },
  };
}

/** Makes the schedules of a shop where they are missing; those that exist keep their settings. */
export async function ensureSchedules(temporal: Client, shopId: string): Promise<void> {
  for (const stream of scheduledStreams) {
    try {
      await temporal.schedule.create(optionsOf(stream, shopId, defaults[stream]));
    } catch (error) {
      if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    }
  }
}

/** @throws TidelineError 404 when the shop has no such schedule. */
export async function readSchedule(
  temporal: Client,
  shopId: string,
  stream: ScheduledStream,
): Promise<ScheduleSettings> {
  try {
    const { spec, state } = await temporal.schedule.getHandle(scheduleId(stream, shopId)).describe();
    return {
      every: durationText(spec.intervals?.[0]?.every ?? 0),
      jitter: durationText(spec.jitter ?? 0),
      paused: state.paused,
    };
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    const message = `${shopId} has no schedule for ${stream}.`;
    throw new TidelineError({ code: 'schedule-not-found', message, actor: 'user', status: 404 });
  }
}

/** Replaces the settings of a schedule, which is made when it is missing. */
export async function writeSchedule(
  temporal: Client,
  shopId: string,
  stream: ScheduledStream,
  settings: ScheduleSettings,
): Promise<ScheduleSettings> {
  const options = optionsOf(stream, shopId, settings);
  try {
    await temporal.schedule.getHandle(scheduleId(stream, shopId)).update((previous) => ({
      ...previous,
      spec: options.spec,
      state: { ...previous.state, paused: settings.paused },
    }));
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    await temporal.schedule.create(options);
  }
  return settings;
}

/** Deletes a shop's schedules, as when it is disconnected. */
export async function removeSchedules(temporal: Client, shopId: string): Promise<void> {
  for (const stream of scheduledStreams) {
    try {
      await temporal.schedule.getHandle(scheduleId(stream, shopId)).delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
  }
}
