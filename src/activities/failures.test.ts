import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { describe, expect, it, vi } from 'vitest';
import { TidelineError } from '../errors.ts';
import { ApiError, type ApiErrorKind } from '../sources/tiktok-shop/errors.ts';
import { describeError, toFailure } from './failures.ts';

const quiet = { attempt: 1, reportDefect: () => undefined };

function failureOf(error: unknown, attempt = 1): ApplicationFailure {
  const failure = toFailure(error, { ...quiet, attempt });
  if (!(failure instanceof ApplicationFailure)) throw new Error('Not an application failure.');
  return failure;
}

describe('toFailure', () => {
  it.each<[ApiErrorKind, string, boolean]>([
    ['transient', 'UpstreamUnavailable', false],
    ['rate-limited', 'UpstreamUnavailable', false],
    ['quota-exhausted', 'UpstreamUnavailable', false],
    ['invalid-response', 'UpstreamUnavailable', false],
    ['token-expired', 'UpstreamUnavailable', false],
    ['disconnected', 'ShopDisconnected', true],
    ['configuration', 'RunFailed', true],
    ['clock', 'RunFailed', true],
    ['invalid-request', 'RunFailed', true],
  ])('ends %s as %s', (kind, type, final) => {
    const failure = failureOf(new ApiError({ kind, message: 'Something happened.', requestId: 'r-1' }));
    expect(failure).toMatchObject({ type, nonRetryable: final, message: 'Something happened.' });
    expect(failure.details).toEqual([{ error: expect.objectContaining({ code: kind, request_id: 'r-1' }) }]);
  });

  it('waits as long as upstream asked', () => {
    const error = new ApiError({ kind: 'rate-limited', message: 'Too many.', retryAfterMs: 17_000 });
    expect(failureOf(error).nextRetryDelay).toBe(17_000);
  });

  it('tries again while the database is away, and shows nothing of the row', () => {
    const error = Object.assign(new Error('duplicate key (order_id)=(576) name=Jane'), {
      name: 'PostgresError',
      code: '57P01',
      detail: 'Jane Doe',
    });
    const failure = failureOf(error);
    expect(failure).toMatchObject({ type: 'DatabaseUnavailable', nonRetryable: false });
    expect(JSON.stringify(failure)).not.toContain('Jane');
    expect(describeError(Object.assign(new Error('x'), { code: 'ECONNREFUSED' })).code).toBe(
      'database-unavailable',
    );
  });

  it('reports a defect, tries it a few times, then ends the run, without its text', () => {
    const reportDefect = vi.fn();
    const defect = new TypeError('cannot read jane@example.test');
    const first = toFailure(defect, { attempt: 1, reportDefect });
    expect(reportDefect).toHaveBeenCalledWith(defect);
    expect(first).toMatchObject({ type: 'RunFailed', nonRetryable: false });
    expect(failureOf(defect, 6).nonRetryable).toBe(true);
    expect(JSON.stringify(first)).not.toContain('jane@');
  });

  it('cuts long texts and passes cancellation on', () => {
    const error = new TidelineError({ code: 'x', message: 'm'.repeat(9_000), actor: 'user' });
    expect(failureOf(error).message.length).toBeLessThanOrEqual(500);
    const cancelled = new CancelledFailure('stop');
    expect(toFailure(cancelled, quiet)).toBe(cancelled);
  });
});
