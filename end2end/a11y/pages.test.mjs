// Every page, wide and narrow, light and dark: axe finds nothing serious, nothing is wider than the window, no error on
// the console. The pictures are kept for people to look at, so the demo organisation is one that people can read.

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import {
  addAgent, addClient, card, ended, ENDPOINT, expectAccessible, live, openBrowser, paths, PEOPLE, readyEndpoint, says, scratch,
  startOrg, storyteller, suite, unfold, visit,
} from '../lib/index.mjs';

const SIZES = [{ width: 1280, height: 800 }, { width: 390, height: 844 }];
const SCHEMES = ['light', 'dark'];

const TERMINAL_CONF = `host = gw.payments.example
port = 443
keepalive = off
merchant_id = 882177450019
last_test_card = 4111 1111 1111 1111
retries = 3
`;

describe('pages', { timeout: 300_000 }, () => {
  const shared = suite();
  const part = storyteller(test);
  const demo = {};
  // Of all pages of a test, so that one run tells them all.
  let faults = [];
  beforeEach(() => { faults = []; });
  afterEach(() => assert.ok(!faults.length, faults.join('\n')));
  let org;
  let chromium;

  before(async () => {
    const folder = await scratch(shared);
    const pos = join(await scratch(shared, 'pos'), 'ConnectionSettings');
    await mkdir(pos, { recursive: true });
    await writeFile(join(pos, 'terminal.conf'), TERMINAL_CONF);
    org = await startOrg(shared, folder, { agent: true, hosts: '127.0.0.1:9' });
    const bakery = await addClient(org.admin, { name: 'Lindgren Bakery', tags: 'sox', contacts: [org.contact] });
    await addAgent(shared, org, { folder: join(folder, 'office'), client: bakery, name: 'OFFICE-LAPTOP-12' });
    await readyEndpoint(org.admin, 'OFFICE-LAPTOP-12');
    demo.welcome = (await org.admin.call('invite', { name: 'Mona Feld', email: 'mona@northwind.example', roles: ['technician', 'approver'] })).text;
    await org.director.call('place_hold', { client: bakery, reason: 'Matter 2026-17, letter of 3 November' });
    await org.director.call('set_retention', { client: bakery, days: '365' });
    await done(pos);
    await open(pos);
    chromium = await openBrowser(shared);
  });
  after(() => shared.end());

  /** A closed session with every kind of basis and refusal, shared. */
  async function done(pos) {
    const { technician, contact, director, endpoint } = org;
    demo.closed = await technician.openSession(endpoint, 'Card terminal of register 07 loses its connection', 'POS-4711');
    await technician.call('ask_access', { session: demo.closed, workflow: 'file-inspection@1', target: join(pos, '..') });
    const [{ id }] = (await technician.session(demo.closed)).requests;
    await contact.decide(id, 'approve', { scope: `file.read("${pos}/**")` });
    demo.granted = id;
    const run = async (text, ruling) => {
      const action = await technician.propose(demo.closed, text);
      if (ruling) await contact.decide(action.request, ruling, { reason: ruling === 'deny' ? 'Not needed for the connection.' : '' });
      await ended(technician, demo.closed, action);
    };
    await run(`file.read ${pos}/terminal.conf`);
    await run('net.probe 127.0.0.1:9');
    await run("sh: echo 'Stopping the print service.'; echo 'spooler: 2 jobs left' >&2; echo 'Print service started.'", 'approve');
    await run(`file.read ${join(pos, '..')}/vendor.key`, 'deny');
    await technician.call('add_note', { session: demo.closed, text: 'Keepalive is off in terminal.conf; the vendor asks for 60 s.' });
    await technician.call('close_session', { session: demo.closed, reason: 'Cause found: keepalive off. Vendor ticket raised.' });
    demo.share = (await director.call('create_share', { session: demo.closed, reviewed: 'true' })).link;
  }

  /** An open session: something ran, something waits, access is live. */
  async function open(pos) {
    const { technician, contact, endpoint } = org;
    demo.open = await technician.openSession(endpoint, 'Receipt printer prints nothing', 'POS-4812');
    await ended(technician, demo.open, await technician.propose(demo.open, 'system.info'));
    await ended(technician, demo.open, await technician.propose(demo.open, 'disk.usage'));
    await technician.call('ask_access', { session: demo.open, workflow: 'file-inspection@1', target: pos });
    const [live_] = (await technician.session(demo.open)).requests;
    await contact.decide(live_.id, 'approve');
    await ended(technician, demo.open, await technician.propose(demo.open, `file.read ${pos}/terminal.conf`));
    await technician.call('ask_access', { session: demo.open, workflow: 'log-inspection@1', target: 'cups' });
    demo.access = (await technician.session(demo.open)).requests.find((r) => r.state === 'pending').id;
    demo.waiting = (await technician.propose(demo.open, 'sh: lpstat -p -d')).request;
  }

  /** Checks a page in every size and scheme and keeps its pictures: of all of it, unless something stays at the window's edge. */
  async function check(page, name) {
    const fullPage = !/^(session|approve)(-|$)/.test(name);
    await mkdir(paths.screens, { recursive: true });
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme });
        const at = `${name} at ${size.width} px, ${colorScheme}`;
        const [wide, widest] = await page.evaluate(() => {
          const limit = document.documentElement.clientWidth;
          const beyond = [...document.body.querySelectorAll('*')].find((e) => e.getBoundingClientRect().right > limit + 1);
          return [document.documentElement.scrollWidth - limit, beyond ? `${beyond.tagName}.${beyond.className}` : ''];
        });
        if (wide > 0) faults.push(`${at} scrolls sideways by ${wide} px: ${widest}`);
        // Dark differs from light in its colours alone.
        const rules = colorScheme === 'dark' ? ['color-contrast'] : undefined;
        await expectAccessible(page, at, rules).catch((error) => faults.push(error.message));
        const path = join(paths.screens, `${name}-${size.width}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage, animations: 'disabled', caret: 'hide' });
      }
    }
    await page.setViewportSize(SIZES[0]);
    faults.push(...page.troubles.splice(0).map((trouble) => `${name}: ${trouble}`));
  }

  const pageOf = async (t, person, options) => {
    const page = await chromium.open(t, { url: org.url, ...options });
    return person ? person.lend(page) : page;
  };

  /** Visits and checks pages of one person: name and address of each. */
  async function checkAll(t, person, pages) {
    const page = await pageOf(t, person);
    for (const [name, path] of pages) await check(await visit(page, path), name);
    return page;
  }

  test('R74: the pages outside: signing in, the first visit, nothing behind a link', async (t) => {
    const page = await pageOf(t, null, { allow: [/404/, /401/] });
    await page.goto('/sign-in');
    await check(page, 'sign-in');
    await page.getByLabel('E-mail address').fill('tim@northwind.example');
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByText("don't match an account").waitFor();
    await check(page, 'sign-in-failed');
    await page.goto(demo.welcome);
    await page.getByLabel('New password').waitFor();
    await check(page, 'welcome');
    await page.goto('/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA');
    await check(page, 'share-gone');
  });

  test("R74: the technician's pages", async (t) => {
    const page = await checkAll(t, org.technician, [
      ['overview-technician', '/'],
      ['endpoints', '/endpoints'],
      ['endpoint', `/endpoints/${org.endpoint}`],
      ['sessions', '/sessions'],
      ['session-closed', `/sessions/${demo.closed}`],
      ['approvals-technician', '/approvals'],
      ['history-technician', '/history'],
    ]);
    await visit(page, `/sessions/${demo.open}`);
    await page.locator('#composer textarea').fill('service.restart cups');
    await page.locator('.said strong').waitFor();
    await check(page, 'session');
  });

  test("R74: the contact's pages", async (t) => {
    await checkAll(t, org.contact, [
      ['overview-contact', '/'],
      ['approvals', '/approvals'],
      ['approve-access', `/approvals/${demo.access}`],
      ['approve-script', `/approvals/${demo.waiting}`],
      ['approved', `/approvals/${demo.granted}`],
    ]);
  });

  test("R74: the director's pages", async (t) => {
    const page = await checkAll(t, org.director, [
      ['overview', '/'],
      ['history', '/history'],
      ['history-filtered', '/history?endpoint=register-07&status=refused'],
      ['history-none', '/history?text=nothing-has-this-name'],
      ['record', '/record'],
      ['record-leaf', '/record?leaf=12'],
      ['incidents', '/incidents'],
      ['redaction-director', '/settings/redaction'],
      ['settings-retention', '/settings/retention'],
      ['session-director', `/sessions/${demo.closed}`],
      ['share-review', `/sessions/${demo.closed}/share`],
    ]);
    await visit(page, '/history');
    await page.locator('.history-row summary').first().click();
    await check(page, 'history-row');
  });

  test("R74: the admin's pages", async (t) => {
    const page = await checkAll(t, org.admin, [
      ['overview-admin', '/'],
      ['settings-people', '/settings/people'],
      ['settings-clients', '/settings/clients'],
      ['settings-enrolment', '/settings/enrolment'],
      ['settings-redaction', '/settings/redaction'],
    ]);
    await visit(page, '/settings/clients');
    await unfold(page.locator('.client').first(), 'Contacts');
    await page.getByRole('button', { name: 'Enrol an endpoint' }).first().click();
    await page.locator('.secret-text').first().waitFor();
    await check(page, 'settings-token');
  });

  test("R74: a wrong pattern is told beside its field in that client's form alone, and stays as it was typed", async (t) => {
    const page = await pageOf(t, org.admin, { allow: [/422/] });
    await visit(page, '/settings/redaction');
    const client = page.locator('.client').first();
    await unfold(client, 'Change');
    const patterns = client.getByLabel('Patterns');
    await patterns.fill('a pattern without a name');
    await client.getByRole('button', { name: 'Save for this client' }).click();
    await client.locator('.field.has-error', { has: page.getByLabel('Patterns') }).getByText('is no pattern with a name').waitFor();
    assert.equal(await page.locator('.field.has-error').count(), 1);
    assert.equal(await patterns.inputValue(), 'a pattern without a name');
    await check(page, 'settings-redaction-wrong');
    await page.getByRole('button', { name: 'Save for all clients' }).click();
    await page.locator('.has-error').first().waitFor({ state: 'detached' });
  });

  test('R74: an address that leads nowhere', async (t) => {
    const page = await pageOf(t, org.technician, { allow: [/404/] });
    await page.goto('/no-such-page');
    await page.getByRole('heading').first().waitFor();
    await check(page, 'not-found');
  });

  test('R45, R74: the public share', async (t) => {
    const page = await pageOf(t, null);
    await page.goto(demo.share);
    await page.locator('#verdict[data-state="verified"]').waitFor();
    await check(page, 'share');
  });

  /** Tabs until the element that `selector` finds has the focus. */
  async function tabTo(page, selector) {
    for (let n = 0; n < 60; n += 1) {
      if (await page.evaluate((s) => document.activeElement?.matches(s), selector)) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`${selector} is not reached by Tab`);
  }

  const focused = (page) => page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none'
    || getComputedStyle(document.activeElement).boxShadow !== 'none');

  part('R74: signing in, opening a session and proposing need no mouse', async (t) => {
    const page = await pageOf(t, null);
    await page.goto('/sign-in');
    await tabTo(page, '#f-email');
    await page.keyboard.type(PEOPLE.technician.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(PEOPLE.technician.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${org.url}/`);
    await live(page);

    await page.keyboard.press('Control+k');
    await page.locator('dialog#palette[open]').waitFor();
    await page.locator('.palette-row').first().waitFor();
    await expectAccessible(page, 'the palette');
    await page.keyboard.type(ENDPOINT.toLowerCase());
    await page.locator('.palette-row[aria-selected="true"]', { hasText: ENDPOINT }).waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL('**/endpoints/*');

    await tabTo(page, '#f-reason');
    assert.ok(await focused(page), 'what has the focus shows it');
    await page.keyboard.type('Drawer does not open');
    await page.keyboard.press('Tab');
    await page.keyboard.type('POS-5120');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/sessions/*');
    await page.locator('#composer').waitFor();
    await tabTo(page, '#composer textarea');
    await page.keyboard.type('disk.usage');
    await page.keyboard.press('Enter');
    await says(page, 1, 'Succeeded');
    assert.equal(await page.locator('#composer textarea').inputValue(), '', 'ready for the next');
    await page.keyboard.press('ArrowUp');
    assert.equal(await page.locator('#composer textarea').inputValue(), 'disk.usage', 'recalled');
    await page.keyboard.press('Escape');
    assert.ok(await card(page, 1).isVisible());
  });

  part('R74: ? lists the keys, / searches, g goes, and a dialog gives the focus back', async (t) => {
    const page = await visit(await pageOf(t, org.technician), '/endpoints');
    await page.locator('.rail-link').first().focus();
    await page.keyboard.press('?');
    const keys = page.locator('dialog#key-help[open]');
    await keys.getByText('Every page and action by name').waitFor();
    await expectAccessible(page, 'the list of keys');
    await page.screenshot({ path: join(paths.screens, 'keys-1280-light.png') });
    await page.keyboard.press('Escape');
    await keys.waitFor({ state: 'detached' }).catch(() => {});
    assert.equal(await page.locator('dialog[open]').count(), 0);
    assert.ok(await page.evaluate(() => document.activeElement.matches('.rail-link')), 'the focus is back where it was');
    await page.keyboard.press('g');
    await page.keyboard.press('h');
    await page.waitForURL('**/history');
    await page.keyboard.press('/');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'search');
    await page.keyboard.type('printer');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/history\?text=printer/);
    await page.locator('.history-row').first().waitFor();
    await page.locator('h1').click();
    await page.keyboard.press('j');
    assert.ok(await page.evaluate(() => document.activeElement.matches('.history-row a')));
    await page.keyboard.press('x');
    await page.locator('.history-row .more[open]').waitFor();
    await page.keyboard.press('Control+k');
    await page.locator('dialog#palette[open] .palette-row').first().waitFor();
    await page.screenshot({ path: join(paths.screens, 'palette-1280-light.png') });
  });
});
