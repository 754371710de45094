import type { KerberosEvent } from '../../protocols/kerberos/observe/events.ts';
import type { NtlmEvent } from '../../protocols/ntlm/observe/events.ts';
import type { RpcEvent } from '../../protocols/rpc/observe/events.ts';
import type { SmbEvent } from '../../protocols/smb/observe/events.ts';
import type { WdsEvent } from '../../protocols/wds/observe/events.ts';
import type { WimEvent } from '../../protocols/wim/observe/events.ts';
import { first, type Fact } from './fact.ts';

/** A file of a share that the client opened. */
export interface OpenedFile {
  readonly path: string;
  readonly share: string;
  readonly frame: number;
  readonly size: number;
}

/** An account that the client logged on with. */
export interface Account {
  readonly user: string;
  readonly domain: string;
  readonly frame: number;
  /** Seen by Kerberos, which needs a domain controller. */
  readonly kerberos: boolean;
}

/** An answer of the WDS control service that says no. */
export interface ControlRefusal {
  readonly operation: string;
  readonly kind: 'error' | 'fault';
  readonly code: number;
  readonly frame: number;
}

/** What the client did with file server, accounts and WDS control service. */
export class ShareFacts {
  server: Fact<string> | undefined;
  /** The domain controller that was asked for tickets. */
  kdc: Fact<string> | undefined;
  /** Shares that were connected; the administrative one left out. */
  readonly shares: Fact<string>[] = [];
  readonly opened = new Map<string, OpenedFile>();
  /** Image files, by the frame of their header. */
  readonly images: Fact<string>[] = [];
  readonly accounts: Account[] = [];
  /** Name of a computer that has an account of its own in the domain, and so has joined it. */
  computer: Fact<string> | undefined;
  /** The first file of the share that the client wrote to. */
  written: Fact<string> | undefined;
  control: Fact<{ readonly ip: string; readonly port: number }> | undefined;
  endpointMapper: Fact<string> | undefined;
  readonly refusals: ControlRefusal[] = [];
  /** Reason of a refused association (C706 section 12.6.3.1). */
  bindRefused: Fact<number> | undefined;
  /** The control service gave the client an answer file. */
  answerFile: Fact<true> | undefined;
  #connected = 0;

  smb(event: SmbEvent): void {
    this.server = first(this.server, event.server.ip, event.frame);
    if (event.type === 'smb.tree-connect-response') {
      const share = event.path.split('\\').at(-1) ?? '';
      if (/^ipc\$$/i.test(share) || this.shares.some(({ value }) => sameName(value, share))) return;
      this.shares.splice(event.status === 0 ? this.#connected++ : this.shares.length, 0, {
        value: share,
        frame: event.frame,
      });
    } else if (event.type === 'smb.open' && event.status === 0 && !event.directory) {
      const key = event.path.toLowerCase();
      const { path, share, frame, endOfFile } = event;
      if (!this.opened.has(key)) this.opened.set(key, { path, share, frame, size: endOfFile });
    } else if (event.type === 'smb.first-write') this.written = first(this.written, event.path, event.frame);
  }

  wim({ type, path, frame }: WimEvent): void {
    if (type === 'wim.header' && !this.images.some(({ value }) => sameName(value, path)))
      this.images.push({ value: path, frame });
  }

  ntlm(event: NtlmEvent): void {
    if (event.type !== 'ntlm.authenticate' || event.anonymous || event.user === '') return;
    this.#account({ user: event.user, domain: event.domain, frame: event.frame, kerberos: false });
  }

  kerberos(event: KerberosEvent): void {
    this.kdc = first(this.kdc, event.server.ip, event.frame);
    // A logon that is refused has no reply.
    if ((event.type === 'kerberos.as-request' || event.type === 'kerberos.as-reply') && event.user !== undefined)
      this.#account({ user: event.user, domain: event.realm, frame: event.frame, kerberos: true });
  }

  rpc(event: RpcEvent): void {
    if (event.type === 'rpc.endpoint-map' && event.interface === WDS)
      this.endpointMapper = first(this.endpointMapper, event.server.ip, event.frame);
    else if (event.type === 'rpc.bind' && event.interface === WDS) this.#asksControl(event);
    else if (event.type === 'rpc.bind-answer' && event.refusedAssociation)
      this.bindRefused = first(this.bindRefused, event.reason, event.frame);
    else if (event.type === 'rpc.fault')
      this.refusals.push({ operation: event.operation, kind: 'fault', code: event.status, frame: event.frame });
  }

  wds(event: WdsEvent): void {
    this.#asksControl(event);
    if (event.type === 'wds.reply' && event.operation === 'GET_CLIENT_UNATTEND' && event.values['flags'] === HAS_FILE)
      this.answerFile = first(this.answerFile, true, event.frame);
    if (event.type === 'wds.reply' && event.errorCode !== undefined && event.errorCode !== 0 && event.operation !== '')
      this.refusals.push({ operation: event.operation, kind: 'error', code: event.errorCode, frame: event.frame });
  }

  #asksControl({ server: { ip, port }, frame }: Pick<WdsEvent, 'server' | 'frame'>): void {
    this.control = first(this.control, { ip, port }, frame);
  }

  #account(account: Account): void {
    const [, computer] = COMPUTER_ACCOUNT.exec(account.user) ?? [];
    if (computer !== undefined) {
      this.computer = first(this.computer, computer, account.frame);
      return;
    }
    const known = this.accounts.findIndex(({ user }) => sameName(user, account.user));
    if (known < 0) this.accounts.push(account);
    else if (account.kerberos && !this.accounts[known]?.kerberos) this.accounts[known] = account;
  }
}

/** The account of a computer has its name and a dollar sign (MS-SAMR section 3.1.1.6). */
const COMPUTER_ACCOUNT = /^([A-Za-z0-9-]{1,15})\$$/;
/** MS-WDSOSD section 2.2.4.2: the reply has an answer file. */
const HAS_FILE = 1;
/** Interface of the control service, as events name it. */
const WDS = 'WDS control';
const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
