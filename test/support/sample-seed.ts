import { SampleUser } from './sample-user.js';

/** What somebody finds who has used the sample for a while. */
const NOTIFICATIONS = [
  [
    'grace',
    'ada',
    'info',
    'Compiler notes are ready',
    'The second draft is in the shared folder. Have a look when you can.',
  ],
  ['margaret', 'ada', 'success', 'Guidance software passed its review', 'All 42 checks are green.'],
  ['linus', '*', 'info', 'Office closed on Friday', 'Back on Monday. Who is on call knows it already.'],
  ['tim', 'ada', 'warning', 'Certificate runs out in 9 days', 'web-3.example.com, renewed by hand so far.'],
  ['barbara', '*', 'success', 'Release 4.2 is out', 'Faster search, and dark mode everywhere.'],
  [
    'margaret',
    'ada',
    'error',
    'Backup of last night failed',
    'The disk of backup-1 is full. Nothing is lost; tonight’s will not run.',
  ],
  ['grace', 'ada', 'info', 'Lunch at noon?', ''],
] as const;
/** How many of the oldest have been read. */
const READ = 3;

/** Fills an empty sample with what its pages have to show, through its own API. */
export async function seed(url: string): Promise<void> {
  const users = new Map<string, SampleUser>();
  const ids: number[] = [];
  for (const [sender, recipient, level, title, body] of NOTIFICATIONS) {
    const user = users.get(sender) ?? (await SampleUser.signIn(url, sender));
    users.set(sender, user);
    const answer = await user.post('/notifications', { recipient, level, title, body });
    if (!answer.ok) {
      throw new Error(`It can't be filled: ${answer.status} ${await answer.text()}`);
    }
    ids.push(((await answer.json()) as { id: number }).id);
  }
  const ada = await SampleUser.signIn(url, 'ada');
  await ada.post('/notifications/read', { ids: ids.slice(0, READ) });
}
