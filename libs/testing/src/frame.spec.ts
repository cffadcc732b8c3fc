import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FrameSplitter } from './frame.js';

describe('FrameSplitter', () => {
  it('tells fields, comments and lone ids apart', () => {
    const frames = new FrameSplitter().push(
      ': hi\n:  two\n\nretry: 5\n\nid: 7\n\nevent: x\ndata:a\ndata:  b:c\nflag\n\n',
    );
    expect(frames.map(({ fields, comment }) => ({ fields, comment }))).toEqual([
      { fields: [], comment: 'hi\n two' },
      { fields: [{ name: 'retry', value: '5' }] },
      { fields: [{ name: 'id', value: '7' }] },
      {
        fields: [
          { name: 'event', value: 'x' },
          { name: 'data', value: 'a' },
          { name: 'data', value: ' b:c' },
          { name: 'flag', value: '' },
        ],
      },
    ]);
  });

  it('shows a CR and a blank line too many', () => {
    const splitter = new FrameSplitter();
    const texts = splitter.push('data: a\r\n\r\ndata: b\n\n\ndata: c\n').map(({ text }) => text);
    expect(texts).toEqual(['data: a\r\n\r\ndata: b\n\n', '\n']);
    expect(splitter.rest).toBe('data: c\n');
  });

  it('cuts the same however the stream is cut, and loses nothing (property)', () => {
    const part = fc.constantFrom('\n', '\n\n', 'data: x', ': c', '\r', 'id:1\n');
    fc.assert(
      fc.property(fc.array(part), fc.array(fc.nat({ max: 5 })), (parts, cuts) => {
        const stream = parts.join('');
        const whole = new FrameSplitter();
        const expected = whole.push(stream);
        const pieces = new FrameSplitter();
        let from = 0;
        const frames = cuts.flatMap((length) => pieces.push(stream.slice(from, (from += length))));
        frames.push(...pieces.push(stream.slice(from)));
        expect(frames).toEqual(expected);
        expect(frames.map(({ text }) => text).join('') + pieces.rest).toBe(stream);
      }),
    );
  });
});
