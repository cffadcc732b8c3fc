import { type Connection, OnSseConnect, OnSseDisconnect } from '@nestcast/sse';
import { Injectable } from '@nestjs/common';

/** Who has a stream open on this node, on however many devices. */
@Injectable()
export class OnlineUsers {
  private readonly streams = new Map<string, number>();

  get count(): number {
    return this.streams.size;
  }

  @OnSseConnect()
  joined({ userId }: Connection): void {
    this.add(userId, 1);
  }

  @OnSseDisconnect()
  left({ userId }: Connection): void {
    this.add(userId, -1);
  }

  /** The canary's stream is nobody's. */
  private add(userId: string | undefined, change: 1 | -1): void {
    if (userId === undefined) {
      return;
    }
    const open = (this.streams.get(userId) ?? 0) + change;
    if (open > 0) {
      this.streams.set(userId, open);
    } else {
      this.streams.delete(userId);
    }
  }
}
