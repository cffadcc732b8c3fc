import type { accountTable } from './account.table.js';

export type Role = (typeof accountTable.$inferSelect)['role'];

/** Who somebody is, as far as others may know. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}
