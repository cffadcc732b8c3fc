import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ConflictException } from '@nestjs/common';

import { AssistantNode } from '../spec-support/assistant-node.js';
import type { Generation } from '../spec-support/hand-driven-model.js';
import { openTestDatabase, type TestDatabase } from '../spec-support/test-database.js';
import { answerTable } from './answer.table.js';
import type { AnswerRow } from './answer-row.js';
import { ModelError } from './model-error.js';

let opened: TestDatabase;
let node: AssistantNode;
beforeAll(async () => {
  opened = await openTestDatabase();
});
beforeEach(async () => {
  node = await AssistantNode.start(opened.database);
});
afterEach(async () => {
  await node.close();
  await opened.database.delete(answerTable);
});
afterAll(() => opened.end());

interface Asked {
  readonly id: string;
  readonly generation: Generation;
}

async function ask(prompt = 'Why?', userId = 'ada'): Promise<Asked> {
  const [{ id }, generation] = await Promise.all([node.assistant.ask(userId, prompt), node.model.next()]);
  return { id, generation };
}

const rowOf = async ({ id }: Asked, at = node): Promise<AnswerRow> =>
  (await at.store.find('ada', id)) as AnswerRow;

/** Types and data of what was told. */
const told = async ({ id }: Asked): Promise<[string, unknown][]> =>
  (await node.history('ada', id)).map(({ type, data }) => [type, data]);

const ago = (ms: number): Date => new Date(Date.now() - ms);

/** Lets it come to its end. */
async function end(asked: Asked): Promise<void> {
  asked.generation.finish();
  await node.ended(asked.id);
}

describe('an answer', () => {
  it('is told piece by piece, measured, and in the table when its end is told', async () => {
    const asked = await ask('Why is the sky blue?');
    node.timeMs = 120;
    asked.generation.say('Light');
    await node.published(asked.id, 'token', 1);
    node.timeMs = 620;
    asked.generation.say(' scatters', ' \u{1f308}\0.');
    await node.published(asked.id, 'token', 3);
    node.timeMs = 1_120;
    await end(asked);

    const figures = { tokens: 3, tokensPerSecond: 2, firstTokenMs: 120, durationMs: 1_120 };
    expect(await told(asked)).toEqual([
      ['start', { id: asked.id, prompt: 'Why is the sky blue?', model: 'hand-driven' }],
      ['token', { offset: 0, text: 'Light' }],
      ['token', { offset: 5, text: ' scatters' }],
      ['progress', { tokens: 2, tokensPerSecond: 2, firstTokenMs: 120, durationMs: 620 }],
      ['token', { offset: 14, text: ' \u{1f308}.' }],
      ['complete', { state: 'completed', length: 18, figures, error: null }],
    ]);
    expect(await rowOf(asked)).toMatchObject({
      state: 'completed',
      text: 'Light scatters \u{1f308}.',
      tokens: 3,
      firstTokenMs: 120,
      durationMs: 1_120,
      claimedBy: null,
      finishedAt: expect.any(Date),
    });
  });

  it('is saved about once a second while it is written', async () => {
    const asked = await ask();
    asked.generation.say('One');
    await node.published(asked.id, 'token', 1);
    expect((await rowOf(asked)).text).toBe('');
    node.timeMs = 1_000;
    asked.generation.say(' two', ' three');
    await node.published(asked.id, 'token', 3);
    expect(await rowOf(asked)).toMatchObject({ text: 'One two', tokens: 2, state: 'running' });
  });

  it.each([
    ['the model’s own words for users', new ModelError('BUSY', 429), /too much to do/],
    [
      'nothing of an error that is for nobody',
      new Error('password=secret'),
      /^The answer could not be written/,
    ],
  ])('that fails tells %s, and keeps its text', async (_what, error, message) => {
    const asked = await ask();
    asked.generation.say('Half');
    asked.generation.fail(error);
    await node.ended(asked.id);
    const row = await rowOf(asked);
    expect(row).toMatchObject({ state: 'failed', text: 'Half', error: expect.stringMatching(message) });
    expect((await told(asked)).at(-1)).toMatchObject(['failed', { error: row.error, length: 4 }]);
  });

  it('that comes to no end is cut, and its model stopped', async () => {
    const asked = await ask();
    asked.generation.say('x'.repeat(99_999), 'yy', 'zz');
    await asked.generation.left;
    await node.ended(asked.id);
    const row = await rowOf(asked);
    expect(row).toMatchObject({ state: 'failed', error: expect.stringContaining('too long') });
    expect(row.text).toHaveLength(99_999);
  });

  it('is one of two at most that a user may have running, however fast it asks', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 5 }, () => node.assistant.ask('ada', 'Why?')),
    );
    const refusals = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as Error] : [],
    );
    expect(refusals).toEqual([1, 2, 3].map(() => expect.any(ConflictException)));
    const generations = [await node.model.next(), await node.model.next()];
    await ask('Mine too?', 'grace');
    generations[0]?.finish();
    await node.writes(2);
    await ask();
  });
});

