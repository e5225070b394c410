// A host and port that swallow every attempt to connect, as behind a firewall that drops. Loopback refuses what nobody
// listens on; a listener that never accepts, with its queue full, is silent.

import { connect } from 'node:net';
import { onEnd } from './cleanup.mjs';
import { start } from './process.mjs';

/** Node accepts by itself whatever it listens for. Perl is on every Debian. */
const LISTENER = `use Socket; $| = 1;
socket(my $s, PF_INET, SOCK_STREAM, 0) or die $!;
bind($s, sockaddr_in(0, INADDR_LOOPBACK)) or die $!;
listen($s, 0) or die $!;
print 'port ', (sockaddr_in(getsockname($s)))[0], "\\n";
sleep 3600;`;

/** How long a connection that is answered on loopback may take, in ms. */
const PATIENCE = 500;

/** Makes one, until `t` is over; returns `host:port`. */
export async function makeSilentHost(t) {
  const listener = start(t, 'a silent listener', 'perl', ['-e', LISTENER]);
  const [, port] = await listener.prints(/port (\d+)\n/);
  for (;;) {
    const socket = connect(Number(port), '127.0.0.1');
    socket.on('error', () => {});
    onEnd(t, () => socket.destroy());
    const answered = await Promise.race([
      new Promise((resolve) => socket.once('connect', () => resolve(true))),
      new Promise((resolve) => setTimeout(() => resolve(false), PATIENCE)),
    ]);
    if (!answered) return `127.0.0.1:${port}`;
  }
}
