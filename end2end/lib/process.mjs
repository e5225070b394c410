// Programs that a test starts: each in a process group of its own, its output kept, and always ended, whatever happens.

import { spawn } from 'node:child_process';
import { onEnd } from './cleanup.mjs';
import { eventually, Hopeless } from './wait.mjs';

const running = new Set();

// Tests end their programs themselves. This is for a test process that dies before it can.
process.on('exit', () => running.forEach((program) => program.signal('SIGKILL')));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => process.exit(1));
}

class Program {
  constructor(name, file, args, options) {
    this.name = name;
    /** All of stdout and stderr so far, for messages and for looking for what must not be there. */
    this.output = '';
    this.child = spawn(file, args, { ...options, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.child.once('error', (error) => resolve({ error }));
      this.child.once('close', (code, signal) => resolve({ code, signal }));
    });
    running.add(this);
    this.ended.then((end) => {
      this.end = end;
      running.delete(this);
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => { this.output += text; });
    }
  }

  /** Sends a signal to the program and all that it started. */
  signal(signal) {
    try {
      if (this.child.pid) process.kill(-this.child.pid, signal);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  }

  /** Sends a signal to the program alone; what it started lives on. */
  signalAlone(signal) {
    this.child.kill(signal);
  }

  /** Waits until `pattern` is in the output; throws, with the output, if the program ends before or `limit` ms pass. */
  async prints(pattern, limit = 30_000) {
    try {
      return await eventually(`${this.name} prints ${pattern}`, () => {
        const found = this.output.match(pattern);
        if (!found && this.end) throw new Hopeless(`${this.name} ended: ${JSON.stringify(this.end)}`);
        return found;
      }, limit);
    } catch (error) {
      throw new Error(`${error.message}\n--- output of ${this.name}\n${this.output}`, { cause: error });
    }
  }

  /** Asks it to end, forces it after `grace` ms, and waits until it is gone. */
  async stop(grace = 5_000) {
    // What was killed is gone with all it started, and its number may be another's by now.
    if (this.killed) return this.ended;
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), grace);
    try {
      return await this.ended;
    } finally {
      clearTimeout(timer);
      this.signal('SIGKILL'); // what it started and left behind
    }
  }

  /** Ends it as a power cut would, and waits until it is gone. */
  async kill() {
    this.signal('SIGKILL');
    const end = await this.ended;
    this.killed = true;
    return end;
  }
}

/** Starts `file` and ends it when `t` is over. */
export function start(t, name, file, args, options = {}) {
  const program = new Program(name, file, args, options);
  onEnd(t, () => program.stop());
  return program;
}

/** Runs `file` to its end, at most `limit` ms, and returns its exit code, null if it was killed, and its output. */
export async function finish(name, file, args, options = {}, limit = 60_000) {
  const program = new Program(name, file, args, options);
  const timer = setTimeout(() => program.signal('SIGKILL'), limit);
  const end = await program.ended;
  clearTimeout(timer);
  return { ...end, code: end.code ?? null, output: program.output };
}

/** Runs `file` to its end and returns its output; throws unless it exits with 0 within `limit` ms. */
export async function run(name, file, args, options = {}, limit = 60_000) {
  const { output, ...end } = await finish(name, file, args, options, limit);
  if (end.code !== 0) throw new Error(`${name} failed: ${JSON.stringify(end)}\n${output}`);
  return output;
}
