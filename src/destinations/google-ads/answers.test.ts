import { describe, expect, it } from 'vitest';
import type { BatchVerdict, PlatformAnswer } from '../destination-kind.ts';
import { googleAds } from './index.ts';
import type { GoogleAdsEntry } from './payload.ts';

const ingest = googleAds.settingsSchema.parse({ conversion_action: '55' });
const upload = googleAds.settingsSchema.parse({ conversion_action: '55', upload_api: 'google_ads' });

function entries(count: number, validateOnly = false): GoogleAdsEntry[] {
  return Array.from({ length: count }, () => ({ conversionAction: '55', validateOnly, event: {} }));
}

function answer(status: number, body: unknown, headers: Record<string, string> = {}): PlatformAnswer {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function outcomes(verdict: BatchVerdict | undefined): string[] | string | undefined {
  return verdict?.kind === 'each' ? verdict.verdicts.map(({ outcome }) => outcome) : verdict?.kind;
}

const readIngest = (given: PlatformAnswer | null, size: number) =>
  googleAds.read(given, entries(size), ingest);
const readUpload = (given: PlatformAnswer | null, size: number) =>
  googleAds.read(given, entries(size), upload);
const readStatus = (given: PlatformAnswer | null, size: number) =>
  googleAds.later?.read(given, entries(size), ingest);

const refused = (status: number, name: string, details: unknown[] = []) =>
  answer(status, { error: { code: status, message: 'words', status: name, details } });

describe('what events:ingest answers', () => {
  it('is an id to ask by later', () => {
    expect(readIngest(answer(200, { requestId: 'R' }), 2)).toEqual({
      kind: 'each',
      verdicts: [
        { outcome: 'processing', afterMs: 5_000 },
        { outcome: 'processing', afterMs: 5_000 },
      ],
      requestId: 'R',
    });
    const tested = googleAds.read(answer(200, { requestId: 'R' }), entries(1, true), ingest);
    expect(outcomes(tested)).toEqual(['delivered']);
    expect(outcomes(readIngest(answer(200, {}), 1))).toEqual(['unknown']);
  });

  it.each([
    [refused(401, 'UNAUTHENTICATED'), 'renew'],
    [refused(403, 'PERMISSION_DENIED'), 'pause'],
    [refused(429, 'RESOURCE_EXHAUSTED'), ['retry', 'retry']],
    [refused(503, 'UNAVAILABLE'), ['retry', 'retry']],
    [refused(500, 'INTERNAL'), ['unknown', 'unknown']],
    [refused(400, 'INVALID_ARGUMENT'), 'split'],
    [answer(502, '<html>'), ['unknown', 'unknown']],
    [answer(200, '{"requestId'), ['unknown', 'unknown']],
    [null, ['unknown', 'unknown']],
  ])('%j is %j', (given, expected) => {
    expect(outcomes(readIngest(given, 2))).toEqual(expected);
  });

  it('names the event that is malformed', () => {
    const violation = {
      field: 'events[1].ad_identifiers.gclid',
      reason: 'INVALID_GCLID',
      description: 'bad',
    };
    expect(readIngest(refused(400, 'INVALID_ARGUMENT', [{ fieldViolations: [violation] }]), 3)).toMatchObject(
      {
        kind: 'without',
        position: 1,
        reason: 'INVALID_GCLID: events[1].ad_identifiers.gclid bad',
      },
    );
  });
});

describe('what became of a request', () => {
  const result = (requestStatus: unknown, ...errorCounts: object[]) =>
    answer(200, { requestStatusPerDestination: [{ requestStatus, errorInfo: { errorCounts } }] });
  const failed = (reason: string, recordCount: unknown) => ({
    reason: `PROCESSING_ERROR_REASON_${reason}`,
    recordCount,
  });

  it.each([
    ['is not known yet', result('PROCESSING')],
    ['has a state that nobody described', result('SOMETHING')],
    ['is not told', answer(200, {})],
    ['is told by a gateway', answer(502, '<html>')],
    ['is not told for now', refused(429, 'RESOURCE_EXHAUSTED')],
    ['is cut', answer(200, '{"requestSta')],
    ['gets no answer', null],
  ])('is asked again when it %s', (_, given) => {
    expect(outcomes(readStatus(given, 1))).toEqual(['processing']);
  });

  it('is delivered, refused or unmatched where one word holds for all', () => {
    expect(outcomes(readStatus(result('SUCCESS'), 2))).toEqual(['delivered', 'delivered']);
    expect(outcomes(readStatus(result('FAILED', failed('INVALID_GCLID', '2')), 2))).toEqual([
      'rejected',
      'rejected',
    ]);
    expect(outcomes(readStatus(result('FAILED', failed('CLICK_NOT_FOUND', '1')), 1))).toEqual(['unmatched']);
    expect(outcomes(readStatus(result('FAILED', failed('INTERNAL_ERROR', '1')), 1))).toEqual(['retry']);
  });

  it('is found out by halves where it is not', () => {
    const some = result('PARTIAL_SUCCESS', failed('INVALID_GCLID', '1'));
    expect(readStatus(some, 3)).toMatchObject({ kind: 'split', taken: 'perhaps' });
    expect(outcomes(readStatus(result('SUCCESS', failed('INVALID_GCLID', '1')), 3))).toBe('split');
    expect(outcomes(readStatus(result('PARTIAL_SUCCESS'), 1))).toEqual(['unknown']);
    const mixed = result('FAILED', failed('INVALID_GCLID', '1'), failed('EVENT_TOO_OLD', '1'));
    expect(outcomes(readStatus(mixed, 2))).toBe('split');
  });

  it('is delivered where all that failed had been counted before', () => {
    const twice = result('PARTIAL_SUCCESS', failed('DUPLICATE_TRANSACTION_ID', '1'));
    expect(outcomes(readStatus(twice, 3))).toEqual(['delivered', 'delivered', 'delivered']);
  });

  it('may need a person or a new token', () => {
    const terms = failed('DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED', '1');
    expect(outcomes(readStatus(result('FAILED', terms), 2))).toBe('pause');
    expect(outcomes(readStatus(refused(401, 'UNAUTHENTICATED'), 1))).toBe('renew');
    expect(outcomes(readStatus(refused(404, 'NOT_FOUND'), 1))).toEqual(['unknown']);
  });
});

describe('what uploadClickConversions answers', () => {
  const row = (index: unknown, name: string) => ({
    errorCode: { conversionUploadError: name },
    message: 'words',
    location: { fieldPathElements: [{ fieldName: 'conversions', index }] },
  });
  const partial = (results: unknown[], ...errors: object[]) =>
    answer(200, {
      results,
      partialFailureError: { code: 3, message: 'm', details: [{ errors, requestId: 'R' }] },
    });

  it('stands row by row, in the order of the request', () => {
    const given = partial(
      [{ orderId: '1' }, {}, {}, {}, {}],
      row(1, 'TOO_RECENT_EVENT'),
      row('2', 'CLICK_NOT_FOUND'),
      row(3, 'ORDER_ID_ALREADY_IN_USE'),
      row(4, 'EXPIRED_EVENT'),
    );
    expect(readUpload(given, 5)).toEqual({
      kind: 'each',
      requestId: 'R',
      verdicts: [
        { outcome: 'delivered' },
        { outcome: 'retry', reason: 'TOO_RECENT_EVENT: words', afterMs: 21_600_000 },
        { outcome: 'unmatched', reason: 'CLICK_NOT_FOUND: words' },
        { outcome: 'delivered' },
        { outcome: 'rejected', reason: 'EXPIRED_EVENT: words' },
      ],
    });
  });

  it('is no delivery of a row that it says nothing of', () => {
    expect(outcomes(readUpload(answer(200, { results: [{ orderId: '1' }] }), 2))).toEqual([
      'delivered',
      'unknown',
    ]);
    expect(outcomes(readUpload(answer(200, {}), 1))).toEqual(['unknown']);
    expect(outcomes(readUpload(partial([{}, {}], { errorCode: {} }), 2))).toBe('split');
    expect(outcomes(googleAds.read(answer(200, {}), entries(1, true), upload))).toEqual(['delivered']);
  });

  it.each([
    ['INTERNAL_ERROR', ['retry', 'retry']],
    ['CONCURRENT_MODIFICATION', ['retry', 'retry']],
    ['EVENT_NOT_FOUND', ['unmatched', 'unmatched']],
    ['CLICK_CONVERSION_ALREADY_EXISTS', ['delivered', 'delivered']],
    ['UNPARSEABLE_GCLID', ['rejected', 'rejected']],
    ['ORDER_ID_CONTAINS_PII', ['rejected', 'rejected']],
    ['A_NEW_ERROR', ['rejected', 'rejected']],
    ['NO_CONVERSION_ACTION_FOUND', 'pause'],
    ['CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS', 'pause'],
    ['DEVELOPER_TOKEN_PROHIBITED', 'pause'],
  ])('with %s for every row is %j', (name, expected) => {
    expect(outcomes(readUpload(partial([{}, {}], row(0, name), row(1, name)), 2))).toEqual(expected);
  });

  it.each([
    ['authenticationError', 'OAUTH_TOKEN_EXPIRED', 401, 'renew'],
    ['authenticationError', 'OAUTH_TOKEN_REVOKED', 401, 'pause'],
    ['quotaError', 'RESOURCE_EXHAUSTED', 429, ['retry', 'retry']],
    ['conversionUploadError', 'TOO_MANY_CONVERSIONS_IN_REQUEST', 400, 'split'],
    ['notAllowlistedError', 'CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE', 403, 'pause'],
  ])('as %s %s for the request is %s', (family, name, status, expected) => {
    const details = [{ errors: [{ errorCode: { [family]: name }, message: 'm' }], requestId: 'R' }];
    expect(outcomes(readUpload(refused(status, 'STATUS', details), 2))).toEqual(expected);
  });

  it('says which other API to use where this one is closed', () => {
    const details = [{ errors: [{ errorCode: { x: 'CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE' } }] }];
    expect(readUpload(refused(403, 'PERMISSION_DENIED', details), 1)).toMatchObject({
      reason: expect.stringContaining('GOOGLE_UPLOAD_API=data_manager'),
    });
  });
});
