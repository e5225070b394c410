// Waiting with a limit, free ports, and folders that go away.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onEnd } from './cleanup.mjs';

/** Thrown by a probe: waiting longer can't help. */
export class Hopeless extends Error {}

/**
 * Calls `probe` until it returns something truthy, and returns that. After `limit` milliseconds it throws `what` with the
 * last error; at once if that error is `Hopeless`. For states that come about outside of the browser; inside it use playwright's own waiting.
 */
export async function eventually(what, probe, limit = 15_000) {
  const end = Date.now() + limit;
  let last;
  do {
    try {
      const result = await probe();
      if (result) return result;
      last = undefined;
    } catch (error) {
      if (error instanceof Hopeless) throw error;
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  } while (Date.now() < end);
  throw new Error(`not within ${limit} ms: ${what}`, { cause: last });
}

/** A TCP port on the loopback interface that nothing listens on now. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A fresh folder, removed when `t` is over; its name starts with `name`, for where people see it. */
export async function scratch(t, name = 'countersign-end2end') {
  const folder = await mkdtemp(join(tmpdir(), `${name}-`));
  onEnd(t, () => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}
