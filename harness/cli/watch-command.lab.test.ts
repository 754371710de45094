import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resultSchema } from '../../reports/result.ts';
import { temporaryFolder } from '../../reports/testing/temporary-folder.ts';
import { accounted } from '../run/replay/testing/accounted.ts';
import { PACKAGE_FOLDER } from '../setup/installation.ts';

// A boot by programs that are not ours, BusyBox's DHCP client and curl against dnsmasq, over a veth pair between two
// network namespaces of this test.  The kernels form no IPv6 addresses of their own: their search for a duplicate may be
// open at the last frame of the capture and over at the end of the watch, which is a second later.
const SERVER = '10.9.0.1';
const setUp = (folder: string): string => `
  ip link set lo up
  unshare --net sleep infinity & client=$!
  until [ "$(readlink /proc/$client/ns/net)" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done
  ip link add v0 type veth peer name v1 netns $client
  ip link set v0 addrgenmode none up && ip addr add ${SERVER}/24 dev v0
  nsenter --net=/proc/$client/ns/net sh -c 'ip link set lo up; ip link set v1 addrgenmode none up'
  echo ready $client
  exec dnsmasq --keep-in-foreground --conf-file=/dev/null --port=0 --interface=v0 --bind-interfaces --user=root \\
    --dhcp-range=10.9.0.50,10.9.0.50,1h --dhcp-boot=boot.bin --enable-tftp --tftp-root=${folder} --no-ping \\
    --dhcp-leasefile=${folder}/leases --pid-file=`;
const ADDRESS_SCRIPT = `#!/bin/sh
[ "$1" = bound ] && ip addr add "$ip/24" dev "$interface"
exit 0
`;

let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let host: ReturnType<typeof hold>;
let client = '';
beforeAll(async () => {
  folder = await temporaryFolder();
  await chmod(folder.path, 0o755);
  await writeFile(join(folder.path, 'boot.bin'), new Uint8Array(20_000));
  await writeFile(join(folder.path, 'address.sh'), ADDRESS_SCRIPT, { mode: 0o755 });
  host = hold(folder.path);
  for await (const line of createInterface({ input: host.stdout })) {
    client = /^ready (\d+)$/.exec(line)?.[1] ?? '';
    break;
  }
});
afterAll(async () => {
  if (client !== '') process.kill(Number(client), 'SIGKILL');
  host.kill('SIGKILL');
  await host;
  await folder[Symbol.asyncDispose]();
});

function hold(path: string) {
  return execa('unshare', ['--net', 'sh', '-c', setUp(path)], { buffer: false, reject: false, stdin: 'ignore' });
}

const into = (pid: number | string | undefined): readonly string[] => [`--net=/proc/${String(pid)}/ns/net`];

function watch(...options: readonly string[]) {
  const command = ['node', join(PACKAGE_FOLDER, 'harness/cli/bootstrap.mjs'), 'replay', '--live', 'v0', ...options];
  return execa('nsenter', [...into(host.pid), ...command], { reject: false });
}

/** What a watch says, line by line; `begun` is resolved by its first line. */
function said({ stderr }: ReturnType<typeof watch>): { readonly begun: Promise<unknown>; readonly lines: string[] } {
  const lines: string[] = [];
  const reader = createInterface({ input: stderr }).on('line', (line) => void lines.push(line));
  return { begun: once(reader, 'line'), lines };
}

async function bootsOverTheNetwork(): Promise<void> {
  const script = join(folder.path, 'address.sh');
  const inClient = (...command: readonly string[]) => execa('nsenter', [...into(client), ...command]);
  await inClient('busybox', 'udhcpc', '-i', 'v1', '-f', '-q', '-n', '-V', 'PXEClient:Arch:00000', '-s', script);
  await inClient('curl', '--silent', '--output', '/dev/null', `tftp://${SERVER}/boot.bin`);
}

