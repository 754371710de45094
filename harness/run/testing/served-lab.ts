import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { BOOTSTRAP, PROJECT } from './pxewright.ts';

export interface Ran {
  readonly exitCode: number;
  /** Standard output and standard error, without the last line break. */
  readonly output: string;
}

/**
 * A lab that `pxewright serve` keeps up, with a shell on its bridge: visitors that we did not write are started from
 * it.
 */
export class ServedLab {
  readonly #process;
  readonly #lines: AsyncIterator<string, undefined>;

  private constructor(scenario: string, env: Readonly<Record<string, string>>) {
    this.#process = execa(process.execPath, [BOOTSTRAP, 'serve', scenario, '--', 'sh'], {
      cwd: PROJECT,
      env,
      reject: false,
      stdin: 'pipe',
      stdout: 'pipe',
      stderr: 'pipe',
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts a lab and waits until its services are ready. */
  static async start(scenario: string, env: Readonly<Record<string, string>> = {}): Promise<ServedLab> {
    const lab = new ServedLab(scenario, env);
    await lab.run('true');
    return lab;
  }

  /** Runs a shell script inside the lab; one at a time. */
  async run(script: string): Promise<Ran> {
    const end = randomUUID();
    this.#process.stdin.write(`( ${script}\n) </dev/null 2>&1; printf '\\n%s %s\\n' ${end} $?\n`);
    const output: string[] = [];
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done === true) throw new Error(`the lab ended before "${script}" did: ${(await this.#process).stderr}`);
      if (value.startsWith(end))
        return { exitCode: Number(value.slice(end.length)), output: output.join('\n').replace(/\n$/, '') };
      output.push(value);
    }
  }

  /** Process id of the command line that serves it. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Ends the lab as its shell's end does, and returns what it said on standard error. */
  async stop(): Promise<{ exitCode: number | undefined; stderr: string }> {
    this.#process.stdin.end();
    const { exitCode, stderr } = await this.#process;
    return { exitCode, stderr };
  }
}
