// The verifier's module and the share page's script together, outside a browser.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { paths } from "../lib/index.mjs";
import { comparePage, partsOf, pinOf, verify, withPin } from "../../frontend/verifier/share.js";

const golden = (name) => readFileSync(new URL(`../../crates/audit/tests/golden/${name}`, import.meta.url));
const bytes = new Uint8Array(golden("bundle.v1.json"));
const pin = golden("bundle.v1.pin").toString();
const bundle = JSON.parse(new TextDecoder().decode(bytes));
const module = new WebAssembly.Module(readFileSync(`${paths.site}/verifier/verifier.wasm`));

const instance = () => new WebAssembly.Instance(module);
const run = (changed, fragment = `#${pin}`) => verify(instance(), changed, fragment);

test("the module imports nothing", () => assert.deepEqual(WebAssembly.Module.imports(module), []));

test("R45: a bundle as made is verified, again and again with one instance", () => {
  const one = instance();
  for (let i = 0; i < 50; i += 1) assert.equal(verify(one, bytes, `#${pin}`).verdict, "verified");
});

test("R45: without a pin, or with a file that is none, it can't be verified", () => {
  assert.equal(run(bytes, "").verdict, "cannot_verify");
  assert.equal(run(new Uint8Array(0)).verdict, "cannot_verify");
  assert.equal(run(bytes.subarray(0, -1)).verdict, "cannot_verify");
});

test("R4: a changed byte inside a group is found and its leaf named", () => {
  const at = new TextDecoder("latin1").decode(bytes).indexOf("failing register");
  const changed = bytes.slice();
  changed[at] ^= 1;
  const report = run(changed);
  assert.equal(report.verdict, "altered");
  assert.equal(report.first_wrong.index, 1);
});

test("R4: no byte flipped outside the captions leaves it verified", () => {
  const text = new TextDecoder("latin1").decode(bytes);
  const captions = [bundle.org.name, bundle.title].map((caption) => [text.indexOf(`"${caption}"`) + 1, caption.length]);
  captions.push([text.indexOf(`"text":"${bundle.scope.text}"`) + 8, bundle.scope.text.length]);
  const one = instance();
  for (let at = 0; at < bytes.length; at += 1) {
    if (captions.some(([from, length]) => at >= from && at < from + length)) continue;
    const changed = bytes.slice();
    changed[at] ^= 1 << (at % 5);
    assert.notEqual(verify(one, changed, pin).verdict, "verified", `byte ${at}`);
  }
});

test("an address that is no buffer gives no report", () => assert.equal(instance().exports.verify(12, 16), 0));

const page = (...elements) => ({
  querySelectorAll: () => elements.map(([dataset, textContent, tagName = "SPAN"]) => ({ dataset, textContent, tagName })),
});
const shown = (leaf, group, field, ...rest) => [{ leaf: String(leaf), group, field }, ...rest];

test("R45: a page that shows what the record holds", () => {
  const right = page(
    [{ leaf: "1" }, "anything around the fields"],
    shown(1, "text", "reason", "failing register"),
    shown(2, "text", "command.path", "HKLM\\SOFTWARE\\Vendor"),
    shown(8, "what", "n", "0"),
    // What the HTML parser makes of a carriage return and line feed.
    shown(8, "text", "text", 'a\n\u001b[1mé\u{1f600}"\\', "PRE"),
    shown(1, "header", "kind", "session.opened"),
    shown(1, "header", "time", "2026-03-01 02:47:09 UTC"),
  );
  assert.equal(comparePage(right, bundle), null);
});

test("R45: a page that shows something else names the leaf", () => {
  for (const wrong of [
    shown(1, "text", "reason", "failing registers"),
    shown(1, "text", "reason", ""),
    shown(1, "text", "absent", ""),
    shown(1, "text", "__proto__", ""),
    shown(2, "text", "command", "[object Object]"),
    shown(8, "what", "n", "00"),
    shown(8, "constructor", "name", "Object"),
    shown(1, "header", "time", "2026-03-01 02:47:10 UTC"),
  ]) {
    const difference = comparePage(page(shown(1, "header", "kind", "session.opened"), wrong), bundle);
    assert.equal(difference?.leaf, wrong[0].leaf, JSON.stringify(wrong));
  }
  assert.match(comparePage(page([{ leaf: "3" }, ""]), bundle).what, /not in the record/);
  const withheld = structuredClone(bundle);
  withheld.leaves[0].groups.text = "withheld";
  assert.match(comparePage(page(shown(1, "text", "reason", "failing register")), withheld).what, /withholds/);
});

test("R45: the pin is the link's that was typed, else the address's, else the one that the page was kept with", () => {
  const root = (typed, kept) => ({
    querySelector: (what) => (what === "#pin" ? typed === null ? null : { value: typed } : { dataset: { pin: kept } }),
  });
  assert.equal(pinOf(root(null, ""), "#v1.a"), "#v1.a");
  assert.equal(pinOf(root("", "#v1.k"), ""), "#v1.k");
  assert.equal(pinOf(root("https://h/s/t#v1.typed", "#v1.k"), "#v1.a"), "#v1.typed");
  assert.equal(pinOf(root(" v1.bare ", ""), ""), "#v1.bare");
  assert.equal(pinOf(root("https://h/s/t#v1.typed/action-2", ""), ""), "#v1.typed");
  assert.equal(pinOf(root(null, "#v1.k"), "#action-2"), "#v1.k");
});

test("R40: a place on the page follows the pin and is no part of it", () => {
  assert.deepEqual(partsOf("#v1.a.b/action-3"), { pin: "#v1.a.b", place: "action-3" });
  assert.deepEqual(partsOf("#v1.a.b"), { pin: "#v1.a.b", place: "" });
  assert.deepEqual(partsOf("#action-3"), { pin: "", place: "action-3" });
  assert.deepEqual(partsOf("#verdict"), { pin: "", place: "verdict" });
  assert.deepEqual(partsOf(""), { pin: "", place: "" });
});

test("R45: only a pin is put into a kept page", () => {
  const page = '<title>on data-pin=""</title><section id="verdict" data-verifier="#verifier" data-pin="" aria-live>';
  const kept = page.replace('data-pin="" aria', `data-pin="#${pin}" aria`);
  assert.equal(withPin(page, `#${pin}`), kept);
  for (const other of ["", "#", '#v1."><script>', "#v2.1.2.3", "#v1.a b"]) assert.equal(withPin(page, other), page);
});
