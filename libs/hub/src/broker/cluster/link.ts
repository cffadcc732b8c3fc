/** A way to one other process. Messages arrive in the order in which they are sent, or the link is closed. */
export interface Link {
  /**
   * @param sent called when the operating system has taken the message, which it does no faster than the other end reads;
   * with an error if the link is closed
   */
  send(message: unknown, sent: (error: Error | null) => void): void;
  /** @returns ends it */
  onMessage(listener: (message: unknown) => void): () => void;
  /** @returns ends it */
  onClose(listener: () => void): () => void;
}

/** A process that messages can be sent to: Node's own `process` in a child, a ChildProcess or a cluster's Worker. */
export interface IpcPeer {
  send?(
    message: unknown,
    handle: undefined,
    options: undefined,
    sent: (error: Error | null) => void,
  ): boolean;
  on(event: 'message' | 'disconnect' | 'exit', listener: (message: unknown) => void): unknown;
  off(event: 'message' | 'disconnect' | 'exit', listener: (message: unknown) => void): unknown;
}

/** The IPC channel that Node makes between a process and one that it has forked. */
export class IpcLink implements Link {
  constructor(private readonly peer: IpcPeer) {}

  send(message: unknown, sent: (error: Error | null) => void): void {
    this.peer.send?.(message, undefined, undefined, sent);
  }

  onMessage(listener: (message: unknown) => void): () => void {
    this.peer.on('message', listener);
    return () => void this.peer.off('message', listener);
  }

  /** Node tells of a process that is killed while a connection is on its way to it as gone, but not as disconnected. */
  onClose(listener: () => void): () => void {
    const stop = (): void => {
      this.peer.off('disconnect', closed);
      this.peer.off('exit', closed);
    };
    const closed = (): void => {
      stop();
      listener();
    };
    this.peer.on('disconnect', closed);
    this.peer.on('exit', closed);
    return stop;
  }
}