// Network namespaces without a user namespace: root alone may.
describe.skipIf(process.getuid?.() !== 0)('replay --live', () => {
  it('reports each step as it happens, and at Ctrl-C gives the verdict of a replay of the capture', async () => {
    const capture = join(folder.path, 'live.pcap');
    const watching = watch('--write', capture, '--json', '--frames');
    const seen: string[] = [];
    let loaded = false;
    for await (const line of createInterface({ input: watching.stderr })) {
      seen.push(line);
      if (/watching v0/.test(line)) await bootsOverTheNetwork();
      loaded ||= / tftp\.transfer /.test(line);
      if (loaded) break;
    }
    // The steps were there before the end was asked for.
    expect(seen.join('\n')).toMatch(/dhcp\.discover[^]*dhcp\.ack[^]*tftp\.transfer +boot\.bin/);
    watching.kill('SIGINT');
    const { stdout, exitCode } = await watching;
    const live = resultSchema.parse(JSON.parse(stdout));
    const again = await accounted(capture);
    expect([live.verdict, exitCode]).toEqual([again.verdict, again.verdict === 'passed' ? 0 : 1]);
    const [one, other] = [live, again].map(({ scenarios }) => scenarios[0]);
    // What only the end of the watch settles has its time, and no frame.
    const steps = [one, other].map((scenario) =>
      scenario?.clients.map(({ mac, verdict, steps: all }) => [
        mac,
        verdict,
        all.filter(({ frames }) => frames.length > 0),
      ]),
    );
    expect(steps[0]).toEqual(steps[1]);
    expect(one?.frames).toEqual(other?.frames);
    expect(one).toMatchObject({ name: 'replay of v0', capture: { frames: other?.capture?.frames, dropped: 0 } });
  });

  it('prints the steps of the client that is asked for by its address, and of nobody else', async () => {
    const watching = ['10.9.0.50', '10.9.0.99'].map((address) => watch('--client', address, '--json'));
    const all = watching.map(said);
    await Promise.all(all.map(({ begun }) => begun));
    await bootsOverTheNetwork();
    for (const one of watching) one.kill('SIGINT');
    const ends = await Promise.all(watching);
    const [ofClient = [], ofOther] = all.map(({ lines }) => lines.filter((line) => / (dhcp|tftp)\./.test(line)));
    expect(ofClient.join('\n')).toMatch(/dhcp\.discover[^]*dhcp\.ack[^]*tftp\.transfer +boot\.bin/);
    expect(ofOther).toEqual([]);
    expect(ends.map(({ exitCode }) => exitCode)).toEqual([0, 3]);
  });

  it('ends by itself after --for, and says that nobody booted', async () => {
    const { stdout, exitCode } = await watch('--for', '0.5');
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/inconclusive/);
  });

  // The last one: there is no such interface afterwards.
  it('ends with the verdict of what was seen when the interface is gone, and says that', async () => {
    const watching = watch('--json');
    for await (const line of createInterface({ input: watching.stderr })) {
      if (/watching v0/.test(line)) await bootsOverTheNetwork();
      if (/ tftp\.transfer /.test(line)) break;
    }
    await execa('nsenter', [...into(host.pid), 'ip', 'link', 'del', 'v0']);
    const { stdout, stderr, exitCode } = await watching;
    const reason = 'the capture of v0 ended by itself: tcpdump says “The interface disappeared”';
    expect(stderr).toContain(`pxewright: ${reason}`);
    const { verdict, scenarios } = resultSchema.parse(JSON.parse(stdout));
    expect([verdict, exitCode]).toEqual(['passed', 0]);
    expect(scenarios[0]?.why).toBe(reason);
    expect(scenarios[0]?.clients[0]?.steps.some(({ step }) => step === 'tftp.transfer')).toBe(true);
  });
});

it('an interface that is not there is named in one line, with those that are', async () => {
  const command = [join(PACKAGE_FOLDER, 'harness/cli/bootstrap.mjs'), 'replay', '--live', 'nosuch0'];
  const { stderr, exitCode } = await execa('node', command, { reject: false });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/^nosuch0: expected an interface of this host that is up \(.*lo, any\), got one that .*$/);
});

it('without the right to capture, one line says what to do', async () => {
  const command = ['node', join(PACKAGE_FOLDER, 'harness/cli/bootstrap.mjs'), 'replay', '--live', 'lo'];
  const bare = ['-Ur', 'setpriv', '--bounding-set', '-all', '--inh-caps', '-all'];
  const { stderr, exitCode } = await execa('unshare', [...bare, ...command], { reject: false });
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(
    /^lo: expected the right to capture \(CAP_NET_RAW\), got .*: run this as root \(sudo\), or .*$/,
  );
});
