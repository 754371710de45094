import { z } from 'zod';

// The Result: what a run, a replay or a merge hands to every reporter (harness/docs/design.md, Contracts).
// `result.schema.json` beside this file is generated from it by `npm run schemas`; a test keeps the two equal.

const VERDICTS = ['passed', 'failed', 'error', 'skipped'] as const;
export type Verdict = (typeof VERDICTS)[number];

const verdict = z.enum(VERDICTS);
const ms = z.number().nonnegative();

export const stepSchema = z.strictObject({
  machine: z.string().meta({ description: 'state machine that judged the step: dhcp, proxydhcp, tftp, smb, …' }),
  step: z
    .string()
    .regex(/^[a-z0-9]+(\.[a-z0-9-]+)+$/)
    .meta({ description: 'stable identifier, protocol.step' }),
  verdict: verdict.or(z.literal('recorded')).meta({ description: '`recorded`: seen, allowed, expected by no state' }),
  atMs: z.number().meta({ description: 'from power-on (live) or from the first frame (replay)' }),
  durationMs: ms,
  frames: z
    .array(z.int().positive())
    .meta({ description: 'frame numbers in the capture; for bulk transfers first and last' }),
  detail: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
    .optional()
    .meta({ description: 'what the step was about, e.g. path, blksize, user, status' }),
  expected: z.string().optional(),
  actual: z.string().optional(),
  why: z.string().optional().meta({ description: 'likeliest cause, one sentence' }),
  cause: z.string().optional().meta({ description: 'stable identifier of that cause, e.g. boot-file-missing' }),
});
export type Step = z.infer<typeof stepSchema>;

const transferSchema = z.strictObject({
  protocol: z.enum(['tftp', 'http', 'smb']),
  path: z.string(),
  operation: z.enum(['get', 'write', 'read-bulk', 'read-begin', 'read-end', 'read-part']).optional().meta({
    description:
      'what was done: `get` or `write` of a file; `read-bulk` of at least half of it, else of its begin, its end or another part. Absent in results of earlier versions',
  }),
  direction: z
    .literal('upload')
    .optional()
    .meta({ description: 'from the client to the server; absent: to the client' }),
  bytes: z.int().nonnegative(),
  startMs: z.number(),
  durationMs: ms,
  mbPerSecond: z.number().nonnegative(),
  blksize: z.int().optional(),
  windowsize: z.int().optional(),
  blocks: z.int().optional(),
  retransmissions: z.int().nonnegative(),
  rttUs: z.strictObject({ p50: z.number(), p95: z.number(), p99: z.number(), max: z.number() }),
});
export type Transfer = z.infer<typeof transferSchema>;

/** Evidence of the second kind: what the guest's agent said and what its disk holds. It explains; the wire judges. */
const guestEvidenceSchema = z.strictObject({
  agent: z.array(
    z.strictObject({ atMs: z.number(), event: z.string(), detail: z.record(z.string(), z.unknown()).optional() }),
  ),
  disk: z
    .strictObject({
      filesCompared: z.int().meta({
        description: 'files, folders and links that were compared, and single files whose hash was',
      }),
      differences: z.array(z.strictObject({ path: z.string(), expected: z.string(), actual: z.string() })),
      ignored: z.array(z.string()).readonly().optional().meta({
        description:
          'paths of the disk or the image that were not compared, by the patterns of `after.ignore` in plan.json',
      }),
      notCompared: z.array(z.string()).readonly().optional().meta({
        description: 'what the image holds and the file system of the disk has no place for, in sentences',
      }),
      bootedBySelf: z.boolean().optional(),
      fileSystem: z.strictObject({ uuid: z.string(), blocks: z.int(), blockSize: z.int() }).optional().meta({
        description: 'the file system that the installation created, not that of the captured disk',
      }),
    })
    .optional(),
  joined: z
    .strictObject({ computer: z.string(), dnsHostName: z.string().optional(), keyOpensAccount: z.boolean() })
    .optional()
    .meta({
      description:
        'the computer account of the installed system: the host name that the directory has for it, and whether the key on the disk opens it',
    }),
});

