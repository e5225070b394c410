// Two verifiers, the program and the module that runs in a stranger's browser, are given the same bundle, altered in every way
// that a file can be: neither says VERIFIED, and both say the same, to the last word of their reports.

import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ended, finish, openBrowser, paths, Person, scratch, startOrg, suite } from '../lib/index.mjs';

/** Bytes that are changed for the program too, which is started for each; the browser's module is given every one. */
const SAMPLE = 300;

describe('verifiers', { timeout: 240_000 }, () => {
  const shared = suite();
  let folder;
  let page;
  let pin;
  let text;

  before(async () => {
    folder = await scratch(shared);
    const org = await startOrg(shared, folder, { agent: true });
    const { technician, director } = org;
    const session = await technician.openSession(org.endpoint);
    await ended(technician, session, await technician.propose(session, 'disk.usage'));
    await technician.call('close_session', { session, reason: 'Done' });
    const { link } = await director.call('create_share', { session, reviewed: 'true' });
    const [address, fragment] = link.split('#');
    pin = `#${fragment}`;
    text = await new Person(org.url).page(`${new URL(address).pathname}/bundle.json`);
    const chromium = await openBrowser(shared);
    page = await chromium.open(shared, { url: org.url });
    await page.goto(link);
    await page.locator('#verdict[data-state="verified"]').waitFor();
    await page.evaluate(async () => {
      const { verify } = await import('/verifier/share.js');
      const wasm = await (await fetch('/verifier/verifier.wasm')).arrayBuffer();
      const module = await WebAssembly.compile(wasm);
      window.reports = async (bundles, fragment) => {
        const instance = await WebAssembly.instantiate(module);
        const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
        return bundles.map((bundle) => verify(instance, bytes(bundle), fragment));
      };
      window.verdicts = async (text, fragment, changes) => {
        const instance = await WebAssembly.instantiate(module);
        const bytes = new TextEncoder().encode(text);
        return changes.map(([at, bit]) => {
          const changed = bit === null ? bytes.slice(0, at) : bytes.slice();
          if (bit !== null) changed[at] ^= 1 << bit;
          return verify(instance, changed, fragment).verdict;
        });
      };
    });
  });
  after(() => shared.end());

  /** What the program reports on a file of these bytes. */
  async function program(bytes, name) {
    const file = join(folder, `${name}.json`);
    await writeFile(file, bytes);
    const { code, output } = await finish('countersign verify', paths.server, ['verify', file, '--pin', pin, '--json']);
    const [{ report }] = JSON.parse(output);
    return { code, report };
  }

  const CODES = { verified: 0, altered: 1, cannot_verify: 2 };

  /** What the browser's module reports on each of these. */
  const browser = (files, fragment = pin) => page.evaluate(
    ([f, p]) => window.reports(f, p), [files.map((file) => Buffer.from(file).toString('base64')), fragment]);

  /** Gives each file to both; they agree, and none is verified. */
  async function bothRefuse(files) {
    const inBrowser = await browser(files);
    const worker = async (own) => {
      for (let n = own; n < files.length; n += 2) {
        const { code, report } = await program(files[n], `altered-${own}`);
        assert.deepEqual(report, inBrowser[n], `of file ${n}`);
        assert.notEqual(report.verdict, 'verified', `file ${n}: ${files[n].slice(0, 200)}`);
        assert.equal(code, CODES[report.verdict]);
      }
    };
    await Promise.all([worker(0), worker(1)]);
    return inBrowser;
  }

  const bundle = () => JSON.parse(text);
  const written = (b) => JSON.stringify(b);

  test('R7: the bundle as it is: VERIFIED by both, with the same report', async () => {
    assert.equal(written(bundle()), text, 'put together again it is the same text');
    const { code, report } = await program(text, 'as-it-is');
    const [inBrowser] = await browser([text]);
    assert.deepEqual(report, inBrowser);
    assert.deepEqual([code, report.verdict], [0, 'verified']);
  });

  test('R4, R7: every byte of the file flipped, and the file cut at every byte', async () => {
    // Captions are the names for people above the transcript: the organisation, the title, the scope's sentence. They are in no leaf.
    const { org, title, scope } = bundle();
    const file = Buffer.from(text);
    const captions = [org.name, title, scope.text].map((caption) => {
      const at = file.indexOf(JSON.stringify(caption));
      assert.ok(at > 0 && file.indexOf(JSON.stringify(caption), at + 1) < 0, `${caption} stands once`);
      return [at + 1, at + Buffer.byteLength(JSON.stringify(caption)) - 1];
    });
    const isCaption = (at) => captions.some(([from, to]) => at >= from && at < to);
    const places = [...file.keys()].filter((at) => !isCaption(at));
    const changes = places.flatMap((at) => [[at, at % 7], [at, null]]);
    const verdicts = await page.evaluate(([t, f, c]) => window.verdicts(t, f, c), [text, pin, changes]);
    const unnoticed = changes.filter((_, n) => verdicts[n] === 'verified');
    assert.deepEqual(unnoticed.map(([at]) => text.slice(at - 40, at + 40)), []);

    const sample = places.filter((_, n) => n % Math.ceil(places.length / SAMPLE) === 0);
    const flipped = sample.map((at) => {
      const changed = Buffer.from(file);
      changed[at] ^= 1 << (at % 7);
      return changed;
    });
    const cut = sample.filter((_, n) => n % 6 === 0).map((at) => file.subarray(0, at));
    await bothRefuse([...flipped, ...cut]);
  });

  test('R4, R7: each leaf taken out, doubled, exchanged with the next, put in elsewhere, and each group taken out or emptied', async () => {
    const texts = [];
    const altered = (change) => {
      const b = bundle();
      change(b);
      texts.push(written(b));
    };
    for (const n of bundle().leaves.keys()) {
      altered((b) => b.leaves.splice(n, 1));
      altered((b) => b.leaves.splice(n, 0, b.leaves[n]));
      if (n > 0) altered((b) => b.leaves.splice(n - 1, 2, b.leaves[n], b.leaves[n - 1]));
      if (n > 0) altered((b) => { [b.leaves[n].leaf, b.leaves[n - 1].leaf] = [b.leaves[n - 1].leaf, b.leaves[n].leaf]; });
      altered((b) => b.leaves.push(b.leaves[n]));
      for (const group of Object.keys(bundle().leaves[n].groups)) {
        altered((b) => { delete b.leaves[n].groups[group]; });
        altered((b) => { b.leaves[n].groups[group].open.json = '{}'; });
        if (n > 0) altered((b) => { b.leaves[n].groups[group] = b.leaves[n - 1].groups.who; });
      }
    }
    for (const n of bundle().proof.keys()) {
      altered((b) => b.proof.splice(n, 1));
      altered((b) => b.proof.splice(n, 0, b.proof[n]));
    }
    altered((b) => { b.size += 1; });
    altered((b) => { b.leaves = []; });
    const reports = await bothRefuse(texts);
    const named = reports.filter((r) => r.verdict === 'altered' && r.first_wrong !== null).length;
    assert.ok(named > texts.length / 3, `${named} of ${texts.length} name a leaf`);
  });

  test("R7: another link's pin", async () => {
    const other = pin.replace(/^(#v1\.\d+\.)(.)/, (_, before, digit) => before + (digit === '0' ? '1' : '0'));
    const file = join(folder, 'as-it-is.json');
    const { code, output } = await finish('countersign verify', paths.server, ['verify', file, '--pin', other, '--json']);
    const [inBrowser] = await browser([text], other);
    assert.deepEqual(JSON.parse(output)[0].report, inBrowser);
    assert.deepEqual([code, inBrowser.verdict], [1, 'altered']);
  });
});
