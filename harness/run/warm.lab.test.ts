import { randomBytes } from 'node:crypto';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVIDENCE } from '../../reports/file-names.ts';
import type { ClientResult, ScenarioResult } from '../../reports/result.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { decodeFrame } from '../packet/packet.ts';
import { removeState, statesFolder } from './clients/warm/state-store.ts';
import { openCapture } from './open-capture.ts';
import { onlyRun, pxewright } from './testing/pxewright.ts';

/** New ones, so that no state was saved of them before. */
const [ROM, EFI] = [1, 2].map(
  (at) =>
    `52:54:${randomBytes(3)
      .toString('hex')
      .replace(/..(?=.)/g, '$&:')}:0${at}`,
);

// A client of each PXE stack: iPXE in a card's ROM, and EDK2's own. The boot program of the latter asks for its configuration, and
// the boot is over after that, whichever client is the last.
const SCENARIO = `
name: Two clients
services:
  dhcp:
    at: 172.22.52.1
    reservations: { rom: 172.22.52.2, efi: 172.22.52.3 }
    bootfiles: { bios: undionly.kpxe, uefi-x64: ipxe.efi }
  tftp: { at: 172.22.52.207, root: boot-files/ipxe }
clients:
  - { name: rom, mac: '${ROM}', nic: e1000, memory: 128MiB, boot-order: [network],
      steps: [dhcp.ack, tftp.transfer] }
  - { name: efi, mac: '${EFI}', firmware: uefi, nic: virtio-net-pci, memory: 256MiB, boot-order: [network],
      steps: [dhcp.ack, tftp.transfer, { tftp.read-request: { path: autoexec.ipxe } }] }
timeout: 3m
`;

const DHCP_SERVER = 67;
const TFTP = 69;

interface Booted {
  readonly scenario: ScenarioResult;
  /** What each client asked of DHCP and TFTP, in its order, each message once. */
  readonly asked: ReadonlyMap<string, readonly string[]>;
}

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
const keys: string[] = [];
let saving: Booted;
let warm: Booted;
let damaged: Booted;

beforeAll(async () => {
  folder = await temporaryFolder();
  const file = join(folder.path, 'warm.yaml');
  await writeFile(file, SCENARIO);
  saving = await boot(file, 'saving');
  warm = await boot(file, 'warm');
  keys.push(...(await keysOf(saving.scenario.clients)));
  const [first = ''] = keys;
  await truncate(join(statesFolder(), first, 'state'), 1_000_000);
  damaged = await boot(file, 'damaged');
}, 300_000);

afterAll(async () => {
  for (const key of keys) await removeState(key);
  await folder[Symbol.asyncDispose]();
});

async function boot(file: string, name: string): Promise<Booted> {
  const out = join(folder.path, name);
  const { stdout, stderr, exitCode } = await pxewright(['run', file, '--accel', 'tcg', '--out', out]);
  expect(exitCode, `${stdout}${stderr}`).toBe(0);
  const run = await onlyRun(out);
  const [scenario] = run.result.scenarios;
  if (!scenario) throw new Error(`no scenario in ${run.folder}`);
  const capture = join(run.folder, scenario.capture?.file ?? EVIDENCE.capture);
  return { scenario, asked: await asked(capture, scenario.clients) };
}

/** Names of the states that were saved of these clients, in their order. */
async function keysOf(clients: readonly ClientResult[]): Promise<string[]> {
  const found = new Map<string, string>();
  for (const key of await readdir(statesFolder())) {
    const about = await readFile(join(statesFolder(), key, 'about.json'), 'utf8').catch(() => '{}');
    const { mac } = JSON.parse(about) as { mac?: string };
    if (mac !== undefined) found.set(mac, key);
  }
  return clients.map(({ mac }) => found.get(mac) ?? `nothing saved of ${mac}`);
}

async function asked(capture: string, clients: readonly ClientResult[]): Promise<Map<string, string[]>> {
  const all = new Map(clients.map(({ mac }) => [mac, new Set<string>()]));
  const source = await openCapture(capture);
  for await (const batch of source.batches())
    for (const { bytes } of batch) {
      const { ethernet, udp, payload } = decodeFrame(bytes, source.linkType);
      const from = ethernet && all.get(ethernet.source);
      if (!from || !udp) continue;
      if (udp.destinationPort === TFTP) from.add(Buffer.from(payload).toString('latin1'));
      if (udp.destinationPort === DHCP_SERVER) from.add(withoutChance(payload));
    }
  return new Map(clients.map(({ name, mac }) => [name, [...(all.get(mac) ?? [])]]));
}

/** A DHCP message in hexadecimal but for its transaction number (xid) and the seconds since the client began. */
function withoutChance(message: Uint8Array): string {
  const bytes = Buffer.from(message);
  return bytes.fill(0, 4, 10).toString('hex');
}

/** What the judge says of a boot, without times; a server's and a client's own frames may pass each other. */
function judged({ steps }: ClientResult): string[] {
  return steps
    .filter(({ step, verdict }) => verdict === 'passed' && !step.startsWith('ndp.'))
    .map(({ step, detail: { retransmissions: _, ...detail } = {} }) => `${step} ${JSON.stringify(detail)}`)
    .toSorted();
}

describe('a client whose firmware was saved before its first frame', () => {
  it('is saved by its first boot, restored by the second, and says so', () => {
    for (const { powerOn } of saving.scenario.clients)
      expect(powerOn).toEqual({ from: 'cold', why: 'its state before its first frame was saved for later' });
    for (const { powerOn } of warm.scenario.clients)
      expect(powerOn).toEqual({
        from: 'warm',
        why: expect.stringMatching(/^its state before its first frame was saved 20\d\d-/) as string,
      });
  });

  it.each(['rom', 'efi'])('asks on the wire, as %s, for byte by byte what it asks for after a cold start', (name) => {
    const cold = saving.asked.get(name) ?? [];
    expect(cold.length).toBeGreaterThanOrEqual(3);
    expect(warm.asked.get(name)).toEqual(cold);
  });

  it('goes through the same steps', () => {
    for (const [at, client] of warm.scenario.clients.entries()) {
      const cold = saving.scenario.clients[at];
      if (!cold) throw new Error(`no client ${at}`);
      expect(judged(client)).toEqual(judged(cold));
    }
  });

  it('has the variables of its UEFI as a cold start leaves them', () => {
    const text = (booted: Booted): string => JSON.stringify(booted.scenario.clients[1]?.firmwareVariables ?? 'none');
    expect(text(warm)).toBe(text(saving));
  });

  it('starts cold, with a note, when the saved state is damaged, and is saved anew', async () => {
    const [rom, efi] = damaged.scenario.clients;
    expect(rom?.powerOn).toEqual({
      from: 'cold',
      why: expect.stringMatching(
        /^its state before its first frame was saved for later; the saved state was damaged and was removed: its 1000000 bytes are not the \d+ that were saved$/,
      ) as string,
    });
    expect(efi?.powerOn?.from).toBe('warm');
    expect(await keysOf(damaged.scenario.clients)).toEqual(keys);
  });
});
