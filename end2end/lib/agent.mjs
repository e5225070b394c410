// A real agent process on this machine. The only place that knows its command line.

import { join } from 'node:path';
import { paths } from './paths.mjs';
import { run, start } from './process.mjs';

const environment = () => ({ PATH: process.env.PATH, HOME: process.env.HOME, LANG: 'C.UTF-8', RUST_BACKTRACE: '1' });

/** Makes the agent's key in `folder/agent` and registers it with the server by a one-time token, by the host's name or by `name`. */
export function enrolAgent(folder, { url, token, name }) {
  const args = ['enrol', '--data', join(folder, 'agent'), '--url', url, '--token', token, ...(name ? ['--name', name] : [])];
  return run('countersign-agent enrol', paths.agent, args, { env: environment() });
}

/** Enrols the agent if a token is given, and starts it; ended when `t` is over. */
export async function startAgent(t, folder, { url, token, name } = {}) {
  if (token) await enrolAgent(folder, { url, token, name });
  const args = ['run', '--data', join(folder, 'agent')];
  return start(t, 'countersign-agent run', paths.agent, args, { env: environment() });
}
