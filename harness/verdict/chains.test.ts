import { describe, expect, it } from 'vitest';
import { DHCP_ONLY_BOOT, dhcpRound } from './testing/boot-scripts.ts';
import {
  type Body,
  CLIENT_IP,
  CLIENT_MAC,
  conversation,
  dhcp,
  DHCP_IP,
  figures,
  type Line,
  SERVER_IP,
  SERVER_MAC,
  START_US,
  tftpProbe,
  tftpRefused,
  tftpTransfer,
} from './testing/event-builders.ts';
import { createEventJudge } from './event-judge.ts';
import { expecting, judgeEvents, judgeScript, planOf } from './testing/judge-script.ts';

const IPXE = { vendorClass: 'PXEClient:Arch:00007:UNDI:003010', arch: 7, xid: 0x99 };
const URL_TOLD = `http://${SERVER_IP}/boot.ipxe`;
const http = (body: object): Body =>
  ({
    connection: `${CLIENT_IP}:4000>${SERVER_IP}:80`,
    server: { mac: SERVER_MAC, ip: SERVER_IP, port: 80 },
    ...body,
  }) as Body;
const httpGet = (path: string, status = 200, bytes = 500): Line[] => [
  [1, http({ type: 'http.request', method: 'GET', path })],
  [1, http({ type: 'http.response', status, path, contentLength: bytes })],
  [1, http({ type: 'http.complete', method: 'GET', path, status, figures: figures(bytes, 2) })],
];
const chain = (path: string, status = 200): Line[] => [
  ...dhcpRound({ siaddr: SERVER_IP, bootfile: 'ipxe.efi' }),
  ...tftpProbe('1', 'ipxe.efi', 1_000_000),
  ...tftpTransfer('2', 'ipxe.efi', 1_000_000, { blksize: 1468, windowsize: 4 }),
  ...tftpRefused('3', 'autoexec.ipxe'),
  [100, dhcp('dhcp.discover', IPXE)],
  [1, dhcp('dhcp.offer', { xid: 0x99, yiaddr: CLIENT_IP, server: DHCP_IP, bootfile: URL_TOLD })],
  [1, dhcp('dhcp.request', { ...IPXE, requested: CLIENT_IP, server: DHCP_IP })],
  [1, dhcp('dhcp.ack', { xid: 0x99, yiaddr: CLIENT_IP, server: DHCP_IP, bootfile: URL_TOLD })],
  ...httpGet(path, status),
];

describe('a boot of several stages', () => {
  it('follows a network boot program through a DHCP round of its own to a URL', () => {
    const { client, failed } = judgeScript(chain('/boot.ipxe'));
    expect(failed).toEqual([]);
    expect(client.verdict).toBe('passed');
    expect(client.phases['dhcp']).toBe(3002);
    expect(client.phases).toHaveProperty('kernel');
    expect(client.steps.at(-1)).toMatchObject({ step: 'boot.complete', detail: { phase: 'kernel' } });
  });

  it('notices when the second stage asks for something else, or the URL is not there', () => {
    expect(judgeScript(chain('/other.ipxe')).failed[0]).toMatchObject({ step: 'http.get', cause: 'wrong-boot-file' });
    expect(judgeScript(chain('/boot.ipxe', 404)).failed[0]).toMatchObject({
      step: 'http.error',
      cause: 'boot-file-missing',
    });
  });

  it('fails a body that is shorter than promised, or that ends with its connection', () => {
    const cut = (last: Line): Line[] => [...httpGet('/boot.ipxe').slice(0, 2), last];
    expect(
      judgeScript(
        cut([
          1,
          http({ type: 'http.complete', method: 'GET', path: '/boot.ipxe', status: 200, figures: figures(400, 2) }),
        ]),
      ).failed[0],
    ).toMatchObject({ cause: 'transfer-size-mismatch' });
    const closed: Line[] = [
      [1, http({ type: 'tcp.reset', by: 'server' })],
      [
        0,
        http({
          type: 'http.unfinished',
          reason: 'the connection was reset',
          method: 'GET',
          path: '/boot.ipxe',
          status: 200,
          figures: figures(400, 2),
        }),
      ],
    ];
    expect(judgeScript([...httpGet('/boot.ipxe').slice(0, 2), ...closed]).failed[0]).toMatchObject({
      step: 'http.get',
      cause: 'transfer-aborted',
    });
  });
});

describe('several clients, and the end of a VM', () => {
  const other = '52:54:00:99:99:99';
  const clients = [CLIENT_MAC, other].map((mac, index) => ({
    name: `pc-${index + 1}`,
    mac,
    firmware: 'bios',
    nic: 'e1000',
  }));
  const plan = planOf({ expectations: expecting(['tftp.transfer']) });

  it('judges each by itself and leaves strangers alone', () => {
    const judge = createEventJudge({ clients, plan, startUs: START_US });
    for (const event of conversation(DHCP_ONLY_BOOT)) judge.event(event);
    for (const event of conversation(DHCP_ONLY_BOOT.slice(0, 1), '52:54:00:00:00:aa')) judge.event(event);
    expect(judge.settled).toBe(false);
    judge.ended(other, START_US + 20_000_000, 'the VM was switched off');
    expect(judge.settled).toBe(true);
    expect(judge.finish()).toMatchObject([
      { name: 'pc-1', verdict: 'passed' },
      {
        name: 'pc-2',
        verdict: 'failed',
        steps: [
          {
            step: 'tftp.transfer',
            verdict: 'failed',
            actual: 'none; the client sent nothing; the VM was switched off',
          },
        ],
      },
    ]);
  });

  it('says that a VM ended early', () => {
    const judge = createEventJudge({
      clients: clients.slice(0, 1),
      plan: planOf({ expectations: expecting(['smb.negotiate']) }),
      startUs: START_US,
    });
    for (const event of conversation(DHCP_ONLY_BOOT)) judge.event(event);
    judge.ended(CLIENT_MAC, START_US + 20_000_000, 'QEMU exited with code 1');
    expect(judge.finish()[0]?.steps.find(({ verdict }) => verdict === 'failed')).toMatchObject({
      step: 'smb.negotiate',
      cause: 'vm-ended-early',
      actual: expect.stringContaining('QEMU exited with code 1') as string,
    });
  });

  it('says that a system which found no network switched itself off', () => {
    const judge = createEventJudge({
      clients: clients.slice(0, 1),
      plan: planOf({ expectations: expecting(['smb.negotiate']) }),
      startUs: START_US,
    });
    for (const event of conversation(DHCP_ONLY_BOOT)) judge.event(event);
    judge.ended(CLIENT_MAC, START_US + 20_000_000, 'guest-shutdown');
    expect(judge.finish()[0]?.steps.find(({ verdict }) => verdict === 'failed')).toMatchObject({
      step: 'smb.negotiate',
      cause: 'guest-no-network',
    });
  });

  it('keeps its verdict whatever comes after it was settled', () => {
    const after = conversation([...DHCP_ONLY_BOOT, ...tftpRefused('9', 'pxelinux.0')]);
    expect(judgeEvents(after, plan).client.verdict).toBe('passed');
  });

  it('bears frames that step back in time', () => {
    const events = conversation(DHCP_ONLY_BOOT).map((event, index) =>
      index % 3 === 0 ? { ...event, atUs: event.atUs - 5000 } : event,
    );
    expect(judgeEvents(events, plan).client.verdict).toBe('passed');
  });
});
