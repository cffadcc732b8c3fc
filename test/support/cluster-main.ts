import { runCluster } from '@nestcast/hub';

/** An application over several workers on one port; its primary tells whoever has started it what happens to them. */

const [adapter = '', port = '', workers = '', failure] = process.argv.slice(2);

async function bootstrap(): Promise<void> {
  if (failure !== undefined) {
    throw new Error(failure);
  }
  // Only workers need what serves requests.
  const { serve } = await import('./cluster-app.js');
  await serve(adapter, Number(port));
}

const tell = (report: object): Promise<void> =>
  new Promise((resolve) => process.send?.(report, undefined, undefined, () => resolve()));

await runCluster(bootstrap, {
  workers: Number(workers),
  onReport: (report) => void tell(report),
  close: async () => {
    await tell({ kind: 'closing' });
    if (process.env['CLOSING_FAILS']) {
      throw new Error('It can’t be closed.');
    }
  },
});
