import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseEvent } from '../../conversions/parse-event.ts';
import { createConversionKey } from '../../conversions/seal.ts';
import { type DeliveryStatus, deliveryStatuses } from '../../conversions/types.ts';
import { wakeDelivery } from '../../conversions/wake-delivery.ts';
import { AccessTokens } from '../../deliveries/access-tokens.ts';
import { previewEvent } from '../../deliveries/preview.ts';
import {
  countDeliveries,
  type DeliveryFilter,
  listDeliveries,
  readDelivery,
} from '../../deliveries/read-deliveries.ts';
import { rehearseReplay, replayDelivery, startReplay } from '../../deliveries/replay.ts';
import type { DeliveryTools } from '../../deliveries/tools.ts';
import { destinationKind } from '../../destinations/index.ts';
import { createHttpClient } from '../../http/request.ts';
import { openKeyRing } from '../../servers/open-key-ring.ts';
import { createDataKeys } from '../../shops/data-keys.ts';
import { audited } from '../audited.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatTime, printJson, renderTable } from '../output.ts';
import { UsageError } from '../usage-error.ts';
import { withInstallation, withTemporal } from '../with-installation.ts';

interface FilterOptions {
  status?: DeliveryStatus;
  destination?: string;
  eventName?: string;
  reason?: string;
  from?: string;
  to?: string;
}

interface ReplayOptions extends FilterOptions {
  dryRun?: true;
  confirm?: true;
  json?: true;
}

/** What became of conversion events at each destination. */
export function registerDeliveries(program: Command, context: CommandContext): void {
  const deliveries = program
    .command('deliveries')
    .description('conversion events on their way to each destination');
  registerList(deliveries, context);
  registerShow(deliveries, context);
  registerReplay(deliveries, context);
  registerPreview(deliveries, context);
}

function withFilters(command: Command): Command {
  return command
    .addOption(new Option('--status <status>', 'how they stand').choices(deliveryStatuses))
    .option('--destination <id>', 'of one destination')
    .option('--event-name <name>', 'of one event name')
    .option('--reason <text>', 'whose reason begins so')
    .option('--from <time>', 'made at this time or later', parseTime)
    .option('--to <time>', 'made before this time', parseTime);
}

function parseTime(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime()))
    throw new InvalidArgumentError('Write a time such as 2026-01-31T08:00:00Z.');
  return time.toISOString();
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= 500) return limit;
  throw new InvalidArgumentError('Write a whole number from 1 to 500.');
}

function filterOf({ status, destination, eventName, reason, from, to }: FilterOptions): DeliveryFilter {
  return { ...{ destination, reason, from, to }, status: status && [status], event_name: eventName };
}

/** Runs `work` on the deliveries of the installation, and wakes the destinations that it names afterwards. */
async function withDeliveries(
  context: CommandContext,
  work: (tools: DeliveryTools) => Promise<void>,
): Promise<void> {
  await withInstallation(context, async ({ config, installation, sql }) => {
    const keyRing = openKeyRing(installation.encryptionKeys, config.encryptionKeysDirectory);
    const timeouts = { connectTimeoutMs: 5_000, headersTimeoutMs: 15_000, bodyTimeoutMs: 15_000 };
    const http = createHttpClient({
      ...timeouts,
      maxResponseBytes: 4 * 1024 * 1024,
      connectionsPerOrigin: 1,
    });
    const woken = new Set<string>();
    try {
      await work({
        ...{ sql, http, config: config.conversions, findKind: destinationKind },
        conversionKey: createConversionKey(sql, createDataKeys(keyRing)),
        tokens: new AccessTokens(http, config.conversions.origins),
        wake: (ids) => {
          for (const id of ids) woken.add(id);
        },
      });
      if (woken.size === 0) return;
      await withTemporal(context, installation, async (temporal) => {
        for (const id of woken) await wakeDelivery(temporal, id);
      });
    } finally {
      await http.close();
    }
  });
}

function registerList(deliveries: Command, context: CommandContext): void {
  const command = withFilters(deliveries.command('list').description('list them, newest first'))
    .option('--limit <number>', 'how many, at most 500', parseLimit, 50)
    .option('--json', 'print them as JSON')
    .action(async (options: FilterOptions & { limit: number; json?: true }) => {
      await withInstallation(context, async ({ sql }) => {
        const filter = filterOf(options);
        const data = await listDeliveries(sql, filter, { after: null, limit: options.limit });
        const total = await countDeliveries(sql, filter);
        if (options.json) return printJson(context.stdout, { data, total });
        if (total === 0) return say(context.stdout, 'There are no such deliveries.');
        const rows = data.map((one) => [
          ...[one.id, one.event_name, one.event_id, one.destination],
          ...[
            one.paused ? `${one.status} (paused)` : one.status,
            one.reason ?? '',
            formatTime(one.created_at),
          ],
        ]);
        const titles = ['delivery', 'event', 'event id', 'destination', 'status', 'reason', 'made'];
        say(context.stdout, renderTable(titles, rows));
        if (total > data.length) say(context.stderr, `${data.length} of ${total}.`);
      });
    });
  examples(command, [['tideline deliveries list --status FAILED', 'what platforms have refused, and why']]);
}

