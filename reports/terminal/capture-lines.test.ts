import { describe, expect, it } from 'vitest';
import { shownClients } from '../shown-clients.ts';
import { sampleClient, sampleScenario } from '../testing/sample-results.ts';
import type { ClientResult } from '../result.ts';
import { captureLines } from './capture-lines.ts';

const PLAIN = { colour: false, live: false, unicode: true };
const PC = sampleClient({
  name: 'client-2',
  mac: '52:54:00:77:00:01',
  ips: ['10.77.0.100', '10.77.0.101'],
  architecture: '0 (x86 BIOS)',
  vendorClass: 'PXEClient:Arch:00000:UNDI:002001',
  profiles: [
    { name: 'ipxe', title: 'iPXE', frame: 1 },
    { name: 'pxelinux', title: 'PXELINUX', frame: 18 },
  ],
  relay: '10.77.0.1',
  vlan: 12,
  startedAt: '2026-11-27T10:02:11.204Z',
});
const host = (last: number): ClientResult =>
  sampleClient({ name: `client-${last}`, mac: `52:54:00:00:00:0${last}`, ip: `10.0.0.${last}`, booting: false });

function linesOf(clients: readonly ClientResult[], choice = {}, columns?: number): string[] {
  const capture = {
    file: 'site.pcap',
    frames: 348,
    dropped: 0,
    quality: [{ kind: 'duplicated' as const, frames: 120, firstFrame: 2, what: '120 frames are there twice' }],
  };
  return captureLines(
    sampleScenario({ capture, clients: [...clients] }),
    shownClients(clients, choice),
    PLAIN,
    columns,
  );
}

describe('the text of a replay begins', () => {
  it('with the capture, its flaws, and who booted: the addresses, what the firmware is, the programs that ran, where it is, and since when', () => {
    expect(linesOf([host(1), PC])).toEqual([
      '  capture    site.pcap  348 frames  from 2026-11-27 10:02:11.204 UTC',
      '  duplicated 120 frames are there twice (first: frame 2)',
      '  clients    ✓  client-2  52:54:00:77:00:01  10.77.0.100  10.77.0.101  arch 0 (x86 BIOS)  PXEClient:Arch:00000:UNDI:002001  iPXE → PXELINUX  relay 10.77.0.1  VLAN 12  from 2026-11-27 10:02:11.204 UTC',
      '             1 other host that does not boot over the network: ✓ 52:54:00:00:00:01 (10.0.0.1); --all shows them, --client ADDRESS one of them',
      '',
    ]);
  });

  it('with all hosts, those that boot first, when all are wanted', () => {
    const lines = linesOf([host(1), PC], { all: true });
    expect(lines[2]).toContain('client-2');
    expect(lines[3]).toContain('client-1  52:54:00:00:00:01  10.0.0.1  does not boot over the network');
    expect(lines).toHaveLength(5);
  });

  it('with one client when that one is wanted', () => {
    const lines = linesOf([host(1), PC, host(3)], { address: '52:54:00:00:00:03' });
    expect(lines[2]).toContain('client-3');
    expect(lines[3]).toContain('2 other clients: ✓ 52:54:00:77:00:01');
  });

  it('with a client of whom only an IP address is known, which chooses it, too', () => {
    const routed = sampleClient({ name: 'client-4', mac: '', ip: '10.0.9.4', ips: ['10.0.9.4'] });
    expect(linesOf([routed, PC], { address: '10.0.9.4' })[2]).toBe('  clients    ✓  client-4  10.0.9.4');
    expect(linesOf([{ ...routed, booting: false }, PC])[3]).toContain('over the network: ✓ 10.0.9.4;');
  });

  it('with a line for all hosts where none boots, and names no more than a person reads', () => {
    const lines = linesOf(Array.from({ length: 8 }, (_, index) => host(index + 1)));
    expect(lines.filter((line) => line.includes('clients'))).toHaveLength(1);
    expect(lines[2]).toMatch(/^ {2}clients {4}8 hosts that do not boot over the network: .* and 2 more; --all/);
  });

  it('with what was noticed of a client in order, whole; the summary says what was of one that is not', () => {
    const noticed = `the client loaded “${'x'.repeat(300)}” 3 times, and loaded nothing else: the boot program loads itself`;
    const looping = { ...PC, findings: [noticed] };
    expect(linesOf([looping])[3]).toBe(`  noticed    ${noticed}`);
    expect(linesOf([looping, { ...PC, name: 'client-3' }])[4]).toBe(`  noticed    client-2: ${noticed}`);
    for (const verdict of ['failed', 'inconclusive'] as const)
      expect(linesOf([{ ...looping, verdict }]).join()).not.toContain('noticed');
  });

  it('with lines that fit the terminal', () => {
    for (const line of linesOf([host(1), host(2), PC], {}, 70).filter((one) => !one.includes('PXEClient')))
      expect(line.length).toBeLessThanOrEqual(70);
  });

  it('with text that no name on the wire can repaint', () => {
    const evil = '\u001b[2J';
    const text = linesOf([
      { ...PC, name: evil, vendorClass: evil },
      { ...host(1), ip: evil },
    ]).join('\n');
    expect(text).not.toContain('\u001b');
  });
});
