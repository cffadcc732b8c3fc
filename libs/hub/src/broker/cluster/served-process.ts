import type { ClusterLoads } from './cluster-loads.js';
import { ClusterNode, type SharedLog } from './cluster-node.js';
import type { Link } from './link.js';
import { type ToNode, type ToPrimary, isEnvelope } from './protocol.js';

/** A process with nodes of the cluster, one for each broker that it makes, until its link is closed. */
export class ServedProcess {
  private readonly nodes = new Map<number, ClusterNode>();
  private readonly listening: readonly (() => void)[];

  /**
   * @param loads of all nodes of all processes
   * @param onLoad told when one of this process has told its own
   * @param onEnd called when the process is gone
   */
  constructor(
    private readonly link: Link,
    private readonly log: SharedLog,
    private readonly loads: ClusterLoads,
    private readonly onLoad: (connections: number) => void,
    private readonly onEnd: () => void,
  ) {
    this.listening = [
      link.onMessage((message) => {
        if (isEnvelope<ToPrimary>(message)) {
          const node = this.nodes.get(message.nestcast) ?? this.add(message.nestcast);
          node.receive(message.frames);
        }
      }),
      link.onClose(() => this.end()),
    ];
  }

  /** As if the process were gone. */
  end(): void {
    this.listening.forEach((stop) => stop());
    this.nodes.forEach((node, number) => {
      this.remove(number);
      node.close();
    });
    this.onEnd();
  }

  private add(number: number): ClusterNode {
    const send = (frames: readonly ToNode[], sent: () => void): void =>
      // An error means that the link is closed, which ends the node by itself.
      this.link.send({ nestcast: number, frames }, () => sent());
    const node: ClusterNode = new ClusterNode(this.log, send, {
      onLoad: (connections) => {
        const all = this.loads.report(node, number, connections);
        this.onLoad([...this.nodes.values()].reduce((sum, each) => sum + this.loads.of(each), 0));
        return all;
      },
      onLeft: () => this.remove(number),
    });
    this.nodes.set(number, node);
    return node;
  }

  private remove(number: number): void {
    const node = this.nodes.get(number);
    if (node) {
      this.nodes.delete(number);
      this.loads.remove(node);
    }
  }
}
