import { isMalformed, type Field, type Malformed } from '../../../packet/malformed.ts';
import { architectureOf, asksForBoot, vendorClassOf } from '../wire/boot.ts';
import { type Duid, duidText } from '../wire/duid.ts';
import type { Dhcpv6Message } from '../wire/message.ts';
import { everyOption, type IaAddress, option } from '../wire/options.ts';
import { DHCPV6_STATUS, dhcpv6StatusName } from '../wire/types.ts';

export { architectureOf, asksForBoot, vendorClassOf };

/** Options that decode; one that does not is `malformedOption`'s to report. */
const sound = <T>(fields: readonly (Field<T> | Malformed)[]): T[] =>
  fields.flatMap((field) => (field === undefined || isMalformed(field) ? [] : [field]));

const textOf = ([duid]: readonly Duid[]): string | undefined => duid && duidText(duid);

/** Client identifier, option 1. */
export const clientIdOf = (message: Dhcpv6Message): string | undefined => textOf(sound([option(message, 'clientId')]));

/** Server identifier, option 2. */
export const serverIdOf = (message: Dhcpv6Message): string | undefined => textOf(sound([option(message, 'serverId')]));

/** User classes, option 15; several with commas between. */
export const userClassOf = (message: Dhcpv6Message): string | undefined =>
  sound([option(message, 'userClass')])
    .flat()
    .join(', ') || undefined;

/** Identity association of a message: option 3, or 4 for temporary addresses, or 25 for prefixes. */
export const iaidOf = (message: Dhcpv6Message): number | undefined =>
  [...sound([option(message, 'iaNa')]), ...sound([option(message, 'iaTa')]), ...sound([option(message, 'iaPd')])][0]
    ?.iaid;

/** Addresses of all associations, in wire order. */
export const addressesOf = (message: Dhcpv6Message): IaAddress[] =>
  [...sound(everyOption(message, 'iaNa')), ...sound(everyOption(message, 'iaTa'))].flatMap((association) =>
    sound(everyOption(association, 'iaAddress')),
  );

/** Whether the client wants addresses or prefixes at all. */
export const hasAssociation = (message: Dhcpv6Message): boolean => iaidOf(message) !== undefined;

/** Boot file URL, option 59. */
export const bootFileOf = (message: Dhcpv6Message): string | undefined => sound([option(message, 'bootFileUrl')])[0];

/** Preference, option 7. */
export const preferenceOf = (message: Dhcpv6Message): number | undefined => sound([option(message, 'preference')])[0];

/** DNS servers, option 23. */
export const dnsServersOf = (message: Dhcpv6Message): string | undefined =>
  sound([option(message, 'dnsServers')])
    .flat()
    .join(', ') || undefined;

/** Whether a rapid commit is asked for, or given: option 14. */
export const isRapidCommit = (message: Dhcpv6Message): boolean => option(message, 'rapidCommit') === true;

/** A refusal by status code, of the message, of an association or of an address. */
export function refusalOf(message: Dhcpv6Message): { readonly status: string; readonly message: string } | undefined {
  const associations = [...sound(everyOption(message, 'iaNa')), ...sound(everyOption(message, 'iaTa'))];
  const statuses = [message, ...associations, ...addressesOf(message)].flatMap((one) =>
    sound([option(one, 'statusCode')]),
  );
  const refusing = statuses.find(({ status }) => status !== DHCPV6_STATUS.Success);
  return refusing && { status: dhcpv6StatusName(refusing.status), message: refusing.message };
}

/** The codes of a message's options in wire order. */
export const optionCodesOf = ({ options }: Dhcpv6Message): string => options.map(({ code }) => code).join(' ');

/** Schemes that firmware and boot programs load by (UEFI 2.10 section 24.7, RFC 5970 section 3.1). */
const SCHEMES = ['tftp:', 'http:', 'https:', 'ftp:', 'nfs:', 'iscsi:'];

/** Whether firmware can load by this URL: a scheme that it knows, a host, and a path. */
export function isUsableUrl(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, pathname } = new URL(url);
  return SCHEMES.includes(protocol) && hostname !== '' && pathname.length > 1;
}
