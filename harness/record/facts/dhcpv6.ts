import { isMalformed } from '../../packet/malformed.ts';
import {
  addressesOf,
  architectureOf,
  asksForBoot,
  bootFileOf,
  isRapidCommit,
  preferenceOf,
  refusalOf,
  serverIdOf,
  userClassOf,
} from '../../protocols/dhcpv6/judge/facts.ts';
import type { Dhcpv6Event } from '../../protocols/dhcpv6/observe/events.ts';
import { option, type Dhcpv6OptionName, type Dhcpv6Value } from '../../protocols/dhcpv6/wire/options.ts';
import type { Dhcpv6Message } from '../../protocols/dhcpv6/wire/message.ts';
import type { NamedFile } from './dhcp.ts';
import { first, type Fact } from './fact.ts';

/** A DHCPv6 server that answered. */
export interface Dhcpv6Answerer {
  /** Hardware address of its frames: of itself, or of its relay. */
  readonly mac: string;
  /** Frame of its first answer, and how many there are. */
  readonly frame: number;
  answers: number;
  /** Boot files by URL (option 59), and to whom it named them. */
  readonly files: NamedFile[];
  /** Its first answer to firmware or a boot program. */
  toBoot: Fact<true> | undefined;
  /** Addresses that it gave. */
  readonly addresses: Fact<string>[];
  validSeconds: Fact<number> | undefined;
  preference: Fact<number> | undefined;
  dns: Fact<readonly string[]> | undefined;
  /** Option 60. */
  parameters: Fact<readonly string[]> | undefined;
  rapidCommit: Fact<true> | undefined;
  /** Status code of a refusal, by name. */
  refusal: Fact<string> | undefined;
  /** The shortest time from a request to its answer. */
  delayMs: Fact<number> | undefined;
}

/** A question of firmware or of a boot program. */
export interface Dhcpv6Question {
  readonly type: Dhcpv6Event['type'];
  readonly frame: number;
  readonly atUs: number;
  readonly architecture: number | undefined;
  readonly userClass: string | undefined;
}

/** What DHCPv6 of one client shows. What its network stack asks for itself (no option 61) is no question of a boot. */
export class Dhcpv6Facts {
  readonly questions: Dhcpv6Question[] = [];
  /** By DUID. */
  readonly servers = new Map<string, Dhcpv6Answerer>();
  readonly #open = new Map<number, Dhcpv6Question>();

  event(event: Dhcpv6Event): void {
    if (event.type === 'dhcpv6.advertise' || event.type === 'dhcpv6.reply') this.#answered(event);
    else this.#asked(event);
  }

  #asked({ type, frame, atUs, message }: Dhcpv6Event): void {
    const question: Dhcpv6Question = {
      type,
      frame,
      atUs,
      architecture: architectureOf(message),
      userClass: userClassOf(message),
    };
    this.#open.set(message.transaction, question);
    if (asksForBoot(message)) this.questions.push(question);
  }

  #answered({ frame, atUs, message, from }: Dhcpv6Event): void {
    const id = serverIdOf(message) ?? from.mac;
    const server = this.servers.get(id) ?? answerer(from.mac, frame);
    this.servers.set(id, server);
    server.answers += 1;
    learn(server, message, frame);
    const asked = this.#open.get(message.transaction);
    if (asked === undefined) return;
    const delayMs = (atUs - asked.atUs) / 1000;
    if (delayMs >= 0 && delayMs < (server.delayMs?.value ?? Number.POSITIVE_INFINITY))
      server.delayMs = { value: delayMs, frame };
    if (asked.architecture === undefined) return;
    server.toBoot = first(server.toBoot, true, frame);
    const { architecture, userClass } = asked;
    const file = bootFileOf(message);
    if (file !== undefined) server.files.push({ file, frame, architecture, userClass });
  }
}

function answerer(mac: string, frame: number): Dhcpv6Answerer {
  return {
    mac,
    frame,
    answers: 0,
    files: [],
    toBoot: undefined,
    addresses: [],
    validSeconds: undefined,
    preference: undefined,
    dns: undefined,
    parameters: undefined,
    rapidCommit: undefined,
    refusal: undefined,
    delayMs: undefined,
  };
}

function learn(server: Dhcpv6Answerer, message: Dhcpv6Message, frame: number): void {
  const [given] = addressesOf(message);
  if (given !== undefined && !server.addresses.some(({ value }) => value === given.address))
    server.addresses.push({ value: given.address, frame });
  server.validSeconds = first(server.validSeconds, given?.valid, frame);
  server.preference = first(server.preference, preferenceOf(message), frame);
  server.dns = first(server.dns, soundOption(message, 'dnsServers'), frame);
  server.parameters = first(server.parameters, soundOption(message, 'bootFileParameters'), frame);
  server.rapidCommit = first(server.rapidCommit, isRapidCommit(message) || undefined, frame);
  server.refusal = first(server.refusal, refusalOf(message)?.status, frame);
}

function soundOption<N extends Dhcpv6OptionName>(message: Dhcpv6Message, name: N): Dhcpv6Value<N> | undefined {
  const value = option(message, name);
  return isMalformed(value) ? undefined : value;
}
