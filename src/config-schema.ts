import { z } from 'zod';
import { conversionVariableFacts, conversionVariables } from './config-conversions.ts';
import { sellerCenterVariableFacts, sellerCenterVariables } from './config-seller-center.ts';
import {
  callbackUrl,
  encryptionKeys,
  folder,
  listenHost,
  logLevels,
  oneOf,
  origin,
  positiveNumber,
  postgresUrl,
  secretText,
  wholeNumber,
  yesOrNo,
} from './config-values.ts';
import { TidelineError } from './errors.ts';

const upstream = origin({ prefix: true, plainHttp: false });

/** Every variable and the kind of its value. The order is that of the documentation. */
export const environmentSchema = z.object({
  HOST: listenHost.prefault('127.0.0.1'),
  PORT: wholeNumber(1, 65_535).prefault('3000'),
  TIDELINE_PUBLIC_URL: origin({ prefix: false, plainHttp: true }).optional(),
  TIDELINE_DATA_DIR: folder.prefault('.tideline'),
  TIDELINE_CACHE_DIR: folder.prefault('~/.cache/tideline'),
  DATABASE_URL: postgresUrl.optional(),
  TIDELINE_ENCRYPTION_KEYS: encryptionKeys.optional(),
  TIDELINE_ENCRYPTION_KEYS_DIR: folder.optional(),
  TIDELINE_API_KEY: secretText.optional(),
  TIDELINE_API_REQUESTS_PER_SECOND: positiveNumber(100_000).prefault('500'),
  TIKTOK_SHOP_APP_KEY: secretText.optional(),
  TIKTOK_SHOP_APP_SECRET: secretText.optional(),
  TIKTOK_SHOP_SERVICE_ID: secretText.optional(),
  TIKTOK_REDIRECT_URI: callbackUrl.optional(),
  TIKTOK_SHOP_API_URL: upstream.prefault('https://open-api.tiktokglobalshop.com'),
  TIKTOK_SHOP_AUTH_URL: upstream.prefault('https://auth.tiktok-shops.com'),
  TIKTOK_SHOP_AUTHORIZE_URL: upstream.prefault('https://services.tiktokshop.com'),
  TIKTOK_SANDBOX: yesOrNo.prefault('false'),
  ...sellerCenterVariables,
  ACUITY_USER_ID: secretText.optional(),
  ACUITY_API_KEY: secretText.optional(),
  ACUITY_API_URL: upstream.prefault('https://acuityscheduling.com'),
  STRIPE_WEBHOOK_SECRET: secretText.optional(),
  ...conversionVariables,
  TIDELINE_REQUESTS_PER_SECOND: positiveNumber(10_000).prefault('200'),
  TIDELINE_PARALLEL_SLICES: wholeNumber(1, 200).prefault('24'),
  TIDELINE_PERSONAL_RETENTION_DAYS: wholeNumber(0, 3_650).prefault('30'),
  TIDELINE_SHOP_RETENTION_DAYS: wholeNumber(1, 30).prefault('30'),
  TIDELINE_DELIVERY_LOG: yesOrNo.prefault('off'),
  TIDELINE_EXPORT_DIR: folder.optional(),
  TIDELINE_EXPORT_RETENTION_HOURS: wholeNumber(1, 720).prefault('24'),
  TIDELINE_TEMPORAL_CODEC: yesOrNo.prefault('off'),
  TIDELINE_TEMPORAL_UI_URL: origin({ prefix: true, plainHttp: true }).optional(),
  LOG_LEVEL: oneOf(logLevels).prefault('info'),
});

export type VariableName = keyof typeof environmentSchema.shape;
export type EnvironmentValues = z.infer<typeof environmentSchema>;

interface VariableFacts {
  example: string;
  /** Older or shorter names that are read when the variable itself is unset. */
  aliases?: readonly string[];
  /** Neither the value nor a part of it is ever shown. */
  secret?: true;
}

