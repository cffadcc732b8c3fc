import type { SseStream } from '@nestcast/testing';

/** The types of an answer's events up to one of this type. How often its progress is told depends on time: it is left out. */
export async function typesUpTo(stream: SseStream, last: string): Promise<string[]> {
  const types: string[] = [];
  while (types.at(-1) !== last) {
    const { type } = await stream.next();
    if (type !== 'progress') {
      types.push(type);
    }
  }
  return types;
}
