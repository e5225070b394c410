// A link that a stranger has, and a database that was altered afterwards in every way that there is: the same link says ALTERED
// each time, and the whole record is not verified either. The attacker has the database and stops at no guard.

import assert from 'node:assert/strict';
import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  dropGuards, ended, openBrowser, quoted, scratch, sql, sqlAtOnce, startOrg, startServer, storyteller, suite, verifyRecord,
} from '../lib/index.mjs';

/** Bytes as a literal of SQL, and their last digit changed. */
const bytes = (hex) => `x'${hex}'`;
const flipped = (hex) => hex.slice(0, -1) + (hex.endsWith('0') ? '1' : '0');
const otherAt = (text, at) => text.slice(0, at) + (text[at] === '0' ? '1' : '0') + text.slice(at + 1);

describe('an altered database', { timeout: 300_000 }, () => {
  const shared = suite();
  const part = storyteller(test);
  let org;
  let chromium;
  let server;
  let session;
  let link;
  let pristine;
  let earlier;

  before(async () => {
    org = await startOrg(shared, await scratch(shared), { agent: true });
    server = org.server;
    session = await worked('Register 07 freezes at payment');
    earlier = await copied();
    ({ link } = await org.director.call('create_share', { session, reviewed: 'true' }));
    await worked('The log goes on');
    pristine = await copied();
    chromium = await openBrowser(shared);
  });
  after(() => shared.end());

  /** A closed session with an action. */
  async function worked(reason) {
    const id = await org.technician.openSession(org.endpoint, reason);
    await ended(org.technician, id, await org.technician.propose(id, 'disk.usage'));
    await org.technician.call('close_session', { session: id, reason: 'Done' });
    return id;
  }

  /** Stops the server, copies its folder, and goes on. */
  async function copied() {
    await server.stop();
    const copy = join(await scratch(shared), 'server');
    await cp(join(org.folder, 'server'), copy, { recursive: true });
    await serve();
    return copy;
  }

  async function serve() {
    server = await startServer(shared, org.folder, { port: org.server.port });
  }

  /** Puts a copy in the place of the server's folder; the server is stopped afterwards. */
  async function putBack(copy) {
    await server.stop();
    const folder = join(org.folder, 'server');
    await rm(folder, { recursive: true });
    await cp(copy, folder, { recursive: true });
  }

  /** What the stranger's link says. */
  async function says(t) {
    const page = await chromium.open(t, { url: org.url, allow: [/503/, /favicon/] });
    await page.goto(link);
    const verdict = page.locator('#verdict:not([data-state="checking"])');
    await verdict.waitFor();
    return { state: await verdict.getAttribute('data-state'), text: await verdict.innerText() };
  }

  /** The leaves that ways are about. */
  async function found() {
    const [[end], [open], [output]] = [await leaves('action.finished'), await leaves('session.opened'), await leaves('output.chunk')];
    // The salt of the group `result` of the action's end, in hex.
    const salt = JSON.parse(end.groups).result[0];
    const [text] = await sql(org.folder, `SELECT idx, hex(sealed) AS sealed FROM leaf_text WHERE idx = ${output.idx}`);
    return { end, open, salt, text, size: Number(link.match(/#v1\.(\d+)\./)[1]) };
  }

  /** The session's leaves of a kind. */
  const leaves = (kind) => sql(org.folder, `SELECT idx, leaf, groups, hex(hash) AS hash FROM leaf
    WHERE session_id = ${bytes(session.replaceAll('-', ''))} AND kind = ${quoted(kind)} ORDER BY idx`);

  /** The tables with a leaf in them. */
  const WHOLE = ['leaf_text', 'leaf'];
  /** Moves the leaves from an index on. */
  const shift = (from, by) => WHOLE.flatMap((table) => [
    `UPDATE ${table} SET idx = idx + 1000000 WHERE idx >= ${from}`,
    `UPDATE ${table} SET idx = idx - 1000000 + ${by} WHERE idx >= 1000000`,
  ]);

  /**
   * Each way: what is done to the database, given a leaf of an action's end, one of its output with the text, one of the opening and
   * the size that the link pins; what the link says then; the first wrong leaf, and whether the link
   * names it, which it can't where it is no longer there; whether the server starts again on it.
   */
  const WAYS = [
    {
      name: 'a byte of a leaf', starts: true, leaf: ({ end }) => end,
      done: ({ end }) => [`UPDATE leaf SET leaf = ${quoted(otherAt(end.leaf, end.leaf.search(/[0-9a-f]{64}/)))} WHERE idx = ${end.idx}`],
    },
    {
      name: 'a leaf cut short', starts: true, leaf: ({ end }) => end,
      done: ({ end }) => [`UPDATE leaf SET leaf = substr(leaf, 1, length(leaf) - 1) WHERE idx = ${end.idx}`],
    },
    {
      name: "a leaf's stored hash", leaf: ({ end }) => end,
      done: ({ end }) => [`UPDATE leaf SET hash = ${bytes(flipped(end.hash))} WHERE idx = ${end.idx}`],
    },
    {
      name: 'who it was', starts: true, leaf: ({ open }) => open,
      done: ({ open }) => [`UPDATE leaf SET groups = replace(groups, 'Tim', 'Tom') WHERE idx = ${open.idx}`],
    },
    {
      name: 'with which result', starts: true, leaf: ({ end }) => end,
      done: ({ end }) => [`UPDATE leaf SET groups = replace(groups, 'succeeded', 'failed') WHERE idx = ${end.idx}`],
    },
    {
      name: 'a salt', starts: true, leaf: ({ end }) => end,
      done: ({ end, salt }) => [`UPDATE leaf SET groups = replace(groups, '${salt}', '${'0'.repeat(32)}') WHERE idx = ${end.idx}`],
    },
    {
      name: 'a text', starts: true, leaf: ({ text }) => text,
      done: ({ text }) => [`UPDATE leaf_text SET sealed = ${bytes(flipped(text.sealed))} WHERE idx = ${text.idx}`],
    },
    {
      name: 'a text in the place of another', starts: true, leaf: ({ text }) => text,
      done: ({ text, open }) => [`UPDATE leaf_text SET sealed = (SELECT sealed FROM leaf_text WHERE idx = ${open.idx}) WHERE idx = ${text.idx}`],
    },
    {
      name: 'a group taken out', starts: true, leaf: ({ end }) => end,
      done: ({ end }) => [`UPDATE leaf SET groups = json_remove(groups, '$.result') WHERE idx = ${end.idx}`],
    },
    {
      name: 'a text taken out', starts: true, leaf: ({ text }) => text,
      done: ({ text }) => [`DELETE FROM leaf_text WHERE idx = ${text.idx}`],
    },
    {
      name: 'two leaves exchanged', leaf: ({ open }) => open,
      done: ({ end, open }) => [
        `UPDATE leaf SET leaf = ${quoted(open.leaf)}, hash = ${bytes(open.hash)} WHERE idx = ${end.idx}`,
        `UPDATE leaf SET leaf = ${quoted(end.leaf)}, hash = ${bytes(end.hash)} WHERE idx = ${open.idx}`,
      ],
    },
    {
      name: 'a leaf taken out', named: false, leaf: ({ end }) => end,
      done: ({ end }) => WHOLE.map((table) => `DELETE FROM ${table} WHERE idx = ${end.idx}`),
    },
    {
      name: 'a leaf taken out and the gap closed', leaf: ({ end }) => end,
      done: ({ end }) => [...WHOLE.map((table) => `DELETE FROM ${table} WHERE idx = ${end.idx}`), ...shift(end.idx + 1, -1)],
    },
    {
      // Seeing the share is to be recorded first, and nothing is added to such a log: the server says it instead of the verifier.
      name: 'a leaf put in', named: false, leaf: ({ end }) => ({ idx: end.idx + 1 }),
      done: ({ end }) => [
        ...shift(end.idx + 1, 1),
        `CREATE TABLE copy AS SELECT * FROM leaf WHERE idx = ${end.idx}`,
        'UPDATE copy SET idx = idx + 1',
        'INSERT INTO leaf SELECT * FROM copy',
        'DROP TABLE copy',
      ],
    },
    {
      name: 'the end cut off', named: false, leaf: ({ end }) => end,
      done: ({ end }) => WHOLE.map((table) => `DELETE FROM ${table} WHERE idx >= ${end.idx}`),
    },
    {
      name: 'the end cut off, with its checkpoints', named: false, leaf: ({ end }) => end,
      done: ({ end }) => [...WHOLE.map((table) => `DELETE FROM ${table} WHERE idx >= ${end.idx}`), `DELETE FROM checkpoint WHERE size > ${end.idx}`],
    },
    {
      name: "the checkpoint's signature", starts: true,
      done: ({ size }) => [`UPDATE checkpoint SET note = substr(note, 1, length(note) - 6) || 'AAAA=' || char(10) WHERE size = ${size}`],
    },
    {
      name: "the checkpoint's size", starts: true,
      done: ({ size }) => [`UPDATE checkpoint SET note = replace(note, ${quoted(`\n${size}\n`)}, ${quoted(`\n${size + 1}\n`)}) WHERE size = ${size}`],
    },
  ];

  part('R7, R45: as it is, the link says VERIFIED', async (t) => {
    assert.equal((await says(t)).state, 'verified');
    assert.equal((await verifyRecord(org.folder)).code, 0);
  });

  for (const { name, done, leaf, named = true, starts = false } of WAYS) {
    test(`R4, R7, R45: ${name}`, async (t) => {
      await putBack(pristine);
      const things = await found();
      await serve();
      await dropGuards(org.folder);
      await sqlAtOnce(org.folder, done(things));
      const first = leaf?.(things).idx;

      const told = await says(t);
      assert.equal(told.state, 'altered', told.text);
      if (named && first !== undefined) assert.match(told.text, new RegExp(`Lea(f|ves) ${first}\\b`));
      const whole = await verifyRecord(org.folder);
      assert.equal(whole.code, 1, whole.output);
      if (first !== undefined) assert.match(whole.output, new RegExp(`first wrong leaf ${first}\\b`));
      await server.stop();
      const refused = await serve().then(() => '', (error) => error.message);
      if (starts) assert.equal(refused, '');
      else assert.match(refused, /contradicts its latest checkpoint/);
    });
  }

  test('R4, R7, R45: another history, signed by the same server, with the share put into it', async (t) => {
    await putBack(pristine);
    const columns = (await sql(org.folder, "SELECT name FROM pragma_table_info('share')")).map((c) => c.name);
    const values = columns.map((c) => `quote("${c}")`).join(" || ',' || ");
    const [{ row }] = await sql(org.folder, `SELECT ${values} AS row FROM share`);
    await putBack(earlier);
    await serve();
    // As much happens as did, and something else.
    await worked('Nothing was wrong here');
    await worked('Nor here');
    await server.stop();
    await sql(org.folder, `INSERT INTO share (${columns.join(',')}) VALUES (${row})`);
    await serve();
    const told = await says(t);
    assert.equal(told.state, 'altered', told.text);
    assert.match(told.text, /another size or root/);
    assert.equal((await verifyRecord(org.folder)).code, 0, 'in itself it is whole: only what others have contradicts it');
  });
});
