import { describe, expect, it } from '@jest/globals';
import { openClient, publishAll, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { controlsOf } from '../spec-support/stream-text.js';

describe('fromStart()', () => {
  it('gives all of its own channel, and of another beside it only what comes from now on', async () => {
    const { hub } = setUpHub();
    await publishAll(hub, 'job', 'j1');
    await publishAll(hub, 'news', 'n1');
    await publishAll(hub, 'job', 'j2');
    const client = await openClient(hub, [hub.channel('job').fromStart(), 'news']);
    await publishAll(hub, 'news', 'n2');
    await publishAll(hub, 'job', 'j3');
    await settled();
    expect(client.data).toEqual(['j1', 'j2', 'n2', 'j3']);
  });

  it('misses nothing if it is cut off before its first event', async () => {
    const { hub } = setUpHub();
    await publishAll(hub, 'news', 'old');
    const channels = () => [hub.channel('job').fromStart(), hub.channel('news')];
    const first = await openClient(hub, channels());
    await settled();
    const [, lastEventId = ''] = /^id: (.+)$/m.exec(first.transport.text) ?? [];
    first.transport.hangUp();
    await settled();
    await publishAll(hub, 'news', 'while away');
    const again = await openClient(hub, channels(), { lastEventId });
    await settled();
    expect(again.data).toEqual(['while away']);
  });

  it('tells what the log no longer has of it, and not of the channel beside it', async () => {
    const { hub } = setUpHub({ history: { maxEvents: 2, maxAgeMs: 60_000 } });
    await publishAll(hub, 'job', '1', '2', '3');
    await publishAll(hub, 'news', '1', '2', '3');
    const alone = await openClient(hub, [hub.channel('job').fromStart()]);
    const beside = await openClient(hub, [hub.channel('job').fromStart(), 'news']);
    const quiet = await openClient(hub, [hub.channel('new').fromStart(), 'news']);
    await settled();
    for (const client of [alone, beside]) {
      expect(controlsOf(client.transport.text, 'sse:gap')).toMatchObject([
        { reason: 'trimmed', channels: ['job'] },
      ]);
      expect(client.data).toEqual(['2', '3']);
    }
    expect(controlsOf(quiet.transport.text, 'sse:gap')).toEqual([]);
    expect(quiet.data).toEqual([]);
  });

  it('tells no gap of the channel beside it on a later page either', async () => {
    const { hub } = setUpHub({ history: { maxEvents: 400, maxAgeMs: 60_000 } });
    const texts = Array.from({ length: 400 }, (_, index) => String(index));
    await publishAll(hub, 'job', ...texts);
    await publishAll(hub, 'news', ...texts, 'one too many');
    const client = await openClient(hub, [hub.channel('job').fromStart(), 'news']);
    await settled();
    expect(client.data).toEqual(texts);
    expect(controlsOf(client.transport.text, 'sse:gap')).toEqual([]);
  });
});
