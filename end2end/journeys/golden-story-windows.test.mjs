// The golden story of the requirements as it is told there: a register with Windows. Its settings are in the registry, its
// payment host does not answer, its print service is restarted. The agent for Windows is the real one, under Wine.

import assert from 'node:assert/strict';
import { readFile, realpath } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import {
  card, csvRows, ENDPOINT, enrolmentToken, enrolWindowsAgent, expectAccessible, holdToApprove, makeSilentHost, makeWindowsService, mark, openBrowser,
  outputOf, propose, readyEndpoint, says, scratch, setRegistryValue, sql, startOrg, startWindowsAgent, stayed, storyteller, suite, unfold, verifyRecord,
  visit,
} from '../lib/index.mjs';

const POS = 'HKLM\\SOFTWARE\\Vendor\\POS';
const SETTINGS = `${POS}\\ConnectionSettings`;
/** As the gate writes it: the registry does not tell capitals apart. */
const NARROWED = 'registry.read("HKLM\\software\\vendor\\pos\\connectionsettings\\**")';
const CARD = '4111111111111111';
const MERCHANT = '882177450019';
const SECRET = '99-JUNIPER-17';
const SERVICE = 'POSPrint';

describe('the golden story on Windows', { timeout: 300_000 }, () => {
  const shared = suite();
  const story = {};
  const part = storyteller(test);

  before(async () => {
    const folder = await realpath(await scratch(shared));
    const gateway = await makeSilentHost(shared);
    await setRegistryValue(SETTINGS, 'Host', 'REG_SZ', gateway);
    await setRegistryValue(SETTINGS, 'KeepAlive', 'REG_DWORD', '0');
    await setRegistryValue(SETTINGS, 'MerchantId', 'REG_SZ', MERCHANT);
    await setRegistryValue(SETTINGS, 'LastTestCard', 'REG_SZ', CARD);
    await setRegistryValue(`${POS}\\Vault`, 'MasterCode', 'REG_SZ', SECRET);
    await makeWindowsService(shared, SERVICE);
    Object.assign(story, await startOrg(shared, folder, { hosts: gateway }), { gateway });
    story.chromium = await openBrowser(shared);
    story.open = async (t, person, options) => person.lend(await story.chromium.open(t, { url: story.url, ...options }));
    story.page = await story.open(shared, story.technician);
    story.phone = await story.open(shared, story.contact, { width: 390 });
  });
  after(() => shared.end());

  part('R10, R16: the agent for Windows enrols, connects and says what it runs on', async () => {
    const { admin, client, folder, url } = story;
    await enrolWindowsAgent(folder, { url, token: await enrolmentToken(admin, client), name: ENDPOINT });
    story.agent = startWindowsAgent(shared, folder);
    await readyEndpoint(admin, ENDPOINT);
    const page = await visit(story.page, '/endpoints');
    await page.getByRole('link', { name: ENDPOINT }).click();
    await page.getByText(/Windows/).first().waitFor();
  });

  part('R1, R17, R21: access to the vendor\'s keys is asked for, and approved narrowed on a phone', async () => {
    const { page, phone } = story;
    await page.getByLabel('Reason').fill('Register 07 freezes at payment');
    await page.getByLabel('Ticket').fill('POS-4711');
    await page.getByRole('button', { name: 'Open a session' }).click();
    await page.waitForURL(/\/sessions\/[0-9a-f-]{36}$/);
    story.session = new URL(page.url()).pathname;
    await page.locator('.session-live', { hasText: 'Live' }).waitFor();
    await mark(page);
    await visit(phone, '/approvals');
    const ask = await unfold(page, 'Ask for access');
    await ask.locator('select[name="workflow"]').selectOption('registry-inspection@1');
    await ask.locator('#f-target').fill(POS);
    await ask.getByRole('button', { name: 'Ask the contact' }).click();
    await phone.locator('.request a.row-link').click();
    await phone.locator('.ask-exact', { hasText: 'registry.read("HKLM\\software\\vendor\\pos\\**")' }).waitFor();
    await expectAccessible(phone, 'a request for registry keys on a phone');
    await phone.locator('#f-scope').fill(`registry.read("${SETTINGS}\\**")`);
    await holdToApprove(phone);
    await page.locator('.side-row', { hasText: 'Live' }).getByText(NARROWED).waitFor();
    await stayed(page);
  });

  part('R10, R12, R30: a key within the access is read at once, redacted', async () => {
    const { page } = story;
    await propose(page, `registry.read ${SETTINGS}`);
    await says(page, 1, 'Succeeded');
    const output = await card(page, 1).locator('.out').innerText();
    assert.match(output, /KeepAlive\s+REG_DWORD\s+.*0/);
    assert.ok(output.includes(story.gateway), output);
    assert.ok(!output.includes(CARD) && !output.includes(MERCHANT), output);
    const chips = await card(page, 1).locator('mark.redacted').allInnerTexts();
    assert.ok(chips.some((chip) => chip.includes('1111')) && chips.some((chip) => /merchant/i.test(chip)), chips.join());
    assert.match(await card(page, 1).locator('.act-basis').innerText(), /Covered by the access.*leaf \d+ before dispatch \d+/s);
  });

  part('R12: the registered host is probed by the policy, and does not answer in time', async () => {
    const { page, gateway } = story;
    await propose(page, `net.probe ${gateway}`);
    await says(page, 2, 'Failed', 30_000);
    assert.match(await card(page, 2).innerText(), /does not answer: no answer within \d+ s/);
    assert.match(await card(page, 2).locator('.act-basis').innerText(), /Allowed at once by rule registered-probe/);
  });

  part('R10, R12, R20: the print service is restarted once the contact allowed exactly this', async () => {
    const { page, phone } = story;
    await visit(phone, '/approvals');
    await propose(page, `service.restart ${SERVICE}`);
    await says(page, 3, 'Waiting for a person');
    await phone.locator('.request a.row-link', { hasText: SERVICE }).click();
    await phone.locator('.ask-exact', { hasText: SERVICE }).waitFor();
    await holdToApprove(phone);
    await says(page, 3, 'Succeeded', 30_000);
    const output = await outputOf(story.technician, story.session.split('/').at(-1), 3);
    assert.match(output, /POSPrint is stopped/);
    assert.match(output, /POSPrint runs as process \d+/);
  });

  part('R10, R21, R22: a key outside of the narrowed access is asked for, denied, and never read', async () => {
    const { page, phone } = story;
    await visit(phone, '/approvals');
    await propose(page, `registry.read ${POS}\\Vault`);
    await says(page, 4, 'Waiting for a person');
    await phone.locator('.request a.row-link', { hasText: /vault/i }).click();
    await phone.getByRole('button', { name: 'Deny' }).click();
    await phone.locator('.ask-outcome', { hasText: 'Denied' }).waitFor();
    await says(page, 4, 'Refused');
    assert.match(await card(page, 4).innerText(), /The approver denied it\. Nothing ran\./);
    assert.ok(!(await page.content()).includes(SECRET));
    await stayed(page);
  });

  part('R1, R6, R40, R41: closed, it is in the history, in order in the record, and what was redacted is nowhere', async (t) => {
    const { page, folder } = story;
    await unfold(page, 'Close the session');
    await page.getByLabel('What came of it').fill('Print service restarted, keepalive reported to the vendor.');
    await page.getByRole('button', { name: 'Close session' }).click();
    await page.getByText('Closed. Nothing more can run here.').waitFor();

    const director = await visit(await story.open(t, story.director), '/history');
    const [download] = await Promise.all([director.waitForEvent('download'), director.getByRole('link', { name: 'Export 4 rows (CSV)' }).click()]);
    const by = Object.fromEntries(csvRows(await readFile(await download.path(), 'utf8')).map((row) => [row.number, row]));
    assert.deepEqual(['1', '2', '3', '4'].map((n) => by[n].basis), ['grant', 'policy', 'one_time', '']);
    assert.deepEqual(['1', '2', '3', '4'].map((n) => by[n].status), ['succeeded', 'failed', 'succeeded', 'refused']);

    const held = await sql(folder, `SELECT idx FROM leaf WHERE groups LIKE '%${CARD}%' OR groups LIKE '%${MERCHANT}%' OR groups LIKE '%${SECRET}%'`);
    assert.deepEqual(held, []);
    assert.equal((await verifyRecord(folder)).code, 0);
  });

  part('R45: a stranger reads it in a shared link, VERIFIED', async (t) => {
    const director = await visit(await story.open(t, story.director), story.session);
    await director.getByRole('link', { name: 'Share' }).click();
    await director.getByLabel('I have read this transcript').check();
    await director.getByRole('button', { name: 'Make the link' }).click();
    const link = await director.locator('.secret-text').innerText();
    const stranger = await story.chromium.open(t, { url: story.url, width: 390 });
    await stranger.goto(link);
    await stranger.locator('#verdict[data-state="verified"]').waitFor();
    const text = await stranger.locator('main').innerText();
    for (const secret of [CARD, MERCHANT, SECRET]) assert.ok(!text.includes(secret), 'what was redacted is in no transcript');
    for (const said of [ENDPOINT, 'KeepAlive', 'POSPrint is stopped', 'The approver denied it']) {
      assert.ok(text.includes(said), `${said} is not in the transcript`);
    }
  });
});
