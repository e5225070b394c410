// SIGKILL at random moments, of the server and of the agent, while actions run, notes are written, requests are decided
// and somebody watches. Afterwards: nothing that was acknowledged or shown is missing, nothing ran twice, and the record
// verifies. The seed of the moments is printed; COUNTERSIGN_SEED repeats it.

import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { ended, eventually, outputOf, scratch, sql, startAgent, startOrg, startServer, suite, verifyRecord } from '../lib/index.mjs';

const KILLS = 50;
const SEED = Number(process.env.COUNTERSIGN_SEED ?? Date.now() % 1_000_000);

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function randomness(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let n = Math.imul(state ^ (state >>> 15), 1 | state);
    n = (n + Math.imul(n ^ (n >>> 7), 61 | n)) ^ n;
    return ((n ^ (n >>> 14)) >>> 0) / 4294967296;
  };
}

/** Prints numbered lines until `stop` is there, and keeps its own count beside them. Says in `runs` that it ran. */
const counting = ({ runs, count, stop }) => `echo long >> '${runs}'
i=0
while [ ! -e '${stop}' ]; do
  i=$((i+1))
  echo "line $i of the long action"
  echo $i > '${count}.new'; mv '${count}.new' '${count}'
  sleep 0.04
done
`;

const numberIn = (file) => readFile(file, 'utf8').then(Number, () => 0);

/** The numbers of the lines in an output; throws unless they are 1, 2, 3 … and nothing else stands there. */
function lastOf(output) {
  const lines = output.split('\n').slice(0, -1);
  lines.forEach((line, n) => assert.equal(line, `line ${n + 1} of the long action`));
  return lines.length;
}

