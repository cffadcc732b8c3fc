const MAX_MESSAGES = 10_000;
const MAX_LENGTH = 16 * 2 ** 20;

/** A channel's message, or a mark. */
interface Message {
  readonly channel: string | undefined;
  readonly text: string;
}

/** Messages that wait while the log is read: not more than a bounded number of characters. */
export class MessageBuffer {
  private messages: Message[] = [];
  private length = 0;

  /** @returns `false`: too many wait, and all but the marks have been dropped */
  add(channel: string, text: string): boolean {
    this.messages.push({ channel, text });
    this.length += text.length;
    if (this.messages.length <= MAX_MESSAGES && this.length <= MAX_LENGTH) {
      return true;
    }
    this.messages = this.messages.filter((message) => message.channel === undefined);
    this.length = 0;
    return false;
  }

  /** A mark is small, and there are few. */
  addMark(text: string): void {
    this.messages.push({ channel: undefined, text });
  }

  /** Hands messages out in their order, for as long as `wanted`. */
  drain(take: (channel: string | undefined, text: string) => void, wanted: () => boolean): void {
    let taken = 0;
    for (; taken < this.messages.length && wanted(); taken += 1) {
      const { channel, text } = this.messages[taken] as Message;
      this.length -= channel === undefined ? 0 : text.length;
      take(channel, text);
    }
    this.messages.splice(0, taken);
  }

  /** Drops everything. @returns the marks */
  clear(): string[] {
    const marks = this.messages.filter(({ channel }) => channel === undefined).map(({ text }) => text);
    this.messages = [];
    this.length = 0;
    return marks;
  }
}
