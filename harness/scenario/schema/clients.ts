import { DISK_ATTACHMENTS, DISK_INTERFACES, type DiskInterface } from '#qemu-wrapper/machines';
import {
  bootableNics,
  FIRMWARE_NAMES,
  firmwareRow,
  MACHINE_TYPES,
  PXE_NIC_MODELS,
  TRANSPORT_NAMES,
  TRANSPORTS,
  transportsOf,
} from '#qemu-wrapper/nic-models';
import * as z from 'zod';
import { AGENT_LOADER_NAMES, agentLoader, BUNDLE_CONTENTS, SAMPLE_DISKS } from '../../../vm-images/bundle-contents.ts';
import { IGNORED_PATHS, KEYTAB } from '../../../vm-images/comparison/ignored-paths.ts';
import { FORMAT_NAMES, formatNamed } from '../../../servers/images/backups/convert/formats.ts';
import { REFERENCE_LAB } from '../../../servers/service/reference-lab.ts';
import type { Axis } from '../matrix/axes.ts';
import { AGENT_MODES } from './agent-modes.ts';
import { chosenBackup, recoveredPaths } from './backups.ts';
import { bootOrder, bootOrderText } from './boot-order.ts';
import { hotBackups } from './hot-backups.ts';
import { incidents } from './incidents.ts';
import { played } from './played.ts';
import { expectedFailure, step, stepName } from './steps.ts';
import {
  clockOffset,
  count,
  duration,
  flag,
  line,
  mac,
  name,
  password,
  size,
  userName,
  uuid,
  wirePath,
  word,
} from './values.ts';

// The VMs that boot, and the agent that takes over in them.

const SAMPLE = 'Images\\Linux\\sample.wim';
const BLOCK_SIZES = [512, 4096] as const;
const MATRIX_CHOICES = ['all', 'pairwise'] as const;

const nic = word(PXE_NIC_MODELS);
const firmware = word(FIRMWARE_NAMES);
const transport = word(TRANSPORT_NAMES);
const bootProgram = word(AGENT_LOADER_NAMES);
const LEAST = FIRMWARE_NAMES.map((name) => `${firmwareRow(name).leastMemoryMiB}MiB (${name})`);
/** Of the bundles that a client boots, by firmware. */
const needed = (what: 'memoryMiB' | 'backupMemoryMiB'): string =>
  Object.entries(BUNDLE_CONTENTS['boot-files/wds']?.agent?.[what] ?? {})
    .map(([firmware, miB]) => `${miB}MiB (${firmware})`)
    .join(' or ');
const memory = size.meta({
  description: `memory; default 512MiB. To boot from the network a firmware needs ${LEAST.join(', ')}; the bundled agent needs ${needed('memoryMiB')}, to save or restore the disk ${needed('backupMemoryMiB')}, and Windows PE more`,
  examples: ['512MiB'],
});
const cpus = count(1, 16, 'virtual processors');

const machine = word(MACHINE_TYPES);
const diskInterface = word(DISK_INTERFACES as readonly [DiskInterface, ...DiskInterface[]]);
const diskBlockSize = z.literal(BLOCK_SIZES, { error: `a number of bytes: ${BLOCK_SIZES.join(' or ')}` });
const tpm = flag;

const keys = z
  .strictObject({
    when: z.union([name, stepName], { error: "the agent's event, e.g. menu, or a step, e.g. dhcp.ack" }).meta({
      description:
        'what the keys answer: a screen or event of the agent, the menu of the boot program (boot-menu), or the first passed step of that name, for menus of the firmware',
      examples: ['menu', 'boot-menu', 'dhcp.ack'],
    }),
    delay: duration.optional().meta({ description: 'delay before the keys; default 0s', examples: ['5s'] }),
    keys: z
      .array(
        z
          .string({ error: 'a QEMU key name, e.g. down, ret' })
          .regex(/^[a-z0-9_-]{1,20}$/, { error: 'a QEMU key name, e.g. down, ret' }),
      )
      .min(1, { error: 'at least one key' }),
  })
  .meta({ description: 'keys to press when the agent reports this screen or event, or when this step has happened' });

/** One image of a file with several. */
const imageInFile = z
  .strictObject({
    file: wirePath.meta({ description: 'the image file, below the share', examples: [SAMPLE] }),
    index: count(1, 65_535, 'the index of an image, from 1')
      .optional()
      .meta({ description: 'index of the image in the file, from 1' }),
    name: line.optional().meta({ description: 'name of the image in the file', examples: ['Workstation'] }),
  })
  .refine(({ index, name: own }) => (index === undefined) !== (own === undefined), {
    error: 'exactly one of index and name',
  });

