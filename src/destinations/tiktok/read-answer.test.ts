import { describe, expect, it } from 'vitest';
import type { PlatformAnswer } from '../destination-kind.ts';
import type { TikTokEntry } from './payload.ts';
import { readAnswer } from './read-answer.ts';

function entries(count: number): TikTokEntry[] {
  return Array.from({ length: count }, (_, nth) => ({
    event: 'Purchase',
    event_time: 1_795_000_000,
    event_id: `e${nth}`,
  }));
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): PlatformAnswer {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

const envelope = (code: unknown, message = 'words', data: unknown = {}) =>
  answer(200, { code, message, request_id: 'R1', data });

function outcomes(given: PlatformAnswer | null, size: number): string[] | string {
  const verdict = readAnswer(given, entries(size));
  return verdict.kind === 'each' ? verdict.verdicts.map(({ outcome }) => outcome) : verdict.kind;
}

describe("TikTok's answer", () => {
  it('says delivered by code 0 alone', () => {
    expect(readAnswer(envelope(0), entries(2))).toEqual({
      kind: 'each',
      verdicts: [{ outcome: 'delivered' }, { outcome: 'delivered' }],
      requestId: 'R1',
    });
    expect(outcomes(answer(500, { code: 0 }), 1)).toEqual(['unknown']);
    for (const code of ['0', null, undefined, 0.5, {}, true])
      expect(outcomes(envelope(code), 1)).toEqual(['unknown']);
  });

  it.each([
    [40001, 'pause'],
    [40102, 'pause'],
    [40104, 'pause'],
    [40105, 'pause'],
    [40100, ['retry', 'retry']],
    [50000, ['retry', 'retry']],
    [50002, ['retry', 'retry']],
    [51000, ['retry', 'retry']],
    [40000, 'split'],
    [40007, 'split'],
    [40002, 'split'],
    [20001, 'split'],
  ])('with code %i inside HTTP 200 is %j', (code, expected) => {
    expect(outcomes(envelope(code), 2)).toEqual(expected);
  });

  it('tells which event is refused where the message names it', () => {
    const message = 'Batch.3.properties.contents.0.content_id: Not a valid string';
    expect(readAnswer(envelope(40002, message), entries(5))).toEqual({
      kind: 'without',
      position: 3,
      reason: `40002: ${message}`,
      requestId: 'R1',
    });
    expect(outcomes(envelope(40002, message), 3)).toBe('split');
    expect(outcomes(envelope(40002, message), 1)).toEqual(['rejected']);
    expect(outcomes(envelope(40002, 'data[1].event_time'), 2)).toBe('without');
  });

  it('of a partial success is believed only where every failure is tied to one event', () => {
    const partial = (data: unknown) => outcomes(envelope(20001, 'partial', data), 3);
    expect(partial({ failed_events: [{ event_id: 'e1', code: 40002, message: 'bad' }] })).toEqual([
      'delivered',
      'rejected',
      'delivered',
    ]);
    expect(
      partial({
        failed_events: [
          { index: 0, code: 50000 },
          { event_id: 'e2', error_message: 'x' },
        ],
      }),
    ).toEqual(['retry', 'delivered', 'rejected']);
    for (const data of [
      {},
      null,
      [],
      { failed_events: [] },
      { failed_events: [{ event_id: 'stranger' }] },
      { failed_events: [{ event_id: 'e1' }, {}] },
      { failed_events: [{ index: 3 }] },
      { failed_events: [{ index: -1 }] },
      { failed_events: ['e1'] },
      { failed_events: 'e1' },
    ]) {
      expect(partial(data)).toBe('split');
    }
    expect(outcomes(envelope(20001), 1)).toEqual(['unknown']);
  });

  it('does not tie a failure to one of two events with the same id', () => {
    const twice = [...entries(1), { ...(entries(1)[0] as TikTokEntry), event: 'Lead' }];
    const failed = (item: object) => envelope(20001, '', { failed_events: [item] });
    expect(readAnswer(failed({ event_id: 'e0' }), twice).kind).toBe('split');
    expect(readAnswer(failed({ event_id: 'e0', event: 'Lead' }), twice)).toMatchObject({
      verdicts: [{ outcome: 'delivered' }, { outcome: 'rejected' }],
    });
  });

  it.each([
    ['no answer', null, ['unknown']],
    ['a page of a gateway', answer(502, '<html>502 Bad Gateway</html>'), ['unknown']],
    ['a page under 200', answer(200, '<html>'), ['unknown']],
    ['half a document', answer(200, '{"code":0,"mess'), ['unknown']],
    ['nothing', answer(200, ''), ['unknown']],
    ['a list', answer(200, '[]'), ['unknown']],
    ['null', answer(200, 'null'), ['unknown']],
    ['a page of a firewall', answer(403, '<html>'), ['retry']],
    ['too large', answer(413, ''), ['rejected']],
  ])('that is %s is never a delivery', (_, given, expected) => {
    expect(outcomes(given, 1)).toEqual(expected);
  });

  it('asks to wait as long as the header says', () => {
    const wait = (headers: Record<string, string>) => readAnswer(answer(429, 'slow', headers), entries(1));
    expect(wait({ 'retry-after': '7' })).toMatchObject({ verdicts: [{ outcome: 'retry', afterMs: 7_000 }] });
    expect(wait({ 'retry-after': 'soon' })).toMatchObject({ verdicts: [{ afterMs: null }] });
    const date = 'Sat, 21 Nov 2026 12:00:00 GMT';
    expect(wait({ date, 'retry-after': 'Sat, 21 Nov 2026 12:00:30 GMT' })).toMatchObject({
      verdicts: [{ afterMs: 30_000 }],
    });
    expect(wait({ 'retry-after': date })).toMatchObject({ verdicts: [{ afterMs: null }] });
  });

  it('keeps personal data and tokens out of the reason, and the reason short', () => {
    const message = `bad ${'a'.repeat(64)} of anna@example.com\n${'words '.repeat(1_000)}`;
    const verdict = readAnswer(envelope(40000, message), entries(2));
    const reason = verdict.kind === 'split' ? verdict.reason : '';
    expect(reason).toMatch(/^40000: bad … of … words/);
    expect(reason.length).toBeLessThan(320);
  });
});
