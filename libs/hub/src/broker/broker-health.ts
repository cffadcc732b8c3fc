import type { Broker, BrokerHealth } from './broker.js';

/** Whether the engine answers; one that can't tell does. */
export async function healthOf(broker: Broker): Promise<BrokerHealth> {
  try {
    return (await broker.health?.()) ?? { up: true };
  } catch (error) {
    return { up: false, detail: String(error) };
  }
}
