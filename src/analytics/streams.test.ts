import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../paths.ts';
import { declarationOf, streamNames } from './streams.ts';

const page = readFileSync(join(packageRoot, 'docs/analytics.md'), 'utf8');

/** The kinds of the metrics that the page defines for a stream, by name. */
function defined(stream: string): Map<string, string> {
  const heading = stream === 'live_minutes' ? 'lives' : stream;
  const [, section = ''] = page.split(`\n### \`${heading}\``);
  const [own = ''] = section.split(/\n##/);
  const rows = [...own.matchAll(/^\| (`.*`) \| (sum|day|ratio) \|/gm)];
  return new Map(
    rows.flatMap(([, names = '', kind = '']) =>
      [...names.matchAll(/`(\w+)`/g)].map(([, name = '']) => [name, kind] as const),
    ),
  );
}

describe('the page on analytics', () => {
  it.each(streamNames)('defines every metric of %s and no other', (stream) => {
    const kinds = { money: 'sum', count: 'sum', daily: 'day', ratio: 'ratio' } as const;
    const metrics = Object.entries(declarationOf(stream).metrics);
    const page = defined(stream);
    for (const [name, { kind }] of metrics) expect([name, page.get(name)]).toEqual([name, kinds[kind]]);
    if (stream !== 'live_minutes')
      expect([...page.keys()].sort()).toEqual(metrics.map(([name]) => name).sort());
  });
});
