import { describe, expect, it } from 'vitest';
import { fakeGuestAgent, type AskedOfAgent } from '../../testing/fake-guest-agent.ts';
import { GuestAgent } from './client.ts';
import { whileFrozen } from './frozen.ts';

/** A guest with two file systems; `answer` changes what it says. */
function guest(answer: (command: string) => object | 'nothing' | undefined = () => undefined) {
  const fake = fakeGuestAgent(({ execute }: AskedOfAgent) => {
    const changed = answer(execute);
    return changed === 'nothing' ? undefined : (changed ?? { return: 2 });
  });
  return {
    agent: new GuestAgent('pc', fake.stream),
    commands: () => fake.asked.map(({ execute }) => execute).filter((name) => name !== 'guest-sync-delimited'),
  };
}

const FREEZE = 'guest-fsfreeze-freeze';
const THAW = 'guest-fsfreeze-thaw';
const DEADLINES = { freezeMs: 50, frozenMs: 50, thawMs: 50 };

describe('whileFrozen', () => {
  it('works while the file systems are frozen, and only then', async () => {
    const { agent, commands } = guest();
    const before: string[][] = [];
    const frozen = await whileFrozen(agent, async () => {
      before.push(commands());
      return Promise.resolve('saved');
    });
    expect(frozen).toMatchObject({ value: 'saved', fileSystems: 2 });
    expect(before).toEqual([[FREEZE]]);
    expect(commands()).toEqual([FREEZE, THAW]);
  });

  it('thaws when the work failed, and rejects as it did', async () => {
    const { agent, commands } = guest();
    const failed = whileFrozen(agent, () => Promise.reject(new Error('no such disk')));
    await expect(failed).rejects.toThrow('no such disk');
    expect(commands()).toEqual([FREEZE, THAW]);
  });

  it('thaws when the work takes too long', async () => {
    const { agent, commands } = guest();
    const endless = whileFrozen(agent, () => new Promise(() => undefined), DEADLINES);
    await expect(endless).rejects.toThrow(/^work on a frozen guest: waited 0\.\d s of 0\.[01] s$/);
    expect(commands()).toEqual([FREEZE, THAW]);
  });

  it('thaws when freezing failed, or nobody knows whether it did, and then does not work', async () => {
    for (const [answer, message] of [
      [{ error: { desc: 'failed to freeze /: busy' } }, /refused guest-fsfreeze-freeze: failed to freeze \/: busy/],
      ['nothing', /to answer guest-fsfreeze-freeze: waited/],
      [{ return: 'yes' }, /answered "yes", expected a number of file systems/],
    ] as const) {
      const { agent, commands } = guest((command) => (command === FREEZE ? answer : undefined));
      const works: string[] = [];
      const frozen = whileFrozen(agent, () => Promise.resolve(works.push('worked')), DEADLINES);
      await expect(frozen).rejects.toThrow(message);
      expect(works).toEqual([]);
      expect(commands()).toEqual([FREEZE, THAW]);
    }
  });

  it('says that the guest may stand still when it cannot be thawed, and why it was to be', async () => {
    const { agent } = guest((command) => (command === THAW ? 'nothing' : undefined));
    await expect(whileFrozen(agent, () => Promise.reject(new Error('no such disk')), DEADLINES)).rejects.toThrow(
      /^no such disk; and the guest may still be frozen: guest agent of pc to answer guest-fsfreeze-thaw: waited/,
    );
    const alone = guest((command) => (command === THAW ? { error: { desc: 'ioctl failed' } } : undefined));
    await expect(whileFrozen(alone.agent, () => Promise.resolve(1))).rejects.toThrow(/refused guest-fsfreeze-thaw/);
  });

  it('does not call a guest consistent that froze nothing, or that was thawed meanwhile', async () => {
    const nothing = guest(() => ({ return: 0 }));
    await expect(whileFrozen(nothing.agent, () => Promise.resolve(1))).rejects.toThrow(/froze no file system/);
    const { agent } = guest((command) => (command === THAW ? { return: 1 } : undefined));
    await expect(whileFrozen(agent, () => Promise.resolve(1))).rejects.toThrow(
      /froze 2 file systems, and 1 were still frozen 0\.\d s later/,
    );
  });
});
