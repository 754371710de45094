import { DISCOVERY } from '../../scenario/schema/dhcp.ts';
import { WDS_PROMPTS } from '../../protocols/dhcp/wire/wds.ts';
import { seen, told, type Commented, type CommentedMap } from '../commented.ts';
import type { Fact } from '../facts/fact.ts';
import type { Answerer } from '../facts/dhcp.ts';
import type { PxeMenu } from '../../protocols/dhcp/wire/pxe-menu.ts';
import { bootFileKeys } from './boot-files.ts';
import type { Decision } from './decision.ts';
import { chosenServer, delayKey, firstFrame, laterThan, misbehaveKey, nextServerKey, optionKeys } from './dhcp.ts';

/** Length to which Windows Deployment Services pads its answers. */
const WDS_BYTES = 1024;
/** Options that `menu` and the negotiation with wdsnbp make. */
const MADE_OPTIONS = [43, 250, 252];

/** `services.pxe` and `services.second-pxe`: the boot server that the client asked first, and another that offered. */
export function pxeServices(decision: Decision): { readonly pxe?: CommentedMap; readonly 'second-pxe'?: CommentedMap } {
  const servers = [...decision.facts.dhcp.bootServers.values()];
  const asked = servers.find(({ acks }) => acks.length > 0) ?? servers[0];
  if (asked === undefined) return {};
  const [second, ...more] = servers.filter((one) => one !== asked);
  for (const { ip } of more) decision.open(`services.pxe: ${ip} is one more boot server; a scenario has two at most`);
  return {
    pxe: pxeService(decision, asked, second),
    ...(second === undefined ? {} : { 'second-pxe': pxeService(decision, second, asked) }),
  };
}

function pxeService(decision: Decision, server: Answerer, other: Answerer | undefined): CommentedMap {
  const { facts, network, open } = decision;
  const offers67 = server.offers.length > 0;
  const onDhcpHost = chosenServer(facts)?.ip === server.ip;
  const files = bootFileKeys(server.files, network, open);
  const named = Object.keys(files).length > 0;
  if (!named)
    open(`services.pxe.bootfile: ${server.ip} named no boot file in this capture; write the one that it would name`);
  return {
    at: network.seenAt(server.ip, firstFrame(server)),
    // The default is right but for a boot server that offers from the DHCP server's own host.
    ...(offers67 === onDhcpHost ? { 'port-67': portKey(offers67, server) } : {}),
    ...(server.acks.length === 0 && server.fileInOffer?.value !== true
      ? { 'port-4011': told(false, 'no frame shows an answer from there') }
      : {}),
    ...(named ? files : { bootfile: told(someFile(decision), 'to fill in: no frame shows what it would name') }),
    ...nextServerKey(decision, server),
    ...(server.fileInOffer?.value === true ? { 'offer-carries-bootfile': seen(true, server.fileInOffer.frame) } : {}),
    ...(server.bytes?.value === WDS_BYTES ? { 'pad-to': seen(WDS_BYTES, server.bytes.frame) } : {}),
    ...(server.vendorClass === undefined || server.vendorClass.value === 'PXEClient'
      ? {}
      : { 'vendor-class': seen(server.vendorClass.value, server.vendorClass.frame) }),
    ...menuKey(server, decision),
    ...negotiationKeys(server, decision),
    ...optionKeys(server, MADE_OPTIONS),
    ...misbehaveKey({ ...laterKey(server, other), ...delayKey(server), ...decision.misbehaviours.pxe }),
  };
}

/** Clients take the first of two boot servers that offer: who was later must be later in a lab as well. */
function laterKey({ offers: [offer] }: Answerer, other: Answerer | undefined): CommentedMap {
  const [first] = other?.offers ?? [];
  return offer === undefined || first === undefined || offer < first ? {} : { delay: laterThan(offer, first) };
}

/** A scenario needs the name of a boot file also where none was told: one that its servers have, or none at all. */
function someFile({ facts: { dhcp, files } }: Decision): string {
  const named = [...dhcp.bootServers.values(), ...dhcp.servers.values()].flatMap((server) => server.files);
  return named.find(({ file }) => !file.includes('://'))?.file ?? files.files[0]?.path ?? 'to-fill-in';
}

