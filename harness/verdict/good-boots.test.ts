import { describe, expect, it } from 'vitest';
import { at, SERVER } from '../observe/testing/scene.ts';
import { authIpBytes } from '../protocols/isakmp/testing/bytes.ts';
import { boot, IMAGE_PATH } from './testing/boot-story.ts';
import { expecting, judge, planOf } from './testing/judge-story.ts';

describe('a boot that goes well', () => {
  it('passes a whole install in the order of its expectations, and is settled with the last of them', () => {
    const plan = planOf({
      expectations: expecting(
        ['proxydhcp.ack', { bootfile: 'boot/x86/WDSNBP.com' }],
        ['tftp.size-probe'],
        ['tftp.transfer', { path: 'boot\\x86\\wdsnbp.com', blksize: 1456 }],
        ['tftp.error', { path: { matches: 'pxelinux\\.cfg' } }],
        ['dhcp.ack'],
        ['ntlm.authenticate', { user: 'system\\Administrateur' }],
        ['smb.session-setup', { guest: false }],
        ['smb.tree-connect', { share: 'RemInst' }],
        ['image.header', { images: 1 }],
        ['image.transfer', { path: IMAGE_PATH }],
        ['boot.complete'],
      ),
    });
    const { client, settledBeforeEnd, failed } = judge(boot().wdsInstall(), plan);
    expect(failed).toEqual([]);
    expect(client.verdict).toBe('passed');
    expect(settledBeforeEnd).toBe(true);
    expect(client.ip).toBe('172.22.52.222');
    expect(client.phases).toMatchObject({ firmware: 3000.1, dhcp: 3000.5, proxy: 19.4, os: 3000.1 });
    expect(client.phaseSpans?.slice(0, 3)).toEqual([
      { phase: 'firmware', startMs: 0, durationMs: 3000.1 },
      { phase: 'dhcp', startMs: 3000.1, durationMs: 3000.5 },
      { phase: 'proxy', startMs: 6000.6, durationMs: 19.4 },
    ]);
    expect(Object.fromEntries((client.phaseSpans ?? []).map(({ phase, durationMs }) => [phase, durationMs]))).toEqual(
      client.phases,
    );
    expect(client.transfers.map(({ path }) => path)).toContain('boot/vmlinuz');
    expect(client.steps.at(-1)).toMatchObject({ step: 'boot.complete', detail: { phase: 'image' } });
  });

  it('learns a client and its firmware from the wire, and completes its boot', () => {
    const { client } = judge(boot().wdsInstall());
    expect(client).toMatchObject({ name: 'client-1', firmware: 'bios', verdict: 'passed' });
    expect(client.steps.at(-1)?.step).toBe('boot.complete');
  });

  it('needs no boot server when DHCP names server and file', () => {
    const { client, settledBeforeEnd } = judge(
      boot().dhcpBoot(),
      planOf({
        expectations: expecting(
          ['dhcp.ack', { bootfile: 'pxelinux.0', nextServer: SERVER.ip }],
          ['tftp.transfer', { path: 'pxelinux.0' }],
        ),
      }),
    );
    expect(client.verdict).toBe('passed');
    expect(settledBeforeEnd).toBe(true);
    expect(client.phases).not.toHaveProperty('proxy');
  });

  it('needs no second question when the boot server’s offer has the file', () => {
    const story = boot().pxeRound({ bootfile: 'pxelinux.0' }).loads(['pxelinux.0', 42_000]);
    const plan = planOf({
      expectations: expecting(['proxydhcp.offer', { bootfile: 'pxelinux.0' }], ['tftp.transfer']),
    });
    expect(judge(story, plan).client.verdict).toBe('passed');
  });

  it('does not care which of two servers offers first', () => {
    const plan = planOf({
      expectations: expecting(['dhcp.discover'], ['proxydhcp.offer'], ['dhcp.offer'], ['tftp.transfer']),
    });
    expect(judge(boot().proxyBoot(), plan).client.verdict).toBe('passed');
  });

  it('holds the boot file of the port-4011 answer against the client, not the one of the DHCP server', () => {
    const story = boot()
      .pxeRound({}, { bootfile: 'other.0', siaddr: '172.22.52.9' })
      .proxyRound()
      .loads(['BOOT/x86/wdsnbp.com', 31_124]);
    expect(judge(story).failed).toEqual([]);
  });

  it('accepts a guest that asks for its old address and is refused', () => {
    const story = boot()
      .proxyBoot()
      .wait(3000)
      .also(({ dhcp }) =>
        dhcp
          .ask('request', { xid: 9, vendorClass: 'udhcp 1.37.0', requested: '172.22.52.9' })
          .answer('nak', { xid: 9, server: '172.22.52.1', message: 'wrong network' }),
      )
      .guestDhcp();
    const { client, named } = judge(story);
    expect(client.verdict).toBe('passed');
    expect(named('dhcp.nak')[0]).toMatchObject({ verdict: 'recorded', detail: { message: 'wrong network' } });
  });

  it('counts an image whose open was never closed because the VM was switched off', () => {
    const story = boot().booted().mounted().imageLooked().imageFetched();
    const { client, named } = judge(story, planOf({ expectations: expecting(['image.transfer']) }));
    expect(client.verdict).toBe('passed');
    expect(named('smb.unfinished')).toHaveLength(1);
  });

  it('takes IPsec proposals for what any Windows does, also where the scenario is strict', () => {
    const story = boot()
      .dhcpBoot()
      .also(({ link, client }) => link.udp(at(client, 500), at(SERVER, 500), authIpBytes()));
    const expectations = expecting(
      ['dhcp.discover'],
      ['dhcp.offer'],
      ['dhcp.request'],
      ['dhcp.ack'],
      ['tftp.read-request'],
      ['tftp.option-ack'],
      ['tftp.transfer'],
      ['boot.complete'],
    );
    const { failed, named } = judge(story, planOf({ strict: true, expectations }));
    expect(failed).toEqual([]);
    expect(named('isakmp.message')).toMatchObject([{ detail: { exchange: 'AuthIP main mode' } }]);
  });
});
