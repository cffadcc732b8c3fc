/** One line of a frame: `name: value`. */
export interface FrameField {
  readonly name: string;
  readonly value: string;
}

/** A block of an event stream up to and with its blank line, whatever is in it. */
export interface Frame {
  /** Exactly what was sent, the blank line included: all texts put together are the stream. */
  readonly text: string;
  readonly fields: readonly FrameField[];
  /** The comment lines, joined by LF; absent if the frame has none. */
  readonly comment?: string;
}

/**
 * Cuts a stream into frames at blank lines. Only LF ends a line here, for that is what a server of ours writes: a CR
 * stays where it is, for the test to see.
 */
export class FrameSplitter {
  private text = '';

  /** The text after the last whole frame. */
  get rest(): string {
    return this.text;
  }

  /** Takes the next piece of the stream, cut anywhere, and returns the frames it completes. */
  push(piece: string): Frame[] {
    // The blank line may lie across the cut: look at one character before it.
    let from = Math.max(0, this.text.length - 1);
    this.text += piece;
    const frames: Frame[] = [];
    for (let end = this.frameEnd(from); end > 0; end = this.frameEnd(from)) {
      frames.push(toFrame(this.text.slice(0, end)));
      this.text = this.text.slice(end);
      from = 0;
    }
    return frames;
  }

  /** Where the first frame ends; 0 if it is not complete. */
  private frameEnd(from: number): number {
    if (this.text.startsWith('\n')) {
      return 1;
    }
    const blank = this.text.indexOf('\n\n', from);
    return blank === -1 ? 0 : blank + 2;
  }
}

function toFrame(text: string): Frame {
  const fields: FrameField[] = [];
  const comments: string[] = [];
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const colon = line.indexOf(':');
    const name = colon === -1 ? line : line.slice(0, colon);
    // [spec] WHATWG 9.2.6: one space after the colon is not part of the value.
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (colon === 0) {
      comments.push(value);
    } else {
      fields.push({ name, value });
    }
  }
  return comments.length > 0 ? { text, fields, comment: comments.join('\n') } : { text, fields };
}
