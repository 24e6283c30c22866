import type { Command } from 'commander';
import type { SellerCenterControl } from '../../seller-center/control.ts';
import type { SellerCenterChanges, SellerCenterRecord } from '../../seller-center/settings.ts';
import { audited } from '../audited.ts';
import { chooseShop } from '../choose-shop.ts';
import { confirm } from '../confirm.ts';
import { type CommandContext, say } from '../context.ts';
import { examples } from '../examples.ts';
import { openSellerCenter } from '../open-seller-center.ts';
import { formatTime, printJson } from '../output.ts';
import { readGivenFile } from '../read-given-file.ts';
import { UsageError } from '../usage-error.ts';
import { type OpenInstallation, withInstallation } from '../with-installation.ts';

interface ShopOptions {
  shop?: string;
  json?: true;
}

interface SettingOptions extends ShopOptions {
  baseUrl?: string;
  path?: string;
  userAgent?: string;
  locale?: string;
  signer?: string;
  profile?: string;
  envcode?: string;
  ubcode?: string;
  canvas?: string;
}

interface ConnectOptions extends SettingOptions {
  cookieFile?: string;
  sellerId?: string;
  fp?: string;
  yes?: true;
}

const shopOption = [
  '--shop <id>',
  "Tideline's id or TikTok's; may be left out while one shop is connected",
] as const;
const jsonOption = ['--json', 'print the connection as JSON'] as const;

export function registerSellerCenter(program: Command, context: CommandContext): void {
  const group = program
    .command('seller-center')
    .description(
      'an optional source of product analytics: the seller center, read with the session of its owner',
    );
  registerConnect(group, context);
  registerChange(group, context);
  registerStatus(group, context);
  registerDisconnect(group, context);
}

function registerConnect(group: Command, context: CommandContext): void {
  const command = group
    .command('connect')
    .description('hand over your own session; nothing is read before a backfill asks for it')
    .option(...shopOption)
    .option(
      '--cookie-file <file>',
      'file with the whole Cookie header of your browser (default: standard input)',
    )
    .option('--seller-id <number>', 'may be left out where the cookie tells it')
    .option('--fp <text>', 'the cookie s_v_web_id, where it is not in the cookie')
    .option('--yes', 'you have read what this means; do not ask')
    .option(...jsonOption);
  withSettings(command).action(async (options: ConnectOptions) => {
    await withInstallation(context, async (open) => {
      const shop = await chooseShop(open.sql, options.shop);
      const { sellerCenterSession, changesOf } = await import('../../api/routes/seller-center.schema.ts');
      const { cookie, seller_id, fp, ...settings } = valid(sellerCenterSession, {
        cookie: await readCookie(context, options.cookieFile),
        seller_id: options.sellerId,
        fp: options.fp,
        ...settingsOf(options),
      });
      say(context.stderr, consequences);
      await confirm(context, `Read ${shop.name} (${shop.id}) with this session?`, options.yes ?? false);
      const session = { cookie, sellerId: seller_id, fp };
      await change(context, open, shop.id, 'connect', options, (control) =>
        control.connect(shop.id, session, changesOf(settings)),
      );
    });
  });
  examples(command, [
    ['tideline seller-center connect --cookie-file cookie.txt', 'your own session, unsigned'],
    [
      'tideline seller-center connect --cookie-file cookie.txt --signer builtin',
      'with the built-in signatures',
    ],
  ]);
}

function registerChange(group: Command, context: CommandContext): void {
  const command = group
    .command('change')
    .description('change how it is asked: address, signer, what the requests say of the browser')
    .option(...shopOption)
    .option(...jsonOption);
  withSettings(command).action(async (options: SettingOptions) => {
    await withInstallation(context, async (open) => {
      const shop = await chooseShop(open.sql, options.shop);
      const { sellerCenterChange, changesOf } = await import('../../api/routes/seller-center.schema.ts');
      const changes: SellerCenterChanges = changesOf(valid(sellerCenterChange, settingsOf(options)));
      await change(context, open, shop.id, 'change', options, (control) => control.change(shop.id, changes));
    });
  });
  examples(command, [
    ['tideline seller-center change --signer builtin --profile seller-5.1.0', 'sign requests'],
  ]);
}

function registerStatus(group: Command, context: CommandContext): void {
  const command = group
    .command('status')
    .description('how it stands: off, active, or parked until you hand over a new session')
    .option(...shopOption)
    .option(...jsonOption)
    .action(async (options: ShopOptions) => {
      await withInstallation(context, async (open) => {
        const shop = await chooseShop(open.sql, options.shop);
        const control = await openSellerCenter(open);
        show(context, await control.read(shop.id), options);
      });
    });
  examples(command, [['tideline seller-center status --json', 'for other programs']]);
}

