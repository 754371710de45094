import fc from 'fast-check';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const PARSER = path.join(import.meta.dirname, 'agent', 'answer-file.awk');
const ANSWER_FILES = path.join(import.meta.dirname, '..', 'scenarios', 'wds', 'answer-files');
const good = readFileSync(path.join(ANSWER_FILES, 'pc01.xml'), 'utf8');

/** What the guest's own program makes of an answer file. */
function read(xml: string | Uint8Array) {
  const { status, stdout, stderr } = spawnSync('busybox', ['awk', '-f', PARSER], { input: xml, encoding: 'utf8' });
  return { status, lines: stdout.split('\n').filter((line) => line !== ''), stderr };
}

describe('an answer file', () => {
  it('is read whole', () => {
    expect(read(good)).toEqual({
      status: 0,
      stderr: '',
      lines: [
        'login.domain\tSYSTEM',
        'login.user\tadministrateur',
        'login.password\tPassw0rd.lab',
        'image.group\tLinux',
        'image.name\tpxewright sample Linux',
        'image.file\tsample.wim',
        'install.disk\t0',
        'install.partition\t1',
        'disk.id\t0',
        'disk.wipe\ttrue',
        'computer-name\tPC01',
        'package\tPackages\\writer_1.0_all.deb',
        'package\tPackages\\drawing_2.1_all.deb',
        'partition\t1024',
        'partition\textend',
        "command\techo 'room 12' > /etc/location",
        'first-command\ttest "$(hostname)" = PC01',
      ],
    });
  });

  it('may have an EFI system partition', () => {
    const efi = good.replace('<Type>Primary</Type>', '<Type>EFI</Type>');
    expect(efi).not.toBe(good);
    expect(read(efi).lines.filter((line) => line.startsWith('partition\t'))).toEqual([
      'partition\t1024 EFI',
      'partition\textend',
    ]);
  });

  it('may leave out any element, and may have a byte order mark, any order and prefixes', () => {
    expect(read(readFileSync(path.join(ANSWER_FILES, 'pc02.xml'))).lines).toEqual([
      'computer-name\t%MACHINENAME%',
      'package\tPackages\\writer_1.0_all.deb',
    ]);
    expect(
      read(
        `\ufeff<u:unattend xmlns:u="urn:x"><u:settings pass='specialize'><u:component name = "Microsoft-Windows-Shell-Setup"><u:ComputerName> B&#65; </u:ComputerName></u:component></u:settings></u:unattend>`,
      ).lines,
    ).toEqual(['error\tline 1: &#65; is not supported; write the character itself']);
    expect(read('<unattend/>')).toEqual({ status: 0, lines: [], stderr: '' });
  });

  it.each([
    [
      'an element that means nothing',
      'ComputerName>',
      'ComputrName>',
      'line 28: <ComputrName> is not supported in unattend/settings[specialize]/component[Microsoft-Windows-Shell-Setup]; expected ComputerName',
    ],
    [
      'an unknown pass',
      'pass="windowsPE"',
      'pass="windowsPEE"',
      'line 4: <settings> (settings[windowsPEE]) is not supported in unattend; expected settings[windowsPE], settings[specialize], settings[oobeSystem], servicing',
    ],
    [
      'a name that no computer has',
      'PC01</',
      'PC 01</',
      'line 28: computer name "PC 01": expected 1 to 15 letters, digits and inner hyphens, and not only digits, or %MACHINENAME%',
    ],
    ['two partitions of one order', '<Order>2', '<Order>1', 'line 21: <Order> 1 occurs twice'],
    [
      'a partition without a size',
      '<Size>1024</Size>',
      '',
      'line 20: a partition needs either <Size> in MB or <Extend>true</Extend>',
    ],
    [
      'a partition behind the rest of the disk',
      '<Order>1</Order><Type>Primary',
      '<Order>3</Order><Type>Primary',
      'line 46: partition 3 follows one that takes the rest of the disk',
    ],
    [
      'a package outside of the share',
      'Packages\\writer',
      '..\\writer',
      'line 43: package "..\\writer_1.0_all.deb": expected the path of a .deb below the share, e.g. Packages\\tool_1.0_all.deb',
    ],
    [
      'a group that leaves the store',
      '<ImageGroup>Linux',
      '<ImageGroup>..\\Linux',
      'line 11: <ImageGroup> is "..\\Linux": expected a name without slashes',
    ],
    [
      'half of an image',
      '<ImageGroup>Linux</ImageGroup>',
      '',
      'line 1: expected both <ImageGroup> and <Filename>, got one of them',
    ],
    [
      'an image twice',
      '<ImageGroup>Linux</ImageGroup>',
      '<ImageGroup>A</ImageGroup><ImageGroup>B</ImageGroup>',
      'line 11: a second <ImageGroup>; the first has A',
    ],
    [
      'a tag that closes another',
      '</Credentials>',
      '</Credential>',
      'line 8: </Credential> closes <Credentials> of line 8',
    ],
    ['an end that is missing', '</unattend>', '', 'line 3: <unattend> is not closed'],
    ['a lone ampersand', 'Passw0rd.lab', 'a&b', 'line 8: a lone &; write &amp; instead'],
    [
      'a document type',
      '<!-- Everything',
      '<!DOCTYPE x [<!ENTITY a "b">]><!-- ',
      'line 2: a document type or CDATA section, which is not supported',
    ],
  ])('with %s is refused, and the line said', (_, from, to, error) => {
    expect(read(good.replace(from, to))).toEqual({ status: 1, lines: [`error\t${error}`], stderr: '' });
  });

  // Each run starts a process, which takes a busy host its time.
  it('is either accepted or refused with one line, whatever its content', { timeout: 60_000 }, () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(
          '<unattend>',
          '</unattend>',
          '<settings pass="specialize">',
          '<component name="',
          '<!--',
          '-->',
          '<?',
          '?>',
          '<',
          '>',
          '/',
          '"',
          '&',
          '&amp;',
          '\n',
          '\0',
          '\u0001',
        ),
        fc.string({ unit: 'binary', maxLength: 8 }),
      ),
      { maxLength: 20 },
    );
    fc.assert(
      fc.property(
        fc.oneof(
          pieces.map((parts) => parts.join('')),
          fc
            .tuple(fc.nat(good.length), fc.nat(40), fc.string())
            .map(([at, length, text]) => good.slice(0, at) + text + good.slice(at + length)),
        ),
        (xml) => {
          const { status, lines, stderr } = read(xml);
          expect(stderr).toBe('');
          if (status === 0) expect(lines.every((line) => /^[a-z.-]+\t[^\t]+$/.test(line))).toBe(true);
          else
            expect({ status, lines }).toEqual({
              status: 1,
              lines: [expect.stringMatching(/^error\tline \d+: /) as string],
            });
        },
      ),
      { numRuns: 100 },
    );
  });
});
