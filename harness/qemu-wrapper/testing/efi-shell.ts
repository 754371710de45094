import { within } from '../src/deadline.ts';
import type { Vm } from '../src/vm/vm.ts';

/** EDK2's shell writes for a terminal: colours and places of the cursor. */
// eslint-disable-next-line no-control-regex -- escape sequences begin with a control character
const ESCAPES = /\u001b\[[0-9;=?]*[A-Za-z]/g;
const PROMPT = 'Shell>';
const LOOK_AGAIN_MS = 50;

/** The UEFI shell on a VM's first serial port, which EDK2 starts when nothing else boots. */
export class EfiShell {
  readonly #vm: Vm;
  readonly #deadlineMs: number;
  #lines: string[] = [];

  constructor(vm: Vm, deadlineMs: number) {
    this.#vm = vm;
    this.#deadlineMs = deadlineMs;
    vm.onSerialLine(0, (line) => this.#lines.push(line.replace(ESCAPES, '')));
  }

  /** Resolves when the shell asks for a command. */
  prompt(): Promise<void> {
    return this.#until('a prompt of the UEFI shell', () => this.#partialLine().trimEnd().endsWith(PROMPT));
  }

  /** Types a command on the serial port, and returns what the shell says to it. */
  async run(command: string): Promise<string> {
    return this.#answer(command, () => this.#vm.serial[0]?.write(`${command}\r`));
  }

  /**
   * The same on the keyboard, each key when the one before it is on the screen: a guest that gets little of a busy host's time loses keys
   * that come faster than it reads them.
   */
  async typed(command: string): Promise<string> {
    return this.#answer(command, async () => {
      for (const [at, key] of Array.from(command).entries()) {
        await this.#vm.typeText(key);
        await this.#until(`an echo of ${JSON.stringify(key)} in ${command}`, () =>
          this.#partialLine().endsWith(command.slice(0, at + 1)),
        );
      }
      await this.#vm.sendKeys(['ret']);
    });
  }

  /** What the shell says to a command that `type` types. */
  async #answer(command: string, type: () => unknown): Promise<string> {
    this.#lines = [];
    await type();
    await this.#until(`an end of the answer to ${command}`, () => this.#lines.length > 0);
    await this.prompt();
    return this.#lines.join('\n');
  }

  #partialLine(): string {
    return (this.#vm.serial[0]?.partialLine ?? '').replace(ESCAPES, '');
  }

  #until(step: string, done: () => boolean): Promise<void> {
    return within(
      step,
      this.#deadlineMs,
      new Promise<void>((resolve) => {
        const look = (): void => (done() ? resolve() : void setTimeout(look, LOOK_AGAIN_MS).unref());
        look();
      }),
    );
  }
}
