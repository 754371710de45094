import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { labCommand, onHost } from './namespaces.ts';
import { bridgeBatch, hostBatch, tapName } from './network.ts';
import { resolveRunFolder } from './private-files.ts';
import { tiedToParent } from './tied-to-parent.mjs';

const host = { name: 'host-207', ip: '172.22.52.207', mac: '52:54:00:00:00:cf' };

describe('the lab, as commands', () => {
  it('makes one bridge, a veth pair a host and a played client, a tap a VM', () => {
    const batch = bridgeBatch({
      hosts: [host],
      clients: [{}, {}, { plays: 'wdsnbp', mac: '52:54:00:00:00:01' }] as never,
    });
    expect(batch).toBe(`link set lo up
link add br0 type bridge forward_delay 0 stp_state 0 mcast_snooping 0
netns add host-207
link add host-207 type veth peer name eth0 address 52:54:00:00:00:cf netns host-207
link set host-207 master br0 up
tuntap add dev tap0 mode tap
link set tap0 master br0 up
tuntap add dev tap1 mode tap
link set tap1 master br0 up
netns add client-2
link add client-2 type veth peer name eth0 address 52:54:00:00:00:01 netns client-2
link set client-2 master br0 up
link set br0 up
`);
  });

  it('gives a host its address and a way for limited broadcasts', () => {
    expect(hostBatch(host, 24)).toContain(
      'addr add 172.22.52.207/24 brd + dev eth0\nlink set eth0 up\nroute add 255.255.255.255/32 dev eth0\n',
    );
  });

  it('gives a host its IPv6 address without a search for duplicates, in a lab that has IPv6', () => {
    expect(hostBatch({ ...host, ipv6: 'fd77::172:22:52:207' }, 24)).toContain(
      '\naddr add fd77::172:22:52:207/64 dev eth0 nodad\nlink set eth0 up\n',
    );
    expect(hostBatch(host, 24)).not.toContain('nodad');
  });

  it('ties the lab to its parent, and needs a user namespace only when not root', () => {
    const argv = labCommand(['node', 'x'], { root: true });
    expect(argv.slice(0, 4)).toEqual(['setpriv', '--pdeathsig', 'KILL', '--']);
    expect(argv).toContain(String(process.pid));
    expect(argv).toContain('--kill-child=KILL');
    expect(argv).not.toContain('--user');
    expect(labCommand(['node'], { root: false })).toContain('--map-root-user');
  });

  it('starts nothing for a parent that died before the tie', async () => {
    const start = async (parentPid: number): Promise<unknown> => {
      const [command, ...args] = tiedToParent(['echo', 'a word', 'more'], parentPid);
      const { exitCode, stdout } = await execa(command, args, { reject: false });
      return { exitCode, stdout };
    };
    expect(await start(process.pid)).toEqual({ exitCode: 0, stdout: 'a word more' });
    expect(await start(process.ppid)).toEqual({ exitCode: 1, stdout: '' });
  });

  it("keeps interface names within the kernel's 15 characters", () => {
    expect(tapName(99_999).length).toBeLessThanOrEqual(15);
    expect(onHost('host-207')).toEqual(['nsenter', '--net=/run/netns/host-207', '--']);
  });

  it('fills ${run} in every string of a configuration', () => {
    expect(resolveRunFolder({ root: '${run}/tftp', list: ['${run}/a', 7], deep: { x: true } })).toEqual({
      root: '/run/pxewright/tftp',
      list: ['/run/pxewright/a', 7],
      deep: { x: true },
    });
  });
});
