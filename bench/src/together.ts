import type { RunningPeer } from './processes.js';

/**
 * Several nodes of one application, measured as one: the first publishes, connections are spread over all of them, and
 * CPU time and memory are those of all.
 */
export function together(nodes: readonly RunningPeer[]): RunningPeer {
  const [first] = nodes;
  if (first === undefined) {
    throw new RangeError('no nodes');
  }
  if (nodes.length === 1) {
    return first;
  }
  const sum = async (of: (node: RunningPeer) => Promise<number>): Promise<number> =>
    (await Promise.all(nodes.map(of))).reduce((total, part) => total + part, 0);
  return {
    name: first.name,
    ports: [first.ports[0], ...nodes.slice(1).flatMap(({ ports }) => ports)],
    ask: {
      reset: async () => void (await Promise.all(nodes.map(({ ask }) => ask.reset()))),
      publish: (what) => first.ask.publish(what),
      publishMany: (what) => first.ask.publishMany(what),
      publishToEach: (what) => first.ask.publishToEach(what),
      connections: async (count) => {
        await Promise.all(nodes.map(({ ask }) => ask.connections(count / nodes.length)));
      },
      cpuUs: () => sum(({ ask }) => ask.cpuUs()),
      peakResident: () => sum(({ ask }) => ask.peakResident()),
      memory: async () => {
        const each = await Promise.all(nodes.map(({ ask }) => ask.memory()));
        return each.reduce((total, { resident, used }) => ({
          resident: total.resident + resident,
          used: total.used + used,
        }));
      },
    },
    end: async () => void (await Promise.all(nodes.map((node) => node.end()))),
  };
}
