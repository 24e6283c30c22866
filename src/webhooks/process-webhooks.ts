import { z } from 'zod';
import type { EventIntake } from '../conversions/accept-events.ts';
import { parseSourceEvent } from '../conversions/parse-source-event.ts';
import type { ConversionKey } from '../conversions/seal.ts';
import type { Sql } from '../db/pool.ts';
import {
  type DueWebhook,
  dueWebhooks,
  nextWebhookDue,
  postponeWebhook,
  settleWebhook,
} from '../db/queries/webhook-events.ts';
import { TidelineError } from '../errors.ts';
import type { Appointment } from '../sources/acuity/appointment.ts';
import type { AcuityClient } from '../sources/acuity/client.ts';
import {
  eventNameOf,
  readAcuityWebhook,
  toConversion as toAcuityConversion,
} from '../sources/acuity/webhook.ts';
import { readStripeEvent, toConversion as toStripeConversion } from '../sources/stripe/event.ts';
import {
  appointmentState,
  appointmentVersion,
  rememberAppointment,
  rememberAppointmentEvent,
} from './appointments.ts';
import { webhookContext } from './receive-webhooks.ts';
import type { WebhookSource } from './sources.ts';
import { showWebhookId } from './webhook-id.ts';

export interface WebhookProcessing {
  sql: Sql;
  conversionKey: ConversionKey;
  intake: EventIntake;
  acuity: AcuityClient;
}

type Outcome =
  | { status: 'processed' | 'ignored' | 'failed'; reason: string | null }
  | { status: 'later'; reason: string };

const atOnce = 10;
const batch = 100;
/** Waits after the first, second, … failure; the last for all further ones. Milliseconds. */
const waits = [5_000, 30_000, 120_000, 600_000, 3_600_000];
/** A day of hourly tries: what is not mended by then wants a replay by hand. */
const mostAttempts = 30;
/** A webhook may come before what it tells of can be read: what is not there after this many tries is not there. */
const triesOfMissing = 4;
/** How often an appointment is read again because somebody else had read it at the same time. */
const mostReads = 5;

/**
 * Works off the webhooks of a source that are due, each by itself: one that cannot be done keeps no other waiting.
 *
 * @returns milliseconds until the next is due; null when none waits
 */
export async function processWebhooks(
  processing: WebhookProcessing,
  source: WebhookSource,
  signal: AbortSignal,
): Promise<number | null> {
  while (!signal.aborted) {
    const due = await dueWebhooks(processing.sql, source, batch);
    for (let start = 0; start < due.length && !signal.aborted; start += atOnce) {
      await Promise.all(
        due.slice(start, start + atOnce).map((one) => processOne(processing, source, one, signal)),
      );
    }
    if (due.length < batch) break;
  }
  return nextWebhookDue(processing.sql, source);
}

async function processOne(
  processing: WebhookProcessing,
  source: WebhookSource,
  webhook: DueWebhook,
  signal: AbortSignal,
): Promise<void> {
  const outcome = await tryWork(processing, source, webhook, signal);
  if (outcome.status !== 'later') return settleWebhook(processing.sql, webhook, { ...outcome });
  if (webhook.attempts + 1 >= mostAttempts) {
    return settleWebhook(processing.sql, webhook, { status: 'failed', reason: outcome.reason });
  }
  const waitMs = waits[Math.min(webhook.attempts, waits.length - 1)] ?? 0;
  return postponeWebhook(processing.sql, webhook, { waitMs, reason: outcome.reason });
}

async function tryWork(
  processing: WebhookProcessing,
  source: WebhookSource,
  webhook: DueWebhook,
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    const key = await processing.conversionKey();
    const body = key.decrypt(webhook.body, webhookContext(source, webhook.source_id));
    return source === 'stripe'
      ? await ofStripe(processing, webhook, body)
      : await ofAcuity(processing, webhook, body, signal);
  } catch (error) {
    // What we do not understand of a source's object will not become clearer by trying again.
    if (error instanceof z.ZodError)
      return { status: 'failed', reason: `Not as documented: ${paths(error)}.` };
    if (error instanceof TidelineError && error.actor === 'retry' && !signal.aborted) {
      return { status: 'later', reason: error.message };
    }
    throw error;
  }
}

async function ofStripe(processing: WebhookProcessing, webhook: DueWebhook, body: Buffer): Promise<Outcome> {
  const event = readStripeEvent(body);
  if (event === null) return { status: 'failed', reason: 'It is no event of Stripe.' };
  const conversion = toStripeConversion(event, webhook.received_at);
  if ('ignored' in conversion) return { status: 'ignored', reason: conversion.ignored };
  return (await accept(processing, conversion.given, `stripe/${webhook.source_id}`)).outcome;
}

async function ofAcuity(
  processing: WebhookProcessing,
  webhook: DueWebhook,
  body: Buffer,
  signal: AbortSignal,
): Promise<Outcome> {
  const told = readAcuityWebhook(body);
  if (told === null || eventNameOf(told.action) === null) {
    return { status: 'ignored', reason: `No conversion is made of ${webhook.topic}.` };
  }
  const appointment = await readAndRemember(processing, told.id, signal);
  if (appointment === null) {
    const status = webhook.attempts + 1 < triesOfMissing ? 'later' : 'failed';
    return { status, reason: 'Acuity has no such appointment.' };
  }
  const key = await processing.conversionKey();
  const state = appointmentState(key, appointment);
  const given = toAcuityConversion(told, appointment, { state, receivedAt: webhook.received_at });
  const { outcome, event } = await accept(processing, given, `acuity/${showWebhookId(webhook.webhook_key)}`);
  if (event !== null) await rememberAppointmentEvent(processing.sql, 'acuity', appointment.id, event);
  return outcome;
}

/**
 * The appointment as it is now, kept as such.
 *
 * @throws TidelineError to be tried again when others read the same appointment time and again
 */
async function readAndRemember(
  { sql, acuity, conversionKey }: WebhookProcessing,
  id: string,
  signal: AbortSignal,
): Promise<Appointment | null> {
  const key = await conversionKey();
  for (let read = 0; read < mostReads; read += 1) {
    const version = await appointmentVersion(sql, 'acuity', id);
    const appointment = await acuity.readAppointment(id, signal);
    if (appointment === null) return null;
    if (await rememberAppointment(sql, key, 'acuity', appointment, version)) return appointment;
  }
  const message = 'Other webhooks of the same appointment are being worked on.';
  throw new TidelineError({ code: 'appointment-busy', actor: 'retry', message });
}

async function accept(
  { intake }: WebhookProcessing,
  given: Record<string, unknown>,
  origin: string,
): Promise<{ outcome: Outcome; event: { event_name: string; event_id: string } | null }> {
  const result = parseSourceEvent(given, Date.now() / 1_000);
  if ('faults' in result) {
    const reason = result.faults.map(({ path, message }) => `${path} ${message}`).join(' ');
    return { outcome: { status: 'failed', reason: reason.slice(0, 500) }, event: null };
  }
  const { accepted } = await intake.accept([result.parsed], origin);
  const notes = [
    ...(accepted.length === 0 ? ['The event was known already.'] : []),
    ...result.leftOut.map(({ path }) => `${path} was left out.`),
  ];
  return {
    outcome: { status: 'processed', reason: notes.length === 0 ? null : notes.join(' ').slice(0, 500) },
    event: result.parsed.event,
  };
}

function paths(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path }) => path.map(String).join('.'))
    .join(', ');
}
