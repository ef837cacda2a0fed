import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { marker, markedComment } from '../../../functions/lib/marker.ts';

const text = fc.string({ unit: 'binary', maxLength: 100 });

describe('the marker of a command', () => {
  it('is the same for the same execution and another for another', () =>
    fc.assert(fc.property(text, text, (one, other) => (marker(one) === marker(other)) === (one === other))));

  it('begins a Comment of at most 100 characters that holds as much of the user’s as fits', () =>
    fc.assert(
      fc.property(text, (comment) => {
        const marked = markedComment('arn', comment);
        expect(marked.length).toBeLessThanOrEqual(100);
        expect(marked.isWellFormed()).toBe(comment.isWellFormed());
        expect(`${marker('arn')} ${comment}`.startsWith(marked)).toBe(true);
        expect(marked.length >= Math.min(99, 45 + comment.length) || comment === '').toBe(true);
      }),
    ));

  it('stands alone without a comment', () => expect(markedComment('arn', '')).toBe(marker('arn')));
});
