import { describe, expect, it } from 'vitest';
import { cleanText, columnArrays, unnestClause } from './column-arrays.ts';

describe('columnArrays', () => {
  it('writes one literal a column', () => {
    const columns = [
      ['a', 'text'],
      ['b', 'numeric'],
      ['c', 'boolean'],
    ] as const;
    const rows = [
      { a: 'say "hi" \\ {x},', b: '1.50', c: true },
      { a: null, b: null, c: false },
      { a: '', b: '0', c: null },
    ];
    expect(columnArrays(columns, rows)).toEqual([
      '{"say \\"hi\\" \\\\ {x},",NULL,""}',
      '{"1.50",NULL,"0"}',
      '{true,false,NULL}',
    ]);
    expect(unnestClause(columns, 'incoming', 3)).toBe(
      'unnest($3::text::text[], $4::text::numeric[], $5::text::boolean[]) as incoming(a, b, c)',
    );
  });

  it('keeps what PostgreSQL can hold and replaces what it cannot', () => {
    expect(cleanText('a\0b')).toBe('a\ufffdb');
    expect(cleanText('x\ud800y')).toBe('x\ufffdy');
    expect(cleanText('emoji 😀 and שלום')).toBe('emoji 😀 and שלום');
  });
});
