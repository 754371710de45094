import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { plural } from '../../reports/text.ts';
import { REFERENCE_LAB } from '../../servers/service/reference-lab.ts';
import type { ControlLoad, ControlLoadResult } from '../played-clients/control-load.ts';
import type { Authentication } from '../played-clients/rpc-client.ts';
import type { WdsVariable } from '../protocols/wds/wire/codec.ts';
import { toldRow, type BenchResult, type BenchRow } from './bench-result.ts';

// Requests per second of the control service: our own client in another process, loopback. Nobody else's service is
// there to compare with.

const SLICES = Number(process.env['PXEWRIGHT_BENCH_PAIRS'] ?? 5);
const SLICE_MS = Number(process.env['PXEWRIGHT_BENCH_SLICE_MS'] ?? 1000);

const text = (name: string, value: string): WdsVariable => ({ name, type: 0x20, values: [value] });
const number = (name: string, value: number): WdsVariable => ({ name, type: 4, values: [value] });
const LOG_MESSAGE = {
  opcode: 4,
  variables: [
    number('VERSION', 1),
    number('MESSAGE_TYPE', 3),
    number('ARCHITECTURE', 9),
    text('CLIENT_ADDRESS', REFERENCE_LAB.client),
    text('CLIENT_MAC', '00111180d292'),
    text('CLIENT_UUID', '11223344556677578058C2C04F503931'),
    text('TRANSACTION_ID', 'c990a222-1c8a-420b-9c37-9af1b6971a43'),
  ],
};
const UNATTEND_VARIABLES = {
  opcode: 6,
  variables: [
    number('VERSION', 1),
    text('CLIENT_MAC', '00111180d292'),
    text('CLIENT_GUID', '11223344556677578058C2C04F503931'),
  ],
};
const USER: Authentication = {
  type: 'ntlm',
  level: 6,
  domain: REFERENCE_LAB.domain,
  user: REFERENCE_LAB.account.name,
  password: REFERENCE_LAB.account.password,
};
const CASES = [
  { what: 'LOG_MSG, anonymous', ...LOG_MESSAGE },
  { what: 'GET_UNATTEND_VARIABLES, packet privacy', authentication: USER, ...UNATTEND_VARIABLES },
] as const;

const service = execa(
  process.execPath,
  [fileURLToPath(new URL('../../servers/images/control.ts', import.meta.url)), '--config', '-'],
  {
    input: JSON.stringify({ address: '127.0.0.1', port: 0, endpointMapper: false }),
    reject: false,
    buffer: { stdout: false, stderr: true },
  },
);
const clients = fork(fileURLToPath(new URL('control-clients.ts', import.meta.url)));
try {
  const port = await listening();
  const measure = async (load: Omit<ControlLoad, 'host' | 'port' | 'durationMs'>): Promise<number> => {
    clients.send({ host: '127.0.0.1', port, durationMs: SLICE_MS, ...load } satisfies ControlLoad);
    const [result] = (await once(clients, 'message')) as [ControlLoadResult];
    if (result.errors > 0)
      throw new Error(
        `${result.errors} of ${load.connections} connections failed, first: ${result.firstError ?? 'none'}`,
      );
    return result.requests / (result.durationMs / 1000);
  };
  const rows: BenchRow[] = [];
  for (const { what, ...load } of CASES) {
    await measure({ ...load, connections: 8 }); // compiled code on both sides
    for (const connections of [1, 8, 64]) {
      const values: number[] = [];
      for (let slice = 0; slice < SLICES; slice++) values.push(await measure({ ...load, connections }));
      process.stderr.write(`control: ${what}, ${connections}: ${values.map(Math.round).join(' ')}\n`);
      rows.push(toldRow(`${what}, ${plural(connections, 'connection')}`, 'requests/s', values));
    }
  }
  process.stdout.write(`${JSON.stringify({ name: 'control', rows } satisfies BenchResult)}\n`);
} finally {
  clients.kill();
  service.kill();
  await service;
}

/** The port in the ready line; everything that the service says is read, so that it never waits for us. */
async function listening(): Promise<number> {
  const [line] = (await Promise.race([
    once(service.stdout, 'data'),
    service.then(({ stderr }) => Promise.reject(new Error(`the service ended: ${stderr}`))),
  ])) as [Buffer];
  service.stdout.resume();
  return Number(/127\.0\.0\.1:(\d+)\/tcp/.exec(line.toString())?.[1]);
}
