/**
 * One resource of the lab. `setup` makes it ready for use, `teardown` undoes whatever part of `setup` has happened: it
 * is registered before `setup` runs, so it must cope with a half-made resource.
 */
export interface Task {
  /** What is being made, for progress and for the message of a deadline: `bridge br0`, `tftp on host-207`. */
  readonly title: string;
  setup(): Promise<void>;
  teardown?(): Promise<void>;
}

export interface TaskTiming {
  readonly title: string;
  readonly startMs: number;
  readonly durationMs: number;
}

export interface TaskObserver {
  (event: {
    readonly title: string;
    readonly state: 'start' | 'done' | 'failed' | 'stopped';
    readonly durationMs?: number;
  }): void;
}

/** A teardown failed; the resource is named, the run's own result stands. */
export class TeardownError extends Error {
  override readonly name = 'TeardownError';
  readonly title: string;
  constructor(title: string, cause: unknown) {
    super(`taking down ${title}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.title = title;
  }
}

/** A resource could not be made: which one, and why. */
export class TaskError extends Error {
  override readonly name = 'TaskError';
  readonly title: string;
  constructor(title: string, cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(message.startsWith(title) ? message : `${title}: ${message}`, { cause });
    this.title = title;
  }
}

/** A task was to be set up while everything is being taken down, because the lab broke or is to stop. */
export class StackClosedError extends Error {
  override readonly name = 'StackClosedError';
  constructor(title: string) {
    super(`${title}: not set up, the lab is being taken down`);
  }
}

/** Resources in the order in which they were made; taken down in reverse, each in its own try. */
export class TaskStack {
  readonly #made: Task[] = [];
  readonly #observe: TaskObserver;
  readonly #epochMs: number;
  readonly timings: TaskTiming[] = [];
  #closed = false;

  constructor(observe: TaskObserver = () => undefined, epochMs: number = performance.now()) {
    this.#observe = observe;
    this.#epochMs = epochMs;
  }

  /** Sets a task up. Its teardown is registered first, so that an interrupted setup is undone as well. */
  async add(task: Task): Promise<void> {
    if (this.#closed) throw new StackClosedError(task.title);
    this.#made.push(task);
    const startedMs = performance.now();
    this.#observe({ title: task.title, state: 'start' });
    try {
      await task.setup();
    } catch (error) {
      this.#observe({ title: task.title, state: 'failed', durationMs: performance.now() - startedMs });
      throw new TaskError(task.title, error);
    }
    const durationMs = performance.now() - startedMs;
    this.timings.push({ title: task.title, startMs: startedMs - this.#epochMs, durationMs });
    this.#observe({ title: task.title, state: 'done', durationMs });
  }

  /**
   * Takes everything down, last made first; nothing can be added from now on. Returns what went wrong on the way; never
   * throws.
   */
  async unwind(): Promise<TeardownError[]> {
    this.#closed = true;
    const errors: TeardownError[] = [];
    for (let task = this.#made.pop(); task; task = this.#made.pop()) {
      const startedMs = performance.now();
      try {
        await task.teardown?.();
      } catch (error) {
        errors.push(new TeardownError(task.title, error));
      }
      this.#observe({ title: task.title, state: 'stopped', durationMs: performance.now() - startedMs });
    }
    return errors;
  }
}