const expectedFailureSchema = z.strictObject({ step: z.string(), cause: z.string().optional() });

const clientSchema = z.strictObject({
  name: z.string(),
  mac: z.string(),
  ip: z.string().optional(),
  firmware: z.string(),
  nic: z.string(),
  verdict,
  why: z.string().optional().meta({ description: 'its first cause, one sentence' }),
  findings: z.array(z.string()).optional().meta({
    description: 'what else went wrong or explains it, beside the failed steps: its disk, its account, its own agent',
  }),
  expectedFailure: expectedFailureSchema
    .optional()
    .meta({ description: 'a client with its own steps: passed because this failure occurred' }),
  steps: z.array(stepSchema),
  poweredOnMs: ms.optional().meta({
    description:
      'a client that was powered on later than the others: when, from their power-on; its own times count from there',
  }),
  phases: z.record(z.string(), ms),
  phaseSpans: z
    .array(z.strictObject({ phase: z.string(), startMs: z.number(), durationMs: ms }))
    .optional()
    .meta({
      description:
        "where the phases lie on the boot's clock; absent: one after another in the order of `phases`, from 0",
    }),
  transfers: z.array(transferSchema),
  guest: guestEvidenceSchema.optional(),
  serialLog: z.string().optional().meta({ description: 'path relative to result.json' }),
  screenshots: z.array(z.strictObject({ file: z.string(), atMs: z.number(), title: z.string() })).optional(),
  argv: z
    .array(z.string())
    .optional()
    .meta({ description: 'the command of the VM or of the played client, to run it again by hand' }),
});
export type ClientResult = z.infer<typeof clientSchema>;

/** One frame of a replayed capture, when the replay was asked what became of each frame. */
const frameAccountSchema = z.strictObject({
  frame: z.int().positive(),
  atMs: z.number(),
  summary: z.string(),
  by: z.enum(['step', 'meter', 'nothing']),
  what: z.string().meta({ description: 'the steps or the meter that took the frame, or why nothing did' }),
});
export type FrameAccount = z.infer<typeof frameAccountSchema>;

const scenarioResultSchema = z.strictObject({
  id: z.string(),
  file: z.string(),
  name: z.string(),
  tags: z.array(z.string()).optional(),
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
  startedAt: z.string(),
  durationMs: ms,
  why: z.string().optional().meta({ description: 'first cause, one sentence: for failed, error and skipped' }),
  expectedFailure: expectedFailureSchema
    .optional()
    .meta({ description: 'negative scenario: passed because this failure occurred' }),
  capture: z
    .strictObject({
      file: z.string(),
      frames: z.int().nonnegative(),
      dropped: z.int().nonnegative(),
      link: z.string().optional(),
    })
    .optional(),
  labTimings: z
    .array(z.strictObject({ title: z.string(), startMs: z.number(), durationMs: ms }))
    .optional()
    .meta({ description: 'time spent in pxewright itself' }),
  notRun: z
    .literal(true)
    .optional()
    .meta({ description: 'a scenario that the run did not come to: it was stopped, or `--max-failures` ended it' }),
  rerun: z.array(z.string()).optional().meta({ description: 'commands that run this again' }),
  clients: z.array(clientSchema),
  frames: z.array(frameAccountSchema).optional().meta({ description: 'of `replay --frames`' }),
});
export type ScenarioResult = z.infer<typeof scenarioResultSchema>;

export const resultSchema = z.strictObject({
  schema: z.literal(1),
  verdict,
  startedAt: z.string(),
  durationMs: ms,
  host: z.strictObject({
    accel: z.enum(['kvm', 'tcg', 'none']),
    accelReason: z.string(),
    cpus: z.int().positive(),
    memoryMiB: z.int().positive(),
    versions: z.record(z.string(), z.string()),
  }),
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
  scenarios: z.array(scenarioResultSchema),
});
export type Result = z.infer<typeof resultSchema>;
