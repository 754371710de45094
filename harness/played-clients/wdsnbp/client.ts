import { createInterface } from 'node:readline';
import type { AgentEvent } from '../../../vm-images/agent-events.ts';
import { DHCP_CLIENT_PORT } from '../../protocols/dhcp/wire/ports.ts';
import { Datagrams } from '../datagrams.ts';
import { GivenUp } from '../given-up.ts';
import { fetchFile, probeSize } from '../tftp-fetch.ts';
import { deploy } from '../wds-deployment.ts';
import { converse } from './conversation.ts';
import { bootRom, type Rom } from './rom.ts';
import { PLAYED_CLIENT_READY, type WdsnbpJob } from './settings.ts';

// A client without a VM: speaks as a PXE ROM, then as wdsnbp (Microsoft's own file cannot be shipped), and, when its
// settings say so, as the deployment client of Windows PE on the control channel. It runs in a network namespace of its
// own, where `eth0` has the client's MAC address and no other. Standard input: a WdsnbpJob line, then a line that is
// the power button. Standard output: a JSON line for each thing that it does. Exit 0 however the boot ended.

const RESULT: AgentEvent = 'agent.result';

const tell = (event: string, detail: object = {}): void =>
  void process.stdout.write(`${JSON.stringify({ event, ...detail })}\n`);

async function load(server: string, path: string): Promise<void> {
  const tsize = await probeSize(server, path);
  const fetched = await fetchFile(server, path);
  tell('loaded', { path, server, tsize, ...fetched });
}

async function boot(job: WdsnbpJob): Promise<void> {
  const { mac, uuid, settings, deployment } = job;
  const socket = await Datagrams.open(DHCP_CLIENT_PORT);
  const rom: Rom = { socket, sender: { mac, uuid, architecture: settings.architecture }, settings, tell };
  try {
    const told = await bootRom(rom);
    await load(told.server, told.bootfile);
    const next = await converse(rom, told);
    await load(next.server, next.path);
    if (deployment)
      await deploy({
        server: deployment.server ?? next.server,
        settings: deployment,
        computer: { mac, uuid, ip: told.ip, architecture: settings.architecture },
        tell,
      });
    tell(RESULT, { status: 'ok', path: next.path });
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
    tell(RESULT, { status: 'failed', error: error.message });
  } finally {
    socket.close();
  }
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
const job = JSON.parse(String(first.value)) as WdsnbpJob;
tell(PLAYED_CLIENT_READY, { mac: job.mac });
await lines.next();
await boot(job);