function portKey(offers: boolean, server: Answerer): Commented {
  return offers ? seen(true, server.offers.slice(0, 1)) : told(false, 'no frame shows an offer from there');
}

/** Timeout of a prompt that shows its menu at once. */
const AT_ONCE = 255;

function menuKey({ menu, ip: ownIp }: Answerer, decision: Decision): CommentedMap {
  if (menu === undefined || menu.value.items.length === 0) return {};
  const { network } = decision;
  const { items, servers, prompt, discoveryControl } = menu.value;
  const chosen = keysChoice(menu, decision);
  const entry = ({ type, description }: PxeMenu['items'][number]): CommentedMap => {
    const foreign = servers.find((one) => one.type === type)?.ips.filter((ip) => ip !== ownIp) ?? [];
    return {
      name: description,
      type,
      ...(foreign.length === 0 ? {} : { servers: foreign.map((ip) => network.at(ip)) }),
    };
  };
  const waits = prompt === undefined || prompt.timeoutS === AT_ONCE ? {} : { timeout: `${prompt.timeoutS}s` };
  return {
    menu: seenMenu(menu, {
      ...(chosen === undefined
        ? waits
        : { timeout: told('0s', `${chosen.why}, so that the first entry is taken at once`) }),
      ...(prompt === undefined || prompt.text === '' ? {} : { prompt: prompt.text }),
      entries: items.toSorted((a, b) => Number(b === chosen?.item) - Number(a === chosen?.item)).map(entry),
      ...(discoveryControl === undefined || discoveryControl === 0
        ? {}
        : { discovery: Object.entries(DISCOVERY).flatMap(([word, bit]) => (discoveryControl & bit ? [word] : [])) }),
    }),
  };
}

interface KeysChoice {
  readonly item: PxeMenu['items'][number];
  readonly why: string;
}

/**
 * The entry that somebody chose by keys, which are not on the wire: one that is not the first, or the first one before its
 * time. The lab then has it first, and without a wait (PXE 2.1, sub-option 10: 0 takes the first entry).
 */
function keysChoice({ value, frame }: Fact<PxeMenu>, { facts: { dhcp }, open }: Decision): KeysChoice | undefined {
  const asked = dhcp.questions.findIndex((question) => question.frame > frame && question.bootItem !== undefined);
  const [before, question] = [dhcp.questions[asked - 1], dhcp.questions[asked]];
  const item = value.items.find(({ type }) => type === question?.bootItem);
  if (question === undefined || item === undefined) return undefined;
  const timeoutS = value.prompt?.timeoutS ?? AT_ONCE;
  const waitedS = (question.atUs - (before?.atUs ?? question.atUs)) / 1_000_000;
  if (item === value.items[0] && timeoutS !== AT_ONCE && waitedS >= timeoutS) return undefined;
  const why = `frame ${question.frame} asks for ${JSON.stringify(item.description)}, and keys are not on the wire`;
  const instead = timeoutS === AT_ONCE ? 'the menu was shown at once' : `the prompt waited ${timeoutS} s`;
  open(
    `services.pxe.menu: ${why}: the scenario has that entry first and takes it at once; in the capture it was number ${value.items.indexOf(item) + 1}, and ${instead}`,
  );
  return { item, why };
}

const seenMenu = (menu: Fact<PxeMenu>, value: CommentedMap): Commented => seen(value, menu.frame, 'option 43');

function negotiationKeys({ wds }: Answerer, { network }: Decision): CommentedMap {
  const prompt = wds.find(({ value }) => value.pxeClientPrompt !== undefined);
  const referral = wds.find(({ value }) => value.referralServer !== undefined);
  const word = Object.entries(WDS_PROMPTS).find(([, number]) => number === prompt?.value.pxeClientPrompt)?.[0];
  return {
    ...(prompt === undefined || word === undefined ? {} : { prompt: seen(word, prompt.frame, 'option 250') }),
    ...(referral?.value.referralServer === undefined
      ? {}
      : { referral: network.seenAt(referral.value.referralServer, referral.frame, 'option 250') }),
  };
}
