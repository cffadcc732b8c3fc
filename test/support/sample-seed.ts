import { desc, inArray, sql } from 'drizzle-orm';

import { openEmbeddedDatabase } from '../../apps/notifications/src/database/embedded-database.js';
import type { NotificationDraft } from '../../apps/notifications/src/notifications/notification.js';
import { notificationTable } from '../../apps/notifications/src/notifications/notification.table.js';
import { SampleUser } from './sample-user.js';

type Draft = Pick<NotificationDraft, 'sender' | 'recipient' | 'level' | 'title' | 'body'>;

/** Oldest first. */
const NOTIFICATIONS: readonly Draft[] = [
  {
    sender: 'grace',
    recipient: 'ada',
    level: 'info',
    title: 'Compiler notes are ready',
    body: 'The second draft is in the shared folder. Have a look when you can.',
  },
  {
    sender: 'margaret',
    recipient: 'ada',
    level: 'success',
    title: 'Guidance software passed its review',
    body: 'All 42 checks are green.',
  },
  {
    sender: 'linus',
    recipient: '*',
    level: 'info',
    title: 'Office closed on Friday',
    body: 'Back on Monday. Who is on call knows it already.',
  },
  {
    sender: 'tim',
    recipient: 'ada',
    level: 'warning',
    title: 'A certificate runs out in 9 days',
    body: 'web-3.example.com, renewed by hand so far.',
  },
  {
    sender: 'barbara',
    recipient: '*',
    level: 'success',
    title: 'Release 4.2 is out',
    body: 'Faster search, and dark mode everywhere.',
  },
  {
    sender: 'margaret',
    recipient: 'ada',
    level: 'error',
    title: 'Last night’s backup failed',
    body: 'The disk of backup-1 is full. Nothing is lost yet.',
  },
  { sender: 'grace', recipient: 'ada', level: 'info', title: 'Lunch at noon?', body: '' },
];
/** How many of the oldest have been read. */
const READ = 3;

/** What has been asked and imported. */
export const QUESTION = 'What do people expect of notifications?';
export const FILE_NAME = 'welcome.csv';
const FILE = [
  'recipient,title,body,level',
  'grace,Your access card is ready,Come to the front desk,info',
  'linus,Disk almost full,build-7 has 3 % left,warning',
  'nobody,Hello,Who is this?,info',
  'margaret,Tests are green,All 2214 of them,success',
  'tim,A title without end,,urgent',
  'barbara,Thank you,For the review,info',
].join('\n');

/** Fills an empty sample with what its pages have to show to Ada, through its own API. Its answer and its import go on. */
export async function seed(url: string): Promise<void> {
  const ada = await SampleUser.signIn(url, 'ada');
  await seedNotifications(url, ada);
  await accepted(await ada.post('/assistant/ask', { prompt: QUESTION }));
  await accepted(await ada.upload(FILE, FILE_NAME));
}

/** Resolves when what {@link seed} has begun is over. */
export async function seeded(url: string): Promise<void> {
  const ada = await SampleUser.signIn(url, 'ada');
  for (const path of ['/assistant/answers', '/imports']) {
    const running = async (): Promise<boolean> => {
      const jobs = (await accepted(await ada.get(path))) as { state: string }[];
      return jobs.some(({ state }) => state === 'running');
    };
    while (await running()) {
      // It ends by itself.
    }
  }
}

async function seedNotifications(url: string, ada: SampleUser): Promise<void> {
  const ids: number[] = [];
  for (const { sender, ...draft } of NOTIFICATIONS) {
    const user = await SampleUser.signIn(url, sender);
    const { id } = (await accepted(await user.post('/notifications', draft))) as { id: number };
    ids.push(id);
  }
  await accepted(await ada.post('/notifications/read', { ids: ids.slice(0, READ) }));
}

async function accepted(answer: Response): Promise<unknown> {
  if (!answer.ok) {
    throw new Error(`${answer.url} has answered ${answer.status}: ${await answer.text()}`);
  }
  return answer.json();
}

/** Lets Ada's notifications be of different age, the newest of now. The sample that has the folder must be closed. */
export async function age(folder: string): Promise<void> {
  const opened = await openEmbeddedDatabase(folder);
  const { database } = opened;
  const hers = inArray(notificationTable.recipient, ['ada', '*']);
  const [newest] = await database
    .select({ id: notificationTable.id })
    .from(notificationTable)
    .where(hers)
    .orderBy(desc(notificationTable.id))
    .limit(1);
  const createdAt = sql`${notificationTable.createdAt} - (${newest?.id ?? 0} - ${notificationTable.id}) * interval '47 minutes'`;
  await database.update(notificationTable).set({ createdAt }).where(hers);
  await opened.close();
}
