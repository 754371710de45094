/** TCP port of HTTP (RFC 9110 section 4.2.1). */
export const HTTP_PORT = 80;
/** Other TCP ports on which boot clients look for web servers: HTTPS, and HTTP as a second service of a host. */
export const OTHER_HTTP_PORTS = [443, 8080] as const;
