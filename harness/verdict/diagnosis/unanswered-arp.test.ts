import { describe, expect, it } from 'vitest';
import { CLIENT, type Host, SERVER } from '../../observe/testing/scene.ts';
import { boot } from '../testing/boot-story.ts';
import { judge } from '../testing/judge-story.ts';

const DEAD = '172.22.52.99';
const GATEWAY = '172.22.52.254';
const FAR = '10.9.9.9';
/** The client is told a server, and asks for an address as iPXE does: five times in two seconds. */
const asked = (server: string, address: string) =>
  boot()
    .dhcpRound({ siaddr: server, bootfile: 'undionly.kpxe' })
    .also(({ link }) => {
      for (let time = 0; time < 5; time++) link.wait(400_000).arp(1, CLIENT, { ip: address });
    });
const OVER_MS = 70_000;

describe('a client that never asks its boot server, because nobody has the address', () => {
  it('names the address, and what was to be loaded from there', () => {
    const { failed } = judge(asked(DEAD, DEAD), undefined, { idleMs: OVER_MS });
    expect(failed).toMatchObject([
      {
        step: 'tftp.read-request',
        cause: 'arp-silent',
        detail: { server: DEAD },
        expected: expect.stringContaining('“undionly.kpxe”') as string,
        actual: `nobody has ${DEAD}: ARP got no answer, so the client could not ask`,
      },
    ]);
    // The frames of the question are its proof.
    expect(failed[0]?.frames).toContain(asked(DEAD, DEAD).frames.length - 4);
  });

  it('names the router that was to lead there', () => {
    const { failed } = judge(asked(FAR, GATEWAY), undefined, { idleMs: OVER_MS });
    expect(failed[0]?.actual).toContain(`nobody has ${GATEWAY}, which the client takes for the way to ${FAR}`);
  });

  it('does not name an address that answered after all', () => {
    const host: Host = { mac: SERVER.mac, ip: DEAD };
    const late = asked(DEAD, DEAD)
      .wait(15_000)
      .also(({ link }) => link.arp(1, CLIENT, host).arp(2, host, CLIENT));
    expect(judge(late, undefined, { idleMs: OVER_MS }).failed).toMatchObject([{ cause: 'boot-file-never-asked-for' }]);
  });
});
