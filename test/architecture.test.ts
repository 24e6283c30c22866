import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../src/paths.ts';

interface Import {
  from: string;
  /** Path from the package root, or the name of a package. */
  to: string;
  /** What is imported, types left out. */
  names: string[];
  typeOnly: boolean;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !/\.test\.tsx?$/.test(name))
    .map((name) => join(folder, name));
}

const statement = /(?:^|\n)\s*(import|export)\s+(type\s+)?([^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/g;
const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

function writtenNames(clause: string | undefined): string[] {
  const names = /^\s*\{([^}]*)\}\s*from/.exec(clause ?? '')?.[1]?.split(',') ?? [];
  return names.map((name) => name.trim()).filter((name) => name !== '');
}

const isType = (name: string): boolean => name.startsWith('type ');

function isTypeOnly(typeKeyword: string | undefined, clause: string | undefined): boolean {
  const names = writtenNames(clause);
  return Boolean(typeKeyword) || (names.length > 0 && names.every(isType));
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(packageRoot, file), 'utf8');
  const resolve = (target: string): string => (target.startsWith('.') ? join(dirname(file), target) : target);
  const stated = [...text.matchAll(statement)].map((match) => ({
    from: file,
    to: resolve(match[4] ?? ''),
    names: match[2] ? [] : writtenNames(match[3]).filter((name) => !isType(name)),
    typeOnly: isTypeOnly(match[2], match[3]),
  }));
  const called = [...text.matchAll(dynamic)].map((match) => ({
    from: file,
    to: resolve(match[1] ?? ''),
    names: [],
    typeOnly: false,
  }));
  return [...stated, ...called];
}

const folders = ['src', 'encryption', 'simulator'];
const files = folders.flatMap(sourceFiles);
const imports = files.flatMap(importsOf);
const at = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
const offences = (list: Import[]): string[] => list.map(({ from, to }) => `${from} imports ${to}`);

/** What the API takes from the queries without the scope of one shop. */
const boundOtherwise = [
  // They take the list of shops that the key may see.
  ...['countApiCalls', 'listApiCalls'],
  ...['readBudgetFigures', 'readCallFigures', 'readQuotaFigures', 'readRunFigures'],
  ...['readShopFigures', 'readStreamFigures'],
  // Of the whole installation.
  ...['auditActors', 'auditOutcomes', 'beginAudit', 'endAudit', 'countAudit', 'listAudit'],
  'listWorkerStates',
  // They take whose keys are seen.
  ...['listKeys', 'maySeeKey', 'readKey', 'describeKey'],
  // They take the shops and scopes of whoever asks.
  ...['countExports', 'findExport', 'listExports'],
  // Conversions belong to no shop: a key that is bound to shops is refused.
  ...['countConversions', 'listConversions', 'countWebhooks', 'listWebhooks'],
  ...['countAppointments', 'listAppointments'],
  ...['replayWebhook', 'existingDestinations', 'sumDeliveries'],
  ...['countDeliveriesByStatus', 'countEventsBySource', 'readWaitingFigures'],
  // Counted for all shops at once and kept; each answer leaves out what its key may not see.
  'countOrdersByShop',
  // No queries.
  ...[
    'decodeCursor',
    'descriptionOf',
    'emptyStatistics',
    'scopeToShop',
    'showAppointment',
    'showWebhook',
    'webhookStatuses',
  ],
];

