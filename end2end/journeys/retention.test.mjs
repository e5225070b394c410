// What a director does about texts: a hold that forbids erasing, a share that leaves them out, erasing them for good. The links
// that strangers have stay VERIFIED, with the gaps visible; without script the forms do the same.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  CallError, ended, expectAccessible, openBrowser, scratch, startOrg, storyteller, suite, unfold, verifyRecord, visit,
} from '../lib/index.mjs';

const PRINTED = 'Zinnober';
const NOTED = 'Quendel';

describe('retention', { timeout: 120_000 }, () => {
  const shared = suite();
  const part = storyteller(test);
  const links = {};
  let org;
  let chromium;
  let session;
  let page;

  before(async () => {
    org = await startOrg(shared, await scratch(shared), { agent: true });
    session = await worked();
    chromium = await openBrowser(shared);
    page = await org.director.lend(await chromium.open(shared, { url: org.url, allow: [/409/] }));
  });
  after(() => shared.end());

  /** A closed session with a word that was printed and one that was noted. */
  async function worked() {
    const { technician, contact, endpoint } = org;
    const id = await technician.openSession(endpoint);
    const action = await technician.propose(id, `sh: echo ${PRINTED}`);
    await contact.decide(action.request, 'approve');
    await ended(technician, id, action);
    await technician.call('add_note', { session: id, text: `They said ${NOTED}` });
    await technician.call('close_session', { session: id, reason: 'Done' });
    return id;
  }

  /** What a stranger sees behind a link, once it says VERIFIED. */
  async function seen(t, link) {
    const stranger = await chromium.open(t, { url: org.url, width: 390 });
    await stranger.goto(link);
    await stranger.locator('#verdict[data-state="verified"]').waitFor();
    return stranger.locator('main').innerText();
  }

  async function share(shows, passcode = '') {
    await visit(page, `/sessions/${session}/share`);
    await page.getByLabel('The link shows').selectOption(shows);
    await page.getByLabel('Passcode').fill(passcode);
    await page.getByLabel('I have read this transcript').check();
    await page.getByRole('button', { name: 'Make the link' }).click();
    return page.locator('.secret-text').innerText();
  }

  part('R45: a share leaves out what its maker chose: the gap is visible, and the rest is VERIFIED', async (t) => {
    Object.assign(links, { all: await share('nothing'), output: await share('output'), texts: await share('texts') });
    const all = await seen(t, links.all);
    assert.ok(all.includes(PRINTED) && all.includes(NOTED));
    const output = await seen(t, links.output);
    assert.ok(!output.includes(`\n${PRINTED}`) && output.includes(NOTED) && output.includes(`echo ${PRINTED}`));
    assert.match(output, /It printed 9 bytes to stdout\. What was written is withheld\./);
    const texts = await seen(t, links.texts);
    assert.ok(!texts.includes(PRINTED) && !texts.includes(NOTED));
    assert.match(texts, /opened the session\. What was written is withheld\./);
  });

  part('R45: a passcode is asked for first; with it the page keeps its pin, says VERIFIED and can be kept as a file', async (t) => {
    const locked = await share('nothing', 'anchor-7-walnut');
    const stranger = await chromium.open(t, { url: org.url, width: 390, allow: [/403/] });
    await stranger.goto(locked);
    await expectAccessible(stranger, 'the form for a passcode');
    assert.ok(!(await stranger.content()).includes(PRINTED));
    await stranger.getByLabel('Passcode').fill('a guess');
    await stranger.keyboard.press('Enter');
    await stranger.getByText('That is not the passcode').waitFor();
    await expectAccessible(stranger, 'a wrong passcode');
    await stranger.getByLabel('Passcode').fill('anchor-7-walnut');
    await stranger.getByRole('button', { name: 'Read it' }).click();
    await stranger.locator('#verdict[data-state="verified"]').waitFor();
    assert.ok((await stranger.locator('main').innerText()).includes(PRINTED));
    const saved = stranger.waitForEvent('download');
    await stranger.getByRole('link', { name: 'Keep this page as a file' }).click();
    const file = join(await scratch(t), 'kept.html');
    await (await saved).saveAs(file);
    await stranger.goto(`file://${file}`);
    await stranger.locator('#verdict[data-state="verified"]').waitFor();
    assert.deepEqual(await stranger.context().cookies(), []);
  });

  part('R5: what is under a legal hold is not erased, by no button and by no call', async () => {
    await visit(page, `/sessions/${session}`);
    const place = await unfold(page, 'Place a legal hold');
    await place.getByLabel('Why they are to be kept').fill('Matter 2026-17');
    await place.getByRole('button', { name: 'Place the hold' }).click();
    await page.getByText('Under a legal hold:').waitFor();
    assert.equal(await page.getByText('Erase the texts').count(), 0);
    await assert.rejects(org.director.call('erase_session', { session, reason: 'All the same', sure: 'true' }), (error) => {
      assert.ok(error instanceof CallError && error.status === 409);
      return true;
    });
    const settings = await visit(page, '/settings/retention');
    const hold = settings.locator('.side-row', { hasText: 'Matter 2026-17' });
    await unfold(hold, 'Release');
    await hold.getByLabel('Why it may end').fill('The matter is settled');
    await hold.getByRole('button', { name: 'Release the hold' }).click();
    await hold.getByText('Released').first().waitFor();
  });

  part('R5: erased for good: gone from every page, the record and each link still verify', async (t) => {
    await visit(page, `/sessions/${session}`);
    const erase = await unfold(page, 'Erase the texts');
    await erase.getByLabel('Why they are to be erased').fill('Asked for by the customer');
    await erase.getByLabel('are to be gone for good').check();
    await erase.getByRole('button', { name: 'Erase for good' }).click();
    await page.getByText('What was typed and printed here was erased').waitFor();
    const text = await page.locator('main').innerText();
    assert.ok(!text.includes(PRINTED) && !text.includes(NOTED) && text.includes('[erased]'), text);
    for (const path of [`/sessions/${session}`, '/history', '/sessions', `/history?text=${PRINTED.slice(0, 6)}`]) {
      const shown = await org.director.page(path);
      assert.ok(!shown.includes(PRINTED) && !shown.includes(NOTED), path);
    }
    for (const link of Object.values(links)) {
      const shown = await seen(t, link);
      assert.ok(!shown.includes(PRINTED) && !shown.includes(NOTED));
      assert.match(shown, /What was written was erased\./);
    }
    const { code, output } = await verifyRecord(org.folder);
    assert.equal(code, 0, output);
    assert.match(output, /erased/);
  });

  part('R5, R74: without script, a wrong time is told, a right one is kept, and a session is held and erased', async (t) => {
    const other = await worked();
    const plain = await org.director.lend(await chromium.open(t, { url: org.url, script: false, width: 390, allow: [/422/] }));
    await plain.goto('/settings/retention');
    const days = plain.getByLabel('Days').first();
    await days.fill('400');
    await plain.getByRole('button', { name: 'Save for all clients' }).click();
    await plain.getByText('400 days').first().waitFor();
    await plain.goto(`/sessions/${other}`);
    await plain.locator('summary', { hasText: 'Erase the texts' }).click();
    await plain.getByLabel('Why they are to be erased').fill('Asked for');
    await plain.getByLabel('are to be gone for good').check();
    await plain.getByRole('button', { name: 'Erase for good' }).click();
    await plain.getByText('What was typed and printed here was erased').waitFor();
    assert.ok(!(await plain.locator('main').innerText()).includes(PRINTED));
  });
});
