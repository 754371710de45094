import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { clientOption } from './client-option.ts';

/** What a command gets of `--client TEXT`. */
const given = (text: string): unknown =>
  new Command()
    .exitOverride()
    .configureOutput({ writeErr: () => undefined })
    .addOption(clientOption('the client to look at'))
    .parse(['--client', text], { from: 'user' })
    .opts<{ client: string }>().client;

describe('--client', () => {
  it.each([
    ['52:54:00:77:00:01', '52:54:00:77:00:01'],
    ['52-54-00-77-00-AB', '52:54:00:77:00:ab'],
    ['10.77.0.100', '10.77.0.100'],
    ['FD77::1', 'fd77::1'],
  ])('%s is a client’s address', (text, address) => {
    expect(given(text)).toBe(address);
  });

  it.each(['pc', '52:54:00', '10.77.0', ''])('%j is none', (text) => {
    expect(() => given(text)).toThrow(`expected a MAC address (52:54:00:12:34:56) or an IP address, got ${text}`);
  });
});
