// The golden story of the requirements with Linux resources, played by people in browsers against the real server and a
// real agent: three bases for three actions, one read refused by a person and one by the agent, redaction, history,
// export, share, VERIFIED; then one byte is changed in the database, and the same link says ALTERED.

import assert from 'node:assert/strict';
import { mkdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  card, csvRows, dropGuards, ENDPOINT, CLIENT, enrolAgent, eventually, expectAccessible, freePort, holdToApprove, initOrg, live, makeService,
  mark, openBrowser, ORG, PEOPLE, propose, quoted, redeem, says, scratch, screenshots, sql, startAgent, startServer, stayed, storyteller, suite, unfold, verifyRecord,
  visit,
} from '../lib/index.mjs';

const MERCHANT = '882177450019';
const CARD = '4111111111111111';
const SECRET_LINE = 'vendor-master-code 99-JUNIPER-17';

const TERMINAL_CONF = `host = gw.payments.example
port = 443
keepalive = off
merchant_id = ${MERCHANT}
last_test_card = ${CARD.replace(/(....)(?=.)/g, '$1 ')}
retries = 3
`;

describe('the golden story', { timeout: 240_000 }, () => {
  const shared = suite();
  const story = {};
  const part = storyteller(test);

  before(async () => {
    const folder = await realpath(await scratch(shared));
    const pos = join(folder, 'pos');
    const settings = join(pos, 'ConnectionSettings');
    await mkdir(settings, { recursive: true });
    await writeFile(join(settings, 'terminal.conf'), TERMINAL_CONF);
    await writeFile(join(pos, 'secret.conf'), `${SECRET_LINE}\n`);
    await symlink(join(pos, 'secret.conf'), join(settings, 'backup.conf'));
    const port = await freePort();
    const link = await initOrg(folder, port);
    const server = await startServer(shared, folder, { port });
    const service = await makeService(shared, folder);
    // Registered, and nobody answers there.
    const gateway = `127.0.0.1:${await freePort()}`;
    Object.assign(story, { folder, pos, settings, link, server, url: server.url, service, gateway });
    story.chromium = await openBrowser(shared);
    const person = (options) => story.chromium.open(shared, { url: server.url, ...options });
    story.admin = await person();
    story.technician = await person();
    story.contact = await person({ width: 390 });
    story.director = await person();
  });
  after(() => shared.end());

  const untroubled = () => {
    for (const who of ['admin', 'technician', 'contact', 'director']) {
      assert.deepEqual(story[who].troubles, [], `errors on the pages of the ${who}`);
    }
  };

  part('R50, R53: the first admin redeems the one-time link; it works once', async (t) => {
    await redeem(story.admin, story.link, PEOPLE.admin.password);
    const again = await story.chromium.open(t, { url: story.url, allow: [/410/] });
    await again.goto(story.link);
    await again.getByText("This link can't be used").waitFor();
  });

  part('R51, R53: the admin invites technician, contact and director, who choose their passwords', async () => {
    const page = story.admin;
    for (const [who, role] of [['technician', 'technician'], ['contact', 'approver'], ['director', 'director']]) {
      const { name, email, password } = PEOPLE[who];
      await visit(page, '/settings/people');
      const form = page.locator('.section', { hasText: 'Invite somebody' });
      await form.locator('#f-name').fill(name);
      await form.locator('#f-email').fill(email);
      for (const each of ['technician', 'approver', 'director', 'admin']) {
        await form.locator(`input[value="${each}"]`).setChecked(each === role);
      }
      await form.getByRole('button', { name: 'Make a one-time link' }).click();
      await page.getByText(`One-time link for ${name}`).waitFor();
      await redeem(story[who], await page.locator('.secret-text').innerText(), password);
    }
    untroubled();
  });

  part('R23: the admin adds a client tagged pci with a registered host, and names its contact', async () => {
    const page = await visit(story.admin, '/settings/clients');
    await page.locator('#f-name').fill(CLIENT);
    await page.locator('#f-tags').fill('pci');
    await page.locator('#f-hosts').fill(story.gateway);
    await page.getByRole('button', { name: 'Add the client' }).click();
    const client = page.locator('.client', { hasText: CLIENT });
    await client.getByText('Nobody: what needs approval is refused').waitFor();
    const contacts = await unfold(client, 'Contacts');
    await contacts.getByLabel(PEOPLE.contact.name).check();
    await contacts.getByRole('button', { name: 'Save the contacts' }).click();
    await client.locator('dd', { hasText: PEOPLE.contact.name }).first().waitFor();
    await client.getByText(story.gateway).waitFor();
  });

  part('R10: an agent enrols by a one-time token; the endpoint shows as pending, then as ready, without reloading', async () => {
    const { admin, technician, folder } = story;
    await visit(technician, '/endpoints');
    await mark(technician);
    await admin.locator('.client', { hasText: CLIENT }).getByRole('button', { name: 'Enrol an endpoint' }).click();
    await admin.getByText(`Enrolment token for ${CLIENT}`).waitFor();
    const [, url, token] = (await admin.locator('.secret-text').first().innerText()).match(/--url (\S+) --token (\S+)/);
    assert.equal(url, story.url);
    await enrolAgent(folder, { url, token, name: ENDPOINT });
    const row = technician.locator('tr', { hasText: ENDPOINT });
    await row.getByText('Pending').waitFor();
    story.agent = await startAgent(shared, folder);
    await row.getByText('Ready').waitFor();
    await stayed(technician);
    await assert.rejects(enrolAgent(join(folder, 'second'), { url, token }), /used up|expired|refused/i, 'the token works once');
  });

  part('R1: the technician opens a session with a reason and a ticket', async () => {
    const page = story.technician;
    await page.getByRole('link', { name: ENDPOINT }).click();
    await page.getByLabel('Reason').fill('Register 07 freezes at payment');
    await page.getByLabel('Ticket').fill('=POS-4711');
    story.openedAt = new Date();
    await page.getByRole('button', { name: 'Open a session' }).click();
    await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
    story.session = new URL(page.url()).pathname;
    await page.locator('.session-live', { hasText: 'Live' }).waitFor();
    await mark(page);
  });

  part('R17, R20, R21, R25: the contact opens the request on a phone and approves it narrowed', async () => {
    const { technician, contact, pos, settings } = story;
    await visit(contact, '/approvals');
    await contact.getByText('Nothing waits for your decision').waitFor();
    const ask = await unfold(technician, 'Ask for access');
    await ask.locator('select[name="workflow"]').selectOption('file-inspection@1');
    await ask.locator('#f-target').fill(pos);
    await ask.getByRole('button', { name: 'Ask the contact' }).click();
    await technician.locator('.side-row', { hasText: 'Waiting' }).waitFor();

    // It appears on the phone by itself; opening it decides nothing.
    await contact.locator('.request a.row-link').click();
    await contact.waitForURL(/\/approvals\/[0-9a-f-]{36}$/);
    story.request = new URL(contact.url()).pathname;
    const ask_ = contact.locator('.ask');
    for (const text of [PEOPLE.technician.name, ENDPOINT, 'Register 07 freezes at payment', '=POS-4711']) {
      await ask_.getByText(text).first().waitFor();
    }
    assert.match(await contact.locator('.ask-exact').innerText(), new RegExp(`file\\.read\\("${pos}/\\*\\*"\\)`));
    await expectAccessible(contact, 'a request on a phone');
    assert.ok(await technician.locator('.side-row', { hasText: 'Waiting' }).isVisible());
    await contact.locator('#f-scope').fill(`file.read("${settings}/**")`);
    await holdToApprove(contact);
    await contact.getByText('Approved, narrowed').first().waitFor();

    const grant = technician.locator('.side-row', { hasText: 'Live' });
    await grant.getByText(`${settings}/**`).waitFor();
    await grant.getByText(`Given by ${PEOPLE.contact.name}`).waitFor();
    await stayed(technician);
  });

  part('R10, R30, R34: a read within the grant runs at once, redacted and counted', async () => {
    const { technician: page, settings } = story;
    await propose(page, `file.read ${settings}/terminal.conf`);
    await says(page, 1, 'Succeeded');
    const action = card(page, 1);
    assert.match(await action.locator('.act-basis').innerText(), /Covered by the access that Carla Reyes gave at .* UTC, narrowed to .*ConnectionSettings.*leaf \d+ before dispatch \d+/);
    const output = await action.locator('.out').innerText();
    assert.match(output, /keepalive = off/);
    assert.doesNotMatch(output.replace(/[\s-]/g, ''), new RegExp(`${MERCHANT}|${CARD}`));
    const chips = await action.locator('mark.redacted').allInnerTexts();
    assert.equal(chips.length, 2, chips.join());
    assert.ok(chips.some((chip) => chip.includes('1111')) && chips.some((chip) => /merchant/i.test(chip)), chips.join());
    assert.match(await action.locator('.act-foot').innerText(), /2 findings: .*1 card.*|2 findings: .*1 merchant id/s);
    await stayed(page);
  });

  part('R12: a probe of the registered host runs by the policy, and its failure is told as it is', async () => {
    const page = story.technician;
    await propose(page, `net.probe ${story.gateway}`);
    await says(page, 2, 'Failed');
    assert.match(await card(page, 2).locator('.act-basis').innerText(), /Allowed at once by rule registered-probe.*leaf \d+ before dispatch \d+/s);
    assert.match(await card(page, 2).innerText(), /does not answer: the connection was refused/);
  });

  part('R10, R12, R20: a restart needs a second approval, of exactly this', async () => {
    const { technician: page, contact, service } = story;
    await visit(contact, '/approvals');
    await propose(page, `service.restart ${service.name}`);
    await says(page, 3, 'Waiting for a person');
    await contact.locator('.request a.row-link', { hasText: service.name }).click();
    await contact.locator('.ask-exact', { hasText: service.name }).waitFor();
    assert.equal(await contact.locator('#f-scope').count(), 0, 'one exact action has nothing to narrow');
    await holdToApprove(contact);
    // Output appears while it runs.
    await card(page, 3).locator('.line', { hasText: 'Stopping' }).waitFor();
    assert.match(await card(page, 3).locator('.act-head').innerText(), /Running/);
    await says(page, 3, 'Succeeded');
    await card(page, 3).locator('.line', { hasText: 'Started' }).waitFor();
    assert.match(await card(page, 3).locator('.act-basis').innerText(), /Allowed by Carla Reyes at .*leaf \d+ before dispatch \d+/s);
    assert.equal(await readFile(service.restarts, 'utf8'), 'restarted\n', 'it ran once');
    await stayed(page);
  });

  part('R10, R22: a read outside the narrowed path is refused and recorded, by the contact and by the agent', async () => {
    const { technician: page, contact, pos, settings } = story;
    await visit(contact, '/approvals');
    await propose(page, `file.read ${pos}/secret.conf`);
    await says(page, 4, 'Waiting for a person');
    await contact.locator('.request a.row-link', { hasText: 'secret.conf' }).click();
    await contact.getByRole('button', { name: 'Deny' }).click();
    await contact.locator('.ask-outcome', { hasText: 'Denied' }).waitFor();
    await says(page, 4, 'Refused');
    assert.match(await card(page, 4).innerText(), /The approver denied it\. Nothing ran\..*Recorded as leaf \d+/s);

    // The name lies within the grant; where it leads does not.
    await propose(page, `file.read ${settings}/backup.conf`);
    await says(page, 5, 'Refused');
    assert.match(await card(page, 5).innerText(), /It reaches outside what was approved\. Nothing ran\..*Recorded as leaf \d+/s);
    assert.ok(!(await page.content()).includes(SECRET_LINE));
    await stayed(page);
  });

  part('R1, R17: a note is added and the session is closed with a reason', async () => {
    const page = story.technician;
    await page.getByLabel('Add a note').fill('Keepalive is off in terminal.conf; the vendor asks for 60 s.');
    await page.getByRole('button', { name: 'Add note' }).click();
    await page.locator('.side-row', { hasText: 'Keepalive is off' }).waitFor();
    await unfold(page, 'Close the session');
    await page.getByLabel('What came of it').fill('Print service restarted, keepalive reported to the vendor.');
    await page.getByRole('button', { name: 'Close session' }).click();
    await page.getByText('Closed. Nothing more can run here.').waitFor();
    assert.equal(await page.locator('#composer').count(), 0);
    untroubled();
  });

  part('R27: the contact sees what was done under the approval', async () => {
    const page = await visit(story.contact, story.request);
    const done = page.locator('.section', { hasText: 'What was done under it' });
    await done.getByText('keepalive = off').waitFor();
    assert.equal(await done.locator('.act').count(), 2, 'the read, and the one that the agent refused');
  });

  part('R6: decision, dispatch, start and finish stand in this order in the record', async () => {
    const leaves = await sql(story.folder, "SELECT idx, kind, action_id FROM leaf WHERE action_id IS NOT NULL ORDER BY idx");
    const of = (id) => leaves.filter((l) => l.action_id === id).map((l) => l.kind);
    const finished = [...new Set(leaves.filter((l) => l.kind === 'action.finished').map((l) => l.action_id))];
    assert.equal(finished.length, 3);
    for (const id of finished) {
      const kinds = of(id);
      const places = ['action.authorised', 'action.dispatched', 'action.started', 'action.finished'].map((kind) => kinds.indexOf(kind));
      assert.ok(places.every((place, n) => place >= 0 && (n === 0 || place > places[n - 1])), kinds.join(', '));
    }
  });

  part('R40, R41: the director finds it by endpoint and minute, and exports it', async (t) => {
    const page = await visit(story.director, '/history');
    await page.locator('.history-row').first().waitFor();
    await unfold(page, 'Date, endpoint, people, status');
    const minute = (offset) => new Date(Math.floor(story.openedAt / 60_000) * 60_000 + offset).toISOString().slice(0, 16);
    await page.getByLabel('From, UTC').fill(minute(0));
    await page.getByLabel('Until, UTC').fill(minute(10 * 60_000));
    await page.locator('#filter-endpoint').fill('register-07');
    await page.getByRole('button', { name: 'Apply' }).click();
    await page.waitForURL(/endpoint=register-07/);
    await page.getByText('Rows 1 to 5 of 5').waitFor();
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Export 5 rows (CSV)' }).click()]);
    const rows = csvRows(await readFile(await download.path(), 'utf8'));
    assert.equal(rows.length, 5);
    const by = Object.fromEntries(rows.map((row) => [row.number, row]));
    assert.deepEqual(['1', '2', '3', '4', '5'].map((n) => by[n].basis), ['grant', 'policy', 'one_time', '', 'grant']);
    assert.deepEqual(['1', '2', '3', '4', '5'].map((n) => by[n].status), ['succeeded', 'failed', 'succeeded', 'refused', 'refused']);
    assert.deepEqual([by[4].refusal, by[5].refusal], ['denied', 'out_of_scope']);
    assert.deepEqual([by[1].approval_precedes_action, by[3].approval_precedes_action], ['yes', 'yes']);
    assert.deepEqual([by[1].approver, by[3].approver_role, by[1].findings], [PEOPLE.contact.name, 'approver', '2']);
    for (const row of rows) {
      assert.equal(row.ticket, "'=POS-4711", 'a spreadsheet takes it for text');
      for (const cell of Object.values(row)) assert.doesNotMatch(cell, /^[=+\-@\t\r]/);
    }
    // And nothing is found in another minute.
    await page.goto(`/history?endpoint=register-07&until=${minute(-60_000)}`);
    await page.getByText('0 rows match').waitFor();
  });

  part('R6, R40, R45: the director reviews and shares it, and an outsider without an account reads VERIFIED', async (t) => {
    const page = await visit(story.director, story.session);
    await page.getByRole('link', { name: 'Share' }).click();
    await page.waitForURL(/\/share$/);
    await page.getByLabel('I have read this transcript').check();
    await page.getByRole('button', { name: 'Make the link' }).click();
    story.share = await page.locator('.secret-text').innerText();
    assert.match(story.share, /\/s\/[\w-]+#v1\./);
    untroubled();

    const outsider = await story.chromium.open(t, { url: story.url, width: 390 });
    await outsider.goto(story.share);
    await outsider.locator('#verdict[data-state="verified"]').waitFor();
    assert.equal(await outsider.locator('#verdict-word').innerText(), 'VERIFIED');
    const text = await outsider.locator('main').innerText();
    for (const part of [ORG, ENDPOINT, PEOPLE.contact.name, 'keepalive = off', 'The approver denied it', 'What this does not prove']) {
      assert.ok(text.includes(part), `${part} is not in the transcript`);
    }
    assert.doesNotMatch((await outsider.content()).replace(/[\s-]/g, ''), new RegExp(`${MERCHANT}|${CARD}`));
    assert.deepEqual(await outsider.context().cookies(), []);
    await expectAccessible(outsider, 'a verified share');
    await outsider.getByRole('link', { name: 'Action 2: link to it' }).click();
    await outsider.waitForURL(`${story.share}/action-2`);
    assert.equal(await outsider.locator('#verdict-word').innerText(), 'VERIFIED', 'the pin is still in the address');
    const another = await story.chromium.open(t, { url: story.url });
    await another.goto(outsider.url());
    await another.locator('#verdict[data-state="verified"]').waitFor();
    assert.deepEqual(await another.locator('[data-here]').evaluateAll((all) => all.map((one) => one.id)), ['action-2']);
    assert.ok(await another.locator('#action-2').evaluate((one) => Math.abs(one.getBoundingClientRect().top) < innerHeight));
    await screenshots(another, 'share-action', { fullPage: false });
    assert.match(await another.locator('#verdict').innerText(), /receipts of 3 ended actions, signed with the key/);
    assert.equal((await verifyRecord(story.folder)).code, 0);
  });

  part('R7, R45: kept as a file it says VERIFIED without a server or a network, and ALTERED when a byte of it is changed', async (t) => {
    const page = await story.chromium.open(t, { url: story.url });
    await page.goto(story.share);
    await page.locator('#verdict[data-state="verified"]').waitFor();
    const saved = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Keep this page as a file' }).click();
    const file = join(await scratch(t), 'kept.html');
    await (await saved).saveAs(file);
    const html = await readFile(file, 'utf8');
    const pin = story.share.slice(story.share.indexOf('#'));

    const reader = await story.chromium.open(t);
    await reader.context().setOffline(true);
    const says = async (state, text) => {
      await writeFile(file, text);
      await reader.goto(`file://${file}`);
      await reader.locator(`#verdict[data-state="${state}"]`).waitFor();
      return reader.locator('#verdict').innerText();
    };
    await says('verified', html);
    await expectAccessible(reader, 'a kept page');
    assert.equal(await reader.evaluate(() => performance.getEntriesByType('resource').length), 0, 'it loads nothing');

    await says('altered', html.replaceAll('keepalive = off', 'keepalive = oft'));
    // What the page shows is compared with what it holds: a change of the one alone is found too.
    assert.match(await says('altered', html.replace('keepalive = off', 'keepalive = oft')), /shows something else/);
    // Without a pin there is nothing to compare with, until the link is given; another link's pin does not fit.
    await says('cannot-verify', html.replace(`data-pin="${pin}"`, 'data-pin=""'));
    const link = reader.getByLabel('The link that you were given');
    await link.fill(story.share);
    await link.press('Tab');
    await reader.locator('#verdict[data-state="verified"]').waitFor();
    const [whole, root] = pin.match(/^#v1\.\d+\.(.)/).map(String);
    await link.fill(pin.replace(whole, whole.slice(0, -1) + (root === '0' ? '1' : '0')));
    await link.press('Tab');
    await reader.locator('#verdict[data-state="altered"]').waitFor();
    untroubled();
  });

  /** Puts `column` of one row to `to`, a literal of SQL, opens the same link afresh, and gives what it says. */
  async function altered(t, table, column, where, from, to) {
    const put = (value) => sql(story.folder, `UPDATE ${table} SET ${column} = ${value} WHERE ${where}`);
    await put(to);
    const page = await story.chromium.open(t, { url: story.url });
    await page.goto(story.share);
    await page.locator('#verdict[data-state="altered"]').waitFor();
    assert.equal(await page.locator('#verdict-word').innerText(), 'ALTERED');
    const told = { sentence: await page.locator('#verdict').innerText(), marked: await page.locator('[data-wrong]').count() };
    const { code, output } = await verifyRecord(story.folder);
    await put(from);
    return { ...told, code, output };
  }

  part('R4, R7, R45: one byte changed in the database, and the same link says ALTERED and names the leaf', async (t) => {
    await assert.rejects(sql(story.folder, "UPDATE leaf SET groups = '{}'"), /the record only grows/);
    await dropGuards(story.folder);

    // What was printed is encrypted there: a byte of it is as far as anybody gets.
    const [text] = await sql(story.folder, `SELECT t.idx, hex(t.sealed) AS sealed FROM leaf_text t JOIN leaf l ON (l.org_id, l.idx) = (t.org_id, t.idx)
      WHERE l.kind = 'output.chunk' ORDER BY t.idx LIMIT 1`);
    const flip = text.sealed.slice(0, -1) + (text.sealed.endsWith('0') ? '1' : '0');
    const one = await altered(t, 'leaf_text', 'sealed', `idx = ${text.idx}`, `x'${text.sealed}'`, `x'${flip}'`);
    assert.match(one.sentence, new RegExp(`\\bleaf ${text.idx}\\b`, 'i'));
    assert.ok(one.marked > 0, 'the place is marked');
    assert.equal(one.code, 1);
    assert.match(one.output, new RegExp(`ALTERED[\\s\\S]*first wrong leaf\\s+${text.idx}:`));

    const [leaf] = await sql(story.folder, "SELECT idx, leaf FROM leaf WHERE kind = 'action.finished' ORDER BY idx LIMIT 1");
    const digit = leaf.leaf.search(/[0-9a-f]{64}/);
    const flipped = leaf.leaf[digit] === '0' ? '1' : '0';
    const changed = leaf.leaf.slice(0, digit) + flipped + leaf.leaf.slice(digit + 1);
    const two = await altered(t, 'leaf', 'leaf', `idx = ${leaf.idx}`, quoted(leaf.leaf), quoted(changed));
    assert.match(two.sentence, new RegExp(`\\bleaf ${leaf.idx}\\b`, 'i'));
    assert.equal(two.code, 1);
    assert.match(two.output, new RegExp(`first wrong leaf\\s+${leaf.idx}:`));

    assert.equal((await verifyRecord(story.folder)).code, 0, 'put back, it verifies again');
    untroubled();
  });
});
