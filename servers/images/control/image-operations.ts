import type { WdsVariable } from '../../../harness/protocols/wds/wire/codec.ts';
import type { Emit } from '../../service/event-lines.ts';
import type { ImageStore } from '../../state/image-store.ts';
import type { ControlConfig } from './config.ts';
import type { ImageFile, ImageLister } from './image-list.ts';
import type { WdsOperation } from './wds-interface.ts';
import { ulong, ulong64, wide } from './wds-request.ts';

// Flags of MS-WDSOSD section 2.2.6.
const FILTER_VERSION = 1;
const FILTER_FIRMWARE = 2;
const SUPPORTS_VERSION_2 = 1;
const TYPE_WIM = 2;

/** One image of a file. */
interface Listed {
  readonly file: ImageFile;
  readonly index: number;
  readonly xml: string;
}

/**
 * IMG_ENUMERATE: every image that is enabled, in the format that the client understands (MS-WDSOSD section 3.1.5.6).
 */
export function enumerateImages(
  { filterVersion, filterFirmware, firstIndex }: ControlConfig['images'],
  lister: ImageLister | undefined,
  store: ImageStore | undefined,
  emit: Emit,
): WdsOperation {
  return {
    authenticated: true,
    run: async (request) => {
      request.checkVersion();
      const version2 = ((request.optionalNumber('CC') ?? 0) & SUPPORTS_VERSION_2) !== 0;
      const { files, damaged } = (await lister?.list()) ?? { files: [], damaged: [] };
      for (const { path, reason } of damaged)
        emit({ event: 'error', message: `${path} is left out of the list: ${reason}` });
      const enabled = files.filter(({ path }) => store?.find(path).enabled ?? true);
      const images = enabled.flatMap((file): Listed[] => file.images.map(({ index, xml }) => ({ file, index, xml })));
      const options = (filterVersion ? FILTER_VERSION : 0) | (filterFirmware ? FILTER_FIRMWARE : 0);
      return [
        ulong('VERSION', 1),
        ulong('OPTIONS', options),
        ...(version2
          ? [ulong('SC', SUPPORTS_VERSION_2), ...images.flatMap((image, i) => inVersion2(image, i + firstIndex))]
          : images.flatMap((image, i) => inVersion1(image, i + 1))),
      ];
    },
  };
}

// Paths begin with a backslash, as in the example of MS-WDSOSD section 4.4; nothing is sent by multicast.
function inVersion1({ file, index, xml }: Listed, number: number): WdsVariable[] {
  return [
    wide(`XML_${number}`, xml),
    wide(`PATH_${number}`, `\\${file.path}`),
    wide(`GROUP_${number}`, file.group),
    ulong(`INDEX_${number}`, index),
    wide(`NAMESPACE_${number}`, ''),
    wide(`RESOURCEFILEPATH_${number}`, `\\${file.resourcePath}`),
    ulong64(`NAMESPACE_SIZE_${number}`, BigInt(file.size)),
  ];
}

function inVersion2({ file, index, xml }: Listed, number: number): WdsVariable[] {
  const files = [...new Set([`\\${file.path}`, `\\${file.resourcePath}`])];
  const of = (name: string): string => `IL.${name}[${number}]`;
  return [
    ulong(of('Type'), TYPE_WIM),
    wide(of('Xml'), xml),
    wide(of('Path'), `\\${file.path}`),
    wide(of('ResPath'), `\\${file.resourcePath}`),
    wide(of('Group'), file.group),
    ulong(of('Index'), index),
    wide(of('NS'), ''),
    ulong64(of('NSCS'), BigInt(file.size)),
    ulong(of('ExFlags'), 0),
    ulong(`${of('DepFiles')}.Cnt`, files.length),
    ...files.map((name, i) => wide(`${of('DepFiles')}.VL[${i}]`, name)),
  ];
}
