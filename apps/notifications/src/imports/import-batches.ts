import { Injectable } from '@nestjs/common';
import { eq, sql } from 'drizzle-orm';

import { Accounts } from '../accounts/accounts.js';
import type { Database } from '../database/database.js';
import type { CreateNotificationDto } from '../notifications/create-notification.dto.js';
import { type AddedNotification, EVERYBODY } from '../notifications/notification.js';
import { NotificationMetrics } from '../notifications/notification-metrics.js';
import { NotificationStore } from '../notifications/notification-store.js';
import { Outbox } from '../outbox/outbox.js';
import { type ClaimedImport, ImportClaims } from './import-claims.js';
import type { ImportLine } from './import-line.js';
import { type ImportProblem, type ImportProgress, type ImportState, MOST_PROBLEMS } from './import.js';
import { importTable } from './import.table.js';

/** What has become of a batch, and of its import with it. */
export interface ImportStep extends ImportProgress {
  readonly state: ImportState;
  /** Those that the batch has found. */
  readonly found: readonly ImportProblem[];
}

/** Sends the lines of imports, some at a time. */
@Injectable()
export class ImportBatches {
  constructor(
    private readonly claims: ImportClaims,
    private readonly accounts: Accounts,
    private readonly notifications: NotificationStore,
    private readonly metrics: NotificationMetrics,
    private readonly outbox: Outbox,
  ) {}

  /**
   * Sends those of the lines that can be, and notes that it has: both or neither, so that a process that dies sends nothing
   * twice and leaves nothing out.
   *
   * @returns `undefined` if another process has the import now; the state tells whether it still runs
   */
  async run(id: string, lines: readonly ImportLine[]): Promise<ImportStep | undefined> {
    let sent: AddedNotification[] = [];
    const step = await this.outbox.transaction(async (tx) => {
      const held = await this.claims.hold(tx, id);
      if (held === undefined || held.state !== 'running') {
        return held && { ...held, found: [] };
      }
      const { good, found } = await this.sorted(tx, lines);
      sent = await this.notifications.addAll(
        tx,
        good.map(({ line, draft: { recipient, title, body, level } }) => ({
          recipient,
          title,
          body,
          level,
          sender: held.userId,
          // The position says already what has been sent; with this no mistake of ours could send a line twice.
          requestKey: `import:${id}:${line}`,
        })),
      );
      return this.note(tx, held, sent.length, found);
    });
    this.metrics.count(sent);
    return step;
  }

  private async sorted(
    tx: Database,
    lines: readonly ImportLine[],
  ): Promise<{
    readonly good: readonly { readonly line: number; readonly draft: CreateNotificationDto }[];
    readonly found: readonly ImportProblem[];
  }> {
    const recipients = lines.flatMap((line) => ('draft' in line ? [line.draft.recipient] : []));
    const known = await this.accounts.known(recipients, tx);
    const good = [];
    const found: ImportProblem[] = [];
    for (const line of lines) {
      if ('problem' in line) {
        found.push({ line: line.line, message: line.problem });
      } else if (line.draft.recipient !== EVERYBODY && !known.has(line.draft.recipient)) {
        found.push({ line: line.line, message: `there is no user ${JSON.stringify(line.draft.recipient)}` });
      } else {
        good.push(line);
      }
    }
    return { good, found };
  }

  private async note(
    tx: Database,
    held: ClaimedImport,
    sent: number,
    found: readonly ImportProblem[],
  ): Promise<ImportStep> {
    const kept = found.slice(0, Math.max(0, MOST_PROBLEMS - held.problems.length));
    const position = held.position + sent + found.length;
    const change = {
      position,
      sent: held.sent + sent,
      rejected: held.rejected + found.length,
      state: position < held.lines ? ('running' as const) : ('completed' as const),
    };
    await tx
      .update(importTable)
      .set({ ...change, problems: [...held.problems, ...kept], claimedAt: sql`now()` })
      .where(eq(importTable.id, held.id));
    return { ...change, lines: held.lines, found: kept };
  }
}
