import { BootRoot } from '../service/boot-root.ts';
import { REFERENCE_LAB } from '../service/reference-lab.ts';
import type { Emit } from '../service/event-lines.ts';
import { faultsOf } from '../service/faults.ts';
import { runService, type Running, type Service } from '../service/service.ts';
import { controlConfigSchema, type ControlConfig } from './control/config.ts';
import { getDomainJoinInformation, resetBootProgram } from './control/domain-operations.ts';
import { getMachineDriverPackages } from './control/driver-operations.ts';
import { ImageLister } from './control/image-list.ts';
import { enumerateImages } from './control/image-operations.ts';
import { logInit, logMessage } from './control/log-operations.ts';
import { getClientUnattend, getUnattendVariables } from './control/unattend-operations.ts';
import { wdsInterface, type WdsServices } from './control/wds-interface.ts';
import { portOfInterface } from './rpc/ask-port.ts';
import { endpointMapper } from './rpc/endpoint-map.ts';
import type { RpcInterface } from './rpc/interface.ts';
import { listenRpc, type RpcCounters, type RpcListener } from './rpc/listener.ts';
import { openDeviceStore } from '../state/device-store.ts';
import { openImageStore } from '../state/image-store.ts';
import { isProgram } from '../service/program-file.ts';

/** The control service of a WDS server, as a program: DCE/RPC over TCP, and the endpoint mapper that leads to it. */
export const controlService: Service<typeof controlConfigSchema> = {
  name: 'control',
  summary:
    'The WDS control service (MS-WDSC, MS-WDSOSD) over DCE/RPC: lists images, takes status messages, supplies answer files and the values for answer files and domain joins, matches driver packages. NTLM raw and in SPNEGO, packet integrity and privacy.',
  schema: controlConfigSchema,
  example: {
    address: REFERENCE_LAB.server,
    root: '/srv/RemInst',
    state: '/tmp/lab/state',
    domain: REFERENCE_LAB.domain,
    accounts: [REFERENCE_LAB.account],
    unattend: { files: { x64: 'WdsClientUnattend\\x64.xml' } },
  },
  notes: [
    'A client may initialise logging, log, and ask for an answer file without a logon; everything else needs a user, at packet privacy.',
    'With a wrong password the first call after AUTH3 gets a fault of status 5, as on Windows.',
    'endpointMapper: false leaves port 135 alone. Beside a domain controller that does the same, neighbourPorts lists the ports of its RPC services.',
    'Names below `root` match in any case and with either slash; nothing outside of it is read.',
    'Every bind, logon, request, status message and fault is an event.',
  ],
  start: startControl,
};

/** A program on the same host answers in milliseconds. */
const NEIGHBOUR_TIMEOUT_MS = 1000;

const OS_DEPLOYMENT = 'd8deeb5a-effd-43b2-99fc-1a8a5921c227';
const DRIVER_PROVISIONING = '011d24ac-cb3a-4739-a339-5d2e1b5306ce';

/** Starts the control service in this process. */
export async function startControl(config: ControlConfig, emit: Emit): Promise<Running> {
  const { misbehave } = config;
  const faults = faultsOf(misbehave, emit);
  const wds = wdsInterface(await services(config, emit), config.requirePrivacy, misbehave, faults.came, emit);
  const counters: RpcCounters = { connections: 0, requests: 0, refused: 0 };
  const listen = (port: number, interfaces: readonly RpcInterface[]): Promise<RpcListener> => {
    const options = {
      interfaces,
      realm: config,
      maxFragment: config.maxFragment,
      requestBytes: config.limits.requestBytes,
      misbehave,
      misbehaved: faults.came,
    };
    return listenRpc(config.address, port, options, config.limits, misbehave.delay ?? 0, emit, counters);
  };
  const listeners = await listenAll(config, wds, listen, emit);
  return {
    listening: listeners.map(({ listening }) => listening),
    misbehaves: faults.told,
    counters: () => ({ ...counters }),
    stop: async () => {
      await Promise.all(listeners.map((listener) => listener.stop()));
    },
  };
}

/** The control port, and the endpoint mapper's: one listener with both interfaces where the ports are the same. */
async function listenAll(
  config: ControlConfig,
  wds: RpcInterface,
  listen: (port: number, interfaces: readonly RpcInterface[]) => Promise<RpcListener>,
  emit: Emit,
): Promise<RpcListener[]> {
  const mapper = (port: number): RpcInterface =>
    endpointMapper([wds], config.address, port, emit, (wanted) =>
      portOfInterface(config.address, config.neighbourPorts, wanted, NEIGHBOUR_TIMEOUT_MS),
    );
  if (!config.endpointMapper) return [await listen(config.port, [wds])];
  if (config.endpointMapperPort === config.port && config.port !== 0)
    return [await listen(config.port, [wds, mapper(config.port)])];
  const control = await listen(config.port, [wds]);
  try {
    return [control, await listen(config.endpointMapperPort, [mapper(control.port)])];
  } catch (error) {
    await control.stop();
    throw error;
  }
}

async function services(config: ControlConfig, emit: Emit): Promise<WdsServices> {
  const devices = config.state === undefined ? undefined : openDeviceStore(config.state);
  const images = config.state === undefined ? undefined : openImageStore(config.state);
  const root = config.root === undefined ? undefined : await BootRoot.open(config.root);
  const lister = root === undefined ? undefined : new ImageLister(root);
  return new Map([
    [
      OS_DEPLOYMENT,
      new Map([
        [2, enumerateImages(config.images, lister, images, emit)],
        [3, logInit(config.logLevel)],
        [4, logMessage(emit)],
        [5, getClientUnattend(config.unattend, devices, root)],
        [6, getUnattendVariables(config, devices)],
        [7, getDomainJoinInformation(config, devices)],
        [8, resetBootProgram(devices, emit)],
      ]),
    ],
    [DRIVER_PROVISIONING, new Map([[0xc8, getMachineDriverPackages(config, root)]])],
  ]);
}

if (isProgram(import.meta.filename)) await runService(controlService);
