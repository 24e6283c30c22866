import { describe, expect, it } from 'vitest';
import { ShortestLatency } from './shortest-latency.ts';

describe('the shortest latency', () => {
  it('is not known before the first answer', () => {
    expect(new ShortestLatency().get()).toBeNull();
  });

  it('is that of the fastest answer, however many slow ones follow within the window', () => {
    const latency = new ShortestLatency();
    latency.observe(90, 1_000);
    latency.observe(12, 1_100);
    for (let now = 1_200; now < 6_000; now += 100) latency.observe(300, now);
    expect(latency.get()).toBe(12);
  });

  it('forgets an answer after the window: upstream may have become slower', () => {
    const latency = new ShortestLatency();
    latency.observe(12, 0);
    for (let now = 100; now <= 10_100; now += 100) latency.observe(150, now);
    expect(latency.get()).toBe(150);
  });

  it('forgets what was before a long silence', () => {
    const latency = new ShortestLatency();
    latency.observe(12, 0);
    latency.observe(150, 60_000);
    expect(latency.get()).toBe(150);
  });
});
