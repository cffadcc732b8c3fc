/** What the client is to a TypeScript that knows Node.js and no browser. */
import { createSseClient } from '@nestcast/client';
import { EventSource } from '@nestcast/client/eventsource';

const url = process.argv[2] ?? '';
const client = createSseClient<{ progress: number }>(url, { headers: () => ({ 'X-Build': '42' }) });
client.on('progress', ({ data }) => data.toFixed());
// @ts-expect-error there is no such header
createSseClient(url, { headers: { 'X-Build': {} } });

const source = new EventSource(url, { headers: { 'X-Build': '42' }, method: 'POST', body: '{}' });
source.addEventListener('progress', ({ data, lastEventId }) => data.length + lastEventId.length);
source.onmessage = ({ data }) => data.length;
// @ts-expect-error text
source.addEventListener('progress', ({ data }) => data.percent);
// @ts-expect-error a header is text
new EventSource(url, { headers: { 'X-Build': {} } });
