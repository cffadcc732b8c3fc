const WILDCARD = '*';

/**
 * Something for each of a few channels, by exact name, or by a pattern: a prefix and `*` at the end. A `*` elsewhere is
 * part of the name. An exact name goes before patterns, and among these the longest prefix.
 */
export class ChannelPatterns<T> {
  private readonly names = new Map<string, T>();
  /** The longest prefix first. */
  private readonly prefixes: (readonly [prefix: string, value: T])[] = [];

  constructor(byPattern: Iterable<readonly [pattern: string, value: T]>) {
    for (const [pattern, value] of byPattern) {
      if (pattern.endsWith(WILDCARD)) {
        this.prefixes.push([pattern.slice(0, -WILDCARD.length), value]);
      } else {
        this.names.set(pattern, value);
      }
    }
    this.prefixes.sort(([a], [b]) => b.length - a.length);
  }

  values(): T[] {
    return [...this.names.values(), ...this.prefixes.map(([, value]) => value)];
  }

  /** `undefined`: none of them is the channel's. */
  of(name: string): T | undefined {
    return this.names.get(name) ?? this.prefixes.find(([prefix]) => name.startsWith(prefix))?.[1];
  }
}
