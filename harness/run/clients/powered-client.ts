import { copyFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { qemuArgs, readVariables, tpmUse, VM_FILES, type Vm, type VmExit, type VmSpec } from '#qemu-wrapper';
import { firmwareRow } from '#qemu-wrapper/nic-models';
import { agentLog, EVIDENCE, serialLog } from '../../../reports/file-names.ts';
import type { FormatName } from '../../../servers/images/backups/convert/formats.ts';
import type { AgentEvent } from '../../../vm-images/agent-events.ts';
import type { VmPlan } from '../../plan/plan.ts';
import { unwritten } from '../../../reports/unwritten-file.ts';
import { lastLines } from '../../lab/last-lines.ts';
import { RUN_FOLDER } from '../../lab/private-files.ts';
import {
  agentRecords,
  isEvent,
  parseAgentLine,
  type BootingClient,
  type PowerContext,
  type Screenshot,
} from './booting-client.ts';
import { AGENT_PORT, CONSOLE_PORT } from './client-vm.ts';
import { diskImageFile } from './disks.ts';
import { damage } from './firmware-variables.ts';
import { incidentsOf, momentOf } from './incidents.ts';
import { menuWatch } from './menu-watch.ts';
import { startWarm } from './warm/start-warm.ts';

/** Screenshots of one client: enough to see every screen of an installation, bounded for an agent that flickers. */
const MAX_SCREENSHOTS = 12;
const VM_READY_MS = 20_000;
const QUIT_MS = 5000;
/** A boot program draws its menu after it has loaded it, which the wire does not show. */
const MENU_DRAWN_MS = 1000;
/** The end of a console's log in which its last lines are looked for. */
const LOG_END_CHARACTERS = 8192;
/** Agent events after which the screen is worth a picture. */
const PICTURED: readonly AgentEvent[] = ['agent.screen', 'agent.result', 'installed.up'];

/** A client's VM and what its guest has said so far. */
export interface PoweredClient extends BootingClient {
  readonly client: VmPlan;
  readonly vm: Vm;
}

/** Which power-on of a client it is: the first one has no name. The others are in the names of its files. */
export type PowerTurn = '' | '-disk-boot' | '-next-start' | `-${FormatName}`;

/** Starts a client's VM, paused, and listens to its agent. `turn` distinguishes the files of a second power-on. */
export async function startClient(
  client: VmPlan,
  spec: VmSpec,
  turn: PowerTurn,
  context: PowerContext,
): Promise<PoweredClient> {
  const { job, emit, runMs, labFailed, lookAtUsage, untilPassed, jobs } = context;
  const folder = `${RUN_FOLDER}/${client.name}${turn}`;
  const image = diskImageFile(client, new Map(job.bundles.map(({ name, folder: at }) => [name, at])));
  const started = await startWarm(
    { client, spec, image, cold: job.cold || turn !== '' },
    { folder, deadlineMs: VM_READY_MS },
  );
  const { vm } = started;
  const store = firmwareRow(spec.firmware).flash === undefined ? undefined : join(vm.folder, VM_FILES.firmwareVars);
  const variablesBefore = store === undefined ? undefined : await readVariables(store);
  const agent = agentRecords();
  const screenshots: Screenshot[] = [];
  const underWay = new Set<Promise<void>>();
  /** Steps that were answered, by keys or an incident: a later round of DHCP is not the firmware's. */
  const answered = new Set<string>();

  let poweringOff = false;
  const track = (work: Promise<void>): void => {
    const tracked = work.catch(() => undefined).finally(() => underWay.delete(tracked));
    underWay.add(tracked);
  };
  const screenshot = async (title: string): Promise<void> => {
    if (screenshots.length >= MAX_SCREENSHOTS) return;
    const name = `${client.name}${turn}-${String(screenshots.length + 1).padStart(2, '0')}.png`;
    const entry = { file: join(job.evidencePath, EVIDENCE.screenshots, name), atMs: Math.round(runMs()), title };
    screenshots.push(entry);
    try {
      await vm.screenshot(join(job.evidenceFolder, EVIDENCE.screenshots, name));
    } catch {
      // The VM ended before the picture was taken: a picture that is not there is not named either.
      screenshots.splice(screenshots.indexOf(entry), 1);
    }
  };
  const showsMenu = menuWatch(client.bootMenu);
  /**
   * `moment`: the name of a screen that has come up, of another event without its `agent.`, of a step, or of the boot
   * program's menu. `atOnceMs`:
   * delay of keys that have none of their own.
   */
  const typeKeys = async (moment: string, atOnceMs?: number): Promise<void> => {
    for (const { keys, delayMs = atOnceMs } of client.keys.filter(({ when }) => when === moment)) {
      if (delayMs !== undefined) await Promise.race([sleep(delayMs, undefined, { ref: false }), vm.exited]);
      // Before there is an agent, a picture is the only witness of what the keys answer.
      if (isStep(moment) || moment === client.bootMenu?.when) await screenshot(`at ${moment}, before keys`);
      await vm.sendKeys(keys);
    }
  };

  const storyOver = Promise.withResolvers<false>();
  const unlessOver = (come: Promise<unknown>): Promise<boolean> =>
    Promise.race([come.then(() => true), vm.exited.then(() => false), storyOver.promise]);
  const happens = incidentsOf(client.incidents ?? [], {
    pause: (isPaused) => (isPaused ? vm.stop() : vm.cont()),
    plug: (isIn) => vm.plug(spec.nics?.findIndex(({ mac }) => mac === client.mac) ?? 0, isIn),
    powerOff: async () => {
      poweringOff = true;
      lookAtUsage();
      await vm.quit(QUIT_MS);
    },
    wait: (ms) => unlessOver(sleep(ms, undefined, { ref: false })),
    untilPassed: (other, step) => unlessOver(untilPassed(other, step)),
    tell: (text) => emit({ type: 'progress', client: client.name, text }),
  });
  const answer = (moment: string, percent?: number): void => {
    track(typeKeys(moment));
    track(happens(moment, percent));
  };

  vm.onSerialLine(AGENT_PORT, (line) => {
    const record = parseAgentLine(line, Math.round(runMs()));
    if (!record) return;
    emit({ type: 'guest', client: client.name, event: record.event, detail: record.detail ?? {} });
    agent.add(record);
    if (turn === '') jobs?.heard(client, record);
    const { moment, percent } = momentOf(record);
    const screen = isEvent(record, 'agent.screen') ? moment : '';
    const halfApplied = isEvent(record, 'agent.apply') && record.detail?.['percent'] === 50;
    if (PICTURED.some((event) => isEvent(record, event)) || halfApplied)
      track(screenshot(screen || (halfApplied ? 'apply, half-way' : record.event)));
    answer(moment, percent);
  });

  void vm.exited.then((exit) => {
    lookAtUsage();
    jobs?.ended(client, exit.reason);
    if (!poweringOff && !GUESTS_OWN_END.has(exit.reason)) labFailed(new Error(endedWrongly(client.name, exit)));
  });
  // QEMU says so before it cleans up and ends.
  vm.events.on('SHUTDOWN', lookAtUsage);
  vm.events.on('event', ({ name, data }) => {
    // QEMU pauses a VM whose disk has no room left (its default, werror=enospc): the guest would only seem to
    // hang.
    if (name === 'BLOCK_IO_ERROR')
      labFailed(
        new Error(
          `the disk of ${client.name}: ${String(data['operation'])} failed: ${String(data['reason'])} (it is a file in the lab's own memory)`,
        ),
      );
  });

  return {
    client,
    vm,
    screenshots,
    screenshot,
    agent: agent.records,
    // As it is started by hand: a saved state is the cache's.
    argv: qemuArgs(spec),
    powerOn: started.powerOn,
    ended: vm.exited,
    begin: started.begin,
    happened(step) {
      if (client.bootMenu !== undefined && showsMenu(step)) track(typeKeys(client.bootMenu.when, MENU_DRAWN_MS));
      const name = step.step;
      if (answered.has(name)) return;
      answered.add(name);
      answer(name);
    },
    seen: agent.seen,
    async wordsWritten() {
      const sizes = await Promise.all(logsOf(vm).map(async (log) => (await stat(log)).size));
      return sizes.reduce((sum, size) => sum + size, 0);
    },
    async lastWords() {
      const log = vm.serial[CONSOLE_PORT]?.logFile;
      return log === undefined ? [] : lastLines((await readFile(log, 'utf8')).slice(-LOG_END_CHARACTERS));
    },
    async powerOff() {
      poweringOff = true;
      lookAtUsage();
      await vm.quit(QUIT_MS);
      await started.settled();
    },
    async settle() {
      storyOver.resolve(false);
      await Promise.all(underWay);
    },
    async firmwareVariables() {
      if (store === undefined || variablesBefore === undefined) return undefined;
      return { before: variablesBefore, after: await readVariables(store).catch(damage) };
    },
    tpmUse: async () =>
      spec.tpm === true ? tpmUse(await readFile(join(vm.folder, VM_FILES.tpmLog), 'latin1')) : undefined,
    keepLogs: async () => {
      const keep = async (port: number, name: string): Promise<void> => {
        const log = vm.serial[port]?.logFile;
        const kept = join(job.evidenceFolder, name);
        if (log !== undefined) await copyFile(log, kept).catch(unwritten(kept));
      };
      await Promise.all([
        keep(CONSOLE_PORT, serialLog(client.name, turn)),
        keep(AGENT_PORT, agentLog(client.name, turn)),
      ]);
    },
  };
}

const logsOf = ({ serial }: Vm): string[] => [CONSOLE_PORT, AGENT_PORT].flatMap((port) => serial[port]?.logFile ?? []);

/** Ends that a guest brings about; every other one is QEMU's, or somebody's who ended it. */
const GUESTS_OWN_END: ReadonlySet<VmExit['reason']> = new Set(['guest-shutdown', 'guest-reset', 'guest-panic']);

function endedWrongly(name: string, { reason, signal, code, oom, stderr }: VmExit): string {
  const how = `${signal ?? `exit code ${code ?? '?'}`}${oom === true ? ', out of memory' : ''}`;
  return `QEMU of ${name} ${reason === 'crashed' ? 'crashed' : 'was ended by another process'} (${how}): ${stderr.trim() || 'no message on standard error'}`;
}

/** Step names have a dot, screens and events do not. */
const isStep = (moment: string): boolean => moment.includes('.');
