// A real service on this machine, made for one test: below systemd where it runs, else as an init script.

import { chmod, rm, writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { onEnd } from './cleanup.mjs';
import { run } from './process.mjs';

/**
 * Makes a service whose every restart appends a line to `folder/restarts`, and removes it when `t` is over. Returns its
 * name and that file. It takes about a second between its two lines of output, so that a page can be seen growing.
 */
export async function makeService(t, folder) {
  if (process.getuid() !== 0) throw new Error('restarting a service needs root: run the end-to-end tests as root, as in a container');
  const name = `cs-test-${randomBytes(4).toString('hex')}`;
  const restarts = join(folder, 'restarts');
  const body = `#!/bin/sh
[ "$1" = restart ] || exit 0
echo "Stopping ${name}."
echo restarted >> '${restarts}'
sleep 1
echo "Started ${name}."
`;
  const systemd = existsSync('/run/systemd/system');
  const script = systemd ? join(folder, name) : `/etc/init.d/${name}`;
  onEnd(t, () => rm(script, { force: true }));
  await writeFile(script, body);
  await chmod(script, 0o755);
  if (systemd) await makeUnit(t, name, script);
  return { name, restarts };
}

async function makeUnit(t, name, script) {
  const unit = `/run/systemd/system/${name}.service`;
  const reload = () => run('systemctl', 'systemctl', ['daemon-reload']);
  onEnd(t, async () => {
    await rm(unit, { force: true });
    await reload();
  });
  await writeFile(unit, `[Service]\nType=oneshot\nRemainAfterExit=yes\nExecStart=${script} restart\n`);
  await reload();
}
