import { setTimeout as delay } from 'node:timers/promises';
import { channels, channelsOfClient } from './channels.js';
import { Cuts } from './cuts.js';
import type { Fault, Scene } from './fault.js';
import { Ledger } from './ledger.js';
import { Listener } from './listener.js';
import type { Mischief } from './node/node-protocol.js';
import { Nodes } from './nodes.js';
import { Publisher } from './publisher.js';
import { type RoundReport, reportOf } from './report.js';

export interface RoundOptions {
  readonly nodes: number;
  readonly clients: number;
  /** Events a second. */
  readonly rate: number;
  /** Milliseconds of publishing before the fault. */
  readonly leadMs: number;
  /** Milliseconds of publishing after it, once events are acknowledged again. */
  readonly tailMs: number;
  /** How often a client's connection is cut, in milliseconds. */
  readonly cutEveryMs: number;
  /** How long clients may take to have everything, once nothing is published any more; milliseconds. */
  readonly caughtUpWithinMs: number;
  readonly mischief?: Mischief;
}

export const roundDefaults: RoundOptions = {
  nodes: 2,
  clients: 100,
  rate: 200,
  leadMs: 1_000,
  tailMs: 1_500,
  cutEveryMs: 100,
  caughtUpWithinMs: 20_000,
};

/** Acknowledged events that show that publishing goes on. */
const RESUMED_AFTER = 10;
const READY_WITHIN_MS = 20_000;

/** Publishes to clients that come and go, with the fault in the midst of it, and counts what they got. */
export async function playRound(fault: Fault, options: RoundOptions = roundDefaults): Promise<RoundReport> {
  const scene = await fault.prepare();
  try {
    const { mischief } = options;
    const nodes = await Nodes.start(options.nodes, scene.broker, { ...(mischief && { mischief }) });
    try {
      return await play(fault.name, scene, nodes, options);
    } finally {
      await nodes.kill();
    }
  } finally {
    await scene.close();
  }
}

async function play(fault: string, scene: Scene, nodes: Nodes, options: RoundOptions): Promise<RoundReport> {
  const began = performance.now();
  const listeners = Array.from(
    { length: options.clients },
    (_, index) => new Listener(channelsOfClient(index), nodes.addresses, index),
  );
  try {
    await Promise.all(listeners.map((listener) => listener.ready(READY_WITHIN_MS)));
    const ledger = new Ledger();
    const complaints = await publishAround(scene, nodes, listeners, ledger, options);
    return reportOf({ fault, ledger, listeners, complaints, tookMs: performance.now() - began });
  } finally {
    await Promise.all(listeners.map((listener) => listener.close()));
  }
}

/** @returns what went wrong, if anything did */
async function publishAround(
  scene: Scene,
  nodes: Nodes,
  listeners: readonly Listener[],
  ledger: Ledger,
  options: RoundOptions,
): Promise<string[]> {
  const publisher = new Publisher(ledger, nodes.all);
  const cuts = new Cuts(listeners, options.cutEveryMs);
  publisher.start(options.rate);
  try {
    await delay(options.leadMs);
    await scene.strike(nodes, ledger);
    await ledger.acknowledgedMore(RESUMED_AFTER);
    await delay(options.tailMs);
  } finally {
    cuts.stop();
    await publisher.stop();
  }
  // Whoever has these has been given all that came before.
  const last = await Promise.all(channels.map((channel) => publisher.publishForSure(channel)));
  const outcomes = await Promise.allSettled(
    listeners.map((listener) => listener.caughtUpWith(last, options.caughtUpWithinMs)),
  );
  const late = outcomes.flatMap((each) => (each.status === 'rejected' ? [String(each.reason)] : []));
  return [...late, ...(await cuts.complaints())];
}
