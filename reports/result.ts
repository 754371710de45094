import * as z from 'zod';
import { guestEvidenceSchema } from './guest-evidence.ts';

// The Result: what a run, a replay or a merge hands to every reporter (harness/docs/design.md, Contracts).
// `result.schema.json` beside this file is generated from it by `npm run schemas`; a test keeps the two equal.

const VERDICTS = ['passed', 'failed', 'inconclusive', 'error', 'skipped'] as const;
export type Verdict = (typeof VERDICTS)[number];
/** A wait that is open when a capture ends is a recorded step; what is inconclusive is the client's boot. */
const STEP_VERDICTS = ['passed', 'failed', 'error', 'skipped', 'recorded'] as const;

const verdict = z
  .enum(VERDICTS)
  .describe(
    '`failed`: the client or server under test; `inconclusive`: of a replay alone, the capture neither shows that the boot went through nor proves that it failed, and `why` names what is open; `error`: the lab, so there is no verdict; `skipped`: not run, `why` says for what reason',
  );
const ms = z.number().nonnegative();

export const stepSchema = z.strictObject({
  machine: z.string().meta({ description: 'state machine that judged the step: dhcp, proxydhcp, tftp, smb, …' }),
  step: z
    .string()
    .regex(/^[a-z0-9]+(\.[a-z0-9-]+)+$/)
    .meta({ description: 'stable identifier, protocol.step' }),
  verdict: z.enum(STEP_VERDICTS).meta({ description: '`recorded`: seen, allowed, expected by no state' }),
  atMs: z.number().meta({ description: 'milliseconds from power-on (live) or from the first frame (replay)' }),
  durationMs: ms.describe('milliseconds from its first frame to its last one, or that it waited in vain'),
  frames: z
    .array(z.int().positive())
    .meta({ description: 'frame numbers in the capture; for bulk transfers first and last' }),
  detail: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .meta({ description: 'what the step was about, e.g. path, blksize, user, status' }),
  expected: z.string().optional().describe('what should have happened, in words; of a step that failed'),
  actual: z.string().optional().describe('what happened instead, in words'),
  why: z.string().optional().meta({ description: 'likeliest cause, one sentence' }),
  cause: z.string().optional().meta({ description: 'stable identifier of that cause, e.g. boot-file-missing' }),
});
export type Step = z.infer<typeof stepSchema>;

const transferSchema = z.strictObject({
  protocol: z.enum(['tftp', 'http', 'smb', 'multicast', 'restic', 'tls']).describe('protocol that carried it'),
  path: z.string().describe('as the client asked for it; for SMB below the share, with backslashes'),
  operation: z.enum(['get', 'write', 'read-bulk', 'read-begin', 'read-end', 'read-part']).optional().meta({
    description:
      'what was done: `get` or `write` of a file; `read-bulk` of at least half of it, else of its beginning, its end or another part. Absent in results of earlier versions',
  }),
  direction: z
    .literal('upload')
    .optional()
    .meta({ description: 'from the client to the server; absent: to the client' }),
  bytes: z.int().nonnegative().describe('bytes of the file that were transferred'),
  startMs: z.number().describe('first data, milliseconds on the clock of the steps'),
  durationMs: ms.describe('milliseconds from the first data to the last'),
  mbPerSecond: z
    .number()
    .nonnegative()
    .describe('megabytes of 1 000 000 bytes a second; 0 for a transfer in one frame'),
  blksize: z.int().optional().describe('bytes of a TFTP block as negotiated (RFC 2348)'),
  windowsize: z.int().optional().describe('TFTP blocks for each acknowledgement as negotiated (RFC 7440)'),
  blocks: z.int().optional().describe('TFTP blocks'),
  retransmissions: z.int().nonnegative().describe('frames that brought again what had been sent'),
  rttUs: z
    .strictObject({
      p50: z.number().describe('median'),
      p95: z.number().describe('95th percentile'),
      p99: z.number().describe('99th percentile'),
      max: z.number().describe('the longest'),
    })
    .describe('microseconds from a request (for TFTP an acknowledgement) to its answer'),
});
export type Transfer = z.infer<typeof transferSchema>;

