import { describe, expect, it } from 'vitest';
import { fakeGuestAgent } from '../../testing/fake-guest-agent.ts';
import { DeadlineError } from '../deadline.ts';
import { GuestAgent, GuestAgentError } from './client.ts';

describe('GuestAgent', () => {
  it('finds the beginning of the answers once, then asks one command after the other', async () => {
    const fake = fakeGuestAgent(({ execute }) => ({ return: execute }));
    const agent = new GuestAgent('pc', fake.stream);
    expect(await Promise.all([agent.execute('guest-info'), agent.execute('guest-get-time', { a: 1 })])).toEqual([
      'guest-info',
      'guest-get-time',
    ]);
    expect(fake.asked).toEqual([
      { execute: 'guest-sync-delimited', arguments: { id: 1 }, delimited: true },
      { execute: 'guest-info', arguments: {}, delimited: false },
      { execute: 'guest-get-time', arguments: { a: 1 }, delimited: false },
    ]);
  });

  it('passes over what the agent said to somebody else before', async () => {
    const fake = fakeGuestAgent(() => ({ return: 'mine' }));
    const agent = new GuestAgent('pc', fake.stream);
    fake.say('{"return": "not mine"}\n{"error": {"class": "GenericError", "desc": "not mine"}}\nhalf a li');
    expect(await agent.execute('guest-info')).toBe('mine');
  });

  it('does not take an answer that came too late for that of the next command', async () => {
    let answers = 0;
    const fake = fakeGuestAgent(() => (++answers === 1 ? undefined : { return: 'in time' }));
    const agent = new GuestAgent('pc', fake.stream);
    await expect(agent.execute('guest-fsfreeze-freeze', {}, { deadlineMs: 50 })).rejects.toThrow(
      /^guest agent of pc to answer guest-fsfreeze-freeze: waited 0\.\d s of 0\.[01] s$/,
    );
    fake.say('{"return": "too late"}\n');
    expect(await agent.execute('guest-fsfreeze-status')).toBe('in time');
    expect(fake.asked.map(({ execute }) => execute)).toEqual([
      'guest-sync-delimited',
      'guest-fsfreeze-freeze',
      'guest-sync-delimited',
      'guest-fsfreeze-status',
    ]);
  });

  it('says what the agent refused, and goes on', async () => {
    const fake = fakeGuestAgent(({ execute }) =>
      execute === 'guest-exec'
        ? { error: { class: 'CommandNotFound', desc: 'Command guest-exec has been disabled' } }
        : { return: {} },
    );
    const agent = new GuestAgent('pc', fake.stream);
    await expect(agent.execute('guest-exec')).rejects.toThrow(
      new GuestAgentError(
        'the guest agent of pc refused guest-exec: Command guest-exec has been disabled (CommandNotFound)',
      ),
    );
    await agent.ping();
  });

  it('rejects what waits, and what comes later, with the explanation of a closed channel', async () => {
    const fake = fakeGuestAgent(() => undefined);
    const agent = new GuestAgent('pc', fake.stream, {
      explainEnd: (broken) => Promise.resolve(new Error(`VM pc ended (${broken.message})`)),
    });
    const waiting = agent.execute('guest-info');
    const later = agent.execute('guest-info');
    setImmediate(() => fake.hangUp());
    const why = 'VM pc ended (the channel to the guest agent of pc closed)';
    await expect(waiting).rejects.toThrow(why);
    await expect(later).rejects.toThrow(why);
    await expect(agent.ping()).rejects.toThrow(why);
  });

  it('says that nothing answers when no agent runs', async () => {
    const { stream } = fakeGuestAgent(() => undefined);
    stream.write = () => true;
    const agent = new GuestAgent('pc', stream);
    await expect(agent.ping(50)).rejects.toThrow(DeadlineError);
    await expect(agent.ping(50)).rejects.toThrow(/^guest agent of pc to answer guest-sync-delimited: waited/);
  });
});