describe('an answer that is cancelled', () => {
  it('stops its model at once, and keeps what was written', async () => {
    const asked = await ask();
    asked.generation.say('Half');
    await node.published(asked.id, 'token', 1);
    await node.assistant.cancel('ada', asked.id);
    await asked.generation.left;
    await node.ended(asked.id);
    expect(await rowOf(asked)).toMatchObject({
      state: 'cancelled',
      text: 'Half',
      tokens: 1,
      claimedBy: null,
    });
    expect((await told(asked)).at(-1)).toMatchObject(['cancelled', { state: 'cancelled', length: 4 }]);
  });

  it('is left alone by others, and when it is over', async () => {
    const asked = await ask();
    await node.assistant.cancel('grace', asked.id);
    expect((await rowOf(asked)).state).toBe('running');
    await end(asked);
    await node.assistant.cancel('ada', asked.id);
    expect((await rowOf(asked)).state).toBe('completed');
  });

  it('finds that out with its next save, where nobody has told its node', async () => {
    const asked = await ask();
    await node.store.cancel('ada', asked.id);
    node.timeMs = 1_000;
    asked.generation.say('Too late');
    await asked.generation.left;
    await node.ended(asked.id);
    expect((await told(asked)).at(-1)?.[0]).toBe('cancelled');
  });

  it('finds that out with its node’s next sign of life, where its model is silent', async () => {
    const asked = await ask();
    await node.store.cancel('ada', asked.id);
    await node.keeper.keep(15_000);
    await asked.generation.left;
    await node.ended(asked.id);
    expect((await told(asked)).at(-1)?.[0]).toBe('cancelled');
  });
});

describe('an answer whose process stops', () => {
  it('is interrupted, stored and told, where the process has the time', async () => {
    const asked = await ask();
    asked.generation.say('Half');
    await node.published(asked.id, 'token', 1);
    const goodbye = node.next(asked.id, 'interrupted');
    await node.close();
    expect((await goodbye).data).toMatchObject({ state: 'interrupted', length: 4 });
    node = await AssistantNode.start(opened.database);
    expect(await rowOf(asked)).toMatchObject({ state: 'interrupted', text: 'Half', claimedBy: null });
  });

  const LEFT = {
    userId: 'ada',
    prompt: 'Why?',
    model: 'hand-driven',
    text: 'Half',
    claimedBy: 'a process that has died',
  };

  async function left(claimedAt: Date, state: AnswerRow['state'] = 'running'): Promise<string> {
    const [row] = await opened.database
      .insert(answerTable)
      .values({ ...LEFT, state, claimedAt })
      .returning();
    return (row as AnswerRow).id;
  }

  it('is interrupted and told by another, once nothing was heard of it for long', async () => {
    const [dead, alive] = [await left(ago(20_000)), await left(ago(5_000))];
    const asked = await ask('Mine?', 'grace');
    await node.keeper.keep(15_000);
    expect(await node.store.find('ada', dead)).toMatchObject({
      state: 'interrupted',
      text: 'Half',
      claimedBy: null,
    });
    expect((await node.history('ada', dead)).map(({ type }) => type)).toEqual(['interrupted']);
    expect((await node.store.find('ada', alive))?.state).toBe('running');
    expect((await node.store.find('grace', asked.id))?.state).toBe('running');
  });

  it('is told its end by another, where it was over but not told', async () => {
    const id = await left(ago(20_000), 'completed');
    await node.keeper.keep(15_000);
    expect((await node.store.find('ada', id))?.state).toBe('completed');
    expect((await node.history('ada', id)).map(({ type }) => type)).toEqual(['complete']);
  });

  it('is interrupted at the next start, where there is only one process', async () => {
    const id = await left(ago(1_000));
    await node.close();
    node = await AssistantNode.start(opened.database);
    expect((await node.store.find('ada', id))?.state).toBe('interrupted');
  });

  it('is left alone at a start, where there may be others', async () => {
    const id = await left(ago(1_000));
    await node.close();
    node = await AssistantNode.start(opened.database, { name: 'worker 2' });
    expect((await node.store.find('ada', id))?.state).toBe('running');
  });

  it('is told no end by a writer that had lost it to another', async () => {
    const asked = await ask();
    await opened.database.update(answerTable).set({ claimedBy: 'another' });
    await end(asked);
    expect((await told(asked)).map(([type]) => type)).toEqual(['start']);
    expect((await rowOf(asked)).state).toBe('running');
  });
});

describe('a stream of an answer that is over', () => {
  it('has its end, though the log has nothing of it any more', async () => {
    const asked = await ask();
    asked.generation.say('All of it');
    await end(asked);
    await node.close();
    node = await AssistantNode.start(opened.database);
    expect(await told(asked)).toEqual([]);
    const streams = [await rowOf(asked), await rowOf(asked)].map((row) => node.assistant.stream(row));
    await Promise.all(streams);
    expect(await told(asked)).toMatchObject([['complete', { state: 'completed', length: 9 }]]);
  });
});
