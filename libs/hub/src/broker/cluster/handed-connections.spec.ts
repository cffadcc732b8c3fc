import type { Worker } from 'node:cluster';
import { EventEmitter } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { closeWithWorker } from './handed-connections.js';

/** A worker's process as the primary has it, where `send` only takes notes. */
class Child extends EventEmitter {
  readonly sent: unknown[][] = [];

  send(...args: unknown[]): boolean {
    this.sent.push(args);
    return true;
  }
}

/** What node:cluster hands over with a connection. */
class Handle {
  closed = false;

  close(): void {
    this.closed = true;
  }
}

const workerOf = (child: EventEmitter): Worker => ({ process: child }) as unknown as Worker;
const handed = (seq: number): object => ({ cmd: 'NODE_CLUSTER', act: 'newconn', seq });

describe('connections handed to a worker', () => {
  it('are closed with it, but for those that it has acknowledged', () => {
    const child = new Child();
    closeWithWorker(workerOf(child));
    const handles = [new Handle(), new Handle(), new Handle()];
    handles.forEach((handle, seq) => child.send(handed(seq), handle));
    expect(child.sent).toEqual(handles.map((handle, seq) => [handed(seq), handle]));
    child.emit('internalMessage', { ack: 1, accepted: true });
    child.emit('exit');
    expect(handles.map(({ closed }) => closed)).toEqual([true, false, true]);
  });

  it('are closed at once where it is gone, and Node has not noticed yet', () => {
    const child = new Child();
    closeWithWorker(workerOf(child));
    child.emit('exit');
    const handle = new Handle();
    child.send(handed(1), handle);
    expect([handle.closed, child.sent]).toEqual([true, []]);
  });

  it('are none where the worker could not be forked: there is no channel to it', () => {
    expect(() => closeWithWorker(workerOf(new EventEmitter()))).not.toThrow();
  });
});
