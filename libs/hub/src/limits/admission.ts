import type { Broker } from '../broker/broker.js';
import type { Clock } from '../clock.js';
import { Balance } from '../balance/balance.js';
import type { Connections } from '../connections.js';
import type { HubOptions } from '../hub-options.js';
import { Pressure, type PressureFigures } from '../pressure/pressure.js';
import type { PressureProbe } from '../pressure/pressure-probe.js';
import { shedConnections } from '../pressure/shedding.js';
import type { LeaseStore } from './lease-store.js';
import { NodeLeases } from './node-leases.js';

/** What admission needs of its hub. */
export interface AdmissionContext {
  readonly broker: Pick<Broker, 'leases' | 'loads'>;
  readonly clock: Clock;
  readonly probe: PressureProbe;
  readonly connections: Connections;
  readonly onError: (error: unknown, what: string) => void;
}

/** Who is let in: as many as the limits say, nobody new while the node is short of breath, and no more than its share. */
export class Admission {
  /** Counts connections against their limits: the broker's over all nodes, or this node's own. */
  readonly leases: LeaseStore;
  private readonly nodeLeases: NodeLeases;
  private readonly pressure: Pressure;
  private readonly balance: Balance;

  constructor(
    options: Pick<HubOptions, 'pressure' | 'balance' | 'drain' | 'retry'>,
    { broker, clock, probe, connections, onError }: AdmissionContext,
  ) {
    this.nodeLeases = new NodeLeases(clock);
    this.leases = broker.leases ?? this.nodeLeases;
    this.pressure = new Pressure(options.pressure, clock, probe, () =>
      shedConnections(connections.list(), options, clock.now()),
    );
    const hasRoom = (): boolean => !this.pressure.figures.under;
    this.balance = new Balance(options, { loads: broker.loads, clock, connections, hasRoom, onError });
  }

  get pressureFigures(): PressureFigures {
    return this.pressure.figures;
  }

  /** @throws SseError `UNDER_PRESSURE` if nothing new should be taken on now */
  assertRoom(): void {
    this.pressure.assertRoom();
  }

  /** @param populated whether there are connections: while there are, the node is watched */
  watch(populated: boolean): void {
    this.pressure.watch(populated);
  }

  /** Lets go of its timers and handles. */
  close(): void {
    this.pressure.close();
    this.balance.close();
    this.nodeLeases.close();
  }
}
