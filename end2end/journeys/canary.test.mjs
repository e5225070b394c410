// Values that must never be kept are printed by an approved script, in one piece and in two, and typed by people; then
// everything that the product wrote or shows is searched for them.

import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ended, eventually, outputOf, openBrowser, Person, PEOPLE, scratch, screenshots, startMailServer, startOrg, suite, verifyRecord, visit } from '../lib/index.mjs';

/** By kind: made up, but of the form that the rules look for. */
const CANARIES = {
  card: '4539578763621486',
  spacedCard: '5425 2334 3010 9903',
  merchant: 'MRCH88217745',
  aws: 'AKIAQ3EGRIVTZ5WMPL7D',
  github: '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',
  jwt: 'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiJjYW5hcnktMTIzNDU2In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
  key: 'MC4CAQAwBQYDK2VwBCIEIJcanaryQmFzZTY0S2V5Qm9keVRoYXRJc0Zha2Ux',
  mail: 'canary.person@customer-mail.example',
  ssn: '219-09-9941',
};

const PRINTED = `till 7 paid with ${CANARIES.card} ok
old terminal: ${CANARIES.spacedCard}
merchant_id=${CANARIES.merchant}
aws_access_key_id = ${CANARIES.aws}
token ${CANARIES.github}
Authorization: Bearer ${CANARIES.jwt}
-----BEGIN PRIVATE KEY-----
${CANARIES.key}
-----END PRIVATE KEY-----
contact ${CANARIES.mail}
SSN: ${CANARIES.ssn}
harmless last line
`;

/** The canaries that are in `bytes`, also where blanks or dashes stand between. */
function found(bytes) {
  const text = bytes.toString('latin1');
  const joined = text.replace(/[\s-]/g, '');
  const wide = text.replaceAll('\0', '');
  return Object.entries(CANARIES)
    .filter(([, value]) => text.includes(value) || wide.includes(value) || joined.includes(value.replace(/[\s-]/g, '')))
    .map(([kind]) => kind);
}

async function filesBelow(folder) {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((e) => e.isFile()).map((e) => join(e.parentPath ?? e.path, e.name));
}

