import { useEffect } from 'react';

import { useStream } from '../shell/stream.js';
import { useToast } from '../shell/toasts.js';

/** Shows the test events that administrators send, on whatever page one is. */
export function TestEventToasts() {
  const stream = useStream();
  const toast = useToast();
  useEffect(
    () =>
      stream?.listen('operations.test', ({ data: { title, message, sender } }) =>
        toast({
          level: 'info',
          title,
          detail: [message, `Test event from ${sender}`].filter(Boolean).join(' · '),
        }),
      ),
    [stream, toast],
  );
  return null;
}
