import { setImmediate as nextTurn } from 'node:timers/promises';
import type { BrokerFactory } from '../broker/broker.js';
import { memoryBroker } from '../broker/memory-broker.js';
import type { Channel } from '../channel.js';
import type { HubConnection } from '../delivery/hub-connection.js';
import { Hub } from '../hub.js';
import type { HubEnvironment } from '../hub-environment.js';
import {
  type HubOptions,
  type ChannelOpenOptions,
  type PressureOptions,
  hubDefaults,
} from '../hub-options.js';
import { GatedBroker } from './gated-broker.js';
import { HandClock } from './hand-clock.js';
import { MemoryTransport } from './memory-transport.js';
import { dataOf } from './stream-text.js';

/** Nothing of its own accord: no heartbeat, no age, no jitter. */
export const quiet: ChannelOpenOptions = {
  coding: 'identity',
  negotiated: false,
  compression: undefined,
  heartbeat: { intervalMs: 0, visible: false },
  maxConnectionAge: { ms: 0, jitter: 0 },
  overflow: { maxBufferedBytes: 1_000, policy: 'catch-up', stallMs: 0 },
  tcpKeepAlive: { initialDelayMs: 0 },
  retry: { ms: 3_000, jitter: 0 },
};

/** However the machine fares that runs the specs. */
const noMarks: PressureOptions = { ...hubDefaults.pressure, eventLoopDelayMs: 0, heapUsedRatio: 0 };

type FixtureOptions = Partial<HubOptions> & Pick<HubEnvironment, 'recent' | 'probe'>;

export interface HubFixture<C extends HandClock = HandClock> {
  readonly hub: Hub;
  readonly clock: C;
  readonly broker: GatedBroker;
  /** What was reported, as `<what>: <message>`. */
  readonly errors: string[];
}

export function setUpHub(options: FixtureOptions = {}): HubFixture {
  return setUpHubWith(new HandClock(), options);
}

export function setUpHubWith<C extends HandClock>(
  clock: C,
  { recent, probe, ...options }: FixtureOptions = {},
): HubFixture<C> {
  const errors: string[] = [];
  const brokers: GatedBroker[] = [];
  const factory: BrokerFactory = (context) => {
    const gated = new GatedBroker((options.broker ?? memoryBroker())(context));
    brokers.push(gated);
    return gated;
  };
  const onError = (error: unknown, what: string): void => void errors.push(`${what}: ${String(error)}`);
  const hub = new Hub(
    { ...hubDefaults, ...quiet, pressure: noMarks, ...options, broker: factory },
    { clock, onError, recent, probe },
  );
  const [broker] = brokers;
  if (!broker) {
    throw new Error('The hub has made no broker.');
  }
  return { hub, clock, broker, errors };
}

export interface Client {
  readonly connection: HubConnection;
  readonly transport: MemoryTransport;
  /** Data of the events that it has been sent, control events left out. */
  readonly data: string[];
}

export interface ClientInit {
  readonly lastEventId?: string;
  readonly userId?: string;
  readonly tenant?: string;
  readonly ip?: string;
  readonly transport?: MemoryTransport;
  readonly options?: Partial<ChannelOpenOptions>;
}

/** Takes a request in, without opening a stream yet. */
export function request(
  hub: Hub,
  { lastEventId, userId, tenant, ip, transport = new MemoryTransport() }: ClientInit = {},
): Client {
  const connection = hub.connect({ lastEventId, userId, tenant, ip, transport });
  return {
    connection,
    transport,
    get data() {
      return dataOf(transport.text);
    },
  };
}

/** Opens a stream of channels. */
export async function openClient(
  hub: Hub,
  channels: readonly (string | Channel)[],
  init: ClientInit = {},
): Promise<Client> {
  const client = request(hub, init);
  await openOn(hub, client, channels, init);
  return client;
}

export function openOn(
  hub: Hub,
  { connection }: Client,
  channels: readonly (string | Channel)[],
  { options }: ClientInit = {},
): Promise<'open' | 'ended'> {
  const handles = channels.map((channel) => (typeof channel === 'string' ? hub.channel(channel) : channel));
  return hub.openChannels(connection, handles, { ...quiet, ...options });
}

/** Lets everything that waits for no clock and no gate go on to its end. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) {
    await nextTurn();
  }
}

export async function publishAll(hub: Hub, channel: string, ...texts: string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const data of texts) {
    ids.push(await hub.publish(channel, { data }));
  }
  return ids;
}
