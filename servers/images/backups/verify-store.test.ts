import { describe, expect, it } from 'vitest';
import { storeProblems } from './verify-store.ts';

const PACK = '56a01afab4b5a953a19f9a37aa5e14a4962036fc7f360a98f3455f60865db491';

// What restic 0.18.0 wrote on standard error for a store that was damaged for this.
const DAMAGED = [
  `{"message_type":"error","message":"pack ${PACK} contains 2 errors: [blob 8ba032906e688c0a4e3cf014935d37ab5ca5cfd16ec1ea25abfe4d2de8289f0f: decrypting blob \\u003cdata/8ba03290\\u003e from 56a01afa failed: ciphertext verification failed unexpected pack id b1588937c6ad0cc7599924ecd6c13c604edd8006f199675fe9452123db2ea21f]\\n"}`,
  `{"message_type":"error","message":"\\nThe repository contains damaged pack files. These damaged files must be removed to repair the repository. This can be done using the following commands. Please read the troubleshooting guide at https://restic.readthedocs.io/en/stable/077_troubleshooting.html first.\\n\\n"}`,
  `{"message_type":"error","message":"restic repair packs ${PACK}\\nrestic repair snapshots --forget\\n\\n"}`,
  `{"message_type":"error","message":"Damaged pack files can be caused by backend problems, hardware problems or bugs in restic. Please open an issue at https://github.com/restic/restic/issues/new/choose for further troubleshooting!\\n"}`,
  `{"message_type":"exit_error","code":1,"message":"Fatal: repository contains errors"}`,
].join('\n');
const MISSING = [
  `{"message_type":"error","message":"pack ${PACK}: does not exist\\n"}`,
  `Load(<data/56a01afab4>, 2893, 0) failed: open st2/data/56/${PACK}: no such file or directory`,
  `{"message_type":"error","message":"download error: open st2/data/56/${PACK}: no such file or directory\\n"}`,
  `{"message_type":"error","message":"\\nThe repository is damaged and must be repaired. Please follow the troubleshooting guide at https://restic.readthedocs.io/en/stable/077_troubleshooting.html .\\n\\n"}`,
  `{"message_type":"exit_error","code":1,"message":"Fatal: repository contains errors"}`,
].join('\n');

describe('storeProblems', () => {
  it('names a damaged pack once, without advice', () => {
    const [problem, other] = storeProblems(DAMAGED);
    expect(problem).toMatchObject({ problem: 'pack-damaged', pack: PACK, file: `data/56/${PACK}` });
    expect(problem?.message).toMatch(/^contains 2 errors: \[blob 8ba03290.*ciphertext verification failed/);
    expect(other).toBeUndefined();
  });

  it('names a missing pack once', () => {
    expect(storeProblems(MISSING)).toEqual([
      { problem: 'pack-missing', pack: PACK, file: `data/56/${PACK}`, message: 'the file is not there' },
    ]);
  });

  it('names a snapshot that cannot be read', () => {
    const message = 'failed to load snapshot 272f6c3b: LoadRaw(<snapshot/272f6c3b7e>): invalid data returned';
    expect(storeProblems(JSON.stringify({ message_type: 'error', message: `error: ${message}\n` }))).toEqual([
      { problem: 'snapshot-damaged', message },
    ]);
  });

  it('keeps what it does not know', () => {
    expect(storeProblems('{"message_type":"error","message":"error for tree 1a2b: not found in index"}')).toEqual([
      { problem: 'store-damaged', message: 'error for tree 1a2b: not found in index' },
    ]);
    expect(storeProblems('Fatal: something else')).toEqual([
      { problem: 'store-damaged', message: 'Fatal: something else' },
    ]);
  });
});
