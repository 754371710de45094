import { execa } from 'execa';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const CONFIG = {
  interface: 'served',
  range: { from: 'fd77::100', to: 'fd77::1ff' },
  bootfile: 'tftp://[fd77::1]/ipxe.efi',
  dns: ['fd77::53'],
};

/**
 * Two ends of a cable in a network namespace of its own: the server begins at one, and says that it is ready; then the
 * client asks at the other. Without duplicate address detection both ends have their link-local address at once.
 */
const SCRIPT = `
  ip link set lo up
  ip link add served type veth peer name client
  for end in served client; do
    echo 0 > /proc/sys/net/ipv6/conf/$end/accept_dad
    ip link set $end up
  done
  until [ "$(ip -6 address show scope link -tentative | grep -c fe80)" = 2 ]; do sleep 0.1; done
  mkfifo ready
  "$NODE" "$SERVER" --config config.json > ready &
  server=$!
  exec 3< ready
  read -r line <&3
  echo "$line"
  busybox udhcpc6 -f -n -q -t 5 -T 2 -i client -O bootfile_url -s ./told
  kill $server
`;

/** What BusyBox calls with what it was given. */
const TOLD = `#!/bin/sh
[ "$1" = bound ] && echo "bound $ipv6 $bootfile_url $dns"
exit 0
`;

it('BusyBox gets an address and a boot file from it, over a link with multicast', { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'pxewright-test-'));
  try {
    await writeFile(join(folder, 'config.json'), JSON.stringify(CONFIG));
    await writeFile(join(folder, 'told'), TOLD);
    await chmod(join(folder, 'told'), 0o755);
    const { stdout } = await execa('unshare', ['--map-root-user', '--net', 'sh', '-ec', SCRIPT], {
      cwd: folder,
      env: { NODE: process.execPath, SERVER: fileURLToPath(new URL('dhcpv6.ts', import.meta.url)) },
    });
    const [ready, ...lines] = stdout.split('\n');
    expect(JSON.parse(ready ?? '')).toMatchObject({ event: 'ready', listening: ['[::]:547/udp'] });
    expect(lines).toContain(
      'bound fd77:0000:0000:0000:0000:0000:0000:0100 tftp://[fd77::1]/ipxe.efi fd77:0000:0000:0000:0000:0000:0000:0053',
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});