const agent = z
  .strictObject({
    mode: word(AGENT_MODES).optional().meta({
      description:
        'install (default): choose an image, apply it to the disk, make it boot; capture: generalise the system on the disk and write it to the store as an image; backup: save the whole disk to services.backups; restore: write such a backup to the disk; work: write to the disk until its hot-backups are taken, by the hypervisor or by the agent itself; recover: wait until files of a backup are on the share of services.images, and copy them into the system on the disk',
    }),
    image: z
      .union([wirePath, imageInFile], { error: 'the path of an image file, or { file: PATH, index: N or name: NAME }' })
      .optional()
      .meta({
        description:
          'image to install: its file, below the share (its first image), or file and index or name; default: the first file listed in services.images',
        examples: [SAMPLE, { file: SAMPLE, index: 1 }],
      }),
    by: word(['share', 'multicast'])
      .optional()
      .meta({
        description:
          'how the image comes: share (default), each client reads it from the share; multicast, from services.multicast at the same time as the others, onto the disk, and is verified there',
        examples: ['multicast'],
      }),
    logon: z
      .strictObject({
        user: userName.meta({
          description: 'one of services.authentication.users',
          examples: [REFERENCE_LAB.account.name],
        }),
        password: password
          .optional()
          .meta({ description: "default: that user's own; give another one to see the logon refused" }),
        authentication: word(['ntlm', 'kerberos']).optional().meta({
          description: 'ntlm (default), or kerberos, which needs services.authentication with kind: active-directory',
        }),
      })
      .optional()
      .meta({ description: 'user that the agent logs on as; default: the first user' }),
    backup: chosenBackup.optional(),
    paths: recoveredPaths.optional(),
    'store-password': password.optional().meta({
      description: "default: services.backups' own; give another one to see the store closed",
      examples: ['another'],
    }),
    unattended: flag
      .optional()
      .meta({ description: 'true (default): asks no questions; false: shows its menu and waits for keys' }),
    keys: z.array(keys).optional(),
  })
  .meta({ description: 'the program that the network boot starts' });

const diskPathName = z
  .string({ error: 'a path' })
  .regex(/^\/[^\0]+$/, { error: 'an absolute path on the disk, e.g. /etc/hostname' });

const diskOfClient = z.strictObject({
  client: name.meta({ description: 'a client whose story is over before this one begins' }),
  changed: z
    .array(diskPathName)
    .optional()
    .meta({
      description: 'files that must differ or be on one disk only; every other file must be the same on both',
      examples: [['/etc/machine-id']],
    }),
});

/** What is checked after the network boot: evidence of the second kind, from the guest. */
export const after = z
  .strictObject({
    'boot-from': word(['disk'])
      .optional()
      .meta({ description: 'power on again with only this device and wait until the installed system is up' }),
    'next-start': word(['disk', 'network']).optional().meta({
      description:
        'power on once more, as next-boot-order or boot-order says, and see which of these it starts from: the disk, whose system reports that it is up, or the network, whose boot program is loaded. With network, steps that have not happened by then go on in this start. A client that shall start from its disk and boots from the network would install again (a reinstall loop), and fails',
    }),
    'compare-disk-with': z
      .union([wirePath, imageInFile, diskOfClient], {
        error: 'the path of an image file, { file: PATH, index: N or name: NAME }, or { client: NAME }',
      })
      .optional()
      .meta({
        description:
          'compare every file, folder and link on the disk with what this image holds (type, size, SHA-1, link target, time of the last change; owner and mode if it was captured with UNIX data), or with the disk that another client left. A path alone means the image of that file that the client is told to install, or else its first',
        examples: [SAMPLE, { file: SAMPLE, index: 1 }, { client: 'reference' }],
      }),
    'restored-from': name.optional().meta({
      description:
        'the whole disk equals the one that this client left, as after a restoration: partition table, boot code in front of the first partition, and each partition, byte for byte where it is in use and file by file with all that its file system holds of a file (ext4, NTFS, FAT). On a larger disk partitions may be larger; what grew with its partition is compared file by file, and must be sound',
      examples: ['pc'],
    }),
    'virtual-machines': z
      .array(word(FORMAT_NAMES))
      .min(1, { error: 'at least one format' })
      .refine((formats) => new Set(formats).size === formats.length, { error: 'each format once' })
      .optional()
      .meta({
        description: `makes the newest backup of this client a virtual machine, as \`pxewright backups convert\` does, and starts it from each of these disks until its system reports that it is up. ${FORMAT_NAMES.map((format) => `${format}: ${formatNamed(format).for}`).join('; ')}`,
        examples: [['vmdk', 'qcow2']],
      }),
    ignore: z
      .array(
        z
          .string({ error: 'a pattern of paths' })
          .regex(/^\/[^\0]*$/, { error: 'a pattern of absolute paths with forward slashes, e.g. /var/cache/**' }),
      )
      .min(1, { error: 'at least one pattern' })
      .optional()
      .meta({
        description: `paths that the comparison leaves out, as glob patterns: * is anything but a slash, ** also folders, {a,b} one of both. Always left out: ${IGNORED_PATHS.map(({ pattern, why }) => `${pattern} (${why})`).join(', ')}, and ${KEYTAB} of a computer that joins a domain. The time of a folder is not compared when something in it is left out`,
        examples: [['/var/cache/**', '/etc/*.local']],
      }),
    joined: flag.optional().meta({
      description:
        "true: the directory has each client's computer account, and the key that was left on its disk opens it",
    }),
    files: z
      .record(
        diskPathName,
        z
          .string({ error: 'a SHA-256 in hex' })
          .regex(/^[0-9a-f]{64}$/, { error: 'a SHA-256 as 64 lowercase hex digits (sha256sum prints it)' }),
      )
      .optional()
      .meta({ description: 'single files of the disk and their SHA-256' }),
  })
  .meta({ description: 'what must be true of the VM afterwards' });

