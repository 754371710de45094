import { describe, expect, it } from 'vitest';
import { guidText, identity, platform } from './wds-computer.ts';
import { answerFileProblem } from './wds-deployment.ts';

describe('a deployment client', () => {
  it('writes who it is as 32 digits each', () => {
    expect(guidText({ uuid: '8d6d1f8c-0a47-4d7c-9d3e-0123456789ab' })).toBe('8D6D1F8C0A474D7C9D3E0123456789AB');
    const [guid, mac] = identity({ uuid: '8d6d1f8c-0a47-4d7c-9d3e-0123456789ab', mac: '52:54:00:ab:cd:ef' });
    expect(guid?.values).toEqual(['8D6D1F8C0A474D7C9D3E0123456789AB']);
    expect(mac?.values).toEqual(['00000000000000000000525400ABCDEF']);
  });

  it.each([
    [0, 0, 0],
    [6, 0, 1],
    [7, 9, 1],
    [11, 12, 1],
    [16, 9, 1],
  ])('of architecture %i is processor %i with firmware %i', (architecture, processor, firmware) => {
    expect(platform({ architecture }).map(({ values }) => values[0])).toEqual([processor, firmware]);
  });
});

describe('an answer file', () => {
  const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

  it('is XML with the element unattend, in UTF-8 or UTF-16', () => {
    const text = '<?xml version="1.0"?>\n<unattend xmlns="urn:schemas-microsoft-com:unattend"></unattend>';
    expect(answerFileProblem(utf8(text))).toBeUndefined();
    expect(answerFileProblem(Buffer.from(`\uFEFF${text}`, 'utf16le'))).toBeUndefined();
  });

  it('of anything else is said to be none', () => {
    expect(answerFileProblem(utf8('  later '))).toBe(
      'the file is not an answer file: expected the element <unattend>, got "later"',
    );
    expect(answerFileProblem(utf8('<unattended/>'))).toMatch(/expected the element <unattend>/);
    expect(answerFileProblem(new Uint8Array(0))).toMatch(/got ""$/);
    expect(answerFileProblem(undefined)).toMatch(/missing from its reply/);
  });
});