describe('the direction of imports', () => {
  it('is judged on all modules, not on none', () => {
    expect(files.length).toBeGreaterThan(100);
    expect(imports.length).toBeGreaterThan(400);
    expect(imports.some(({ typeOnly }) => typeOnly)).toBe(true);
    for (const folder of [
      'src/workflows',
      'src/activities',
      'src/api',
      'src/sources',
      'src/cli',
      'simulator',
    ]) {
      expect(imports.filter(({ from }) => at(folder)(from)).length, folder).toBeGreaterThan(3);
    }
  });

  it('reads type-only imports as such', () => {
    expect(isTypeOnly(undefined, '{ type A, type B } from ')).toBe(true);
    expect(isTypeOnly(undefined, '{ type A, b } from ')).toBe(false);
    expect(isTypeOnly('type ', 'A from ')).toBe(true);
  });

  it('gives workflows only types, constants and @temporalio/workflow', () => {
    const allowed = new Set(['@temporalio/workflow', 'src/activities/failure-types.ts']);
    const workflows = imports.filter(({ from }) => at('src/workflows')(from));
    const wrong = workflows.filter(
      ({ to, typeOnly }) => !typeOnly && !allowed.has(to) && !at('src/workflows')(to),
    );
    expect(offences(wrong)).toEqual([]);
    const constants = importsOf('src/activities/failure-types.ts').filter(({ typeOnly }) => !typeOnly);
    expect(offences(constants)).toEqual([]);
  });

  it('keeps sources and http free of Temporal, PostgreSQL and the shops', () => {
    const forbidden = (to: string): boolean =>
      to.startsWith('@temporalio/') ||
      to === 'postgres' ||
      ['src/shops', 'src/sync', 'src/activities', 'src/api', 'src/temporal', 'src/servers'].some((folder) =>
        at(folder)(to),
      ) ||
      (at('src/db')(to) && to !== 'src/db/column-arrays.ts');
    const inner = imports.filter(({ from }) => at('src/sources')(from) || at('src/http')(from));
    expect(
      offences(inner.filter(({ to, typeOnly }) => forbidden(to) && !(typeOnly && at('src/db')(to)))),
    ).toEqual([]);
  });

  it('keeps the API from calling TikTok inside a request', () => {
    const client = imports.filter(
      ({ from, to }) => at('src/api')(from) && to === 'src/sources/tiktok-shop/client.ts',
    );
    expect(offences(client)).toEqual([]);
  });

  it('gives the API queries that take the scope of a shop first', () => {
    const used = imports.filter(
      ({ from, to }) => at('src/api')(from) && (at('src/db/queries')(to) || at('src/db/reports')(to)),
    );
    const takesScope = ({ to }: Import, name: string): boolean =>
      new RegExp(`function ${name}\\(\\s*scope: ShopScope\\b`).test(
        readFileSync(join(packageRoot, to), 'utf8'),
      );
    const queries = used.flatMap((one) => one.names.map((name) => ({ name, scoped: takesScope(one, name) })));
    expect(queries.filter(({ scoped }) => scoped).length).toBeGreaterThan(8);
    const others = new Set(queries.filter(({ scoped }) => !scoped).map(({ name }) => name));
    expect([...others].sort()).toEqual([...boundOtherwise].sort());
  });

  it('lets nobody make a scope but who has checked the shop', () => {
    const makers = imports.filter(({ names }) => names.includes('scopeToShop')).map(({ from }) => from);
    expect(makers.filter((from) => !at('src/cli')(from))).toEqual([
      'src/api/shop-access.ts',
      // Of what was asked for there.
      'src/exports/write-export.ts',
    ]);
  });

  it('lets nobody import the processes', () => {
    const outer = ['src/worker', 'src/api', 'src/cli'];
    const wrong = imports.filter(({ from, to }) => {
      const target = outer.find((folder) => at(folder)(to));
      if (target === undefined || at(target)(from)) return false;
      // The command line is the one that starts the others.
      return !at('src/cli')(from);
    });
    expect(offences(wrong)).toEqual([]);
  });

  it('keeps the simulator and the engine apart', () => {
    const shared = new Set(['src/errors.ts', 'src/paths.ts', 'src/is-main-module.ts']);
    const wrong = imports.filter(
      ({ from, to }) =>
        (at('simulator')(from) && at('src')(to) && !shared.has(to)) ||
        (at('src')(from) && !at('src/cli')(from) && at('simulator')(to)),
    );
    expect(offences(wrong)).toEqual([]);
  });

  it('gives the pages nothing of the engine but types of what the API answers', () => {
    const pages = sourceFiles(join('web', 'src')).flatMap(importsOf);
    const engine = pages.filter(({ to }) => folders.some((folder) => at(folder)(to)));
    const declared = (to: string): boolean => at('src/api/routes')(to) && to.endsWith('.schema.ts');
    const wrong = engine.filter(
      ({ to, typeOnly }) => !typeOnly || !(declared(to) || to === 'src/exact-number.ts'),
    );
    expect(engine.length).toBeGreaterThan(10);
    expect(offences(wrong)).toEqual([]);
  });

  it('names its files in kebab-case', () => {
    const wrong = files.filter(
      (file) => !/^([a-z0-9]+(-[a-z0-9]+)*\.)+ts$/.test(relative(dirname(file), file)),
    );
    expect(wrong).toEqual([]);
  });
});
