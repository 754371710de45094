import type { ProtocolEvent } from '../../protocols/events.ts';

/** One event as a line of a golden file: frame, milliseconds since the first frame, type, then its fields as JSON. */
export function eventText(event: ProtocolEvent, startUs: number): string {
  const { frame, atUs, client, type, ...fields } = event;
  const shown = Object.entries({ ...fields, ...compact(event) }).filter(([, value]) => value !== undefined);
  const text = shown.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(' ');
  return `#${frame} ${((atUs - startUs) / 1000).toFixed(3)} ${client} ${type} ${text}`;
}

/** Endpoints as `ip:port`; of DHCP messages and undecodable bytes the few fields that identify them. */
function compact(event: ProtocolEvent): Record<string, unknown> {
  const short: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(event) as [string, unknown][]) {
    if (typeof value === 'object' && value !== null && 'mac' in value && 'ip' in value && 'port' in value)
      short[name] = `${String(value.ip)}:${String(value.port)}`;
  }
  const message = 'message' in event && typeof event.message === 'object' ? event.message : undefined;
  if (message?.kind === 'dhcpv6')
    short['message'] = { transaction: message.transaction, options: message.options.map(({ code }) => code) };
  if (message?.kind === 'dhcp') {
    const { xid, ciaddr, yiaddr, siaddr, giaddr, chaddr, file, options, length } = message;
    short['message'] = {
      xid,
      ciaddr,
      yiaddr,
      siaddr,
      giaddr,
      chaddr,
      file,
      options: options.map(({ code }) => code),
      length,
    };
  }
  if (event.type === 'malformed')
    short['malformed'] = { protocol: event.malformed.protocol, reason: event.malformed.reason };
  return short;
}
