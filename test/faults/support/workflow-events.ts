import type { temporal as proto } from '@temporalio/proto';
import type { FaultRig } from './fault-rig.ts';

type Event = proto.api.history.v1.IHistoryEvent;

/** Events of all executions of a workflow id, oldest execution last. */
export async function workflowEvents(rig: FaultRig, workflowId: string): Promise<Event[]> {
  const events: Event[] = [];
  for await (const { runId } of rig.temporal.workflow.list({ query: `WorkflowId = "${workflowId}"` })) {
    const history = await rig.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    events.push(...(history.events ?? []));
  }
  return events;
}

/** The run ids of all executions of a workflow id, oldest first. A list of executions follows them a moment later. */
export async function executionsInOrder(rig: FaultRig, workflowId: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { runId, startTime } of rig.temporal.workflow.list({
    query: `WorkflowId = "${workflowId}"`,
  })) {
    found.push(`${startTime.toISOString()} ${runId}`);
  }
  return found.sort().map((text) => text.split(' ')[1] ?? '');
}

/** The most attempts that one activity needed. */
export function mostAttempts(events: readonly Event[]): number {
  return Math.max(0, ...events.map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 0));
}

/** The text of every payload, wherever in the events it stands. */
export function payloadTexts(events: readonly Event[]): string[] {
  const texts: string[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if (value instanceof Uint8Array) return;
    const { data, metadata } = value as { data?: unknown; metadata?: unknown };
    if (data instanceof Uint8Array && metadata !== undefined) texts.push(Buffer.from(data).toString());
    for (const part of Object.values(value)) visit(part);
  };
  for (const event of events) visit(event);
  return texts;
}
