import { describe, expect, it } from 'vitest';
import { formatIpv4, parseIpv4, parseRange, parseSubnet } from './ipv4.ts';
import { suggest } from '../parsing/suggest.ts';
import { parseBitRate, parseDurationMs, parsePeriodMs, parseSizeMiB, parseSnapshotKiB } from './units.ts';

describe('durations', () => {
  it.each([
    ['500ms', 500],
    ['8s', 8000],
    ['1.5s', 1500],
    ['2m', 120_000],
    ['24h', 86_400_000],
    ['0s', 0],
  ])('%s is %i ms', (text, ms) => expect(parseDurationMs(text)).toBe(ms));
  it.each(['8', '8 s', '-1s', '1e3s', '1.0005s', '25h', 's', '', '8S', '8sec'])('%j is none', (text) =>
    expect(parseDurationMs(text)).toBeUndefined(),
  );
});

describe('times of a schedule', () => {
  it.each([
    ['20s', 20_000],
    ['90m', 5_400_000],
    ['1.5h', 5_400_000],
    ['7d', 604_800_000],
    ['4w', 2_419_200_000],
  ])('%s is %i ms', (text, ms) => expect(parsePeriodMs(text)).toBe(ms));
  it.each(['7', '0s', '500ms', '1M', '1y', '11000d', '-1d', '1e3s', 'd'])('%j is none', (text) =>
    expect(parsePeriodMs(text)).toBeUndefined(),
  );
});

describe('sizes', () => {
  it.each([
    ['512MiB', 512],
    ['2GiB', 2048],
    ['1.5GiB', 1536],
  ])('%s is %i MiB', (text, miB) => expect(parseSizeMiB(text)).toBe(miB));
  it.each(['512', '512MB', '512M', '0MiB', '0.3MiB', '2TiB', '1025GiB', 'MiB'])('%j is none', (text) =>
    expect(parseSizeMiB(text)).toBeUndefined(),
  );
});

describe('sizes of what a snapshot keeps', () => {
  it.each([
    ['64KiB', 64],
    ['64MiB', 65_536],
    ['1GiB', 1_048_576],
  ])('%s is %i KiB', (text, kiB) => expect(parseSnapshotKiB(text)).toBe(kiB));
  it.each(['64', '6KiB', '0KiB', '1.5MiB', '65GiB', '64kB'])('%j is none', (text) =>
    expect(parseSnapshotKiB(text)).toBeUndefined(),
  );
});

describe('bit rates', () => {
  it.each([
    ['500kbit', 500_000],
    ['1.5Mbit', 1_500_000],
    ['10Gbit', 10_000_000_000],
  ])('%s is %i bits in a second', (text, bits) => expect(parseBitRate(text)).toBe(bits));
  it.each(['100', '100M', '100Mbit/s', '0kbit', '0.0005kbit', '101Gbit', 'Mbit'])('%j is none', (text) =>
    expect(parseBitRate(text)).toBeUndefined(),
  );
});

describe('addresses', () => {
  it.each(['0.0.0.0', '172.22.52.207', '255.255.255.255'])('%s there and back', (text) =>
    expect(formatIpv4(parseIpv4(text) ?? -1)).toBe(text),
  );
  it.each(['256.0.0.1', '1.2.3', '1.2.3.4.5', '01.2.3.4', '1.2.3.x', '', ' 1.2.3.4'])('%j is none', (text) =>
    expect(parseIpv4(text)).toBeUndefined(),
  );
  it('a subnet knows its ends', () =>
    expect(parseSubnet('172.22.52.0/24')).toEqual({
      network: parseIpv4('172.22.52.0'),
      broadcast: parseIpv4('172.22.52.255'),
      prefixLength: 24,
    }));
  it.each(['172.22.52.1/24', '172.22.52.0', '172.22.52.0/31', '0.0.0.0/0', '172.22.52.0/7'])(
    '%j is no subnet',
    (text) => expect(parseSubnet(text)).toBeUndefined(),
  );
  it('a range may have spaces around its hyphen', () =>
    expect(parseRange('10.0.0.1 - 10.0.0.9')).toEqual({ first: parseIpv4('10.0.0.1'), last: parseIpv4('10.0.0.9') }));
  it.each(['10.0.0.9-10.0.0.1', '10.0.0.1', '10.0.0.1-2', '10.0.0.1-10.0.0.2-10.0.0.3'])('%j is no range', (text) =>
    expect(parseRange(text)).toBeUndefined(),
  );
});

describe('suggestions', () => {
  const known = ['bootfile', 'bootfiles', 'port-67', 'port-4011', 'uefi-x64'];
  it.each([
    ['port67', 'port-67'],
    ['Port_4011', 'port-4011'],
    ['botfile', 'bootfile'],
    ['bootflie', 'bootfile'],
    ['uefi', 'uefi-x64'],
    ['prot-67', 'port-67'],
  ])('%s means %s', (wrong, meant) => expect(suggest(wrong, known)).toBe(meant));
  it.each(['', 'x', 'something else'])('%j means nothing', (wrong) => expect(suggest(wrong, known)).toBeUndefined());
});
