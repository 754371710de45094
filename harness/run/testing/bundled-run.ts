import { join } from 'node:path';
import type { ClientResult, Result, ScenarioResult, Step } from '../../../reports/result.ts';
import { temporaryFolder } from '../../../reports/testing/temporary-folder.ts';
import { onlyRun, pxewright } from './pxewright.ts';

/** So many steps show what a client did before it went wrong. */
const LAST_STEPS = 12;

/** Bundled scenarios as a user runs them, and what they left: many assertions share these boots. */
export class BundledRun implements AsyncDisposable {
  readonly exitCode: number | undefined;
  readonly #folder: string;
  readonly #result: Result;
  readonly #out: AsyncDisposable;

  private constructor(exitCode: number | undefined, folder: string, result: Result, out: AsyncDisposable) {
    this.exitCode = exitCode;
    this.#folder = folder;
    this.#result = result;
    this.#out = out;
  }

  /** Runs the scenarios whose id fits. */
  static async start(grep: string, ...options: readonly string[]): Promise<BundledRun> {
    const out = await temporaryFolder();
    const { exitCode, stderr } = await pxewright(['run', 'scenarios', '--grep', grep, ...options, '--out', out.path]);
    const { folder, result } = await onlyRun(out.path).catch(async (cause: unknown) => {
      await out[Symbol.asyncDispose]();
      throw new Error(`pxewright left no run: ${stderr}`, { cause });
    });
    return new BundledRun(exitCode, folder, result, out);
  }

  get scenarios(): readonly ScenarioResult[] {
    return this.#result.scenarios;
  }

  scenario(id: string): ScenarioResult {
    const found = this.scenarios.find((one) => one.id === id);
    if (!found) throw new Error(`no scenario ${id} in ${this.scenarios.map((one) => one.id).join(', ')}`);
    return found;
  }

  /** A client of a scenario; without a name its first. */
  client(id: string, name?: string): ClientResult {
    const { clients } = this.scenario(id);
    const found = name === undefined ? clients[0] : clients.find((one) => one.name === name);
    if (!found) throw new Error(`${id} has no client ${name ?? 'at all'}`);
    return found;
  }

  /** A file that a result names. */
  evidence(file: string | undefined): string {
    return join(this.#folder, file ?? '');
  }

  /**
   * Those that did not pass. The evidence is gone when a test fails: each line holds what the failed steps of their clients
   * saw, and what was the last on the wire. A client that passed is left out, and so is one that waited for another.
   */
  notPassed(): string[] {
    const seen = ({ clients }: ScenarioResult): string =>
      clients
        .filter(({ verdict, steps }) => verdict !== 'passed' && steps.length > 0)
        .map(
          ({ name, why, steps }) =>
            `${name}: ${why ?? ''} ${[
              ...steps.filter(({ verdict }) => verdict === 'failed'),
              ...steps.slice(-LAST_STEPS),
            ]
              .map(
                ({ step, verdict, atMs, frames, actual }) =>
                  `${step} ${verdict} ${atMs} ms #${frames.join()} ${actual ?? ''}`,
              )
              .join('; ')}`,
        )
        .join(' | ');
    return this.scenarios
      .filter((one) => one.verdict !== 'passed')
      .map((one) => `${one.id}: ${one.why ?? ''} (${seen(one)})`);
  }

  /** Those whose capture lost a frame. */
  lossy(): string[] {
    return this.scenarios.filter(({ capture }) => capture?.dropped !== 0).map(({ id }) => id);
  }

  /** Steps of each client when a scenario's capture, or another one of it, is replayed. */
  async replayed({ file, capture }: ScenarioResult, instead?: string): Promise<Record<string, readonly Step[]>> {
    const { stdout } = await pxewright([
      'replay',
      instead ?? this.evidence(capture?.file),
      '--scenario',
      file,
      '--json',
    ]);
    return stepsByClient((JSON.parse(stdout) as Result).scenarios[0]?.clients ?? []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#out[Symbol.asyncDispose]();
  }
}

/** Steps of each client, by its name. */
export function stepsByClient(clients: readonly ClientResult[]): Record<string, readonly Step[]> {
  return Object.fromEntries(clients.map(({ name, steps }) => [name, steps]));
}
