import { isEvent, type AgentRecord } from './booting-client.ts';

/** A backup that the agent took of a snapshot, as it told of it. */
export interface TakenSnapshot {
  /** Absent when it failed before it had a name. */
  readonly id?: string;
  /** Records that the program had told of before it began, at the first word after the moment that was saved, and when it was over. */
  readonly before: number;
  readonly after?: number;
  readonly over?: number;
  /** Whether the program told of more when it was over. */
  readonly wentOn: boolean;
  /** For how long the file system stood still. */
  readonly heldMs?: number;
  /** What the snapshot kept of what was overwritten. */
  readonly keptBytes?: number;
  /** Whether the agent said that it is in the store. */
  readonly isSaved: boolean;
  /** Why it is not. */
  readonly error?: string;
}

type Detail = Readonly<Record<string, unknown>>;
type Changing = { -readonly [Key in keyof TakenSnapshot]: TakenSnapshot[Key] };

/** Reads from what an agent said, in its order, which backups it took of itself while its program worked. */
export function takenSnapshots(agent: readonly AgentRecord[]): readonly TakenSnapshot[] {
  const taken: Changing[] = [];
  let records = 0;
  const begun = (): Changing => {
    const one: Changing = { before: records, wentOn: false, isSaved: false };
    taken.push(one);
    return one;
  };
  /** The one under way. */
  const current = (): Changing => {
    const last = taken.at(-1);
    return last === undefined || last.over !== undefined ? begun() : last;
  };
  const follows = (one: Changing, { state, id, heldMs, usedBytes }: Detail): void => {
    if (typeof id === 'string') one.id = id;
    if (state === 'taken' && typeof heldMs === 'number') one.heldMs = heldMs;
    if (state !== 'removed') return;
    if (typeof usedBytes === 'number') one.keptBytes = usedBytes;
    one.over = records;
  };
  const fails = (one: Changing, { error }: Detail): void => {
    one.error = typeof error === 'string' ? error : 'the agent did not say why';
    // Without a snapshot there is none to be removed.
    if (one.heldMs === undefined) one.over = records;
  };
  const works = (told: unknown): void => {
    if (typeof told !== 'number') return;
    records = told;
    for (const one of taken) {
      if (one.heldMs !== undefined) one.after ??= records;
      if (one.over !== undefined && records > one.over) one.wentOn = true;
    }
  };
  for (const record of agent) {
    const { detail = {} } = record;
    if (isEvent(record, 'agent.work')) works(detail['records']);
    else if (isEvent(record, 'agent.snapshot')) follows(current(), detail);
    else if (isEvent(record, 'agent.backed-up')) current().isSaved = true;
    else if (isEvent(record, 'agent.backup-failed')) fails(current(), detail);
  }
  return taken;
}

/** What no good run of an agent that was to take so many backups has, each in one sentence. `mayFail`: one of them is to fail. */
export function snapshotFindings(taken: readonly TakenSnapshot[], wanted: number, mayFail: boolean): string[] {
  const saved = taken.filter(({ isSaved }) => isSaved).length;
  const error = taken.findLast((one) => one.error !== undefined)?.error;
  return [
    ...(saved < wanted && !mayFail
      ? [`backup ${saved + 1} of ${wanted} was not taken: ${error ?? 'the agent did not come to it'}`]
      : []),
    ...taken.flatMap(({ id, over, wentOn }) =>
      over === undefined || wentOn
        ? []
        : [`backup ${id ?? 'without a name'}: the guest wrote nothing more when it was over`],
    ),
  ];
}