/** One client. */
export const client = z
  .strictObject({
    name: name.meta({ description: 'name of this client in reports' }),
    firmware: firmware.optional().meta({
      description: `default bios. ${FIRMWARE_NAMES.map((name) => `${name}: ${firmwareRow(name).what}`).join('; ')}`,
    }),
    'boot-program': bootProgram.optional().meta({
      description: `network boot program that services.pxe names to clients of this architecture, and that loads the boot image; default: the first one of the firmware. ${AGENT_LOADER_NAMES.map((name) => `${name}: ${agentLoader(name).about} (${Object.keys(agentLoader(name).files).join(', ')})`).join('; ')}`,
    }),
    nic: nic.optional().meta({
      description: `network card; default e1000. ${FIRMWARE_NAMES.map((name) => `Under ${name}: ${bootableNics(name).join(', ')}`).join('. ')}`,
    }),
    transport: transport.optional().meta({
      description: `how the firmware fetches its boot file; default pxe-ipv4; ${FIRMWARE_NAMES.filter((name) => transportsOf(name).length === 1).join(' and ')} know no other. ${TRANSPORT_NAMES.map((name) => `${name}: ${TRANSPORTS[name].what}`).join('; ')}`,
    }),
    memory: memory.optional(),
    cpus: cpus.optional(),
    disk: size.optional().meta({
      description: 'size of an empty disk, or of a larger one than disk-image; leave it out for a diskless client',
      examples: ['2GiB'],
    }),
    'disk-image': z
      .string({ error: 'a bundled disk or a file' })
      .min(1, { error: 'a bundled disk or a file, e.g. disks/linux-bios or ./disk.qcow2' })
      .optional()
      .meta({
        description: `what the disk holds at power-on, in place of an empty one: a bundled disk (${Object.entries(
          SAMPLE_DISKS,
        )
          .map(([bundle, { about, mebibytes }]) => `${bundle}: ${about}, ${mebibytes}MiB`)
          .join(
            '; ',
          )}), or a raw or qcow2 file of your own, which stays as it is. The disk is as large as that, or larger where disk says so. Relative to this file; outside of its folder it needs --allow-root`,
        examples: ['disks/linux-bios', './disk.qcow2'],
      }),
    'disk-interface': diskInterface.optional().meta({
      description:
        "virtio (default), for which Windows needs a driver; ide: the machine's own controller, IDE on pc and AHCI (SATA) on q35, for which it has one; sata: AHCI on every machine; nvme; usb",
    }),
    'disk-block-size': diskBlockSize.optional().meta({
      description: `bytes in a block of the disk, 512 (default) or 4096 (4Kn), which ${DISK_INTERFACES.filter((name) => DISK_ATTACHMENTS[name].takes4Kn).join(', ')} disks have, and from which ${FIRMWARE_NAMES.filter((name) => firmwareRow(name).boots4Kn).join(', ')} start`,
    }),
    machine: machine.optional().meta({
      description: `machine type. ${FIRMWARE_NAMES.map((name) => `Under ${name}: ${firmwareRow(name).machineTypes.join(' or ')}`).join('. ')}; default: the first of them`,
    }),
    tpm: tpm.optional().meta({
      description:
        'true: the client has a TPM 2.0 (swtpm), and the result says what was measured into which of its registers; default false',
    }),
    'boot-order': bootOrder.optional().meta({
      description:
        'devices that the firmware tries, in order; default: network, then the disk when there is one. What comes after an empty disk is tried, too',
      examples: [['network', 'disk']],
    }),
    'next-boot-order': bootOrder.optional().meta({
      description:
        "devices that the firmware tries at the start of after.next-start, in order; default: as in boot-order. `boot-order: [network, disk]` with `next-boot-order: [disk]` boots from the network once, as an administrator's choice for one start does",
      examples: [['disk']],
    }),
    'unplugged-nic': nic.optional().meta({
      description:
        'a further network card, the first of the machine, whose cable is not plugged in: the client boots from the second of two. In a boot order `unplugged-nic` is this card, and `network` the other',
    }),
    'firmware-variables': z
      .string({ error: 'a file' })
      .min(1, { error: 'a file, e.g. ./variables.fd' })
      .optional()
      .meta({
        description:
          "file of UEFI variables (the content of a flash chip, e.g. OVMF_VARS_4M.fd as virt-fw-vars changes it) with which the client starts instead of the firmware's own; without boot-order, its BootOrder says what starts. Relative to this file; outside of its folder it needs --allow-root",
        examples: ['./variables.fd'],
      }),
    mac: mac.optional().meta({
      description:
        "default: 52:54:00 and three bytes derived from the client's place in its scenario (with services.state, from the scenario too), the same in every run",
    }),
    'clock-offset': clockOffset.optional().meta({
      description:
        "error of the VM's clock: ahead of the right time or (with a minus) behind it; Kerberos allows five minutes",
    }),
    uuid: uuid.optional().meta({ description: 'SMBIOS UUID (DHCP option 97); default: derived like the MAC address' }),
    agent: agent.optional(),
    incidents: incidents.optional().meta({
      description:
        'what happens to this VM while it boots or works: its cable is pulled, its power fails. A boot in which the moment of one does not come shows nothing of it, and fails',
      examples: [[{ when: 'restore', delay: '2s', what: 'power-off' }]],
    }),
    'hot-backups': hotBackups.optional(),
    'starts-after': name.optional().meta({
      description:
        "powered on when that client's story is over and has passed; otherwise skipped. Default: at once, or with `disk-of` after that client",
      examples: ['reference'],
    }),
    'disk-of': name.optional().meta({
      description: 'continues with the disk that this client leaves, instead of an empty one',
      examples: ['reference'],
    }),
    steps: z
      .array(step)
      .optional()
      .meta({
        description: "what must happen to this client, instead of the scenario's steps and expected failure",
        examples: [[{ 'image.transfer': { path: 'Images\\Linux\\sample.wim' } }]],
      }),
    'expect-failure': expectedFailure.optional().meta({
      description: "the failure that this client must meet, instead of the scenario's; its steps are then its own, too",
    }),
    after: after.optional().meta({ description: "what must be true of this VM afterwards, instead of the scenario's" }),
    ...played,
  })
  .meta({ description: 'a VM that boots' });

