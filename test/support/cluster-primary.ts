import { ClusterLog, IpcLink, TimerWheel } from '@nestcast/hub';

/** A process that is the primary of the brokers in the one that has forked it; begins an empty log when told to. */

const clock = new TimerWheel();
const onError = (error: unknown): void => {
  throw error;
};
let log = new ClusterLog({ clock, onError });
log.serve(new IpcLink(process));

async function anew(): Promise<void> {
  await log.close();
  log = new ClusterLog({ clock, onError });
  log.serve(new IpcLink(process));
  process.send?.('anew');
}

process.on('message', (message) => {
  if (message === 'anew') {
    void anew();
  }
});
process.send?.(0);
