import type { DirectoryConfig } from './directory-config.ts';

// userAccountControl (MS-ADTS 2.2.16).
const NORMAL_ACCOUNT = 0x200;
const DONT_EXPIRE_PASSWORD = 0x1_0000;
const WORKSTATION_TRUST_ACCOUNT = 0x1000;
const PASSWORD_NOT_REQUIRED = 0x20;

/** Seconds from 1601, where FILETIME begins, to 1970. */
const FILETIME_EPOCH_S = 11_644_473_600;
/** A password of the first of January 2020 is older than any domain allows. */
const LONG_AGO_MS = Date.UTC(2020, 0, 1);

type Accounts = Pick<DirectoryConfig, 'realm' | 'users' | 'computers'>;

/** The accounts as changes to the directory, LDIF (RFC 2849). `nowMs`: since when a locked account is locked. */
export function accountsLdif({ realm, users, computers }: Accounts, nowMs: number): string {
  const root = realm
    .split('.')
    .map((label) => `DC=${label}`)
    .join(',');
  return [
    ...users.flatMap((user) => userRecords(user, realm, root, nowMs)),
    ...organizationalUnits(computers, root),
    ...computers.map((computer) => computerRecord(computer, root)),
  ]
    .map((record) => `${record.join('\n')}\n`)
    .join('\n');
}

function userRecords(user: Accounts['users'][number], realm: string, root: string, nowMs: number): string[][] {
  const dn = `CN=${escaped(user.name)},CN=Users,${root}`;
  const change = (name: string, value: string): string[] => [
    encoded('dn', dn),
    'changetype: modify',
    `replace: ${name}`,
    `${name}: ${value}`,
  ];
  return [
    [
      encoded('dn', dn),
      'changetype: add',
      'objectClass: user',
      encoded('sAMAccountName', user.name),
      encoded('userPrincipalName', `${user.name}@${realm}`),
      `userAccountControl: ${user.expired ? NORMAL_ACCOUNT : NORMAL_ACCOUNT | DONT_EXPIRE_PASSWORD}`,
      // MS-ADTS 3.1.1.3.1.5.1: the password in double quotes, UTF-16LE.
      `unicodePwd:: ${Buffer.from(`"${user.password}"`, 'utf16le').toString('base64')}`,
    ],
    ...(user.expired ? [change('pwdLastSet', fileTime(LONG_AGO_MS))] : []),
    ...(user.locked ? [change('lockoutTime', fileTime(nowMs))] : []),
    ...(user.administrator
      ? [[`dn: CN=Domain Admins,CN=Users,${root}`, 'changetype: modify', 'add: member', encoded('member', dn)]]
      : []),
  ];
}

/** Every unit that computers are in, outer ones first. */
function organizationalUnits(computers: Accounts['computers'], root: string): string[][] {
  const units = new Set(
    computers.flatMap(({ organizationalUnit }) => {
      const names = unitNames(organizationalUnit);
      return names.map((_, index) => names.slice(names.length - 1 - index).join(','));
    }),
  );
  return [...units].map((unit) => [
    encoded('dn', `${unit},${root}`),
    'changetype: add',
    'objectClass: organizationalUnit',
  ]);
}

/** The OU parts of a distinguished name, innermost first; its DC parts are the domain's own. */
function unitNames(unit: string | undefined): string[] {
  return (unit ?? '').split(',').filter((part) => /^OU=/i.test(part));
}

function computerRecord({ name, organizationalUnit }: Accounts['computers'][number], root: string): string[] {
  const container = organizationalUnit === undefined ? 'CN=Computers' : unitNames(organizationalUnit).join(',');
  return [
    encoded('dn', `CN=${escaped(name)},${container},${root}`),
    'changetype: add',
    'objectClass: computer',
    encoded('sAMAccountName', `${name.toUpperCase()}$`),
    `userAccountControl: ${WORKSTATION_TRUST_ACCOUNT | PASSWORD_NOT_REQUIRED}`,
  ];
}

/** A time as FILETIME: tenths of microseconds since 1601 (MS-DTYP 2.3.3). */
function fileTime(ms: number): string {
  return (BigInt(Math.round(ms)) * 10_000n + BigInt(FILETIME_EPOCH_S) * 10_000_000n).toString();
}

/** RFC 4514 section 2.4: escapes the characters that would end or change a name in a DN. */
function escaped(name: string): string {
  return name.replace(/[,+"\\<>;=#]/g, (character) => `\\${character}`).replace(/^ | $/g, '\\ ');
}

/** A line of LDIF in base64, which takes any text (RFC 2849 section 2). */
function encoded(attribute: string, value: string): string {
  return `${attribute}:: ${Buffer.from(value, 'utf8').toString('base64')}`;
}
