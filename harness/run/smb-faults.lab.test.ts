import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultSchema, type Step } from '../../reports/result.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { PROJECT, pxewright } from './testing/pxewright.ts';
import { ServedLab } from './testing/served-lab.ts';

// What a hostile or broken client does to the image share. The server is Samba's, and so is its answer; what counts
// here is that the judge names what came, and that others are served as if nothing had been.

const MAC = '52:54:00:00:00:66';
const SCENARIO = `
name: A hostile SMB client
services: { tftp: {}, images: {} }
clients: [{ name: hostile, mac: '${MAC}' }]
`;
const GOOD = "smbclient //172.22.52.207/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab' -c 'ls Images/Linux/*'";
const hostile = (what: string): string =>
  `ip netns exec hostile /usr/bin/python3 '${join(PROJECT, 'harness/run/testing/hostile-smb.py')}' 172.22.52.207 ${what}`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let lab: ServedLab;
let answers: Record<string, string>;
let steps: readonly Step[];
const file = (name: string): string => join(folder.path, name);

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(file('hostile.yaml'), SCENARIO);
  lab = await ServedLab.start(file('hostile.yaml'));
  await lab.run(`
    tcpdump -i br0 --immediate-mode -U -B 262144 -w '${file('hostile.pcap')}' ${process.getuid?.() === 0 ? '-Z root' : ''} 2>'${file('tcpdump.log')}' >/dev/null & echo $! >'${file('tcpdump.pid')}'
    until grep -q listening '${file('tcpdump.log')}'; do sleep 0.05; done
    ip netns add hostile
    ip link add hostile type veth peer name eth0 address ${MAC} netns hostile
    ip link set hostile master br0 up
    ip -n hostile addr add 172.22.52.66/24 dev eth0
    ip -n hostile link set eth0 up`);
  answers = {};
  for (const what of [
    'compound-into-itself',
    'compound-backwards',
    'compound-beyond-the-end',
    'compound-of-a-thousand',
    'oversize',
    'encrypted-without-a-key',
    'no-smb',
  ]) {
    answers[what] = (await lab.run(hostile(what))).output;
  }
  // Its network is taken away in the middle of a message: no FIN, no RST, only silence.
  answers['half-a-message'] = (
    await lab.run(`
    mkfifo '${file('said')}' '${file('stay')}'
    exec 3<>'${file('stay')}'
    ${hostile('half-a-message')} <&3 >'${file('said')}' & read -r line <'${file('said')}'; echo "$line"
    ip link del hostile`)
  ).output;
  answers['good'] = (await lab.run(GOOD)).output;
  // When its end is in the file, everything before it is.
  await lab.run(
    `kill "$(cat '${file('tcpdump.pid')}')"; while kill -0 "$(cat '${file('tcpdump.pid')}')" 2>/dev/null; do sleep 0.05; done`,
  );
  const { stdout } = await pxewright(['replay', file('hostile.pcap'), '--scenario', file('hostile.yaml'), '--json']);
  steps = resultSchema.parse(JSON.parse(stdout)).scenarios[0]?.clients[0]?.steps ?? [];
});
afterAll(async () => {
  await lab.stop();
  await folder[Symbol.asyncDispose]();
});

const said = (step: string): string[] =>
  steps.filter((one) => one.step === step).map(({ detail }) => String(detail?.['reason']));

describe('the server', () => {
  it('hangs up on what is no SMB, or waits for the rest of it', () => {
    expect(answers).toMatchObject({
      'compound-into-itself': 'closed',
      'compound-backwards': 'closed',
      'compound-beyond-the-end': 'closed',
      'encrypted-without-a-key': 'closed',
      'no-smb': 'closed',
    });
    expect(['closed', 'reset', 'silent']).toContain(answers['oversize']);
    expect(answers['half-a-message']).toBe('half a message sent');
  });

  it('serves others after each of them', () => {
    expect(answers['good']).toMatch(/sample\.wim +\w* +\d+/);
  });
});

describe('the judge', () => {
  it('names compounds that lead nowhere, and what is no SMB at all', () => {
    expect(said('smb2.malformed')).toEqual([
      'next command 8 must be a multiple of 8 from 64 to less than the 136 bytes left',
      'next command 4294967288 must be a multiple of 8 from 64 to less than the 140 bytes left',
      'next command 4096 must be a multiple of 8 from 64 to less than the 140 bytes left',
      'a session-setup message has 16777215 bytes, expected at most 131072',
      'expected a protocol identifier FE, FF, FD or FC "SMB", got 0x47455420',
    ]);
  });

  it('says what cannot be read, and that connections were good until then', () => {
    expect(said('smb.opaque')).toEqual(['encrypted']);
    expect(steps.filter(({ step, verdict }) => step === 'smb.negotiate' && verdict === 'passed')).toHaveLength(8);
  });
});

it('the service lives on, and the capture holds all of it', async () => {
  const log = await lab.run('cat /run/pxewright/services/smb@host-207.jsonl');
  expect(log.output).not.toContain('"event":"error"');
  expect(await readFile(file('tcpdump.log'), 'utf8')).toContain('0 packets dropped by kernel');
});
