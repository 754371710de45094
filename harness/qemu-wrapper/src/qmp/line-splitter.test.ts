import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from './line-splitter.ts';
import { parseQmpMessage } from './messages.ts';

describe('LineSplitter', () => {
  it('gives the same lines wherever the bytes are cut, also inside a character', () => {
    const text = fc.string({ unit: fc.constantFrom('a', '{', ' ', 'é', '€', '😀', '\ufeff', '\0'), maxLength: 12 });
    fc.assert(
      fc.property(
        fc.array(text, { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n'),
        fc.array(fc.nat(), { maxLength: 12 }),
        (lines, end, cuts) => {
          const bytes = Buffer.from(lines.map((line) => line + end).join(''));
          const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
          const splitter = new LineSplitter();
          expect(at.slice(1).flatMap((to, index) => splitter.push(bytes.subarray(at[index], to)))).toEqual(lines);
          expect(splitter.partial).toBe('');
        },
      ),
    );
  });

  it('shows what has no line end yet', () => {
    const splitter = new LineSplitter();
    expect(splitter.push(Buffer.from('first\nboot: '))).toEqual(['first']);
    expect(splitter.partial).toBe('boot: ');
  });
});

describe('parseQmpMessage', () => {
  it('is total: any line and any JSON is a message', () => {
    const kinds = ['greeting', 'result', 'error', 'event', 'unknown'];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          fc.object().map((value) => JSON.stringify({ QMP: value, event: value, id: 1, error: value })),
        ),
        (line) => {
          expect(kinds).toContain(parseQmpMessage(line).kind);
        },
      ),
    );
  });
});
