import { expect, it } from '@jest/globals';
import { until } from '../spec-support/until.js';
import { EventSource } from './event-source.js';

const NOWHERE = 'http://127.0.0.1:1/';

/** The answer of a fetch function that takes no notice of signals. */
function endless(onCancel: () => void, status = 200): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(encoder.encode('data: a\n\n')),
    cancel: onCancel,
  });
  return new Response(body, { status, headers: { 'Content-Type': 'text/event-stream' } });
}

it.each([
  ['before its answer is there', 0],
  ['in open', 1],
  ['in a message', 2],
])('lets go of a response whose fetch function knows no signals: closed %s', async (_when, after) => {
  let cancelled = 0;
  const source = new EventSource(NOWHERE, { fetch: async () => endless(() => (cancelled += 1)) });
  const close = (): void => source.close();
  [close, () => source.addEventListener('open', close), () => source.addEventListener('message', close)][
    after
  ]?.();
  await until(() => cancelled === 1);
  expect(source.readyState).toBe(EventSource.CLOSED);
});

it('lets go of a response that is no stream', async () => {
  let cancelled = 0;
  const source = new EventSource(NOWHERE, { fetch: async () => endless(() => (cancelled += 1), 500) });
  await until(() => cancelled === 1);
  source.close();
});