/** What a boot depends on in a UEFI's variables, read from the VM's flash chip while it is off. */
const firmwareVariablesSchema = z.strictObject({
  bootOrder: z
    .array(z.string())
    .describe('entries in the order in which the firmware tries them, as the boot left it: `Boot0001 UEFI PXEv4 (…)`'),
  bootNext: z.string().optional().describe('entry that comes first at the next start alone'),
  secureBoot: z.boolean().describe('whether the firmware verifies what it starts'),
  changes: z
    .array(
      z.strictObject({
        name: z.string().describe('BootOrder, BootNext, Boot####, SecureBootEnable, PK, KEK, db or dbx'),
        before: z.string().optional().describe('before the boot; absent for a new variable'),
        after: z.string().optional().describe('after it; absent for one that is gone'),
      }),
    )
    .describe('what the boot changed of it'),
});
export type FirmwareVariables = z.infer<typeof firmwareVariablesSchema>;

const expectedFailureSchema = z.strictObject({
  step: z.string().describe('the step that had to fail'),
  cause: z.string().optional().describe('and the cause that it had to have'),
});

const clientSchema = z.strictObject({
  name: z.string().describe('as the scenario calls it; `client-1` and so on in a replay without one'),
  mac: z
    .string()
    .describe(
      'MAC address, lower case with colons; empty for a client that a replay knows by its IP address only: behind a router without DHCP, or in a capture without MAC addresses',
    ),
  ip: z.string().optional().describe('IPv4 address that it got'),
  ips: z
    .array(z.string())
    .optional()
    .meta({ description: 'every IPv4 address that it was given or used, in the order of the capture' }),
  booting: z.boolean().optional().meta({
    description:
      'of a replay: `false` for a host that shows no sign of booting over the network (no PXEClient or HTTPClient, no option 93, nothing on port 4011, no TFTP read, no WDS request, no WIM). It never decides the verdict beside a client that boots. Absent or `true`: it boots',
  }),
  profiles: z
    .array(
      z.strictObject({
        name: z.string().describe('of the profile; `unknown` for a program that nobody knows'),
        title: z.string().describe('as people name the program'),
        frame: z.int().positive().describe('first frame that shows it'),
      }),
    )
    .optional()
    .meta({
      description:
        'the programs that spoke for the client, in order, as its frames show them: firmware, boot program, system',
    }),
  vendorClass: z.string().optional().meta({ description: 'its DHCP vendor class (option 60)' }),
  architecture: z
    .string()
    .optional()
    .meta({ description: 'its architecture as DHCP option 93 says it, number and name: `0 (x86 BIOS)`' }),
  relay: z
    .string()
    .optional()
    .meta({ description: 'address of the DHCP relay agent before it (giaddr); absent without one' }),
  vlan: z.int().optional().meta({ description: 'number of the VLAN that its frames are tagged with' }),
  startedAt: z.string().optional().meta({
    description: 'when its first frame was captured by the clock of the capture, ISO 8601, UTC',
  }),
  firmware: z
    .string()
    .describe('its firmware as scenarios name it, e.g. `uefi-secure-boot`; of a capture `bios`, `uefi` or `unknown`'),
  nic: z.string().describe('model of its network card in QEMU'),
  transport: z.string().optional().meta({
    description: 'how a VM’s firmware fetches its boot file, as scenarios name it: `pxe-ipv4`, `http-ipv6`',
  }),
  verdict,
  why: z.string().optional().meta({ description: 'its first cause, one sentence' }),
  findings: z.array(z.string()).optional().meta({
    description: 'what else went wrong or explains it, beside the failed steps: its disk, its account, its own agent',
  }),
  expectedFailure: expectedFailureSchema
    .optional()
    .meta({ description: 'a client with its own steps: passed because this failure occurred' }),
  steps: z.array(stepSchema).describe('what was judged, in the order of the wire'),
  poweredOnMs: ms.optional().meta({
    description:
      'a client that was powered on later than the others: when, in milliseconds from their power-on; its own times count from there',
  }),
  phases: z
    .record(z.string(), ms)
    .describe('milliseconds of each phase of the boot, by name (steps.md lists the phases)'),
  phaseSpans: z
    .array(
      z.strictObject({
        phase: z.string().describe('name'),
        startMs: z.number().describe('milliseconds from power-on'),
        durationMs: ms.describe('milliseconds'),
      }),
    )
    .optional()
    .meta({
      description:
        "where the phases lie on the boot's clock; absent: one after another in the order of `phases`, from 0",
    }),
  transfers: z.array(transferSchema).describe('files that came or went, in the order in which they ended'),
  guest: guestEvidenceSchema.optional().describe('evidence of the second kind: it explains; the wire judges'),
  firmwareVariables: firmwareVariablesSchema.optional().meta({
    description: 'UEFI variables that a boot depends on, before and after it; absent for a firmware without variables',
  }),
  tpm: z
    .strictObject({
      commands: z
        .int()
        .describe('commands of the firmware and of what it booted; 0 where the firmware never started it'),
      measurements: z
        .record(z.string(), z.int())
        .describe('how often something was measured into a register, by its number (PCR)'),
    })
    .optional()
    .meta({ description: 'what was done with its TPM, by the log of swtpm; absent for a client without one' }),
  serialLog: z.string().optional().describe('log of the console, or of a played client; path relative to result.json'),
  screenshots: z
    .array(
      z.strictObject({
        file: z.string().describe('path relative to result.json'),
        atMs: z.number().describe('milliseconds from power-on'),
        title: z.string().describe('what it shows'),
      }),
    )
    .optional()
    .describe('pictures of the screen'),
  powerOn: z
    .strictObject({
      from: z.enum(['warm', 'cold']).meta({
        description:
          '`warm`: restored from the state that it had just before its first frame, so that its times begin there; `cold`: from its first instruction',
      }),
      why: z.string().describe('since when the state is saved, or why it was not restored'),
    })
    .optional()
    .meta({ description: 'how its VM was powered on; absent for a played client and for a capture' }),
  argv: z
    .array(z.string())
    .optional()
    .meta({ description: 'the command of the VM or of the played client, to run it again by hand' }),
});
export type ClientResult = z.infer<typeof clientSchema>;

