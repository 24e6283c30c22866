import { expect, test } from 'vitest';
import { createLog, type Log, temporalLogger } from './log.ts';
import { prettyLine } from './log-pretty.ts';

function capture(): { log: Log; lines: () => string[]; last: () => Record<string, unknown> } {
  const written: string[] = [];
  const stream = { write: (line: string) => void written.push(line) };
  return {
    log: createLog({ level: 'trace', component: 'test', stream }),
    lines: () => written,
    last: () => JSON.parse(written.at(-1) ?? '{}') as Record<string, unknown>,
  };
}

test('telling fields are taken out at any depth, counters and flags stay', () => {
  const { log, lines, last } = capture();
  log.info(
    {
      access_token: 'hunter2',
      headers: { Authorization: 'Bearer hunter2', 'x-tts-access-token': 'hunter2', cookie: 'hunter2' },
      order: {
        recipient_address: { name: 'hunter2', phone_number: '+1 hunter2' },
        lines: [{ email: 'hunter2' }],
      },
      tokenVersion: 3,
      hasToken: true,
      phone: 15551234567,
      runId: 'run_1',
      nothing: { secret: null },
    },
    'a page',
  );
  expect(lines().join('')).not.toMatch(/hunter2|1555/);
  expect(last()).toMatchObject({
    level: 'info',
    component: 'test',
    msg: 'a page',
    tokenVersion: 3,
    hasToken: true,
    runId: 'run_1',
    nothing: { secret: null },
  });
});

test('bindings of child logs are redacted too', () => {
  const { log, lines } = capture();
  log.child({ shopId: 'shop-1', appSecret: 'hunter2' }).warn('careful');
  expect(lines()[0]).toContain('shop-1');
  expect(lines()[0]).not.toContain('hunter2');
});

test('addresses lose their query and password, in messages and stacks too', () => {
  const { log, lines } = capture();
  const cause = new Error('connect postgres://tideline:hunter2@127.0.0.1:5432/x failed');
  log.error(
    {
      err: new Error('GET https://auth.example/api/v2/token/get?app_secret=hunter2&x=1 answered 500', {
        cause,
      }),
    },
    'call of /api/v2/token/get?auth_code=hunter2 failed with Bearer hunter2hunter2',
  );
  log.info(
    { link: 'http://127.0.0.1:3000/connect/tiktok-shop?link=hunter2' },
    'key tdl_hunter2hunter2hunter2',
  );
  expect(lines().join('')).not.toContain('hunter2');
  expect(lines()[0]).toContain('https://auth.example/api/v2/token/get?[redacted]');
  expect(lines()[0]).toContain('postgres://[redacted]@127.0.0.1:5432/x');
});

test('errors keep type, message, stack, code and cause, and nothing else that hangs on them', () => {
  const { log, last } = capture();
  const error = Object.assign(new TypeError('broken'), { code: 'E1', parameters: ['hunter2'] });
  log.error({ err: error }, 'failed');
  expect(last().err).toEqual({
    type: 'TypeError',
    message: 'broken',
    stack: expect.any(String),
    code: 'E1',
  });
});

test('cycles, big integers and binary data do not stop the log', () => {
  const { log, last } = capture();
  const loop: Record<string, unknown> = { id: 2n ** 63n, body: Buffer.from('hunter2') };
  loop.self = loop;
  log.info({ loop }, 'odd');
  expect(last().loop).toEqual({ id: '9223372036854775808', body: '[7 bytes]', self: '[…]' });
});

test('Temporal speaks through the same log', () => {
  const { log, last } = capture();
  temporalLogger(log).log('WARN', 'Activity failed', {
    error: new Error('at https://a.example/?token=hunter2'),
    workflowId: 'orderSync/shop-1',
    token: 'hunter2',
    [Symbol('timestamp')]: 1n,
  });
  expect(last()).toMatchObject({ level: 'warn', msg: 'Activity failed', workflowId: 'orderSync/shop-1' });
  expect(JSON.stringify(last())).not.toContain('hunter2');
});

test('a person gets one short line, an error below it', () => {
  const { log, lines } = capture();
  log.warn({ runId: 'run_1', err: new Error('broken') }, 'careful');
  const pretty = prettyLine(lines()[0] ?? '', false);
  expect(pretty.split('\n')[0]).toMatch(/^\d\d:\d\d:\d\d WARN {2}test careful runId=run_1$/);
  expect(pretty).toContain('    Error: broken');
  expect(prettyLine('not json\n', false)).toBe('not json\n');
});