const axis = <Values extends z.ZodType>(values: Values, about: string) =>
  z.array(values).min(1, { error: 'at least one value' }).optional().meta({ description: about });

/** One value of each axis. */
const AXIS_VALUES = {
  firmware,
  nic,
  transport,
  memory,
  cpus,
  disk: size,
  machine,
  'disk-interface': diskInterface,
  'disk-block-size': diskBlockSize,
  'boot-program': bootProgram,
  'boot-order': bootOrderText,
  tpm,
} satisfies Record<Axis, z.ZodType>;

const AXIS_LISTS = {
  firmware: axis(firmware, 'boots once with each firmware'),
  nic: axis(nic, 'boots once with each network card'),
  transport: axis(transport, 'boots once by each transport'),
  memory: axis(memory, 'boots once with each amount of memory'),
  cpus: axis(cpus, 'boots once with each number of processors'),
  disk: axis(size, 'boots once with each disk size'),
  machine: axis(machine, 'boots once on each machine type'),
  'disk-interface': axis(diskInterface, 'boots once with each way to attach the disk'),
  'disk-block-size': axis(diskBlockSize, 'boots once with each size of blocks'),
  'boot-program': axis(bootProgram, 'boots once with each network boot program'),
  'boot-order': axis(
    bootOrderText,
    'boots once with each boot order, which is a list itself: [[network, disk], [disk, network]]; on the command line --matrix boot-order=disk,network',
  ),
  tpm: axis(tpm, 'boots once with a TPM 2.0 (true), once without (false)'),
} satisfies Record<Axis, z.ZodType>;

/** Axes that multiply a scenario. */
export const matrix = z
  .strictObject({
    ...AXIS_LISTS,
    choose: word(MATRIX_CHOICES).optional().meta({
      description:
        'all (default): every combination; pairwise: few of them, in which every pair of values that goes together occurs',
    }),
    exclude: z
      .array(z.strictObject(AXIS_VALUES).partial())
      .optional()
      .meta({
        description: 'combinations that are left out: every point that has all of these values',
        examples: [[{ firmware: 'uefi', nic: 'pcnet' }]],
      }),
  })
  .meta({
    description:
      'one boot for every combination; a value here replaces that value of every client. Combinations of values that do not go together are left out, and `pxewright list` says which and why',
  });
