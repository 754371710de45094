import { describe, expect, it } from 'vitest';
import type { CauseWords } from './base/judge/vocabulary.ts';
import { CAUSES, lackOf } from './words.ts';

const NAMED = /-(silent|unanswered|unreachable|connection-lost|protocol-breach)$|-never-/;

describe('what a capture may lack', () => {
  it.each([
    ['restic-silent', 'message'],
    ['store-unreachable', 'message'],
    ['dhcp-ack-missing', 'message'],
    ['smb-connection-lost', 'earlier-message'],
    ['tls-cut', 'earlier-message'],
    ['store-full', undefined],
    ['no-such-cause', undefined],
  ])('%s: %s', (cause, lack) => {
    expect(lackOf(cause)).toBe(lack);
  });

  it('is declared only where the name does not tell it', () => {
    const declared = Object.entries<CauseWords>(CAUSES).flatMap(([name, { lacks }]) => (lacks ? [name] : []));
    expect(declared.filter((name) => NAMED.test(name))).toEqual([]);
  });
});
