/** Between these, milliseconds since the Unix epoch are days of 1970 to 1973, but seconds those of 2001 to 5138. */
const SECONDS = { from: 1e9, to: 1e11 };

/** What is wrong with a time at which something is to end; `undefined`: nothing. Infinity is never. */
export function complaintAboutEnd(time: Date | number): string | undefined {
  const at = Number(time);
  if (Number.isNaN(at)) {
    return 'is no valid time, but NaN or an invalid Date';
  }
  const looksLikeSeconds = at >= SECONDS.from && at < SECONDS.to;
  return looksLikeSeconds
    ? `is ${at} ms since the Unix epoch, which look like seconds: of a JWT, give exp * 1000`
    : undefined;
}
