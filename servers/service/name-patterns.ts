// Forms of names that services and scenarios take alike. A JSON Schema has the pattern alone, so that no flag may change
// what it means, and every language's validator must know what is in it.

/** A UUID as text, in either case. */
export const UUID = /^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/;

/**
 * A name that Active Directory takes for a computer: a NetBIOS name that is a host name, too (MS-ADTS 3.1.1.4.5; RFC
 * 1123 section 2.1).
 */
export const COMPUTER_NAME = /^(?!\d+$)[A-Za-z0-9]([A-Za-z0-9-]{0,13}[A-Za-z0-9])?$/;
export const COMPUTER_NAME_WORDS =
  'a computer name of 1 to 15 letters, digits and inner hyphens, and not of digits only';

/** An account's name, in the characters that Windows allows in one and that a line of passwd(5) can carry. */
// eslint-disable-next-line no-control-regex -- the category \p{Cc} written out: Python's validators of JSON Schema lack it
export const ACCOUNT_NAME = /^[^"/\\[\]:;|=,+*?<>\u0000-\u001f\u007f-\u009f!@%&$#]{1,256}$/u;
export const FORBIDDEN_IN_ACCOUNT_NAMES = String.raw`"/\[]:;|=,+*?<>!@%&$#`;
