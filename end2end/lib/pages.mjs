// What people do on the pages, in the pages' own words.

import assert from 'node:assert/strict';

/** Waits until the page's code runs and its live connection stands: from then on things appear by themselves. */
export async function live(page) {
  await page.locator('.connection[data-state="live"]').waitFor({ state: 'attached', timeout: 20_000 });
  return page;
}

/** Goes to a page of the app and waits until it is live. */
export async function visit(page, path) {
  await page.goto(path);
  return live(page);
}

/** Marks the page as it is loaded now; `stayed` then tells that it was never loaded anew. */
export const mark = (page) => page.evaluate(() => { window.neverReloaded = true; });

export async function stayed(page) {
  assert.equal(await page.evaluate(() => window.neverReloaded), true, 'the page was loaded anew');
}

/** Opens what is folded under this summary, unless it is open. */
export async function unfold(scope, summary) {
  const details = scope.locator(`details:has(> summary:has-text("${summary}"))`).first();
  if ((await details.getAttribute('open')) === null) await details.locator('summary').first().click();
  return details;
}

/** Sets the password behind a one-time link: afterwards the page is signed in. */
export async function redeem(page, link, password) {
  await page.goto(link);
  await page.getByLabel('New password').fill(password);
  await page.getByLabel('The same password again').fill(password);
  await page.getByRole('button', { name: 'Set the password and sign in' }).click();
  await page.waitForURL((url) => url.pathname === '/');
  if (page.scripted) await live(page);
}

/** Types into the composer and presses Enter. */
export async function propose(page, text) {
  const field = page.locator('#composer textarea');
  await field.fill(text);
  await page.locator('.said:not(:has-text("Asking"))').first().waitFor();
  await field.press('Enter');
}

/** The card of action `number`. */
export const card = (page, number) => page.locator(`#action-${number}`);

/** Waits until action `number` says `word`. */
export async function says(page, number, word, timeout = 15_000) {
  await card(page, number).locator('.act-head .status', { hasText: word }).waitFor({ timeout });
}

/** Approves by holding the button for as long as it asks. */
export async function holdToApprove(page) {
  const button = page.locator('.ask-approve');
  await button.scrollIntoViewIfNeeded();
  const { x, y, width, height } = await button.boundingBox();
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.locator('.ask-outcome').waitFor();
  await page.mouse.up();
}
