// Windows on this machine: a real agent for Windows, a real service and a real registry, in the Wine that `cargo xtask test`
// made and holds. The only place that knows how its programs are called.

import { join } from 'node:path';
import { onEnd } from './cleanup.mjs';
import { paths } from './paths.mjs';
import { run, start } from './process.mjs';

const WINE = ['WINEPREFIX', 'WINEARCH', 'WINEDEBUG', 'WINEDLLOVERRIDES'];

function environment() {
  const wine = Object.fromEntries(WINE.map((name) => [name, process.env[name]]));
  return { PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8', RUST_BACKTRACE: '1', ...wine };
}

const wine = (...args) => run(args.slice(0, 2).join(' '), paths.wine, args, { env: environment() });

const agent = () => join(paths.windows, 'countersign-agent.exe');

/** As a Windows program sees a file of this machine. */
const seen = (path) => `Z:${path.replaceAll('/', '\\')}`;

const dataOf = (folder) => seen(join(folder, 'agent'));

/** Makes the agent's key in `folder/agent` and registers it with the server by a token, by `name`. */
export const enrolWindowsAgent = (folder, { url, token, name }) =>
  wine(agent(), 'enrol', '--data', dataOf(folder), '--url', url, '--token', token, '--name', name);

/** Starts the agent of `folder/agent`; ended when `t` is over. */
export const startWindowsAgent = (t, folder) =>
  start(t, 'countersign-agent.exe run', paths.wine, [agent(), 'run', '--data', dataOf(folder)], { env: environment() });

/** Sets a value of the registry, as an application's installer would: `type` is REG_SZ, REG_DWORD, … */
export const setRegistryValue = (key, name, type, data) => wine('reg', 'add', key, '/v', name, '/t', type, '/d', data, '/f');

/** Makes a service and starts it; stopped and deleted when `t` is over. */
export async function makeWindowsService(t, name) {
  const program = seen(join(paths.windows, 'examples', 'quiet_service.exe'));
  await wine('sc', 'create', name, 'binPath=', `${program} ${name}`, 'start=', 'demand');
  onEnd(t, async () => {
    await wine('sc', 'stop', name);
    await wine('sc', 'delete', name);
  });
  await wine('sc', 'start', name);
}
