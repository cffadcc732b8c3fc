/** What may be on its way in the operating system before more is given to it; characters. */
const ON_ITS_WAY = 1_048_576;

/** Gathers what is to be sent in one turn of the event loop for one message, and holds back what the other end is slow to read. */
export class Outbox<Frame> {
  /** Characters of what is held back, and of what the operating system hasn't taken yet. */
  private waiting = 0;
  private underWay = 0;
  private frames: Frame[] = [];
  private flushing: NodeJS.Immediate | undefined;

  /**
   * @param send gives a message to the link, and calls `sent` when it has been taken
   * @param onTaken called when the other end has taken all that was on its way
   */
  constructor(
    private readonly send: (frames: readonly Frame[], sent: () => void) => void,
    private readonly onTaken: () => void = () => undefined,
  ) {}

  /** Characters that the other end has not taken yet. */
  get backlog(): number {
    return this.waiting + this.underWay;
  }

  /** The frame that was put in last, if it is still here. */
  get last(): Frame | undefined {
    return this.frames.at(-1);
  }

  /** @param length about how many characters it has */
  push(frame: Frame, length: number): void {
    this.frames.push(frame);
    this.grow(length);
  }

  /** Notes that something has been added to a frame that is here. */
  grow(length: number): void {
    this.waiting += length;
    if (this.underWay < ON_ITS_WAY) {
      this.flushing ??= setImmediate(() => this.flush());
    }
  }

  /** Takes out frames that are held back. */
  remove(unwanted: (frame: Frame) => boolean, length: number): void {
    this.frames = this.frames.filter((frame) => !unwanted(frame));
    this.waiting -= length;
  }

  /** Sends nothing more. */
  close(): void {
    clearImmediate(this.flushing);
    this.flushing = undefined;
    this.frames = [];
  }

  private flush(): void {
    this.flushing = undefined;
    const { frames, waiting } = this;
    if (frames.length === 0) {
      // All that was held back has been removed.
      this.tellIfTaken();
      return;
    }
    this.frames = [];
    this.waiting = 0;
    this.underWay += waiting;
    this.send(frames, () => this.taken(waiting));
  }

  private taken(length: number): void {
    this.underWay -= length;
    if (this.frames.length > 0 && this.underWay < ON_ITS_WAY) {
      this.flushing ??= setImmediate(() => this.flush());
    }
    this.tellIfTaken();
  }

  private tellIfTaken(): void {
    if (this.underWay === 0) {
      this.onTaken();
    }
  }
}
