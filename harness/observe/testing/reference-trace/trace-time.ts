/**
 * When each of the three captures began, microseconds since the epoch. The rows give times since then and no date:
 * 2012-03-12 09:00 UTC is chosen.
 */
export const CAPTURE_BEGAN_US = Date.UTC(2012, 2, 12, 9) * 1000;

/** The same as a Windows FILETIME: units of 100 ns since 1601. */
export const FILE_TIME = BigInt(CAPTURE_BEGAN_US) * 10n + 116_444_736_000_000_000n;
