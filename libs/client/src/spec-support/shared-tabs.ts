import { LogServer } from './log-server.js';
import { MemoryLocks } from './memory-locks.js';
import { SharedTab, type SharedTabSetup } from './shared-tab.js';
import { until } from './until.js';

let groups = 0;

/** The tabs of a browser, whose channels are the platform's own, and the server of their page. */
export class SharedTabs {
  readonly server = new LogServer();
  readonly locks = new MemoryLocks();
  /** What they share by: no two specs have the same. */
  readonly name = `group ${(groups += 1)}`;
  private readonly tabs: SharedTab[] = [];

  open(setup: Partial<SharedTabSetup> = {}): SharedTab {
    const options = { name: this.name, ...setup.options };
    const tab = new SharedTab({ server: this.server, locks: this.locks, ...setup, options });
    this.tabs.push(tab);
    return tab;
  }

  /** One after the other, until all are live; the first leads. */
  async openAll(count: number, setup?: Partial<SharedTabSetup>): Promise<SharedTab[]> {
    const opened: SharedTab[] = [];
    while (opened.length < count) {
      const tab = this.open(setup);
      opened.push(tab);
      await until(() => tab.state.status === 'open');
    }
    return opened;
  }

  /** How many streams the server has been asked for. */
  get streams(): number {
    return this.server.requests.filter(({ poll }) => !poll).length;
  }

  async close(): Promise<void> {
    this.tabs.forEach((tab) => tab.close());
    await until(() => this.locks.size === 0);
  }
}
