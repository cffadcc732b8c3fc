import { describe, expect, it } from '@jest/globals';
import { readStream } from '../spec-support/stream-text.js';
import { connectedFrame, gapFrame, goodbyeFrame, heartbeatFrame } from './control-event.js';

describe('control events', () => {
  it('carry no id', () => {
    const frames = [
      connectedFrame({ connectionId: 'c', heartbeatMs: 15_000 }),
      gapFrame({ reason: 'trimmed', channels: ['a'], id: 'e.1' }),
      heartbeatFrame(1),
      goodbyeFrame({ reason: 'drain', retryMs: 5 }),
    ];
    const { events } = readStream(frames.join(''));
    expect(events.map(({ type, id }) => [type, id])).toEqual([
      ['sse:connected', undefined],
      ['sse:gap', undefined],
      ['sse:heartbeat', undefined],
      ['sse:goodbye', undefined],
    ]);
  });

  it('say in goodbye when to come back, in its data and to the client itself', () => {
    const { events, retries } = readStream(goodbyeFrame({ reason: 'drain', retryMs: 1234 }));
    expect(events[0]?.data).toBe('{"reason":"drain","retryMs":1234}');
    expect(retries).toEqual([1234]);
  });

  it('leave the retry hint alone where goodbye names none', () => {
    const { events, retries } = readStream(goodbyeFrame({ reason: 'complete' }));
    expect(events[0]?.data).toBe('{"reason":"complete"}');
    expect(retries).toEqual([]);
  });

  it('stay one event whatever a channel is called', () => {
    const { events } = readStream(gapFrame({ reason: 'epoch', channels: ['a"b', 'c\\d', 'ř'], id: 'e.1' }));
    expect(JSON.parse(events[0]?.data ?? '')).toEqual({
      reason: 'epoch',
      channels: ['a"b', 'c\\d', 'ř'],
      id: 'e.1',
    });
  });
});
