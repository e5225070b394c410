// The harness itself: what it must notice, it notices. A journey's silence means something only because of this.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { suite, expectAccessible, eventually, freePort, onEnd, openBrowser, paths, run, scratch, screenshots, start } from '../lib/index.mjs';

const PAGES = {
  '/fine': '<main><h1>Fine</h1><p>Nothing to see.</p></main>',
  '/console': '<main><h1>Console</h1></main><script>console.error("hydration went wrong")</script>',
  '/throws': '<main><h1>Throws</h1></main><script>throw new Error("thrown by the page")</script>',
  '/missing': '<main><h1>Missing</h1><img src="/nowhere.png" alt="Nothing"></main>',
  '/pale': '<main><h1>Pale</h1><p style="color:#ccc;background:#fff">Hardly there.</p><img src="data:,"></main>',
};

describe('the harness', { timeout: 120_000 }, () => {
  const shared = suite();
  let server;
  let url;
  let chromium;

  before(async () => {
    server = createServer((request, response) => {
      const body = PAGES[request.url];
      const head = '<!doctype html><html lang="en"><title>Harness</title><link rel="icon" href="data:,">';
      response.writeHead(body ? 200 : 404, { 'content-type': 'text/html', 'content-security-policy': request.url === '/fine' ? "script-src 'none'" : '' });
      response.end(body ? `${head}<body>${body}` : '');
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${server.address().port}`;
    chromium = await openBrowser(shared);
  });
  after(async () => {
    await shared.end();
    server.close();
  });

  /** Opens a page as a test of its own would and returns the error that its clean-up throws, if any. */
  async function visit(path, options) {
    const visitor = suite();
    const page = await chromium.open(visitor, { url, ...options });
    await page.goto(path);
    await page.waitForLoadState('load');
    return visitor.end().catch((error) => error);
  }

  test('a page without errors passes', async () => {
    assert.equal(await visit('/fine'), undefined);
  });

  test('a console error, a thrown error and a missing file each fail the test', async () => {
    assert.match((await visit('/console')).message, /hydration went wrong/);
    assert.match((await visit('/throws')).message, /thrown by the page/);
    assert.match((await visit('/missing')).message, /404/);
  });

  test('an allowed message passes and hides no other', async () => {
    assert.equal(await visit('/missing', { allow: [/404/] }), undefined);
    assert.match((await visit('/console', { allow: [/404/] })).message, /hydration/);
  });

  test('without script nothing of the page runs', async () => {
    assert.equal(await visit('/throws', { script: false }), undefined);
  });

  test('axe passes a fine page under a strict policy and fails a pale one', async (t) => {
    const page = await chromium.open(t, { url });
    await page.goto('/fine');
    await expectAccessible(page);
    await page.goto('/pale');
    await assert.rejects(expectAccessible(page), /color-contrast[\s\S]*image-alt|image-alt[\s\S]*color-contrast/);
  });

  test('axe says so where it cannot check', async (t) => {
    const page = await chromium.open(t, { url, script: false });
    await page.goto('/pale');
    await assert.rejects(expectAccessible(page), /needs a page with script/);
  });

  test('screenshots come in two widths and two schemes', async (t) => {
    const page = await chromium.open(t, { url });
    await page.goto('/fine');
    const files = await screenshots(page, 'harness');
    assert.equal(files.length, 4);
    const widths = await Promise.all(files.map(async (file) => (await readFile(file)).readUInt32BE(16)));
    assert.deepEqual(widths, [1280, 1280, 390, 390]);
    assert.deepEqual(page.viewportSize(), { width: 1280, height: 800 });
  });

  test('a program is ended with its children, and one that fails is an error with its output', async (t) => {
    const owner = suite();
    const program = start(owner, 'parent', 'sh', ['-c', 'sleep 300 & echo child $!; wait']);
    const [, child] = await program.prints(/child (\d+)/);
    await owner.end();
    await eventually('the child is gone', async () => {
      const status = await readFile(`/proc/${child}/stat`, 'utf8').catch(() => 'gone');
      return status === 'gone' || status.includes(') Z ');
    }, 5_000);
    await assert.rejects(run('failing', 'sh', ['-c', 'echo because; exit 3']), /because/);
    await assert.rejects(run('hanging', 'sleep', ['300'], {}, 200), /SIGKILL/);
    await assert.rejects(start(t, 'short', 'true', []).prints(/never/, 5_000), /ended/);
  });

  test('scratch folders go away and ports are free', async () => {
    const owner = suite();
    const folder = await scratch(owner);
    await owner.end();
    await assert.rejects(readFile(folder), /ENOENT/);
    assert.ok((await freePort()) > 0);
    await assert.rejects(eventually('never', () => false, 100), /not within 100 ms: never/);
  });

  test('clean-up runs last made first, to its end, and its failure fails the test', async () => {
    const done = [];
    const owner = suite();
    onEnd(owner, () => done.push('folder'));
    onEnd(owner, () => { throw new Error('broken page'); });
    onEnd(owner, () => done.push('program'));
    await assert.rejects(owner.end(), /broken page/);
    assert.deepEqual(done, ['program', 'folder']);

    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const file = new URL('fails-at-its-end.mjs', import.meta.url).pathname;
    await assert.rejects(run('a test', process.execPath, ['--test', file], { env }), /fail 1[\s\S]*broken at the end|broken at the end[\s\S]*fail 1/);
  });

  test('what was not built is an error that names the remedy', () => {
    const kept = process.env.COUNTERSIGN_BIN;
    process.env.COUNTERSIGN_BIN = '/nowhere/countersign';
    try {
      assert.throws(() => paths.server, /cargo xtask test/);
    } finally {
      if (kept === undefined) delete process.env.COUNTERSIGN_BIN;
      else process.env.COUNTERSIGN_BIN = kept;
    }
  });
});
