import { expect, it } from 'vitest';
import { Breaker } from './breaker.ts';

function opened() {
  const clock = { now: 1_000 };
  const breaker = new Breaker(() => clock.now);
  for (let call = 0; call < 8; call++) breaker.failed();
  return { breaker, clock };
}

it('bears failures between answers', () => {
  const breaker = new Breaker(() => 0);
  for (let call = 0; call < 100; call++) {
    breaker.failed();
    if (call % 7 === 6) breaker.answered();
    expect(breaker.admit()).toBe(0);
  }
});

it('lets one call at a time try after its pause, which grows while the trials fail', () => {
  const { breaker, clock } = opened();
  expect(breaker.admit()).toBe(5_000);
  clock.now += 5_000;
  expect(breaker.admit()).toBe(0);
  expect(breaker.admit()).toBe(5_000);
  breaker.failed();
  expect(breaker.admit()).toBe(10_000);
  for (let trial = 0; trial < 10; trial++) {
    clock.now += 60_000;
    expect(breaker.admit()).toBe(0);
    breaker.failed();
  }
  expect(breaker.admit()).toBe(60_000);
});

it('closes with the first answer', () => {
  const { breaker, clock } = opened();
  clock.now += 5_000;
  breaker.admit();
  breaker.answered();
  expect(breaker.open).toBe(false);
  expect([breaker.admit(), breaker.admit()]).toEqual([0, 0]);
});

it('does not lengthen its pause for calls that were on their way when it opened', () => {
  const { breaker } = opened();
  for (let call = 0; call < 20; call++) breaker.failed();
  expect(breaker.admit()).toBe(5_000);
});

it('lets another call try when the trial was given up', () => {
  const { breaker, clock } = opened();
  clock.now += 5_000;
  expect(breaker.admit()).toBe(0);
  breaker.abandoned();
  expect(breaker.admit()).toBe(0);
});
