// A mail server that takes everything (RFC 5321), for what the product writes to people.

import { createServer } from 'node:net';
import { onEnd } from './cleanup.mjs';

/** Starts one. Returns its address for `--mail-server` and the `letters` that it took, each with `to` and `text`. */
export async function startMailServer(t) {
  const letters = [];
  const server = createServer((socket) => {
    let [rest, to, text] = ['', '', undefined];
    socket.on('error', () => {});
    socket.write('220 mail.example\r\n');
    socket.on('data', (bytes) => {
      const lines = (rest + bytes).split('\r\n');
      rest = lines.pop();
      for (const line of lines) {
        if (text !== undefined && line !== '.') {
          text.push(line);
          continue;
        }
        if (text !== undefined) {
          // Soft line breaks of quoted-printable.
          letters.push({ to, text: text.join('\n').replaceAll('=\n', '') });
          text = undefined;
        }
        if (line.startsWith('RCPT TO:')) to = line.slice('RCPT TO:<'.length, -1);
        if (line === 'DATA') text = [];
        socket.write(line === 'DATA' ? '354 go on\r\n' : line.startsWith('EHLO') ? '250 mail.example\r\n' : '250 fine\r\n');
      }
    });
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  onEnd(t, () => new Promise((done) => server.close(done)));
  return { url: `smtp://127.0.0.1:${server.address().port}`, letters };
}
