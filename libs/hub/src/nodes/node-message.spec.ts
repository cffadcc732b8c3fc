import { describe, expect, it } from '@jest/globals';
import { openClient, settled } from '../spec-support/hub-fixture.js';
import { type NodeFixture, setUpNodes } from '../spec-support/nodes-fixture.js';
import { toEventRecord } from '../event.js';
import { NODES_CHANNEL } from './node-message.js';

const ann = { userId: 'ann' };

describe('what nodes say to each other', () => {
  it.each([
    ['of a kind that only a later version knows', { kind: 'later', node: 'z' }, 0],
    ['no node has said', null, 1],
    ['that is no JSON', '{"kind":', 1],
    ['of nobody', { kind: 'alive', connections: 1 }, 1],
    ['without its figure', { kind: 'alive', node: 'z', connections: 'many' }, 1],
    ['without a change', { kind: 'change', node: 'z', id: '1' }, 1],
    [
      'of a change of later',
      { kind: 'change', node: 'z', id: '1', change: { kind: 'later', filter: ann } },
      1,
    ],
    ['that answers nothing', { kind: 'answer', node: 'z', id: '1' }, 1],
  ])('and is %s changes nothing, and is reported unless it may be right', async (_what, message, reports) => {
    const { nodes, log } = await setUpNodes(2);
    const [a, b] = nodes as [NodeFixture, NodeFixture];
    const { connection } = await openClient(b.hub, ['news'], ann);
    const data = typeof message === 'string' ? message : JSON.stringify(message);
    await log.publish(NODES_CHANNEL, toEventRecord({ data }));
    await settled();
    expect([a.hub.nodes().length, b.hub.nodes().length]).toEqual([2, 2]);
    expect([a.errors.length, b.errors.length]).toEqual([reports, reports]);
    expect(connection.closed).toBe(false);
    expect(await a.hub.disconnect(ann)).toBe(1);
  });
});
