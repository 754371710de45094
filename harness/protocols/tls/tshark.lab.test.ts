import { execa } from 'execa';
import { expect, test } from 'vitest';
import { observe } from '../../observe/testing/scene.ts';
import { CAPTURES, framesOf, TESTDATA } from './testing/captures.ts';
import { cipherName, versionName } from './wire/names.ts';

/** What tshark reads of TLS: a line a frame with a value, in tab-separated fields. */
async function tshark(file: string, filter: string, ...fields: readonly string[]): Promise<string[][]> {
  const { stdout } = await execa('tshark', [
    ...['-r', file, '-d', 'tcp.port==8000,tls', '-Y', filter, '-T', 'fields'],
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
}

test.each(CAPTURES)('tshark reads hellos and alerts of %s as we do', async (capture) => {
  const file = `${TESTDATA}/${capture}.pcap`;
  const { events } = observe(await framesOf(capture));
  const clients = events.flatMap((event) =>
    event.type === 'tls.client-hello' ? [[event.serverName ?? '', event.protocols.join(',')]] : [],
  );
  expect(clients).toEqual(
    await tshark(
      file,
      'tls.handshake.type == 1',
      'tls.handshake.extensions_server_name',
      'tls.handshake.extensions_alpn_str',
    ),
  );
  const servers = events.flatMap((event) => (event.type === 'tls.server-hello' ? [[event.version, event.cipher]] : []));
  const theirs = await tshark(
    file,
    'tls.handshake.type == 2',
    'tls.handshake.version',
    'tls.handshake.extensions.supported_version',
    'tls.handshake.ciphersuite',
  );
  expect(servers).toEqual(
    theirs.map(([version = '', supported = '', cipher = '']) => [
      versionName(Number(supported === '' ? version : supported)),
      cipherName(Number(cipher)),
    ]),
  );
  const alerts = events.flatMap((event) =>
    event.type === 'tls.alert' && event.name !== undefined ? [event.frame] : [],
  );
  const clear = await tshark(file, 'tls.alert_message.desc', 'frame.number');
  expect(alerts.map(String)).toEqual(clear.flat());
});

// Of long frames the captures hold the beginnings, so that tshark cannot find the records behind them.
const WHOLE = ['snapshots', 'expired', 'unknown-ca', 'protocol-version', 'handshake-failure'] as const;

test.each(WHOLE)('tshark counts as much application data in %s', async (capture) => {
  const { events } = observe(await framesOf(capture));
  const ours = events.flatMap((event) =>
    event.type === 'tls.closed' ? [event.sent.bytes + event.received.bytes] : [],
  );
  const lines = await tshark(`${TESTDATA}/${capture}.pcap`, 'tls.record', 'tls.app_data');
  const theirs = lines
    .flat()
    .flatMap((data) => data.split(','))
    .reduce((sum, data) => sum + data.length / 2, 0);
  expect(ours.reduce((sum, bytes) => sum + bytes, 0)).toBe(theirs);
});
