/** `172.22.52.207:69`, `[fd77::1]:69`: an address and a port as events and ready lines print them. */
export const endText = (address: string, port: number): string =>
  address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
