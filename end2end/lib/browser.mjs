// Chromium, and pages whose every error counts.

import { chromium } from 'playwright-core';
import { onEnd } from './cleanup.mjs';
import { paths } from './paths.mjs';

// --no-sandbox: tests run as root in CI. The others keep it from talking to anyone but the server under test.
const FLAGS = [
  '--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-default-apps',
];

/**
 * Starts Chromium with a fresh profile, closed when `t` is over.
 *
 * `open(t, options)` gives a page in a browser context of its own: its own cookies, so one for each person. Options:
 * `width` (1280), `height`, `scheme` ('light' or 'dark'), `script` (true), `url` (base for `page.goto('/…')`),
 * `allow` (patterns of console messages that the journey means to cause, such as a 404 it asks for).
 * When the test is over, any console error, page error or failed request of that page that is not allowed fails it.
 */
export async function openBrowser(t) {
  const browser = await chromium.launch({ executablePath: paths.chromium, args: FLAGS, timeout: 60_000 });
  onEnd(t, () => browser.close());
  return { browser, open: (test, options) => open(browser, test, options) };
}

async function open(browser, t, options = {}) {
  const { width = 1280, height = width < 600 ? 844 : 800, scheme = 'light', script = true, url, allow = [] } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    javaScriptEnabled: script,
    baseURL: url,
    hasTouch: width < 600,
    isMobile: width < 600,
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(10_000);
  context.setDefaultNavigationTimeout(20_000);
  const troubles = collect(context, allow, script);
  onEnd(t, async () => {
    await context.close();
    if (troubles.length) throw new Error(`the page had errors:\n  ${troubles.join('\n  ')}`);
  });
  const page = await context.newPage();
  /** What has gone wrong so far, for a journey that wants to check before its end. */
  page.troubles = troubles;
  page.scripted = script;
  return page;
}

/** Writes down what goes wrong in any page of the context, popups too. */
function collect(context, allow, script) {
  const troubles = [];
  const note = (text) => {
    if (!allow.some((pattern) => pattern.test(text))) troubles.push(text);
  };
  context.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'assert') {
      note(`console: ${message.text()} (${message.location().url})`);
    }
  });
  context.on('weberror', (error) => note(`page: ${error.error().stack ?? error.error()}`));
  context.on('requestfailed', (request) => {
    // A page that is left stops what it was loading: its event stream, above all.
    const reason = request.failure()?.errorText;
    // With script turned off, Chromium reports each script that it doesn't load.
    if (!script && request.resourceType() === 'script') return;
    if (reason !== 'net::ERR_ABORTED') note(`request: ${request.method()} ${request.url()}: ${reason}`);
  });
  return troubles;
}
