import { Command, Option } from 'commander';
import {
  changedDevice,
  decide,
  describeDevice,
  namedDevice,
  prestage,
  remove,
  rename,
  reset,
  type ChangedDevice,
} from '../../state/device-changes.ts';
import { defined } from '../../service/defined.ts';
import { computerName, openDeviceStore, uuid, type Device } from '../../state/device-store.ts';
import { ManagementError } from '../../state/management-error.ts';
import { mac } from '../../service/config-fields.ts';
import { accountChange, type AccountChange } from './account-change.ts';
import { deviceLines, deviceTable } from './device-text.ts';
import { withAccount } from './directory-account.ts';
import { checked, targetOptions, type TargetOptions } from './options.ts';
import { print } from './print.ts';

interface DeviceOptions {
  readonly mac?: string;
  readonly uuid?: string;
  readonly name?: string;
  readonly answerFile?: string;
  readonly join?: string;
  readonly organizationalUnit?: string;
  readonly bootProgram?: string;
  readonly message?: string;
}

type Devices = readonly Device[];

const DEVICE = 'request id, computer name, MAC address or UUID';
const ACCOUNT =
  '\nIn a lab with a domain controller, a computer that is prestaged or approved under a name has an account in the directory, which is created, renamed and removed with the computer. If the directory refuses, nothing is changed.';
const ANSWER =
  '\nThe answer takes effect with the next request of the computer; a waiting computer boots when it polls again.';

/** `pxewright clients`: the computers that the deployment server knows. */
export function clientsCommand(): Command {
  const clients = new Command('clients').exitOverride().description('Computers that the deployment server knows.');
  const verb = (usage: string, description: string): Command => {
    const command = clients.command(usage).description(description);
    for (const option of targetOptions()) command.addOption(option);
    return command;
  };

  verb('list', 'all known computers')
    .option('--pending', 'only those that wait for a decision')
    .action((options: TargetOptions & { pending?: boolean }) => {
      const devices = openDeviceStore(options.state)
        .devices()
        .filter((device) => options.pending !== true || device.status === 'pending');
      print(options, devices, () => deviceTable(devices));
    });

  verb('show', 'everything about one computer')
    .argument('<computer>', DEVICE)
    .action((computer: string, options: TargetOptions) => {
      const device = namedDevice(openDeviceStore(options.state).devices(), computer);
      print(options, device, () => deviceLines(device));
    });

  verb('prestage', 'enter a computer before it asks for the first time: it boots without approval')
    .argument('[name]', 'computer name', checked(computerName))
    .addOption(new Option('--mac <mac>', 'MAC address of its network card').argParser(checked(mac)))
    .addOption(new Option('--uuid <uuid>', 'its SMBIOS UUID').argParser(checked(uuid)))
    .option('--answer-file <path>', 'answer file of its own, below the share')
    .option('--boot-program <path>', 'network boot program of its own, below the TFTP root')
    .option('--join <domain>', 'joins this domain at the end of its installation')
    .option('--organizational-unit <dn>', 'where the domain keeps its account, e.g. OU=Workshop')
    .addHelpText('after', ACCOUNT)
    .action((name: string | undefined, options: TargetOptions & DeviceOptions) =>
      change(options, (devices) => prestage(devices, deviceOf(name, options), now())),
    );

  verb('approve', 'let a waiting computer boot')
    .argument('<computer>', DEVICE)
    .addOption(new Option('--name <name>', 'computer name to give it').argParser(checked(computerName)))
    .option('--boot-program <path>', 'network boot program of its own, below the TFTP root')
    .option('--message <text>', 'message to its user')
    .addHelpText('after', ANSWER + ACCOUNT)
    .action((computer: string, options: TargetOptions & DeviceOptions) =>
      changeOne(options, computer, (devices, device) =>
        decide(devices, device, {
          status: 'approved',
          name: options.name,
          bootProgram: options.bootProgram,
          message: options.message,
        }),
      ),
    );

  verb('reject', 'refuse a waiting or an approved computer')
    .argument('<computer>', DEVICE)
    .option('--message <text>', 'message to its user')
    .addHelpText('after', ANSWER)
    .action((computer: string, options: TargetOptions & DeviceOptions) =>
      changeOne(options, computer, (devices, device) =>
        decide(devices, device, { status: 'rejected', message: options.message }),
      ),
    );

  verb('name', 'give a computer its name')
    .argument('<computer>', DEVICE)
    .argument('<name>', 'computer name of at most 15 letters, digits and hyphens', checked(computerName))
    .addHelpText('after', ACCOUNT)
    .action((computer: string, name: string, options: TargetOptions) =>
      changeOne(options, computer, (devices, device) => rename(devices, device, name)),
    );

  verb('reset', 'forget its approval and its boot program: a computer that was approved or rejected asks again')
    .argument('<computer>', DEVICE)
    .addHelpText(
      'after',
      '\nIn a lab with a domain controller its account in the directory gets the default password again, like "Reset Account" in Windows.',
    )
    .action((computer: string, options: TargetOptions) => changeOne(options, computer, reset, accountReset));

  verb('remove', 'forget a computer: it is unknown at its next request')
    .argument('<computer>', DEVICE)
    .addHelpText('after', ACCOUNT)
    .action((computer: string, options: TargetOptions) => changeOne(options, computer, remove));

  return clients;
}

const now = (): string => new Date().toISOString();

function deviceOf(
  name: string | undefined,
  { mac, uuid, answerFile, bootProgram, join, organizationalUnit }: DeviceOptions,
): Parameters<typeof prestage>[1] {
  if (organizationalUnit !== undefined && join === undefined)
    throw new ManagementError(`expected --join with --organizational-unit ${organizationalUnit}, got no domain`);
  return {
    ...defined({ name, mac, uuid, answerFile, bootProgram }),
    ...(join === undefined ? {} : { join: { domain: join, ...defined({ organizationalUnit }) } }),
  };
}

type AccountOf = (before: Device | undefined, after: Device | undefined) => AccountChange | undefined;

const accountReset: AccountOf = (before) =>
  before?.name === undefined ? undefined : { verb: 'reset', name: before.name };

function changeOne(
  options: TargetOptions,
  computer: string,
  make: (devices: Devices, device: Device) => Devices,
  accountOf?: AccountOf,
): Promise<void> {
  return change(options, (devices) => make(devices, namedDevice(devices, computer)), accountOf);
}

/** Changes one device and prints it; in a lab with a domain controller, changes the device's account as well. */
async function change(
  options: TargetOptions,
  make: (devices: Devices) => Devices,
  accountOf: AccountOf = accountChange,
): Promise<void> {
  const store = openDeviceStore(options.state);
  let changed: ChangedDevice = {};
  const update = (): Promise<unknown> =>
    store.update((devices) => {
      const made = make(devices);
      changed = changedDevice(devices, made);
      return made;
    });
  const account = options.directory === undefined ? undefined : accountOfNext(store.devices(), make, accountOf);
  await (options.directory === undefined || account === undefined
    ? update()
    : withAccount(options.directory, account, update));
  const { before, after } = changed;
  print(options, after ?? null, () =>
    after === undefined
      ? [`${before === undefined ? '' : describeDevice(before)}: removed`]
      : [`${describeDevice(after)}: ${after.status}`],
  );
}

/**
 * The account change that belongs to a device change. A change that the device list refuses is refused here, before the
 * directory is asked.
 */
function accountOfNext(
  devices: Devices,
  make: (devices: Devices) => Devices,
  accountOf: AccountOf,
): AccountChange | undefined {
  const { before, after } = changedDevice(devices, make(devices));
  return accountOf(before, after);
}
