import { expect, test } from 'vitest';
import { annotations } from './github-annotations.ts';
import {
  failedBoot,
  mixedResult,
  sampleClient,
  sampleResult,
  sampleScenario,
  sampleStep,
} from './testing/sample-results.ts';

const AT = { folder: '/home/runner/work/lab/lab' };

/** What GitHub's runner makes of a line: actions/runner, src/Runner.Common/ActionCommand.cs, TryParseV2. */
function read(line: string): { command: string; properties: Record<string, string>; message: string } {
  const [, command = '', list = '', data = ''] = /^::([a-z]+) (.*?)::(.*)$/.exec(line) ?? [];
  const unescape = (text: string, more: Readonly<Record<string, string>> = {}): string =>
    Object.entries({ '%0D': '\r', '%0A': '\n', ...more, '%25': '%' }).reduce(
      (all, [from, to]) => all.replaceAll(from, to),
      text,
    );
  const properties = list.split(',').map((pair): [string, string] => {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    return [name, unescape(value, { '%3A': ':', '%2C': ',' })];
  });
  return { command, properties: Object.fromEntries(properties), message: unescape(data) };
}

test('every scenario that did not pass is an error at its file, and nothing else is', () => {
  const lines = annotations(mixedResult(), AT).map(read);
  const bad = mixedResult().scenarios.filter(({ verdict }) => verdict === 'failed' || verdict === 'error');
  expect(lines.map(({ command, properties }) => [command, properties['file'], properties['line']])).toEqual(
    bad.map(({ file }) => ['error', file, '1']),
  );
  expect(lines[0]?.message).toContain(bad[0]?.why);
  expect(lines.map(({ properties }) => properties['title'])).toContain(`failed: ${failedBoot().id}`);
});

test('the line is that of the expectation that was not met', () => {
  const scenario = sampleScenario({ file: 'scenarios/pxe/menu.yaml', line: 23, verdict: 'failed' });
  const [line = ''] = annotations(sampleResult([scenario]), AT);
  expect(line).toMatch(/^::error file=scenarios\/pxe\/menu\.yaml,line=23,title=failed%3A wds\/install-bios::/);
});

test('nothing that a scenario or the wire says ends a property, a line or the command', () => {
  const hostile = 'a,b: 100%\r\n::set-output name=x::y %0A';
  const step = sampleStep({ verdict: 'failed', expected: hostile, actual: hostile, why: hostile });
  const scenario = sampleScenario({
    id: 'we,ird: 5%[nic=e1000]',
    file: 'scenarios/a,b: c%.yaml',
    verdict: 'failed',
    why: hostile,
    clients: [sampleClient({ verdict: 'failed', steps: [step] })],
  });
  const [line = '', ...more] = annotations(sampleResult([scenario]), AT);
  expect(more).toEqual([]);
  expect(line).not.toMatch(/[\r\n]/);
  const { properties, message } = read(line);
  expect(properties).toEqual({
    file: 'scenarios/a,b: c%.yaml',
    line: '1',
    title: 'failed: we,ird: 5%[nic=e1000]',
  });
  expect(message.split('\n')).toContain('  why: a,b: 100%  ::set-output name=x::y %0A');
});

test('a success on a retry is a warning; what did not run is nothing', () => {
  const lines = annotations(
    sampleResult([
      sampleScenario({ verdict: 'failed', why: 'no DHCP server' }),
      sampleScenario({ attempt: 2 }),
      sampleScenario({ id: 'rest', verdict: 'skipped', notRun: true, why: 'not run' }),
    ]),
    AT,
  ).map(read);
  expect(lines.map(({ command, message }) => [command, message])).toEqual([
    ['warning', 'passed as attempt 2; attempt 1: no DHCP server'],
  ]);
});

test('paths begin at the checkout, wherever the command was started', () => {
  const fileOf = (file: string, folder: string, workspace?: string): string | undefined =>
    read(annotations(sampleResult([sampleScenario({ verdict: 'failed', file })]), { folder, workspace })[0] ?? '')
      .properties['file'];
  expect(fileOf('a.yaml', '/w/repo/boot', '/w/repo')).toBe('boot/a.yaml');
  expect(fileOf('../a.yaml', '/w/repo/boot', '/w/repo')).toBe('a.yaml');
  expect(fileOf('/w/repo/a.yaml', '/w/repo', undefined)).toBe('a.yaml');
  expect(fileOf('/elsewhere/a.yaml', '/w/repo', '/w/repo')).toBe('/elsewhere/a.yaml');
});