function registerDisconnect(group: Command, context: CommandContext): void {
  const command = group
    .command('disconnect')
    .description('forget the session; what was read with it stays')
    .option(...shopOption)
    .option(...jsonOption)
    .action(async (options: ShopOptions) => {
      await withInstallation(context, async (open) => {
        const shop = await chooseShop(open.sql, options.shop);
        await change(context, open, shop.id, 'disconnect', options, async (control) => {
          await control.disconnect(shop.id);
          return control.read(shop.id);
        });
      });
    });
  examples(command, [['tideline seller-center disconnect --shop shop-1', 'off again']]);
}

function withSettings(command: Command): Command {
  return command
    .option('--base-url <url>', "another address than that of the shop's region")
    .option('--path <path>', 'of the product list; its version tells how it answers')
    .option('--user-agent <text>', 'what the requests call themselves')
    .option('--locale <locale>', 'such as en or th-TH')
    .option('--signer <name>', 'none, builtin, or the path of a module in the folder for signers')
    .option('--profile <name>', 'what builtin signs as: seed-5.1.1 or seller-5.1.0')
    .option('--envcode <number>', 'what signatures say of the page')
    .option('--ubcode <number>', 'what signatures say of the visitor')
    .option('--canvas <number>', "what signatures say of your browser's canvas");
}

/** As the body of a request, so that both are checked by the same rules. */
function settingsOf({ baseUrl, path, userAgent, locale, signer, profile, ...marks }: SettingOptions) {
  const given = Object.entries({ envcode: marks.envcode, ubcode: marks.ubcode, canvas: marks.canvas });
  const numbers = given.flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Number(value)] as const],
  );
  return {
    ...{ base_url: baseUrl, path, user_agent: userAgent, locale, signer, profile },
    ...(numbers.length === 0 ? {} : { signer_settings: Object.fromEntries(numbers) }),
  };
}

/** Only what this takes of a schema: the library loads when the command runs. */
interface Schema<Output> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: Output }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
}

function valid<Output>(schema: Schema<Output>, value: object): Output {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new UsageError(`${first?.path.map(String).join('.').replaceAll('_', '-')} ${first?.message}`);
}

async function readCookie({ stdin }: CommandContext, file: string | undefined): Promise<string> {
  const input = stdin ?? process.stdin;
  if (file === undefined && input.isTTY === true) {
    throw new UsageError(
      'say --cookie-file FILE, or pipe the cookie in: as an argument others could read it',
    );
  }
  const given = file === undefined ? await readAll(input) : await readGivenFile(file);
  return given.toString('utf8').trim();
}

async function readAll(input: NodeJS.ReadableStream): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of input) parts.push(Buffer.from(part));
  return Buffer.concat(parts);
}

async function change(
  context: CommandContext,
  open: OpenInstallation,
  shopId: string,
  action: string,
  options: ShopOptions,
  work: (control: SellerCenterControl) => Promise<SellerCenterRecord>,
): Promise<void> {
  const control = await openSellerCenter(open);
  const noted = { action: `seller-center ${action}`, object: { shop: shopId } };
  show(context, await audited(open.sql, noted, () => work(control)), options);
}

function show(context: CommandContext, record: SellerCenterRecord, { json }: ShopOptions): void {
  if (json) printJson(context.stdout, record);
  else sayHowItStands(context, record);
}

function sayHowItStands({ stdout, stderr }: CommandContext, record: SellerCenterRecord): void {
  const isOff = record.status === 'off';
  const where = isOff ? '' : ` (${record.base_url}${record.path})`;
  say(stdout, `${record.shop_id}: the seller center is ${record.status}${where}.`);
  if (!isOff) say(stdout, `Seller ${record.seller_id}, signer ${record.signer}.`);
  if (record.log_in_again_before !== null) {
    say(stdout, `The session ends before ${formatTime(record.log_in_again_before)}, maybe much earlier.`);
  }
  for (const line of [record.last_error?.title, record.last_error?.action]) if (line) say(stderr, line);
}

const consequences = `This hands the session of your own seller account to Tideline, which keeps it encrypted and reads
product analytics with it when a backfill asks for the source seller_center: one request at a time, nothing else, and
nothing is changed. The calls are documented nowhere and may change; whether TikTok's terms allow them is for you to
judge. Tideline stops at the first human check and at the end of the session, and solves no checks. The workbook that
you can download there needs no session: "tideline analytics import-workbook".`;
