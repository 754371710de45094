import {
  dissectMalformed,
  layer,
  type DissectedField,
  type Dissection,
  type Layout,
} from '../../../packet/dissection.ts';
import { isMalformed } from '../../../packet/malformed.ts';
import { decodeNdp } from './codec.ts';
import type { NdpMessage } from './message.ts';

const LAYOUT: Layout = { code: [1, 1], hopLimit: [4, 1], lifetimeSeconds: [6, 2], target: [8, 16] };

/** Neighbour discovery for people: `NDP neighbour solicitation for fd77::1`. */
export function dissectNdp(bytes: Uint8Array): Dissection {
  const message = decodeNdp(bytes);
  if (isMalformed(message)) return dissectMalformed(message);
  const { kind: _, options, type, ...fields } = message;
  const head = layer('ndp', bytes, { type, ...fields }, LAYOUT);
  return {
    summary: `NDP ${type.replace('-', ' ')}${aboutText(message)}`,
    layers: [{ ...head, fields: [...head.fields, ...options.map(optionField)] }],
  };
}

function aboutText(message: NdpMessage): string {
  switch (message.type) {
    case 'router-solicitation':
      return '';
    case 'router-advertisement': {
      const flags = [message.managed ? 'M' : '', message.other ? 'O' : ''].join('');
      const prefixes = message.options.flatMap((option) =>
        option.kind === 'prefix' ? [`${option.prefix}/${option.length}`] : [],
      );
      return `${flags === '' ? '' : `, flags ${flags}`}${prefixes.length === 0 ? '' : `, prefix ${prefixes.join(', ')}`}`;
    }
    case 'neighbour-solicitation':
    case 'neighbour-advertisement':
      return ` ${message.type === 'neighbour-solicitation' ? 'for' : 'of'} ${message.target}`;
  }
}

function optionField({ kind, ...rest }: NdpMessage['options'][number]): DissectedField {
  return {
    name: `option ${kind}`,
    value: Object.entries(rest)
      .map(([key, value]: [string, unknown]) => `${key} ${Array.isArray(value) ? value.join(', ') : String(value)}`)
      .join(', '),
  };
}
