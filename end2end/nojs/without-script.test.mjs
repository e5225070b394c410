// R74: reading and deciding without JavaScript. Everything here is plain forms and links in a browser that runs no script.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { csvRows, ended, ENDPOINT, openBrowser, PEOPLE, scratch, startOrg, storyteller, suite } from '../lib/index.mjs';

describe('without JavaScript', { timeout: 120_000 }, () => {
  const shared = suite();
  const part = storyteller(test);
  let org;
  let chromium;
  let technician;
  let contact;
  let director;
  let session;

  before(async () => {
    org = await startOrg(shared, await scratch(shared), { agent: true });
    chromium = await openBrowser(shared);
    technician = await chromium.open(shared, { url: org.url, script: false, allow: [/401/, /422/] });
    contact = await chromium.open(shared, { url: org.url, script: false, width: 390 });
    director = await chromium.open(shared, { url: org.url, script: false });
  });
  after(() => shared.end());

  async function signIn(page, { email, password }, next = '') {
    await page.goto(`/sign-in${next}`);
    await page.getByLabel('E-mail address').fill(email);
    await page.getByLabel('Password').fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  }

  /** Proposes by the verb's list and the text beside it. */
  async function propose(verb, text) {
    await technician.goto(session);
    await technician.locator('#composer select').selectOption(verb);
    await technician.locator('#composer textarea').fill(text);
    await technician.getByRole('button', { name: 'Propose' }).click();
    await technician.waitForURL(new RegExp(session));
  }

  const cardOf = (number) => technician.locator(`#action-${number}`);

  /** Loads the session until action `number` says `word`: nothing appears by itself here. */
  async function says(number, word) {
    const { actions } = await org.technician.session(session.split('/').at(-1));
    if (word !== 'Waiting for a person') await ended(org.technician, session.split('/').at(-1), actions[number - 1]);
    await technician.goto(session);
    await cardOf(number).locator('.act-head', { hasText: word }).waitFor();
  }

  /** Opens what waits for the contact. */
  async function openRequest(text) {
    await contact.goto('/approvals');
    await contact.locator('.request a.row-link', { hasText: text }).first().click();
    await contact.waitForURL(/\/approvals\/[0-9a-f-]{36}/);
  }

  part('R50: a wrong password is told on the page; the right one leads on to where one wanted to go', async () => {
    await signIn(technician, { ...PEOPLE.technician, password: 'wrong horse battery' });
    await technician.getByText("That e-mail address and password don't match an account.").waitFor();
    assert.ok(!technician.url().includes('wrong'), 'nothing typed is in the address');
    await signIn(technician, PEOPLE.technician, '?next=/endpoints');
    await technician.waitForURL('**/endpoints');
    await signIn(contact, PEOPLE.contact);
    await contact.waitForURL(`${org.url}/`);
    await signIn(director, PEOPLE.director);
  });

  part('R1: a session is opened from the endpoint; an empty reason is asked for', async () => {
    await technician.getByRole('link', { name: ENDPOINT }).click();
    await technician.getByLabel('Reason').fill('   ');
    await technician.getByRole('button', { name: 'Open a session' }).click();
    await technician.locator('.note, .field-error', { hasText: /\w/ }).first().waitFor();
    await technician.goto('/endpoints');
    await technician.getByRole('link', { name: ENDPOINT }).click();
    await technician.getByLabel('Reason').fill('Receipt printer prints nothing');
    await technician.getByLabel('Ticket').fill('POS-5001');
    await technician.getByRole('button', { name: 'Open a session' }).click();
    await technician.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
    session = new URL(technician.url()).pathname;
  });

  part('R12: an inventory verb is proposed, runs, and its output can be read', async () => {
    await propose('system.info', '');
    await says(1, 'Succeeded');
    assert.match(await cardOf(1).locator('.act-basis').innerText(), /rule inventory/);
    assert.ok((await cardOf(1).locator('.line').count()) > 2);
  });

  part('R13: what is no command is told, and nothing is proposed', async () => {
    await technician.goto(session);
    await technician.locator('#composer textarea').fill('cat /etc/hosts');
    await technician.getByRole('button', { name: 'Propose' }).click();
    await technician.locator('.note', { hasText: 'Something needs changing' }).first().waitFor();
    assert.ok(!technician.url().includes('hosts'), 'nothing typed is in the address');
    assert.equal(await technician.locator('.act').count(), 1);
  });

  part('R22, R25: a request is denied with one tap', async () => {
    await propose('sh', 'echo no');
    await says(2, 'Waiting for a person');
    await openRequest('echo no');
    await contact.getByRole('button', { name: 'Deny' }).click();
    await contact.locator('.ask-outcome', { hasText: 'Denied' }).waitFor();
    await says(2, 'Refused');
  });

  part('R20, R21: access is asked for, narrowed and used', async () => {
    await technician.goto(session);
    await technician.locator('summary', { hasText: 'Ask for access' }).click();
    await technician.locator('select[name="workflow"]').selectOption('file-inspection@1');
    await technician.locator('#f-target').fill('/etc');
    await technician.getByRole('button', { name: 'Ask the contact' }).click();
    await technician.locator('.side-row', { hasText: 'Waiting' }).waitFor();
    await openRequest('/etc/**');
    await contact.locator('#f-scope').fill('file.read("/etc/hostname")');
    await contact.locator('.ask-approve').click();
    await contact.locator('.ask-outcome', { hasText: 'Approved, narrowed' }).waitFor();
    await propose('file.read', '/etc/hostname');
    await says(3, 'Succeeded');
    assert.match(await cardOf(3).locator('.act-basis').innerText(), /Covered by the access that Carla Reyes gave/);
  });

  part('R20: a script is approved with one press', async () => {
    await propose('sh', 'echo approved without script');
    await openRequest('echo approved');
    await contact.locator('.ask-approve').click();
    await contact.locator('.ask-outcome', { hasText: 'Approved' }).waitFor();
    await says(4, 'Succeeded');
    await cardOf(4).locator('.line', { hasText: 'approved without script' }).waitFor();
  });

  part('R22: what waits is withdrawn', async () => {
    await propose('sh', 'echo never');
    await says(5, 'Waiting for a person');
    await cardOf(5).getByRole('button', { name: 'Withdraw' }).click();
    await says(5, 'Refused');
    assert.match(await cardOf(5).innerText(), /It was withdrawn before a decision/);
  });

  part('R45: while the session is open no link can be made, and the page says so', async () => {
    await director.goto(`${session}/share`);
    await director.getByText('A link is made once it is closed').waitFor();
    assert.equal(await director.getByRole('button', { name: 'Make the link' }).count(), 0);
  });

  part('R17: a note is added, and the session closed with a reason', async () => {
    await technician.goto(session);
    await technician.getByLabel('Add a note').fill('Paper was empty.\nSecond line.');
    await technician.getByRole('button', { name: 'Add note' }).click();
    await technician.locator('.side-row', { hasText: 'Paper was empty.' }).waitFor();
    await technician.locator('summary', { hasText: 'Close the session' }).click();
    await technician.getByLabel('What came of it').fill('Paper refilled.');
    await technician.getByRole('button', { name: 'Close session' }).click();
    await technician.getByText('Closed. Nothing more can run here.').waitFor();
  });

  part('R40, R41: the history is filtered and exported', async () => {
    await director.goto('/history');
    await director.locator('.hist-filter summary').click();
    await director.locator('#filter-endpoint').fill('register-07');
    await director.getByLabel('Status').selectOption('refused');
    await director.getByRole('button', { name: 'Apply' }).click();
    await director.waitForURL(/status=refused/);
    await director.getByText('Rows 1 to 2 of 2').waitFor();
    const [download] = await Promise.all([director.waitForEvent('download'), director.getByRole('link', { name: 'Export 2 rows (CSV)' }).click()]);

    const rows = csvRows(await readFile(await download.path(), 'utf8'));
    assert.deepEqual(rows.map((row) => row.refusal).sort(), ['denied', 'withdrawn']);
    await director.locator('.history-row a.row-link').first().click();
    await director.waitForURL(new RegExp(session));
  });

  part('R45, R74: a share is made and read without script, and says that nothing was checked', async (t) => {
    await director.goto(`${session}/share`);
    await director.getByLabel('I have read this transcript').check();
    await director.getByRole('button', { name: 'Make the link' }).click();
    await director.getByText('The share is made').waitFor();
    const link = await director.locator('.secret-text').innerText();
    assert.ok(!director.url().includes('/s/'));
    const outsider = await chromium.open(t, { url: org.url, script: false, width: 390 });
    await outsider.goto(link);
    const text = await outsider.locator('main').innerText();
    for (const words of ['Not checked yet', 'Your browser runs no scripts here', 'approved without script', 'Paper was empty.', 'What this does not prove']) {
      assert.ok(text.includes(words), `${words} is not there`);
    }
    const width = await outsider.evaluate(() => document.documentElement.scrollWidth).catch(() => 390);
    assert.ok(width <= 390);
  });

  part('R50: signing out works, and the pages are closed afterwards', async () => {
    await technician.goto('/');
    await technician.locator('.person').click();
    await technician.getByRole('button', { name: 'Sign out' }).click();
    await technician.waitForURL('**/sign-in');
    await technician.goto('/sessions');
    await technician.waitForURL(/\/sign-in\?next=\/sessions/);
  });
});