export const variableFacts: Record<VariableName, VariableFacts> = {
  HOST: { example: '127.0.0.1' },
  PORT: { example: '3000' },
  TIDELINE_PUBLIC_URL: { example: 'https://tideline.example.com' },
  TIDELINE_DATA_DIR: { example: '/var/lib/tideline' },
  TIDELINE_CACHE_DIR: { example: '~/.cache/tideline' },
  DATABASE_URL: { example: 'postgres://tideline:password@127.0.0.1:5432/tideline', secret: true },
  // No key that somebody could copy: the shell makes one.
  TIDELINE_ENCRYPTION_KEYS: { example: 'k1:$(openssl rand -base64 32)', secret: true },
  TIDELINE_ENCRYPTION_KEYS_DIR: { example: '/var/lib/tideline' },
  TIDELINE_API_KEY: { example: 'a-long-random-text', secret: true },
  TIDELINE_API_REQUESTS_PER_SECOND: { example: '50' },
  TIKTOK_SHOP_APP_KEY: { example: '6abc123def456', aliases: ['TIKTOK_APP_KEY'] },
  TIKTOK_SHOP_APP_SECRET: { example: '0123456789abcdef', aliases: ['TIKTOK_APP_SECRET'], secret: true },
  TIKTOK_SHOP_SERVICE_ID: { example: '7412345678901234567' },
  TIKTOK_REDIRECT_URI: { example: 'https://tideline.example.com/connect/tiktok-shop/callback' },
  TIKTOK_SHOP_API_URL: { example: 'https://open-api.tiktokglobalshop.com' },
  TIKTOK_SHOP_AUTH_URL: { example: 'https://auth.tiktok-shops.com' },
  TIKTOK_SHOP_AUTHORIZE_URL: { example: 'https://services.us.tiktokshop.com' },
  TIKTOK_SANDBOX: { example: 'true' },
  ...sellerCenterVariableFacts,
  ACUITY_USER_ID: { example: '12345678' },
  ACUITY_API_KEY: { example: '0123456789abcdef', secret: true },
  ACUITY_API_URL: { example: 'https://acuityscheduling.com' },
  STRIPE_WEBHOOK_SECRET: { example: 'whsec_0123456789abcdef', secret: true },
  ...conversionVariableFacts,
  TIDELINE_REQUESTS_PER_SECOND: { example: '50' },
  TIDELINE_PARALLEL_SLICES: { example: '16' },
  TIDELINE_PERSONAL_RETENTION_DAYS: { example: '30' },
  TIDELINE_SHOP_RETENTION_DAYS: { example: '7' },
  TIDELINE_DELIVERY_LOG: { example: 'on' },
  TIDELINE_EXPORT_DIR: { example: '/var/lib/tideline/exports' },
  TIDELINE_EXPORT_RETENTION_HOURS: { example: '24' },
  TIDELINE_TEMPORAL_CODEC: { example: 'on' },
  TIDELINE_TEMPORAL_UI_URL: { example: 'https://temporal.example.com' },
  LOG_LEVEL: { example: 'info' },
};

const variableNames = Object.keys(environmentSchema.shape) as VariableName[];

interface Given {
  /** The name under which the value was found. */
  name: string;
  value: string;
}

interface Fault {
  name: string;
  fault: string;
  example: string;
}

/** @throws TidelineError that lists every fault */
export function readEnvironment(environment: NodeJS.ProcessEnv): EnvironmentValues {
  const given = new Map<VariableName, Given>();
  for (const variable of variableNames) {
    for (const name of [variable, ...(variableFacts[variable].aliases ?? [])]) {
      // Compose files and shells hand on unset variables as empty ones.
      const value = environment[name]?.trim() ?? '';
      if (value !== '' && !given.has(variable)) given.set(variable, { name, value });
    }
  }
  const parsed = environmentSchema.safeParse(
    Object.fromEntries([...given].map(([variable, { value }]) => [variable, value])),
  );
  const faults = [...faultsOf(parsed.error, given), ...missing(given)];
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new TidelineError({
    code: 'configuration-invalid',
    message: [
      faults.length === 1
        ? 'The configuration is wrong:'
        : `The configuration is wrong in ${faults.length} places:`,
      ...faults.map(({ name, fault, example }) => `  ${name} ${fault}. Example: ${name}=${example}`),
    ].join('\n'),
    actor: 'operator',
    action: 'Correct the environment and start again; docs/configuration.md explains every variable.',
  });
}

function faultsOf(error: z.ZodError | undefined, given: ReadonlyMap<VariableName, Given>): Fault[] {
  return (error?.issues ?? []).map((issue) => {
    const variable = variableNames.find((name) => name === issue.path[0]) ?? 'HOST';
    const found = given.get(variable);
    const facts = variableFacts[variable];
    const shown = found === undefined ? null : showValue(found.value, facts.secret === true);
    return {
      name: found?.name ?? variable,
      fault: shown === null ? issue.message : `${issue.message}, not ${shown}`,
      example: facts.example,
    };
  });
}

/** The value as it may be printed: nothing of secrets, and nothing that looks like an address with a password. */
function showValue(value: string, secret: boolean): string | null {
  if (secret || value.includes('@') || value.includes('?')) return null;
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}

/** What is missing beside what is there. */
function missing(given: ReadonlyMap<VariableName, Given>): Fault[] {
  const required: [when: VariableName, needs: VariableName, fault: string][] = [
    ['DATABASE_URL', 'TIDELINE_ENCRYPTION_KEYS', 'is required with a database of your own (DATABASE_URL)'],
    ['TIKTOK_SHOP_APP_KEY', 'TIKTOK_SHOP_APP_SECRET', 'is missing, but the app key is set'],
    ['TIKTOK_SHOP_APP_SECRET', 'TIKTOK_SHOP_APP_KEY', 'is missing, but the app secret is set'],
  ];
  return required
    .filter(([when, needs]) => given.has(when) && !given.has(needs))
    .map(([, name, fault]) => ({ name, fault, example: variableFacts[name].example }));
}
