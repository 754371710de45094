import type { ConnectionSeen } from '../../base/observe/seen.ts';

/**
 * WIM facts read from SMB READ data: the header at offset 0 and the XML at the tail (harness/docs/protocols.md section
 * 5).
 */
export type WimEvent = ConnectionSeen & { readonly path: string; readonly fileId: string } & (
    | {
        readonly type: 'wim.header';
        readonly imageCount: number;
        readonly bootIndex: number;
        readonly partNumber: number;
        readonly totalParts: number;
        readonly compressed: boolean;
        /** Folder trees only: the files' data lies in another part of the set. */
        readonly treesOnly: boolean;
        readonly xmlOffset: number;
        readonly xmlSize: number;
        readonly endOfFile: number;
        readonly firstFrame: number;
        readonly bytes: number;
      }
    | {
        readonly type: 'wim.tail';
        readonly offset: number;
        readonly bytes: number;
        readonly images: readonly {
          readonly index: number;
          readonly name: string;
          readonly totalBytes: number;
          /** Windows' code (protocols/wim/wire/architectures.ts). */
          readonly architecture?: number;
        }[];
        readonly firstFrame: number;
      }
    | {
        readonly type: 'wim.damaged';
        readonly reason: string;
        /** The file is shorter than an image can be. */
        readonly truncated?: true;
      }
    | {
        readonly type: 'wim.set-read';
        /** A part with shared data was closed: what was read for this image so far. Distinct bytes. */
        readonly sharedPath: string;
        readonly ownBytes: number;
        readonly sharedBytes: number;
        readonly neededBytes: number;
      }
    | {
        readonly type: 'wim.header-written';
        /** False while the writer says that it is not done, and for bytes that are no header (`reason`). */
        readonly complete: boolean;
        readonly imageCount: number;
        /** Where the header says that the image's list ends. */
        readonly endsAt: number;
        readonly reason?: string;
      }
  );