describe('canaries', { timeout: 120_000 }, () => {
  const shared = suite();
  const kept = {};
  let org;
  let mail;
  let session;

  before(async () => {
    const folder = await scratch(shared);
    mail = await startMailServer(shared);
    const env = {
      COUNTERSIGN_INCIDENTS_MAIL: 'true',
      COUNTERSIGN_MAIL_SERVER: mail.url,
      COUNTERSIGN_MAIL_FROM: 'incidents@northwind.example',
    };
    org = await startOrg(shared, folder, { agent: true, env });
    kept.source = join(folder, 'canaries.txt');
    await writeFile(kept.source, PRINTED);
    session = await org.technician.openSession(org.endpoint, 'Looking for card data that should not be there', 'POS-4812');
  });
  after(() => shared.end());

  /** Fails, saying where, if one of the product's files, logs or letters or this text holds a canary. */
  async function nowhere(texts = {}) {
    const letters = mail.letters.map(({ text }) => text).join('\n');
    const places = { letters, 'log of the server': org.server.output, 'log of the agent': org.agent.output, ...texts };
    for (const folder of ['server', 'agent']) {
      for (const file of await filesBelow(join(org.folder, folder))) places[file] = await readFile(file).catch(() => '');
    }
    assert.ok(Object.keys(places).some((p) => p.endsWith('.db')) && Object.keys(places).some((p) => p.endsWith('.db-wal')));
    const bad = Object.entries(places).flatMap(([place, bytes]) => found(Buffer.from(bytes)).map((kind) => `${kind} in ${place}`));
    assert.deepEqual(bad, []);
  }

  test('the search itself finds what is there', () => {
    assert.deepEqual(found(Buffer.from(PRINTED)).sort(), Object.keys(CANARIES).sort());
    assert.deepEqual(found(Buffer.from('4539-5787-6362-1486')), ['card']);
    assert.deepEqual(found(Buffer.from(CANARIES.aws, 'utf16le')), ['aws']);
  });

  test('R30, R31: printed by an approved script, in pieces and while the server does not listen, they are kept nowhere', async () => {
    const { technician, contact, server, agent } = org;
    const started = join(org.folder, 'started');
    const script = [
      `cat '${kept.source}'`,
      // One card in two writes, with a pause in between.
      "printf 'split 45395787'; sleep 0.4; printf '63621486 end\\n'",
      `echo x > '${started}'`,
      // Much more than one piece, with canaries on the boundaries of some.
      `n=0; while [ $n -lt 60 ]; do n=$((n+1)); head -c $((n * 97)) /dev/zero | tr '\\0' '.'; echo; cat '${kept.source}'; done`,
      `cat '${kept.source}' >&2`,
      'sleep 1',
    ].join('\n');
    const action = await technician.propose(session, `sh: ${script}`);
    assert.equal(action.state, 'waiting');
    await contact.decide(action.request, 'approve');
    await eventually('the script runs', () => readFile(started).catch(() => false));
    // The server is silent for a moment: what the agent holds meanwhile is in its spool.
    server.signal('SIGSTOP');
    await eventually('something is in the spool', async () => (await filesBelow(join(org.folder, 'agent', 'spool'))).length > 0);
    await nowhere();
    server.signal('SIGCONT');
    const done = await ended(technician, session, action);
    assert.equal(done.outcome, 'succeeded');
    kept.output = await outputOf(technician, session, action.number);
    assert.deepEqual(found(Buffer.from(kept.output)), []);
    assert.equal(kept.output.match(/harmless last line/g).length, 62, 'nothing but the values is missing');
    assert.match(kept.output, /split .*end/);
    assert.doesNotMatch(kept.output, /split 45395787/);
    for (const kind of ['card', 'merchant_id', 'secret', 'jwt', 'private_key', 'email', 'ssn']) {
      assert.ok(done.findings[kind] >= 62, `${kind}: ${JSON.stringify(done.findings)}`);
    }
    await nowhere();
    assert.ok(agent.end === undefined && server.end === undefined);
  });

  test('R30, R35: the incident is mailed to whom it concerns, without them, and its page says so', async (t) => {
    const { director } = org;
    const addresses = [PEOPLE.contact.email, PEOPLE.director.email];
    const written = () => addresses.every((address) => mail.letters.some(({ to }) => to === address));
    await eventually('both are written to', written, 30_000);
    const { text } = mail.letters.find(({ to }) => to === PEOPLE.contact.email);
    assert.match(text, /Subject: Incident: card data on POS-REGISTER-07/);
    assert.match(text, /Found where none is expected: .*\n\nMachine: POS-REGISTER-07\nClient: Harbour Cafe Group\n/);
    const [, path] = text.match(/http:\/\/[^/]+(\/incidents\/\S+)/);
    const chromium = await openBrowser(t);
    const page = await director.lend(await chromium.open(t, { url: org.url }));
    await eventually('the page lists both', async () => {
      await visit(page, path);
      const names = await page.locator('dt:text-is("Mailed to") + dd').allInnerTexts();
      return names.join() === `${PEOPLE.contact.name}, ${PEOPLE.director.name}`;
    });
    await screenshots(page, 'incident-mailed');
    await nowhere();
  });

  test('R36: what people type is redacted or refused', async () => {
    const { technician, director } = org;
    const card = CANARIES.spacedCard;
    await technician.call('add_note', { session, text: `The customer read out ${card} to me` });
    await assert.rejects(technician.call('propose', { session, verb: '', text: `sh: grep ${CANARIES.card} /var/log/pos` }), (e) => {
      assert.equal(e.error.why.error, 'sensitive');
      return e.status === 422;
    });
    await technician.call('preview', { session, verb: '', text: `sh: echo ${CANARIES.aws}` }).catch(() => {});
    await technician.call('ask_access', { session, workflow: 'file-inspection@1', target: `/srv/${CANARIES.card}` }).catch(() => {});
    await director.page(`/history?text=${CANARIES.card}`).catch(() => {});
    await director.page(`/history?endpoint=${CANARIES.card}`).catch(() => {});
    const other = await technician.openSession(org.endpoint, `Refund for ${card}`, CANARIES.card).catch(() => undefined);
    if (other) await technician.call('close_session', { session: other, reason: `Refunded ${card}` });
    await new Person(org.url, { ...PEOPLE.contact, password: 'wrong horse battery' }).signIn().catch(() => {});
    await technician.call('close_session', { session, reason: `Done; ${CANARIES.mail} was told` });
    await nowhere();
  });

  test('R30, R45: they are on no page, in no export and in no share', async (t) => {
    const { technician, contact, director, admin, url } = org;
    const { link } = await director.call('create_share', { session, reviewed: 'true' });
    const [share] = link.split('#');
    const outsider = new Person(url);
    const [{ request }] = (await technician.session(session)).actions;
    const texts = {};
    const pages = [
      [technician, ['/', '/endpoints', `/endpoints/${org.endpoint}`, '/sessions', `/sessions/${session}`, `/sessions/${session}?all=1`, '/history']],
      [contact, ['/', '/approvals', `/approvals/${request}`]],
      [director, ['/', '/history', '/history?text=harmless', '/record', `/sessions/${session}`, `/sessions/${session}/share`, '/export/history.csv']],
      [admin, ['/', '/record', '/settings/people', '/settings/clients']],
      [outsider, [share.replace(url, ''), `${share.replace(url, '')}/bundle.json`]],
    ];
    for (const [person, paths] of pages) {
      for (const path of paths) texts[`${person.name || 'outsider'}: ${path}`] = await person.page(path);
    }
    texts['events of the session'] = await firstEvents(technician, session);
    assert.ok(texts[`${director.name}: /export/history.csv`].includes('POS-4812'));
    assert.ok(texts[`outsider: ${share.replace(url, '')}`].includes('harmless last line'));

    const chromium = await openBrowser(t);
    const page = await director.lend(await chromium.open(t, { url }));
    await visit(page, `/sessions/${session}?all=1`);
    await page.locator('#action-1 .line', { hasText: 'harmless last line' }).first().waitFor();
    texts['the session as a browser holds it'] = await page.content();
    await page.goto(link);
    await page.locator('#verdict[data-state="verified"]').waitFor();
    texts['the share as a browser holds it'] = await page.content();
    await nowhere(texts);
    assert.equal((await verifyRecord(org.folder)).code, 0);
  });
});

/** What the live stream sends from the session's beginning. */
async function firstEvents(person, session) {
  const stop = new AbortController();
  const response = await person.get(`/live/session/${session}?from=0`, {}, stop.signal);
  assert.equal(response.status, 200);
  let text = '';
  const timer = setTimeout(() => stop.abort(), 1_500);
  try {
    for await (const chunk of response.body) text += Buffer.from(chunk).toString();
  } catch (error) {
    if (error.name !== 'AbortError') throw error;
  } finally {
    clearTimeout(timer);
  }
  assert.match(text, /harmless last line/);
  return text;
}
