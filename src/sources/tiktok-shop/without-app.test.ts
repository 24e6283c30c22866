import { expect, it } from 'vitest';
import { describeError, toFailure } from '../../activities/failures.ts';
import { authClientWithoutApp, clientWithoutApp } from './without-app.ts';

it('says which variables are missing, to the operator, and ends the run instead of trying for ever', async () => {
  const call = clientWithoutApp.call({
    shopId: 'shop-1',
    runId: null,
    lane: 'history',
    endpointFamily: 'orders.search',
    method: 'POST',
    path: '/order/202309/orders/search',
    signal: undefined,
  });
  const error: unknown = await call.catch((reason: unknown) => reason);
  expect(describeError(error)).toMatchObject({
    code: 'app-missing',
    title: expect.stringContaining('TIKTOK_SHOP_APP_KEY'),
    action: expect.stringContaining('Partner Center'),
  });
  expect(toFailure(error, { attempt: 1, reportDefect: () => undefined })).toMatchObject({
    nonRetryable: true,
  });
});

it('does not take its own refusal for the end of a grant', async () => {
  await expect(authClientWithoutApp.refresh('a refresh token')).rejects.toMatchObject({
    code: 'app-missing',
    name: 'TidelineError',
  });
});
