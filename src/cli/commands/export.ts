import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { TidelineError } from '../../errors.ts';
import { createLog } from '../../log.ts';
import { chooseShop } from '../choose-shop.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { formatNumber, printJson } from '../output.ts';
import { createProgress } from '../progress.ts';
import { type OpenInstallation, withInstallation, withTemporal } from '../with-installation.ts';

/** Lists that belong to no shop. */
const ofInstallation = ['conversions', 'deliveries', 'api_calls', 'audit_log', 'webhook_events'];

interface ExportOptions {
  shop?: string;
  format: 'csv' | 'xlsx';
  where: string[];
  output?: string;
  json?: true;
}

export function registerExport(program: Command, context: CommandContext): void {
  const command = program
    .command('export')
    .description('write a whole list into a CSV or XLSX file')
    .argument(
      '<list>',
      'such as orders, reconciliations or deliveries: the last part of its address in the API',
    )
    .option('--shop <id>', "Tideline's id or TikTok's; may be left out while one shop is connected")
    .addOption(new Option('--format <format>', 'kind of file').choices(['csv', 'xlsx']).default('csv'))
    .option(
      '--where <name=value>',
      'a filter or the sort of the list, as in the API; may be repeated',
      collect,
      [],
    )
    .option('--output <file>', 'where it is written; named after what is in it where left out')
    .option('--json', 'print the name and size of the file as JSON')
    .action((list: string, options: ExportOptions) =>
      withInstallation(context, async (open) => {
        const written = await writeList(context, open, await addressOf(open, list, options), options.output);
        if (options.json) printJson(context.stdout, written);
        else say(context.stdout, `${written.file}: ${formatNumber(written.bytes)} bytes.`);
      }),
    );
  examples(command, [
    ['tideline export orders --shop shop-1', 'every order of a shop as CSV'],
    [
      'tideline export orders --format xlsx --where status=COMPLETED --where sort=total_amount',
      'a selection',
    ],
    ['tideline export deliveries --output deliveries.csv', 'what became of conversions'],
  ]);
}

function collect(filter: string, others: string[]): string[] {
  if (/^[^=]+=/.test(filter)) return [...others, filter];
  throw new InvalidArgumentError('Write a filter such as status=COMPLETED.');
}

async function addressOf({ sql }: OpenInstallation, list: string, options: ExportOptions): Promise<string> {
  const query = new URLSearchParams(
    options.where.map((filter): [string, string] => {
      const at = filter.indexOf('=');
      return [filter.slice(0, at), filter.slice(at + 1)];
    }),
  );
  query.set('format', options.format);
  const name = list.split('/').map(encodeURIComponent).join('/');
  if (ofInstallation.includes(list)) return `/api/v1/${name}?${query}`;
  const shop = await chooseShop(sql, options.shop);
  return `/api/v1/shops/${shop.id}/${name}?${query}`;
}

/** Asks the API within this process, so that a list means the same on the command line; no server is needed. */
async function writeList(
  context: CommandContext,
  open: OpenInstallation,
  address: string,
  output: string | undefined,
): Promise<{ file: string; bytes: number }> {
  return withTemporal(context, open.installation, async (temporal) => {
    const [{ createApp }, { wireControls }] = await Promise.all([
      import('../../api/app.ts'),
      import('../../api/wiring.ts'),
    ]);
    const { config, installation, sql } = open;
    const log = createLog({ level: 'silent', component: 'api' });
    const controls = wireControls({ config, installation, sql, temporal, log });
    const apiKey = randomBytes(24).toString('base64url');
    const settings = {
      ...{ host: config.host, port: config.port, publicUrl: installation.publicUrl, apiKey, version: '' },
      ...{ requestsPerSecond: 1_000, temporalUiUrl: null, dashboardDirectory: '', snippetFile: '' },
    };
    const stopping = new AbortController().signal;
    const app = createApp({
      ...controls,
      sql,
      logger: log,
      settings,
      checkReadiness: async () => [],
      stopping,
    });
    try {
      const response = await app.request(new URL(address, installation.publicUrl).href, {
        headers: { authorization: `Bearer ${apiKey}` },
      });
      return await save(context, response, output);
    } finally {
      await controls.close();
    }
  });
}

async function save(
  context: CommandContext,
  response: Response,
  output: string | undefined,
): Promise<{ file: string; bytes: number }> {
  const told = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  if (!response.ok || response.body === null || told === undefined) throw await refusal(response);
  const file = output ?? told;
  const part = `${file}.part`;
  const display = createProgress({ output: context.stderr, environment: context.environment, unit: 'bytes' });
  const startedAt = performance.now();
  let bytes = 0;
  const counter = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.length;
      const ratePerSecond = (bytes * 1_000) / (performance.now() - startedAt);
      display.update(file, { done: bytes, expected: null, ratePerSecond, etaSeconds: null });
      done(null, chunk);
    },
  });
  try {
    await pipeline(response.body, counter, createWriteStream(part));
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  } finally {
    display.end();
  }
  return { file, bytes };
}

async function refusal(response: Response): Promise<TidelineError> {
  const { detail = 'The list cannot be exported.' } = (await response.json()) as { detail?: string };
  const isUnknown = response.status === 404 || /^format:/.test(detail);
  return new TidelineError({
    code: 'not-exported',
    message: isUnknown ? 'There is no such list that can be exported.' : detail,
    actor: response.status >= 500 ? 'retry' : 'user',
    ...(isUnknown ? { action: 'The page /docs names every list with the parameter format.' } : {}),
  });
}