describe('crashes', { timeout: 240_000 }, () => {
  const shared = suite();
  const random = randomness(SEED);
  const upTo = (ms) => pause(random() * ms);
  let org;
  let folder;
  let server;

  before(async () => {
    folder = await scratch(shared);
    org = await startOrg(shared, folder, { agent: true });
    server = org.server;
  });
  after(() => shared.end());

  const restart = async () => { server = await startServer(shared, folder, { port: server.port }); };

  /** Every order that was ever given stands in the record in its order, and once. */
  async function inOrder() {
    const leaves = await sql(folder, 'SELECT kind, action_id FROM leaf WHERE action_id IS NOT NULL ORDER BY idx');
    const order = ['action.proposed', 'action.authorised', 'action.dispatched', 'action.started', 'action.finished'];
    const byAction = grouped(leaves);
    for (const [id, its] of byAction) {
      const steps = its.map((l) => order.indexOf(l.kind)).filter((n) => n >= 0);
      assert.deepEqual(steps, [...new Set(steps)].sort((a, b) => a - b), `R6: ${id}: ${its.map((l) => l.kind).join(', ')}`);
    }
  }

  function grouped(leaves) {
    const all = new Map();
    for (const l of leaves) all.set(l.action_id, [...(all.get(l.action_id) ?? []), l]);
    return all;
  }

  test(`R2, R3: the server is killed ${KILLS} times; nothing acknowledged is missing, nothing runs twice`, async (t) => {
    t.diagnostic(`COUNTERSIGN_SEED=${SEED}`);
    const { technician, contact, endpoint } = org;
    const runs = join(folder, 'runs');
    const [count, stop] = [join(folder, 'count'), join(folder, 'stop')];
    const session = await technician.openSession(endpoint, 'Printer drops jobs', 'POS-4901');
    const long = await technician.propose(session, `sh: ${counting({ runs, count, stop })}`);
    await contact.decide(long.request, 'approve');
    const short = [];
    for (let n = 1; n <= 10; n += 1) short.push(await technician.propose(session, `sh: echo short-${n} >> '${runs}'; echo done ${n}`));
    await eventually('the long action prints', () => numberIn(count));

    let over = false;
    const acknowledged = [];
    const tried = [];
    const noting = (async () => {
      for (let n = 1; !over; n += 1) {
        tried.push(`note ${n}.`);
        await technician.call('add_note', { session, text: `note ${n}.` }).then(() => acknowledged.push(`note ${n}.`), () => {});
        await pause(20);
      }
    })();
    const seen = new Map();
    const watching = (async () => {
      let cursor = 0;
      while (!over) {
        cursor = await watch(technician, session, cursor, seen, () => over).catch((error) => {
          if (error instanceof assert.AssertionError) throw error;
          return cursor;
        });
        await pause(20);
      }
    })();
    const deciding = (async () => {
      for (const action of short) {
        await pause(2_500);
        await eventually(`${action.number} is decided`, async () => {
          await contact.decide(action.request, 'approve').catch(() => {});
          return (await contact.call('approval', { id: action.request })).row.state === 'approved';
        }, 60_000);
      }
    })();

    for (let kill = 1; kill <= KILLS; kill += 1) {
      await upTo(900);
      await server.kill();
      await restart();
    }
    over = true;
    await deciding;
    await Promise.all([noting, watching]);
    await writeFile(stop, '');
    const done = await ended(technician, session, long, 60_000);
    for (const action of short) assert.equal((await ended(technician, session, action, 60_000)).outcome, 'succeeded');

    assert.equal(done.outcome, 'succeeded');
    const printed = await numberIn(count);
    assert.equal(lastOf(await outputOf(technician, session, long.number)), printed, 'every line once and in order');
    assert.deepEqual((await readFile(runs, 'utf8')).trim().split('\n').sort(), ['long', ...short.map((_, n) => `short-${n + 1}`)].sort());
    const notes = (await technician.session(session)).notes.map((n) => n.text);
    assert.equal(new Set(notes).size, notes.length, 'no note twice');
    assert.deepEqual(acknowledged.filter((note) => !notes.includes(note)), [], 'what was acknowledged is there');
    assert.deepEqual(notes.filter((note) => !tried.includes(note)), []);
    const now = new Map();
    await watch(technician, session, 0, now, () => now.size >= seen.size);
    assert.deepEqual([...seen].filter(([leaf, text]) => now.get(leaf) !== text), [], 'what was shown is there as it was shown');
    t.diagnostic(`${printed} lines, ${acknowledged.length} of ${tried.length} notes acknowledged, ${seen.size} pieces seen live`);
    assert.ok(printed > 200 && acknowledged.length > KILLS && seen.size > 10, 'there was something to lose');
  });

  test('R3, R14: the agent is killed while the server is away; what was spooled arrives and the end is told as unknown', async () => {
    const { technician, contact, endpoint } = org;
    const names = Object.fromEntries(['runs', 'count', 'stop'].map((n) => [n, join(folder, `second-${n}`)]));
    const session = await technician.openSession(endpoint, 'Printer drops jobs again', 'POS-4902');
    const action = await technician.propose(session, `sh: ${counting(names)}`);
    await contact.decide(action.request, 'approve');
    await eventually('some of it has arrived', async () => (await outputOf(technician, session, action.number)).includes('line 5 '));
    const before = lastOf(await outputOf(technician, session, action.number));
    await server.kill();
    const without = await numberIn(names.count);
    await eventually('it goes on without the server', async () => (await numberIn(names.count)) > without + 40);
    org.agent.signalAlone('SIGKILL');
    await org.agent.ended;
    const printed = await eventually('what it had started has ended', async () => {
      const [one] = [await numberIn(names.count), await pause(300)];
      return one === (await numberIn(names.count)) && one;
    });
    await restart();
    org.agent = await startAgent(shared, folder);
    const done = await ended(technician, session, action);
    assert.deepEqual([done.state, done.outcome], ['finished', 'unknown']);
    assert.match(done.detail, /The agent ended while this ran/);
    const arrived = lastOf(await outputOf(technician, session, action.number));
    assert.ok(arrived > before && arrived <= printed + 1, `${before} before, ${arrived} arrived, ${printed} printed`);
    assert.ok(arrived >= without, 'the spool held what was printed while the server was away');
    assert.equal(await readFile(names.runs, 'utf8'), 'long\n', 'it was not run again');
  });

  test('R3, R10: the agent is killed around the start of actions; each ends truthfully and none runs twice', async (t) => {
    const { technician, contact, endpoint } = org;
    const runs = join(folder, 'third-runs');
    await writeFile(runs, '');
    const session = await technician.openSession(endpoint, 'Scanner stalls', 'POS-4903');
    const ends = [];
    for (let n = 1; n <= 8; n += 1) {
      const action = await technician.propose(session, `sh: echo ${n} >> '${runs}'; sleep 0.2; echo done ${n}`);
      await contact.decide(action.request, 'approve');
      await upTo(500);
      org.agent.signalAlone('SIGKILL');
      await org.agent.ended;
      org.agent = await startAgent(shared, folder);
      const done = await ended(technician, session, action);
      const times = (await readFile(runs, 'utf8')).split('\n').filter((line) => line === String(n)).length;
      const end = done.refusal ?? done.outcome;
      ends.push(end);
      assert.ok(['succeeded', 'unknown', 'not_run'].includes(end), end);
      assert.ok(times <= 1, `action ${n} ran ${times} times`);
      if (end === 'succeeded') assert.equal(times, 1);
      if (end === 'not_run') assert.equal(times, 0);
    }
    t.diagnostic(`ends: ${ends.join(', ')}`);
  });

  test('R4, R6: after all of this the record verifies, and every order is in order', async () => {
    const { code, output } = await verifyRecord(folder);
    assert.equal(code, 0, output);
    await inOrder();
  });
});

/** Reads the live events of a session from `cursor` into `seen`, until they break off or `enough`; gives the new cursor. */
async function watch(person, session, cursor, seen, enough) {
  const stop = new AbortController();
  const response = await person.get(`/live/session/${session}?from=${cursor}`, {}, stop.signal);
  if (!response.ok) throw new Error(`live: ${response.status}`);
  let at = cursor;
  let text = '';
  const looking = setInterval(() => enough() && stop.abort(), 50);
  const limit = setTimeout(() => stop.abort(), 30_000);
  try {
    for await (const chunk of response.body) {
      text += Buffer.from(chunk).toString();
      const events = text.split('\n\n');
      text = events.pop();
      for (const event of events) {
        const data = event.match(/^data: ?(.*)$/m)?.[1];
        const item = data && JSON.parse(data);
        if (item?.kind === 'output') {
          const { leaf, text: shown } = item.piece;
          assert.ok(!seen.has(leaf) || seen.get(leaf) === shown, `leaf ${leaf} was shown in two ways`);
          seen.set(leaf, shown);
        }
        at = Number(event.match(/^id: ?(\d+)$/m)?.[1] ?? at);
      }
    }
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
  } finally {
    clearInterval(looking);
    clearTimeout(limit);
    stop.abort();
  }
  return at;
}
