// The real server. The only place that knows its command line.

import { join } from 'node:path';
import { paths } from './paths.mjs';
import { finish, run, start } from './process.mjs';
import { eventually, freePort, Hopeless } from './wait.mjs';

/** Under which address a server on `port` is reached. */
export const urlOf = (port) => `http://127.0.0.1:${port}`;

/** Arguments of `countersign serve`. */
function serve({ data, port }) {
  return ['serve', '--data', data, '--site', paths.site, '--listen', `127.0.0.1:${port}`, '--url', urlOf(port)];
}

/** What every process of ours gets: nothing of the caller's settings but what running needs. */
function environment(extra) {
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  return { PATH, HOME, LANG: LANG ?? 'C.UTF-8', ...(TMPDIR && { TMPDIR }), RUST_BACKTRACE: '1', ...extra };
}

/**
 * Starts a server on `folder/server` and waits until it answers. `port` may be given, to come back at the same address
 * after a crash. Returns the program with `url`, `port`, `data` and `command`, which runs another of its subcommands.
 */
export async function startServer(t, folder, { port, env = {} } = {}) {
  const data = join(folder, 'server');
  const chosen = port ?? (await freePort());
  const program = start(t, 'countersign serve', paths.server, serve({ data, port: chosen }), { env: environment(env) });
  const url = urlOf(chosen);
  try {
    await eventually(`the server answers at ${url}`, () => {
      if (program.end) throw new Hopeless(`the server ended: ${JSON.stringify(program.end)}`);
      return fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(2_000) });
    }, 30_000);
  } catch (error) {
    throw new Error(`${error.message}\n--- output of the server\n${program.output}`, { cause: error });
  }
  return Object.assign(program, { url, port: chosen, data, command: (...args) => serverCommand(folder, ...args) });
}

/** Runs `countersign ARGS… --data folder/server` to its end and returns what it printed. */
export function serverCommand(folder, ...args) {
  const all = [...args, '--data', join(folder, 'server')];
  return run(`countersign ${args.join(' ')}`, paths.server, all, { env: environment({}) });
}

/** Verifies the whole record below `folder/server`, as an operator does: the exit code and what was printed. */
export function verifyRecord(folder) {
  const args = ['verify', '--database', join(folder, 'server')];
  return finish('countersign verify', paths.server, args, { env: environment({}) });
}
