/** An element of a list, up to a comma that is in no quoted string; one that isn't closed takes all the rest. */
const ELEMENT = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
/** A preference with its value; parameters may follow. */
const PREFERENCE =
  /^[ \t]*([!#$%&'*+.^_`|~\w-]+)[ \t]*(?:=[ \t]*(?:("(?:[^"\\]|\\.)*"|[^\s";]+)[ \t]*)?)?(?:;|$)/;
const SECONDS = /^\d+$/;

/**
 * How long a client would like to wait for its answer at most, as its `Prefer` header says; seconds. `undefined`: it says
 * nothing of it, or nothing that has a meaning, which is ignored.
 *
 * [spec] RFC 7240 2: names are case-insensitive, a value may be quoted, of several with one name the first counts. 4.3: `wait`.
 */
export function preferredWait(prefer: string | undefined): number | undefined {
  for (const element of prefer?.match(ELEMENT) ?? []) {
    const [, name, value = ''] = PREFERENCE.exec(element) ?? [];
    if (name?.toLowerCase() === 'wait') {
      const seconds = value.startsWith('"') ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value;
      return SECONDS.test(seconds) ? Number(seconds) : undefined;
    }
  }
  return undefined;
}
