import { describe, expect, it } from 'vitest';
import { FieldFault } from './fields.ts';
import { readValue } from './values.ts';

describe('percentages', () => {
  it.each([
    ['0.0528', '5.2800'],
    ['1', '100'],
    ['0', '0'],
    [0.125, '12.500'],
    ['5.28%', '5.28'],
    ['5.28 %', '5.28'],
  ])('are 0 to 100, of what TikTok writes as %s', (sent, percentage) => {
    expect(readValue('percentage', sent, 'ctr')?.text).toBe(percentage);
  });

  it('that were not told stay unknown', () => {
    for (const sent of [undefined, null, '', '%']) expect(readValue('percentage', sent, 'ctr')).toBeNull();
  });

  it.each(['1e-3', 'much', '--1', true, {}])('are none where %j is sent', (sent) => {
    expect(() => readValue('percentage', sent, 'ctr')).toThrow(FieldFault);
  });
});
