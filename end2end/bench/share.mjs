// How long a browser takes for the verdict on a share of 10,000 leaves: from the click on the link, and for the verifier alone,
// beside what the same browser takes to hash as many bytes. `cargo xtask bench browser` builds what it needs and runs it.

import { openBrowser, scratch, startOrg, suite } from '../lib/index.mjs';

const LEAVES = 10_000;
const AT_ONCE = 32;
const TRIES = 5;
const NOTE = 'Checked the cable, the switch port and the gateway; the register answers again.';

const shared = suite();
try {
  const org = await startOrg(shared, await scratch(shared), { agent: true });
  const session = await org.technician.openSession(org.endpoint, 'Bench');
  // With the leaves that open and close it.
  let left = LEAVES - 2;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    while (left-- > 0) await org.technician.call('add_note', { session, text: NOTE });
  }));
  await org.technician.call('close_session', { session, reason: 'Done' });
  const { link } = await org.director.call('create_share', { session, reviewed: 'true' });

  const chromium = await openBrowser(shared);
  const times = { verdict: [], verifier: [], hashing: [] };
  let size = 0;
  for (let n = 0; n < TRIES; n += 1) {
    const page = await chromium.open(shared, { url: org.url, allow: [/favicon/] });
    await page.goto(link, { waitUntil: 'commit' });
    const verdict = page.locator('#verdict:not([data-state="checking"])');
    await verdict.waitFor({ timeout: 120_000 });
    times.verdict.push(await page.evaluate(() => performance.now()));
    const state = await verdict.getAttribute('data-state');
    if (state !== 'verified') throw new Error(`the share is ${state}: ${await verdict.innerText()}`);
    const inPage = await page.evaluate(measured);
    size = inPage.bytes;
    times.verifier.push(inPage.verifier);
    times.hashing.push(inPage.hashing);
    await page.close();
  }
  const least = (all) => Math.min(...all);
  const row = (what, ours, against) => {
    const ratio = (ours / least(times.hashing)).toFixed(1);
    console.log(`${what.padEnd(46)}${ours.toFixed(0).padStart(10)} ms${ratio.padStart(9)}  times ${against}`);
  };
  console.log(`\na share of ${LEAVES} leaves, ${(size / 1e6).toFixed(1)} MB of JSON, fastest of ${TRIES}:`);
  row('from the link to the verdict', least(times.verdict), "SubtleCrypto's SHA-256 of the JSON");
  row('the verifier alone', least(times.verifier), "SubtleCrypto's SHA-256 of the JSON");
} finally {
  await shared.end();
}

/** In the page: the verifier's time and the hash's, for the same bytes. */
async function measured() {
  const { verify } = await import(document.querySelector('script[type="module"]').src);
  const { bundle: from, verifier } = document.querySelector('[data-bundle]').dataset;
  const load = async (url) => new Uint8Array(await (await fetch(url)).arrayBuffer());
  const [bundle, wasm] = [await load(from), await load(verifier)];
  const { instance } = await WebAssembly.instantiate(wasm);
  const started = performance.now();
  const report = verify(instance, bundle, location.hash);
  const verified = performance.now();
  if (report.verdict !== 'verified') throw new Error(report.sentence);
  await crypto.subtle.digest('SHA-256', bundle);
  return { bytes: bundle.length, verifier: verified - started, hashing: performance.now() - verified };
}
