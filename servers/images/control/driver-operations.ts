import type { WdsVariable } from '../../../harness/protocols/wds/wire/codec.ts';
import type { BootRoot } from '../../service/boot-root.ts';
import type { ControlConfig } from './config.ts';
import { listDriverPackages, servesDevice, type DriverPackage } from './driver-packages.ts';
import type { WdsOperation } from './wds-interface.ts';
import { blob, ulong, ulong64, WdsError, wide, WIN32, type WdsRequest } from './wds-request.ts';

// DDP_OP_GET_MACHINE_DRIVER_PACKAGES (MS-WDSOSD section 2.2.7): its variables' names are that section's.

const DETAIL_DRIVERS = 1;
const DETAIL_FILES = 2;
// A computer has some hundred devices with a handful of ids each.
const MOST_DEVICES = 1000;
const MOST_IDS = 64;
const FILETIME_OF_UNIX_EPOCH = 116_444_736_000_000_000n;

/** The driver packages for the devices of a computer. */
export function getMachineDriverPackages(
  { serverName, share }: ControlConfig,
  root: BootRoot | undefined,
): WdsOperation {
  return {
    authenticated: true,
    run: async (request) => {
      const devices = devicesOf(request);
      const detail = request.optionalNumber('DpF') ?? 0;
      const packages = root === undefined ? [] : await listDriverPackages(root);
      const matching = packages.filter((one) => devices.some((ids) => servesDevice(one, ids)));
      return [
        ulong('DpC', matching.length),
        ...matching.flatMap((one, i) =>
          describe(one, i, `\\\\${serverName}\\${share}\\DriverPackages\\${one.name}`, detail),
        ),
      ];
    },
  };
}

/** Hardware and compatible ids of each device. */
function devicesOf(request: WdsRequest): string[][] {
  return indices(request, 'Mi.D', MOST_DEVICES).map((device) =>
    ['H', 'C'].flatMap((kind) => {
      const list = `Mi.D.VL[${device}].${kind}`;
      return indices(request, list, MOST_IDS, 0).map((i) => request.text(`${list}.VL[${i}]`));
    }),
  );
}

/** 0 to Cnt - 1 of a list. */
function indices(request: WdsRequest, list: string, most: number, missing?: number): number[] {
  const count =
    missing === undefined ? request.number(`${list}.Cnt`) : (request.optionalNumber(`${list}.Cnt`) ?? missing);
  if (count > most)
    throw new WdsError(WIN32.invalidParameter, `variable ${list}.Cnt: expected at most ${most}, got ${count}`);
  return Array.from({ length: count }, (_, i) => i);
}

function describe(
  { name, inf, files, hardwareIds, modifiedMs, id }: DriverPackage,
  i: number,
  folder: string,
  detail: number,
): WdsVariable[] {
  const fileTime = BigInt(Math.trunc(modifiedMs)) * 10_000n + FILETIME_OF_UNIX_EPOCH;
  const of = (field: string): string => `Dp.${field}[${i}]`;
  const ids = (detail & DETAIL_DRIVERS) === 0 ? [] : hardwareIds;
  return [
    blob(of('ID'), id),
    wide(of('NM'), name),
    ulong(of('EN'), 1),
    wide(of('IP'), `${folder}\\${inf}`),
    wide(of('PP'), folder),
    ulong(of('SG'), 0),
    ulong64(of('VTS'), fileTime),
    ulong64(of('Da'), fileTime),
    ulong(of('FG'), detail & (DETAIL_DRIVERS | DETAIL_FILES)),
    ...(ids.length === 0
      ? []
      : [
          ulong(`${of('DL')}.Cnt`, ids.length),
          ...ids.map((hardwareId, d) => wide(`${of('DL')}.DL[${d}].HID`, hardwareId)),
        ]),
    ...((detail & DETAIL_FILES) === 0
      ? []
      : [
          ulong(`${of('DL')}.FL.Cnt`, files.length),
          ...files.map((file, f) => wide(`${of('DL')}.FL.VL[${f}].SF`, `${folder}\\${file}`)),
        ]),
  ];
}
