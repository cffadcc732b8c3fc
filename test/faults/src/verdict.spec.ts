import { beforeEach, describe, expect, it } from '@jest/globals';
import { Ledger } from './ledger.js';
import { type Delivery, type ToldGap, judge } from './verdict.js';

describe('judge()', () => {
  let ledger: Ledger;
  const channels = ['a', 'b'];
  const publish = (channel: string, id: string): Delivery => {
    const publication = ledger.begin(channel);
    ledger.acknowledge(publication, id);
    return { number: publication.number, id };
  };
  const judged = (deliveries: Delivery[], gaps: ToldGap[] = []) =>
    judge({ channels, deliveries, gaps }, ledger);
  const gap = (cursor: string, id: string, partial: Partial<ToldGap> = {}): ToldGap => ({
    reason: 'epoch',
    channels,
    cursor,
    id,
    at: 0,
    ...partial,
  });
  const nothing = { lost: [], doubled: [], outOfOrder: [], excused: 0 };

  beforeEach(() => {
    ledger = new Ledger();
  });

  it('finds nothing wrong with each event of its channels once, in order, over epochs too', () => {
    const events = [publish('a', 'e.1'), publish('b', 'e.2'), publish('a', 'f.7')];
    publish('c', 'f.8');
    expect(judged(events)).toEqual(nothing);
  });

  it('finds one that is missing', () => {
    const [one, , three] = [publish('a', 'e.1'), publish('b', 'e.2'), publish('a', 'e.3')];
    expect(judged([one, three])).toEqual({ ...nothing, lost: ['1 of b (e.2)'] });
  });

  it('finds one that came twice, under its id or another', () => {
    const one = publish('a', 'e.1');
    const two = publish('a', 'e.2');
    expect(judged([one, one, two, { ...one, id: 'e.3' }])).toEqual({
      ...nothing,
      doubled: ['0 of a (e.1) came again as e.1', '0 of a (e.1) came again as e.3'],
    });
  });

  it('finds two that came in the wrong order, over channels', () => {
    const [one, two] = [publish('a', 'e.1'), publish('b', 'e.2')];
    expect(judged([two, one])).toEqual({ ...nothing, outOfOrder: ['0 of a (e.1) came as e.1 after 2'] });
  });

  it('finds an event under another id than it was acknowledged with', () => {
    const one = publish('a', 'e.1');
    expect(judged([{ ...one, id: 'e.5' }]).outOfOrder).toEqual(['0 of a (e.1) came as e.5']);
  });

  it('asks for a rejected event at most once, and for one without an answer', () => {
    const rejected = ledger.begin('a');
    ledger.reject(rejected, 'BROKER_UNAVAILABLE');
    const { number } = ledger.begin('a');
    const two = { number, id: 'e.2' };
    expect(judged([])).toEqual(nothing);
    expect(judged([{ number: rejected.number, id: 'e.1' }, two])).toEqual(nothing);
    expect(judged([two, two]).doubled).toHaveLength(1);
  });

  it('takes a gap as an excuse for what is missing between the client and the log, in the channels that it names', () => {
    const [one] = [publish('a', 'e.1'), publish('a', 'e.2'), publish('b', 'e.3')];
    expect(judged([one], [gap('e.1', 'f.9')])).toEqual({ ...nothing, excused: 2 });
    expect(judged([one], [gap('e.1', 'f.9', { channels: ['a'] })])).toEqual({
      ...nothing,
      lost: ['2 of b (e.3)'],
      excused: 1,
    });
  });

  it('takes no gap as an excuse for what is before the client, or after the log, or doubled', () => {
    const [, two] = [publish('a', 'e.1'), publish('a', 'e.2'), publish('a', 'e.3')];
    expect(judged([two, two], [gap('e.2', 'e.2')])).toEqual({
      lost: ['0 of a (e.1)', '2 of a (e.3)'],
      doubled: ['1 of a (e.2) came again as e.2'],
      outOfOrder: [],
      excused: 0,
    });
  });

  it('takes a gap for events lost on the way as an excuse also where others have come since', () => {
    const [, two] = [publish('a', 'e.1'), publish('b', 'e.2')];
    const lost = gap('e.2', 'e.2', { reason: 'lost', channels: ['a'] });
    expect(judged([two], [lost])).toEqual({ ...nothing, excused: 1 });
  });

  it('takes a gap as an excuse for what had been acknowledged when it was told, wherever the log is then', () => {
    publish('a', 'e.5');
    expect(judged([], [gap('e.1', 'f.2', { at: performance.now() + 1 })])).toEqual({
      ...nothing,
      excused: 1,
    });
  });

  it('stops at an event that was published to none of its channels', () => {
    expect(() => judged([publish('c', 'e.1')])).toThrow('published to none of its channels');
  });
});

describe('Ledger', () => {
  it('finds an acknowledgement with a place before one that was acknowledged before it was published', () => {
    const ledger = new Ledger();
    const [one, two] = [ledger.begin('a'), ledger.begin('b')];
    ledger.acknowledge(two, 'e.2');
    ledger.acknowledge(one, 'e.1');
    expect(ledger.misplaced).toEqual([]);
    const late = ledger.begin('a');
    ledger.acknowledge(late, 'f.2');
    expect(ledger.misplaced).toEqual([late]);
  });
});