function registerShow(deliveries: Command, context: CommandContext): void {
  const command = deliveries
    .command('show')
    .description('one with every attempt: what was sent, and what was answered')
    .argument('<delivery>', 'such as dlv_42')
    .option('--json', 'print it as JSON')
    .action(async (id: string, options: { json?: true }) => {
      await withDeliveries(context, async (tools) => {
        const one = await readDelivery(tools, id);
        if (options.json) return printJson(context.stdout, one);
        const { attempts, ...fields } = one;
        const rows = Object.entries(fields).map(([name, value]) => [name, String(value ?? '')]);
        say(context.stdout, renderTable(['field', 'value'], rows));
        for (const [index, attempt] of attempts.entries()) {
          say(context.stdout, `\nAttempt ${index + 1}, ${formatTime(attempt.at)}: ${attempt.outcome}`);
          say(context.stdout, `> ${attempt.request_path}\n> ${attempt.request_body ?? ''}`);
          say(context.stdout, `< ${attempt.response_code ?? 'no answer'}\n< ${attempt.response_body ?? ''}`);
        }
      });
    });
  examples(command, [['tideline deliveries show dlv_42 --json', 'the proof of one delivery']]);
}

function registerReplay(deliveries: Command, context: CommandContext): void {
  const command = withFilters(
    deliveries
      .command('replay')
      .description('send settled deliveries again: one, or those of a filter')
      .argument('[delivery]', 'such as dlv_42; left out: those of the filter'),
  )
    .option('--dry-run', 'only say what would be sent')
    .option('--confirm', 'send, too, what the platform may count twice')
    .option('--json', 'print the result as JSON')
    .action(async (id: string | undefined, options: ReplayOptions) => {
      const filter = filterOf(options);
      const isFiltered = Object.values(filter).some((value) => value !== undefined);
      if ((id === undefined) !== isFiltered) {
        throw new UsageError('Name one delivery, or what to replay: --status, --destination, --reason …');
      }
      await withDeliveries(context, (tools) => replay(context, tools, { id, filter, options }));
    });
  examples(command, [
    ['tideline deliveries replay dlv_42', 'send one again'],
    ['tideline deliveries replay --status FAILED --dry-run', 'say what would be sent'],
  ]);
}

async function replay(
  context: CommandContext,
  tools: DeliveryTools,
  { id, filter, options }: { id: string | undefined; filter: DeliveryFilter; options: ReplayOptions },
): Promise<void> {
  const confirm = options.confirm === true;
  const result =
    id !== undefined
      ? await audited(
          tools.sql,
          { action: 'deliveries replay' },
          async () => {
            await replayDelivery(tools, id, confirm);
            return { delivery: id, status: 'PENDING' };
          },
          ({ delivery }) => ({ delivery }),
        )
      : options.dryRun
        ? await rehearseReplay(tools, filter)
        : await audited(
            tools.sql,
            { action: 'deliveries replay' },
            () => startReplay(tools, filter, confirm),
            ({ replay_id: replayId }) => ({ replay: replayId }),
          );
  if (options.json) return printJson(context.stdout, result);
  const rows = Object.entries(result).map(([name, value]) => [name.replaceAll('_', ' '), String(value)]);
  say(context.stdout, renderTable(['what', 'value'], rows));
}

function registerPreview(deliveries: Command, context: CommandContext): void {
  const command = deliveries
    .command('preview')
    .description('show what would be sent of an event, and why not; nothing is stored or sent')
    .argument('<file>', 'one event as JSON, as POST /api/v1/conversions takes it; - for standard input')
    .option('--json', 'print it as JSON')
    .action(async (file: string, options: { json?: true }) => {
      const parsed = parseEvent(readEvent(file), Date.now() / 1_000);
      if ('faults' in parsed) {
        const faults = parsed.faults.map(({ path, message }) => `  ${path} ${message}`);
        throw new UsageError(['The event would be rejected:', ...faults].join('\n'));
      }
      await withDeliveries(context, async (tools) => {
        const data = await previewEvent(tools, parsed.event, parsed.destinations);
        if (options.json) return printJson(context.stdout, { data });
        for (const one of data) {
          say(
            context.stdout,
            `${one.destination}: ${one.skip_reason ?? `${one.platform_event ?? ''} is sent`}`,
          );
          if (one.request !== null) say(context.stdout, `> ${one.request.url}\n> ${one.request.body ?? ''}`);
          if (one.missing.length > 0) say(context.stdout, `It does not bring: ${one.missing.join(', ')}`);
        }
      });
    });
  examples(command, [['tideline deliveries preview event.json', 'the request for each destination']]);
}

function readEvent(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    throw new UsageError(
      `${file} holds no JSON that can be read: ${error instanceof Error ? error.message : ''}`,
    );
  }
}
