import { existsSync } from 'node:fs';

const TEMPLATE = new URL('../../apps/notifications/dist/spec-support/sample-template.js', import.meta.url);

/** Fills what takes longer than a hook of a spec may. What isn't built yet is filled by whoever needs it first. */
export default async function globalSetup() {
  if (existsSync(TEMPLATE)) {
    const { sampleTemplate } = await import(TEMPLATE.href);
    await sampleTemplate.fill();
  }
}
