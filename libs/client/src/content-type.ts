/** One value of several, a comma between them that is not in quotes; its essence, and its parameters. */
const LAST_VALUE = /(?:^|,)[\t\n\r ]*text\/event-stream[\t\n\r ]*(?:;(?:[^",]|"(?:\\.|[^"\\])*(?:"|$))*)?$/i;

/** Whether that is what a response is, whatever its parameters. [spec] Fetch: "extract a MIME type", the last one counts. */
export function isEventStream({ headers }: Response): boolean {
  return LAST_VALUE.test(headers.get('Content-Type') ?? '');
}
