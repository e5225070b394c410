// What a decision is worth: never the requester's own, never twice, never about something else than was shown, never by
// opening a link, never by somebody whose role is gone, and taken back at any moment.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  addClient, CallError, ended, holdToApprove, openBrowser, Person, PEOPLE, propose, says, scratch, sql, startOrg, suite, visit,
} from '../lib/index.mjs';

const PASSWORD = PEOPLE.contact.password;
/** Technician and approver in one, and contact of the client. */
const BOTH = { name: 'Bea Novak', email: 'bea@northwind.example', password: PASSWORD };
const SECOND = { name: 'Sven Holm', email: 'sven@harbourcafe.example', password: PASSWORD };

describe('approvals', { timeout: 150_000 }, () => {
  const shared = suite();
  let org;
  let both;
  let second;
  let chromium;
  let folder;

  before(async () => {
    folder = await scratch(shared);
    org = await startOrg(shared, folder, { agent: true });
    both = await org.admin.bring(BOTH, ['technician', 'approver']);
    second = await org.admin.bring(SECOND, ['approver']);
    await contacts([org.contact, both, second]);
    chromium = await openBrowser(shared);
  });
  after(() => shared.end());

  /** Names the contacts of the one client. */
  async function contacts(people) {
    const rows = await org.admin.call('list_people');
    const ids = people.map(({ email }) => rows.find((p) => p.email === email).id);
    await org.admin.call('set_contacts', { client: org.client, contacts: ids });
  }

  /** A script that waits, proposed by `person` in a session of their own. */
  async function waiting(person = org.technician, text = 'sh: id') {
    const session = await person.openSession(org.endpoint);
    const action = await person.propose(session, text);
    assert.equal(action.state, 'waiting');
    return { session, action, request: action.request };
  }

  const stateOf = async (person, request) => (await person.call('approval', { id: request })).row.state;

  /** Leaves of this kind about this request. */
  const leaves = (kind, request) => sql(folder, `SELECT idx, json_extract(groups, '$.what[1]') AS json FROM leaf
    WHERE kind = '${kind}' AND leaf LIKE '%${request}%' ORDER BY idx`);

  /** Signed-in page of `person`. */
  const pageOf = async (t, person, options) => person.lend(await chromium.open(t, { url: org.url, ...options }));

  const refusedAs = (reason) => (error) => {
    assert.ok(error instanceof CallError, String(error));
    const { why } = error.error;
    assert.equal(why.reason ?? why.error, reason, JSON.stringify(why));
    return error.status === 409;
  };

  test('R23: nobody approves their own request, not by the page and not by a direct call', async (t) => {
    const { request, session } = await waiting(both);
    const page = await visit(await pageOf(t, both, { width: 390 }), `/approvals/${request}`);
    await page.getByText('never whoever asked').waitFor();
    assert.equal(await page.locator('.ask-approve').count(), 0);
    for (const ruling of ['approve', 'deny']) {
      await assert.rejects(both.decide(request, ruling), refusedAs('self_approval'));
    }
    assert.equal((await leaves('approval.decision_refused', request)).length, 2, 'each try is a leaf');
    assert.equal((await both.session(session)).actions[0].state, 'waiting');
    await org.contact.decide(request, 'approve');
    assert.equal((await ended(both, session, { id: (await both.session(session)).actions[0].id })).outcome, 'succeeded');
  });

  test('R22, R23: where the requester is the only contact, there is no approver, and it is refused', async (t) => {
    await contacts([both]);
    t.after(() => contacts([org.contact, both, second]));
    const session = await both.openSession(org.endpoint);
    const action = await both.propose(session, 'sh: id');
    assert.deepEqual([action.state, action.refusal], ['refused', 'no_approver']);
  });

  test('R22: of two who decide at once one wins and the other is told, every time', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { request, session, action } = await waiting();
      const shown = (await org.contact.call('approval', { id: request })).digest;
      const fields = { request, shown, asked: '', scope: '', reason: '' };
      const both_ = await Promise.allSettled([
        org.contact.call('decide', { ...fields, ruling: 'approve' }), second.call('decide', { ...fields, ruling: round % 2 ? 'deny' : 'approve' }),
      ]);
      const [lost, ...more] = both_.filter((r) => r.status === 'rejected');
      assert.equal(more.length, 0);
      assert.equal(lost?.reason.error.why.error, 'conflict', String(lost?.reason));
      const decided = (await sql(folder, `SELECT kind FROM leaf WHERE kind LIKE 'approval.%' AND leaf LIKE '%${request}%'`))
        .filter(({ kind }) => ['approval.approved', 'approval.denied'].includes(kind));
      assert.equal(decided.length, 1, 'one decision');
      assert.equal((await leaves('approval.decision_refused', request)).length, 1, 'and the other try, both in the record');
      const done = await ended(org.technician, session, action);
      assert.equal(done.state, decided[0].kind === 'approval.approved' ? 'finished' : 'refused');
    }
  });

  test('R22: whoever decides too late on an old page is told on it', async (t) => {
    const { request } = await waiting();
    // Without script the page stays as it was shown.
    const late = await pageOf(t, second, { width: 390, script: false });
    await late.goto(`/approvals/${request}`);
    await late.getByRole('button', { name: 'Deny' }).waitFor();
    await org.contact.decide(request, 'approve');
    await late.getByRole('button', { name: 'Deny' }).click();
    await late.getByText('Somebody else decided a moment ago').waitFor();
    await late.locator('.ask-outcome', { hasText: 'Approved' }).waitFor();
    assert.equal(await stateOf(org.contact, request), 'approved');
  });

  test('R22: an open page shows the decision of somebody else by itself', async (t) => {
    const { request } = await waiting();
    const page = await visit(await pageOf(t, second, { width: 390 }), `/approvals/${request}`);
    await page.locator('.ask-approve').waitFor();
    await org.contact.decide(request, 'deny', { reason: 'Not during opening hours' });
    await page.locator('.ask-outcome', { hasText: 'Denied' }).waitFor();
    assert.equal(await page.locator('.ask-approve').count(), 0);
  });

  test('R20: a decision about something else than what stands is refused and recorded', async () => {
    const { request } = await waiting();
    const shown = 'ab'.repeat(32);
    await assert.rejects(org.contact.call('decide', { request, shown, ruling: 'approve', asked: '', scope: '', reason: '' }), refusedAs('conflict'));
    const [{ json }] = await leaves('approval.decision_refused', request);
    assert.match(json, /stale_statement/);
    assert.equal(await stateOf(org.contact, request), 'pending');
  });

  test('R21: what is allowed is never more than what was asked', async (t) => {
    const session = await org.technician.openSession(org.endpoint);
    await org.technician.call('ask_access', { session, workflow: 'file-inspection@1', target: '/srv/pos' });
    const [{ id: request }] = (await org.technician.session(session)).requests;
    const page = await visit(await pageOf(t, org.contact, { width: 390, allow: [/422/] }), `/approvals/${request}`);
    for (const wider of ['file.read("/srv/**")', 'file.read("/srv/pos/../../etc/**")', 'service.restart("cups")', 'file.read("/srv/posx/**")']) {
      await page.locator('#f-scope').fill(wider);
      await page.locator('.ask-approve').focus();
      await page.keyboard.press('Enter');
      await page.locator('.note', { hasText: 'Something needs changing' }).waitFor();
      assert.equal(await stateOf(org.contact, request), 'pending', wider);
      await visit(page, `/approvals/${request}`);
    }
  });

  test('R25: opening the link decides nothing, whoever opens it and however', async () => {
    const { request } = await waiting();
    const path = `/approvals/${request}`;
    const nobody = new Person(org.url);
    for (const headers of [{}, { 'sec-purpose': 'prefetch', purpose: 'prefetch' }, { 'user-agent': 'mail scanner' }]) {
      const answer = await nobody.get(path, { accept: 'text/html', 'sec-fetch-site': 'cross-site', ...headers });
      assert.equal(answer.status, 302);
      assert.match(answer.headers.get('location'), /^\/sign-in\?next=/);
      await org.contact.page(path);
    }
    for (const path_ of [`/api/decide?request=${request}&ruling=approve`, `${path}?ruling=approve&shown=x`]) await org.contact.get(path_);
    assert.equal(await stateOf(org.contact, request), 'pending');
    // Nor does another site's page, with the contact's cookie.
    const forged = await fetch(`${org.url}/api/decide`, {
      method: 'POST',
      headers: { cookie: `countersign=${org.contact.token}`, 'sec-fetch-site': 'cross-site', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ request, ruling: 'approve', shown: (await org.contact.call('approval', { id: request })).digest }),
    });
    assert.equal(forged.status, 403);
    assert.equal(await stateOf(org.contact, request), 'pending');
  });

  test('R25: a touch that slips does not approve, and deny is one tap', async (t) => {
    const { request } = await waiting();
    const page = await visit(await pageOf(t, org.contact, { width: 390 }), `/approvals/${request}`);
    await page.locator('.ask-approve').tap();
    await page.getByText('Press again to approve').waitFor();
    assert.equal(await stateOf(org.contact, request), 'pending');
    await page.getByRole('button', { name: 'Deny' }).tap();
    await page.locator('.ask-outcome', { hasText: 'Denied' }).waitFor();
  });

  test('R25: what would not show is shown escaped', async (t) => {
    const hidden = 'echo safe # \u202Egnihtyna tpecxe\u202C\u200B\u0007';
    const { request } = await waiting(org.technician, `sh: ${hidden}`);
    const page = await visit(await pageOf(t, org.contact, { width: 390 }), `/approvals/${request}`);
    const text = await page.locator('.ask-exact').innerText();
    for (const code of ['202E', '202C', '200B', '7']) assert.ok(text.includes(`\\u{${code}}`), `${code} is not named: ${text}`);
    for (const char of ['\u202E', '\u202C', '\u200B', '\u0007']) assert.ok(!text.includes(char), `U+${char.codePointAt(0).toString(16)} stands there raw`);
    assert.ok((await page.locator('.ask-exact .escaped').count()) >= 2, 'and stands out');
  });

  test('R22: a role taken away between viewing and deciding counts no more', async (t) => {
    const { request } = await waiting();
    // The redirect back to the form finds a request that is not this person's to see any more.
    const page = await pageOf(t, second, { width: 390, script: false, allow: [/404/] });
    await page.goto(`/approvals/${request}`);
    const id = (await org.admin.call('list_people')).find((p) => p.email === SECOND.email).id;
    await org.admin.call('set_roles', { person: id, roles: ['technician'] });
    t.after(() => org.admin.call('set_roles', { person: id, roles: ['approver'] }));
    await page.locator('.ask-approve').click();
    await page.waitForLoadState();
    assert.equal(await stateOf(org.contact, request), 'pending');
    await assert.rejects(second.call('decide', { request, shown: 'ab'.repeat(32), ruling: 'approve', asked: '', scope: '', reason: '' }));
    await org.contact.decide(request, 'deny');
  });

  test('R53: a page whose web session has ended leads to the sign-in page, and nothing is done', async (t) => {
    const session = await org.technician.openSession(org.endpoint);
    const other = await new Person(org.url, PEOPLE.technician).signIn();
    const page = await other.lend(await chromium.open(t, { url: org.url, allow: [/401/] }));
    await visit(page, `/sessions/${session}`);
    await other.call('sign_out');
    await page.locator('#composer textarea').fill('system.info');
    await page.locator('#composer textarea').press('Enter');
    await page.waitForURL(/\/sign-in\?next=/);
    assert.equal((await org.technician.session(session)).actions.length, 0);
    await page.getByLabel('E-mail address').fill(PEOPLE.technician.email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(`**/sessions/${session}`);
  });

  test('R27: the contact revokes a live grant; it shows at once and covers nothing more', async (t) => {
    const pos = join(folder, 'pos');
    await mkdir(pos, { recursive: true });
    await writeFile(join(pos, 'a.conf'), 'colour = teal\n');
    const session = await org.technician.openSession(org.endpoint);
    await org.technician.call('ask_access', { session, workflow: 'file-inspection@1', target: pos });
    const [{ id: request }] = (await org.technician.session(session)).requests;
    const phone = await visit(await pageOf(t, org.contact, { width: 390 }), `/approvals/${request}`);
    const desk = await visit(await pageOf(t, org.technician), `/sessions/${session}`);
    await holdToApprove(phone);
    await propose(desk, `file.read ${pos}/a.conf`);
    await says(desk, 1, 'Succeeded');
    await phone.locator('.act', { hasText: 'colour = teal' }).waitFor();
    await phone.getByRole('button', { name: 'Revoke' }).click();
    await desk.locator('.side-row', { hasText: 'Revoked' }).waitFor();
    await propose(desk, `file.read ${pos}/a.conf`);
    await says(desk, 2, 'Waiting for a person');
    await desk.getByRole('button', { name: 'Withdraw' }).first().click();
    await says(desk, 2, 'Refused');
  });

  test('R52: another client\'s contact sees nothing of it', async () => {
    const stranger = await org.admin.bring({ name: 'Nils Berg', email: 'nils@other.example', password: PASSWORD }, ['approver']);
    await addClient(org.admin, { name: 'Corner Bakery', contacts: [stranger] });
    const { request, session } = await waiting();
    await assert.rejects(stranger.call('approval', { id: request }), (e) => e.status === 404);
    await assert.rejects(stranger.call('session', { id: session, all: '' }), (e) => e.status === 404);
    const shown = (await org.contact.call('approval', { id: request })).digest;
    await assert.rejects(stranger.call('decide', { request, shown, ruling: 'approve', asked: '', scope: '', reason: '' }), CallError);
    assert.equal(await stateOf(org.contact, request), 'pending');
  });
});
