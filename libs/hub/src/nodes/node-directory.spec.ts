import { describe, expect, it } from '@jest/globals';
import { openClient, setUpHub, settled } from '../spec-support/hub-fixture.js';
import { type NodeFixture, setUpNodes } from '../spec-support/nodes-fixture.js';

const loads = ({ hub }: NodeFixture): number[] => hub.nodes().map(({ connections }) => connections);

describe('the nodes of a log', () => {
  it('know each other, and how many connections each has', async () => {
    const { nodes, add, pass } = await setUpNodes(2);
    const [a, b] = nodes as [NodeFixture, NodeFixture];
    expect(loads(a)).toEqual([0, 0]);
    await openClient(b.hub, ['news']);
    await pass(2_000);
    expect([loads(a), loads(b)]).toEqual([
      [0, 1],
      [1, 0],
    ]);
    const third = add();
    await settled();
    expect([loads(a), loads(third)]).toEqual([
      [0, 1, 0],
      [0, 0, 1],
    ]);
    const ids = a.hub.nodes().map(({ id }) => id);
    expect(new Set(ids).size).toBe(3);
    expect(a.hub.nodes().map(({ self }) => self)).toEqual([true, false, false]);
  });

  it('forget one that has said nothing for 6 s, and one that has gone at once', async () => {
    const { nodes, pass } = await setUpNodes(3);
    const [a, b, c] = nodes as [NodeFixture, NodeFixture, NodeFixture];
    b.network.away = true;
    await pass(5_000);
    expect(loads(a)).toHaveLength(3);
    await pass(1_000);
    expect(loads(a)).toHaveLength(2);
    expect(b.errors).toHaveLength(1);
    await c.hub.close();
    await settled();
    expect(loads(a)).toHaveLength(1);
    b.network.away = false;
    await pass(2_000);
    expect(loads(a)).toHaveLength(2);
  });

  it.each([true, false])(
    'forget nobody while they hear nobody (the log is away as well: %s)',
    async (away) => {
      const { nodes, pass } = await setUpNodes(2);
      const [a, b] = nodes as [NodeFixture, NodeFixture];
      a.network.cut();
      a.network.away = away;
      await pass(20_000);
      expect(loads(a)).toHaveLength(2);
      a.network.mend();
      a.network.away = false;
      b.network.away = true;
      await pass(10_000);
      expect(loads(a)).toHaveLength(1);
    },
  );

  it('are joined when the broker is there, if it was not at the start', async () => {
    const { nodes, add, pass } = await setUpNodes(1);
    const [a] = nodes as [NodeFixture];
    const late = add(true);
    await pass(4_000);
    expect([loads(a), late.errors.length]).toEqual([[0], 1]);
    late.network.away = false;
    await pass(2_000);
    expect([loads(a), loads(late)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('leave no timer when they close', async () => {
    const { nodes, clock, log } = await setUpNodes(2);
    const [a, b] = nodes as [NodeFixture, NodeFixture];
    await a.hub.disconnect({ userId: 'ann' });
    await Promise.all([a.hub.close(), b.hub.close()]);
    await log.close();
    expect([clock.pending, a.errors, b.errors]).toEqual([0, [], []]);
  });

  it('is one, without a timer, where the broker is its own', async () => {
    const { hub, clock } = setUpHub();
    expect(hub.nodes()).toEqual([{ id: expect.any(String), self: true, connections: 0 }]);
    expect(clock.pending).toBe(0);
  });
});
