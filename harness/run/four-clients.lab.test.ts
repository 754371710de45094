import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBundles } from '../../vm-images/index.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { PROJECT, pxewright } from './testing/pxewright.ts';
import { ServedLab } from './testing/served-lab.ts';

// One set of services, four clients at the same time: impacket (SMB and the control service), smbclient, Linux' own
// cifs in a VM that boots from the network and installs, and a WDS client by the protocol alone. Three of them we
// did not write.

const HOST = '172.22.52.207';
const IMAGE = 'Images\\Linux\\sample.wim';
const SCENARIO = `
name: Every kind of client
services:
  dhcp: {}
  pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }
  tftp: {}
  authentication: { domain: SYSTEM, users: [{ name: administrateur, password: Passw0rd.lab }] }
  images: {}
  control: {}
clients: [{ name: pc, mac: '52:54:00:12:34:56', disk: 2GiB }]
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let lab: ServedLab;
let sha256: string;
const file = (name: string): string => join(folder.path, name);
const impacket = `/usr/bin/python3 '${join(PROJECT, 'harness/run/testing/wds-images.py')}' ${HOST} '${IMAGE}'`;
const wdsClient = `'${process.execPath}' '${join(PROJECT, 'harness/played-clients/testing/list-images.ts')}' ${HOST} administrateur Passw0rd.lab`;

beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFile(file('all.yaml'), SCENARIO);
  const bundle = (await ensureBundles(['images/linux-sample'])).get('images/linux-sample');
  sha256 = createHash('sha256')
    .update(await readFile(join(bundle?.folder ?? '', 'Images/Linux/sample.wim')))
    .digest('hex');
  lab = await ServedLab.start(file('all.yaml'));
});
afterAll(async () => {
  await lab.stop();
  await folder[Symbol.asyncDispose]();
});

it('all work against the services at once', { timeout: 300_000 }, async () => {
  const { output } = await lab.run(`
    ip tuntap add tap9 mode tap && ip link set tap9 master br0 up
    truncate -s 2G /run/pxewright/visitor.raw
    timeout 280 qemu-system-x86_64 -machine pc,accel=tcg -cpu max -m 512 -display none -nodefaults -vga std -boot strict=on -no-reboot \\
      -netdev tap,id=net0,ifname=tap9,script=no,downscript=no -device e1000,netdev=net0,mac=52:54:00:12:34:56,bootindex=0 \\
      -drive if=none,id=disk0,format=raw,cache=unsafe,file=/run/pxewright/visitor.raw -device virtio-blk-pci,drive=disk0,bootindex=1 \\
      -serial 'file:${file('serial.log')}' -serial 'file:${file('agent.jsonl')}' & vm=$!
    ${impacket} >'${file('impacket.json')}' & one=$!
    smbclient //${HOST}/REMINST -U 'SYSTEM\\administrateur%Passw0rd.lab' -c 'get "${IMAGE}" -' 2>'${file('smbclient.log')}' | sha256sum >'${file('smbclient.sha256')}' & two=$!
    ${wdsClient} >'${file('wds.json')}' & three=$!
    for client in $one $two $three $vm; do wait $client; echo "ended with $?"; done`);
  expect(output.split('\n').filter((line) => line.startsWith('ended'))).toEqual(
    Array.from({ length: 4 }, () => 'ended with 0'),
  );
  expect(JSON.parse(await readFile(file('impacket.json'), 'utf8'))).toEqual({
    code: 0,
    offered: [`\\${IMAGE}`],
    sha256,
  });
  expect(await readFile(file('smbclient.sha256'), 'utf8')).toContain(sha256);
  expect(JSON.parse(await readFile(file('wds.json'), 'utf8'))).toEqual([`\\${IMAGE}`]);
  // wimlib holds every file that it applies against its hash: an agent that says ok has read the image whole.
  const events = (await readFile(file('agent.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; ok?: boolean; path?: string });
  expect(events.find(({ event }) => event === 'agent.image-chosen')).toMatchObject({ path: IMAGE });
  expect(events.find(({ event }) => event === 'agent.result')).toMatchObject({ ok: true });
});

it('and an image that is disabled meanwhile is offered to none of them', async () => {
  expect((await pxewright(['images', 'disable', IMAGE, '--run', file('all.yaml')])).exitCode).toBe(0);
  expect(JSON.parse((await lab.run(impacket)).output)).toMatchObject({ code: 0, offered: [] });
  expect(JSON.parse((await lab.run(wdsClient)).output)).toEqual([]);
  expect((await pxewright(['images', 'enable', IMAGE, '--run', file('all.yaml')])).exitCode).toBe(0);
  expect(JSON.parse((await lab.run(wdsClient)).output)).toEqual([`\\${IMAGE}`]);
});
