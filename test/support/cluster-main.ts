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

await runCluster(bootstrap, { workers: Number(workers), onReport: (report) => process.send?.(report) });