/** One frame of a replayed capture, when the replay was asked what became of each frame. */
const frameAccountSchema = z.strictObject({
  frame: z.int().positive().describe('number in the capture, counts from 1'),
  atMs: z.number().describe('milliseconds on the clock of the steps'),
  summary: z.string().describe('the frame in one line'),
  by: z.enum(['step', 'meter', 'nothing']).describe('what took it'),
  what: z.string().meta({ description: 'the steps or the meter that took the frame, or why nothing did' }),
});
export type FrameAccount = z.infer<typeof frameAccountSchema>;

/** What is wrong with a capture itself, rather than with the boot that it shows. */
const captureFlawSchema = z.strictObject({
  kind: z
    .enum(['duplicated', 'cut', 'truncated', 'one-sided', 'filtered', 'clock-step', 'gap', 'undecoded', 'crowded'])
    .meta({
      description:
        '`duplicated`: frames that are there twice; `cut`: frames shortened by the snap length; `truncated`: the file ends within a frame; `one-sided`: only one direction was captured; `filtered`: a capture filter left out a part of the conversation; `clock-step`: frames with a wrong time; `gap`: frames are missing; `undecoded`: frames of a kind that pxewright does not read; `crowded`: DHCP messages of hosts that were too many to be judged',
    }),
  frames: z.int().nonnegative().describe('how many frames it concerns'),
  firstFrame: z.int().positive().optional().describe('number of the first of them'),
  what: z.string().describe('what it means for the verdict and how to capture better, one sentence'),
});

