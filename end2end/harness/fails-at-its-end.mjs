// No test of its own (see its name's ending): harness.test.mjs runs it to see that a failing clean-up fails a test.

import { test } from 'node:test';
import { onEnd } from '../lib/index.mjs';

test('passes, but its clean-up does not', (t) => {
  onEnd(t, () => { throw new Error('broken at the end'); });
});
