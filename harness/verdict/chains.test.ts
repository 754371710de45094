import { describe, expect, it } from 'vitest';
import { SERVER } from '../observe/testing/scene.ts';
import { boot, type BootStory } from './testing/boot-story.ts';
import { judge } from './testing/judge-story.ts';

const IPXE = { vendorClass: 'PXEClient:Arch:00007:UNDI:003010', arch: 7, xid: 0x99 };
const TOLD = { xid: 0x99, bootfile: `http://${SERVER.ip}/boot.ipxe` };

/** iPXE by TFTP, which asks for an address again and is told a URL. */
const chained = (): BootStory =>
  boot()
    .dhcpRound({ siaddr: SERVER.ip, bootfile: 'ipxe.efi' })
    .also(({ tftp }) => tftp.probe('ipxe.efi', 20_000).transfer('ipxe.efi', 20_000, { blksize: 1468, windowsize: 4 }))
    .missesFiles('autoexec.ipxe')
    .wait(100)
    .also(({ dhcp }) => dhcp.discover(IPXE).offer(TOLD).choose(IPXE).grant(TOLD));
/** What the second stage loads, and what the server says of it. */
const asking = (path: string, status = '200 OK'): BootStory =>
  chained().also(({ http }) => http.connect().get(path).respond(status, ['Content-Length: 500'], 'x'.repeat(500)));

describe('a boot of several stages', () => {
  it('follows a network boot program through a DHCP round of its own to a URL', () => {
    const { client, failed } = judge(asking('/boot.ipxe'));
    expect(failed).toEqual([]);
    expect(client.verdict).toBe('passed');
    expect(client.phases['dhcp']).toBe(3000.4);
    expect(client.phases).toHaveProperty('kernel');
    expect(client.steps.at(-1)).toMatchObject({ step: 'boot.complete', detail: { phase: 'kernel' } });
  });

  it('notices when the second stage asks for something else, or the URL is not there', () => {
    expect(judge(asking('/other.ipxe')).failed[0]).toMatchObject({ step: 'http.get', cause: 'wrong-boot-file' });
    expect(judge(asking('/boot.ipxe', '404 Not Found')).failed[0]).toMatchObject({
      step: 'http.error',
      cause: 'boot-file-missing',
    });
  });

  it('fails when the server hangs up in the middle of a file', () => {
    const cut = chained().also(({ http }) =>
      http.connect().get('/boot.ipxe').respond('200 OK', ['Content-Length: 500'], 'x'.repeat(400)).reset(),
    );
    expect(judge(cut).failed[0]).toMatchObject({
      step: 'http.get',
      cause: 'transfer-aborted',
      actual: '400 bytes, and then the connection was reset',
    });
  });

  it('fails a body that is shorter than promised', () => {
    // RFC 9112 section 6.3: the chunks say where the body ends, whatever Content-Length promised.
    const story = chained().also(({ http }) =>
      http
        .connect()
        .get('/boot.ipxe')
        .respond(
          '200 OK',
          ['Content-Length: 500', 'Transfer-Encoding: chunked'],
          `190\r\n${'x'.repeat(400)}\r\n0\r\n\r\n`,
        ),
    );
    expect(judge(story).failed[0]).toMatchObject({ step: 'http.get', cause: 'transfer-size-mismatch' });
  });
});
