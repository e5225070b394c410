// Where the built product is. `cargo xtask test` says so in the environment; there are no guesses, so that a journey never
// runs against something built earlier and elsewhere.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

function built(name) {
  const path = process.env[name];
  if (!path) throw new Error(`${name} is not set: run \`cargo xtask test --only build --only end2end\``);
  if (!existsSync(path)) throw new Error(`${name}=${path} is not there: run \`cargo xtask test --only build\``);
  return path;
}

/** Each is looked up when read, so that tests that need no server run without one. */
export const paths = {
  root,
  get server() { return built('COUNTERSIGN_BIN'); },
  get agent() { return built('COUNTERSIGN_AGENT_BIN'); },
  /** The programs built for Windows. */
  get windows() { return built('COUNTERSIGN_WINDOWS'); },
  /** What runs them on this machine. */
  get wine() { return built('COUNTERSIGN_WINE'); },
  get site() { return built('COUNTERSIGN_SITE'); },
  get chromium() { return built('CHROMIUM'); },
  /** Pictures of pages, for people to look at. */
  get screens() { return process.env.COUNTERSIGN_SCREENS || join(root, 'target', 'screens'); },
};