const scenarioResultSchema = z.strictObject({
  id: z
    .string()
    .describe('stable: path below the folder called scenarios, with the matrix cell: `wds/install-bios[nic=e1000]`'),
  file: z.string().describe('scenario file, as it was given'),
  matrix: z
    .record(z.string(), z.string())
    .optional()
    .meta({ description: 'the value of each axis of its matrix; absent for a scenario without one' }),
  name: z.string().describe('what the scenario calls itself'),
  tags: z.array(z.string()).optional().describe('its tags'),
  line: z
    .int()
    .positive()
    .optional()
    .meta({ description: 'line in `file` of the expectation that was not met, where that is known' }),
  verdict,
  attempt: z
    .int()
    .positive()
    .meta({ description: 'counts from 1; further ones only where `--retries` allowed them. The last one counts' }),
  repetition: z.int().positive().optional().meta({ description: 'of `--repeat`, counts from 1; absent without it' }),
  startedAt: z.string().describe('ISO 8601, UTC'),
  durationMs: ms.describe('milliseconds, with set-up and end of the lab'),
  why: z
    .string()
    .optional()
    .meta({ description: 'first cause, one sentence: for failed, inconclusive, error and skipped' }),
  expectedFailure: expectedFailureSchema
    .optional()
    .meta({ description: 'negative scenario: passed because this failure occurred' }),
  capture: z
    .strictObject({
      file: z.string().describe('path relative to result.json'),
      frames: z.int().nonnegative().describe('frames that it holds'),
      dropped: z.int().nonnegative().describe('frames that the kernel lost; a run that lost any is an error'),
      link: z.string().optional().describe('link layer: `ethernet`'),
      quality: z.array(captureFlawSchema).optional().meta({
        description: 'of a replay: what is wrong with the capture itself; absent where nothing is',
      }),
    })
    .optional()
    .describe('the evidence of the wire'),
  labTimings: z
    .array(
      z.strictObject({
        title: z.string().describe('what was done'),
        startMs: z.number().describe('milliseconds from the start of the lab'),
        durationMs: ms.describe('milliseconds'),
      }),
    )
    .optional()
    .describe('time spent in pxewright itself'),
  usage: z
    .strictObject({
      cpuMs: ms.describe('milliseconds of CPU that all processes of the lab took'),
      vmCpuMs: ms.describe('milliseconds of these that the VMs took, that is QEMU'),
      waitedForCpuMs: ms.describe(
        'milliseconds that a thread of a VM was ready to run while other processes had the processor: the most of any thread',
      ),
      stoodStillMs: ms
        .optional()
        .describe(
          'milliseconds in which the host ran nothing at all, and its clock went on; absent where it always ran',
        ),
      peakMemoryMiB: ms.describe('most memory at one time, with the files of the lab, in units of 1 048 576 bytes'),
    })
    .optional()
    .meta({
      description:
        'what the lab used of its host; later runs pack their boots by it. Absent for a scenario that was not run, and of a replay',
    }),
  notRun: z
    .literal(true)
    .optional()
    .meta({ description: 'a scenario that the run did not come to: it was stopped, or `--max-failures` ended it' }),
  rerun: z.array(z.string()).optional().meta({ description: 'commands that run this again' }),
  clients: z.array(clientSchema).describe('the clients; none for a scenario that was not run'),
  frames: z.array(frameAccountSchema).optional().meta({ description: 'of `replay --frames`' }),
});
export type ScenarioResult = z.infer<typeof scenarioResultSchema>;

/** A matrix that the run expanded: what it booted, and what not. */
const matrixSchema = z.strictObject({
  scenario: z.string().describe('id of its scenarios without the cell: `wds/install-bios`'),
  axes: z.record(z.string(), z.array(z.string())).describe('all values of each axis, in the order of the scenario'),
  choose: z.enum(['all', 'pairwise']).describe('which combinations are booted'),
  bootable: z.int().nonnegative().describe('combinations that could boot'),
  booted: z.int().nonnegative().describe('combinations that were chosen; as many as could boot without `pairwise`'),
  leftOut: z
    .array(
      z.strictObject({
        values: z.record(z.string(), z.string()).describe('values that decide it, by axis'),
        why: z.string().describe('why they do not go together, one clause'),
        combinations: z.int().positive().describe('how many combinations it takes away'),
      }),
    )
    .describe('combinations that are never booted'),
});
export type MatrixSummary = z.infer<typeof matrixSchema>;

export const resultSchema = z.strictObject({
  schema: z.literal(1).describe('version of this format'),
  verdict,
  startedAt: z.string().describe('ISO 8601, UTC'),
  durationMs: ms.describe('milliseconds of the whole run, set-up included'),
  host: z
    .strictObject({
      accel: z.enum(['kvm', 'tcg', 'none']).describe('what VMs ran on; results of different ones are never compared'),
      accelReason: z.string().describe('why'),
      cpus: z.int().positive().describe('processors that the run could use'),
      memoryMiB: z.int().positive().describe('memory of the host, in units of 1 048 576 bytes'),
      versions: z.record(z.string(), z.string()).describe('versions of the programs that took part, by name'),
    })
    .describe('where it ran'),
  shard: z
    .strictObject({
      n: z.int().positive().meta({ description: 'which shard this is, counts from 1' }),
      of: z.int().positive().meta({ description: 'how many shards the run has' }),
      partition: z.string().meta({
        description: 'fingerprint of how the scenarios were dealt out: shards of one run have the same',
      }),
    })
    .optional()
    .meta({ description: 'of `--shard`; absent for a whole run, and once shards are merged' }),
  matrices: z
    .array(matrixSchema)
    .optional()
    .meta({ description: 'matrices of the scenarios; absent where none has one' }),
  scenarios: z.array(scenarioResultSchema).describe('every attempt of every repetition of every scenario'),
});
export type Result = z.infer<typeof resultSchema>;
