import { execa } from 'execa';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { pxewright } from './testing/pxewright.ts';

// A stranger's scenario, whose folder has links to the host, in a lab; the visitor is curl and smbclient.

const SCENARIO = `
name: Links
services:
  tftp: { root: ./root }
  http: { root: ./root }
  authentication: { domain: SYSTEM, users: [{ name: administrateur, password: Passw0rd.lab }] }
  images: { root: ./root, groups: { Mine: [a.wim] } }
clients: [{ name: pc }]
`;
const VISIT = `
cd "$(mktemp -d)"
tftp() { curl -s -m 10 -o got "tftp://172.22.52.207/$1"; echo "tftp $1: $?"; }
http() { echo "http $1: $(curl -s -m 10 -o got -w '%{http_code}' "http://172.22.52.207/$1")"; }
smb() {
  echo "smb $1: $(timeout 20 smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab' -c "get $1 got" 2>&1 | grep -o 'NT_STATUS_[A-Z_]*' || cat got)"
}
for name in inside leak folder/secret gone fifo; do tftp $name; http $name; smb $name; done
for root in tftp http reminst; do ln -s /etc/passwd /run/pxewright/$root/late; done
tftp late; http late; smb late
grep -ho '"message":"[^"]*' /run/pxewright/services/*.jsonl | sort -u
rm -r "$PWD"
`;

let said: string[] = [];
let ended: number | undefined;
beforeAll(async () => {
  await using work = await temporaryFolder();
  const root = join(work.path, 'stranger', 'root');
  await mkdir(join(root, 'Images', 'Mine'), { recursive: true });
  await writeFile(join(work.path, 'secret'), 'of the host');
  await writeFile(join(root, 'plain'), 'MSWIM');
  await writeFile(join(root, 'Images', 'Mine', 'a.wim'), 'MSWIM');
  const links = { inside: 'plain', leak: join(work.path, 'secret'), folder: '../..', gone: 'nowhere' };
  for (const [name, target] of Object.entries(links)) await symlink(target, join(root, name));
  await execa('mkfifo', [join(root, 'fifo')]);
  const scenario = join(work.path, 'stranger', 'links.yaml');
  await writeFile(scenario, SCENARIO);
  const { stdout, stderr, exitCode } = await pxewright(['serve', scenario, '--', 'sh', '-c', VISIT]);
  said = [...stderr.split('\n').filter(Boolean), ...stdout.split('\n')];
  ended = exitCode;
}, 120_000);

describe('roots of a scenario with links', () => {
  it('serve what lies in them, and refuse what leads out, is dangling, is a FIFO, or came while the lab ran', () => {
    expect(said.filter((line) => !line.startsWith('"message"'))).toEqual([
      ...['tftp inside: 0', 'http inside: 200', 'smb inside: MSWIM'],
      // curl: 69 is TFTP's error 2, access violation; 68 is error 1, file not found.
      ...['tftp leak: 69', 'http leak: 403', 'smb leak: NT_STATUS_OBJECT_NAME_NOT_FOUND'],
      ...['tftp folder/secret: 69', 'http folder/secret: 403', 'smb folder/secret: NT_STATUS_OBJECT_PATH_NOT_FOUND'],
      ...['tftp gone: 68', 'http gone: 404', 'smb gone: NT_STATUS_OBJECT_NAME_NOT_FOUND'],
      ...['tftp fifo: 69', 'http fifo: 403', expect.stringMatching(/^smb fifo: NT_STATUS_/) as string],
      ...['tftp late: 69', 'http late: 403', 'smb late: NT_STATUS_OBJECT_NAME_NOT_FOUND'],
    ]);
    expect(ended).toBe(0);
  });

  it('are explained by name in the logs of all three services', () => {
    const reasons = said.filter((line) => line.startsWith('"message"')).map((line) => line.slice('"message":"'.length));
    for (const [name, reason] of [
      ['leak', 'leads out of the root folder by a link'],
      ['folder', 'leads out of the root folder by a link'],
      ['fifo', 'is a FIFO, and only files are served'],
      ['late', 'leads out of the root folder by a link'],
    ] as const)
      expect(reasons).toEqual(expect.arrayContaining([`${name} ${reason}`, `${name} ${reason}: clients are refused`]));
    expect(reasons).toEqual(
      expect.arrayContaining([
        'gone is a dangling link',
        'file not found: gone is a dangling link',
        'gone is a dangling link: clients are refused',
      ]),
    );
  });
});
