import { describe, expect, it } from 'vitest';
import { missingLines, parseGuide } from './parse-guide.ts';

const GUIDE = `# A guide

\`\`\`yaml file=scenarios/own.yaml
name: x
\`\`\`

\`\`\`sh
npx pxewright run
\`\`\`
\`\`\`text output
  passed …
\`\`\`
\`\`\`sh exit=3
false
\`\`\`
\`\`\`sh not-run="it needs a licence"
wine setup.exe
\`\`\`
\`\`\`yaml
just: shown
\`\`\`
`;

describe('a guide', () => {
  it('is files, commands and what they print', () => {
    expect(parseGuide(GUIDE)).toEqual([
      { kind: 'file', line: 3, path: 'scenarios/own.yaml', text: 'name: x\n' },
      { kind: 'commands', line: 7, text: 'npx pxewright run', exitCode: 0 },
      { kind: 'output', line: 10, text: '  passed …' },
      { kind: 'commands', line: 13, text: 'false', exitCode: 3 },
      { kind: 'not-run', line: 16, text: 'wine setup.exe', why: 'it needs a licence' },
    ]);
  });

  it.each(['```sh norun\nx\n```', '```sh not-run\nx\n```', '```yaml file\nx\n```', '```sh\nx'])(
    'cannot have %j',
    (text) => {
      expect(() => parseGuide(text)).toThrow(/^line 1: /);
    },
  );

  it('tells which lines of its output did not come', () => {
    const printed = 'set-up\n  ✓ passed  one  7.3 s\n  result  /tmp/a/result.json\n';
    expect(missingLines('✓ passed  one …\n…\nresult …/result.json', printed)).toEqual([]);
    expect(missingLines('result …\n✓ passed', printed)).toEqual(['✓ passed']);
    expect(missingLines('✗ failed (.*)', printed)).toEqual(['✗ failed (.*)']);
  });
});
