// Verifies the transcript on this page against the pin in the page's own address, and says so on the page.
//
// The part of the address after # never reaches the server: it holds what was true when the link was made. This script
// loads the record's bundle, lets the WebAssembly verifier check it against that pin, and then checks that what the page
// shows is what the bundle holds. It needs no account, sets nothing, and sends nothing but those two requests.
// Content security policy: script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'.
//
// The same page can be kept as a file that holds all of this, and checks itself without any server.
//
// The page provides:
//   [data-bundle=URL] [data-verifier=URL]                      where bundle and verifier are; #ID: in an element of the page
//   [data-pin=FRAGMENT]                                        the pin of a kept page, which the address of a file has not
//   a[data-place=ID]                                           a link to a place on the page, which follows the pin behind a slash
//   #pin                                                       a field of a kept page, for the link that one was given
//   a[data-keep]                                               the page as a file; the pin is put into it on the way
//   #verdict[data-state] #verdict-word #verdict-sentence #verdict-details (a list)
//   [data-leaf=N]                                              what shows leaf N; gets data-wrong when N is the first wrong one
//   [data-leaf=N][data-group=G][data-field=F]                  text that must equal that field; F may be a.b.c into objects;
//                                                              group "header" is the leaf's own header

const WORDS = { verified: "VERIFIED", altered: "ALTERED", "cannot-verify": "CANNOT VERIFY" };

/** Runs the verifier. Bytes of the bundle, the fragment as text; gives the report of `audit::verify::Report`. */
export function verify(instance, bundle, fragment) {
  const { memory, alloc, dealloc, length, verify } = instance.exports;
  const put = (bytes) => {
    const at = alloc(bytes.length);
    new Uint8Array(memory.buffer, at, bytes.length).set(bytes);
    return at;
  };
  const bundleAt = put(bundle);
  const pinAt = put(new TextEncoder().encode(fragment));
  const reportAt = verify(bundleAt, pinAt);
  if (reportAt === 0) throw new Error("the verifier gave no report");
  const report = new TextDecoder().decode(new Uint8Array(memory.buffer, reportAt, length(reportAt)));
  [bundleAt, pinAt, reportAt].forEach((at) => dealloc(at));
  return JSON.parse(report);
}

/** The first place where the page shows something else than the bundle: { leaf, what }, or null. */
export function comparePage(root, bundle) {
  const leaves = new Map(bundle.leaves.map((leaf) => [String(leaf.index), leaf]));
  const read = new Map();
  const fieldsOf = (leaf, group) => {
    const key = `${leaf.index} ${group}`;
    if (!read.has(key)) read.set(key, parseGroup(leaf, group));
    return read.get(key);
  };
  for (const element of root.querySelectorAll("[data-leaf]")) {
    const { leaf: index, group, field } = element.dataset;
    const leaf = leaves.get(index);
    if (!leaf) return { leaf: index, what: `leaf ${index} is on the page and not in the record` };
    if (group === undefined && field === undefined) continue;
    const fields = fieldsOf(leaf, group);
    if (fields === undefined) return { leaf: index, what: `leaf ${index} shows \`${group}\`, which the record withholds` };
    if (!shows(element, group, field, lookUp(fields, field))) {
      return { leaf: index, what: `leaf ${index}, \`${group}.${field}\`` };
    }
  }
  return null;
}

function parseGroup(leaf, group) {
  if (group === "header") return parse(leaf.leaf) ?? {};
  const data = Object.hasOwn(leaf.groups, group) ? leaf.groups[group] : undefined;
  return data?.open ? (parse(data.open.json) ?? {}) : undefined;
}

function lookUp(fields, path) {
  let value = fields;
  for (const name of String(path).split(".")) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

function shows(element, group, field, value) {
  if (value === undefined || (value !== null && typeof value === "object")) return false;
  const expected = asParsed(value === null ? "" : String(value));
  const shown = asParsed(element.textContent);
  if (shown === expected) return true;
  // The HTML parser drops one line break at the start of these.
  if (/^(PRE|TEXTAREA)$/.test(element.tagName) && expected === `\n${shown}`) return true;
  return group === "header" && field === "time" && shortTimes(expected).includes(shown);
}

/** Text as it comes out of the HTML parser, which knows one kind of line break and no NUL. */
const asParsed = (text) => text.replace(/\r\n?/g, "\n").replaceAll("\0", "\uFFFD");

/** The shorter forms in which a page may show the UTC time 2026-03-01T02:47:09.000000042Z. */
const shortTimes = (time) => [`${time.slice(0, 10)} ${time.slice(11, 19)} UTC`, time.slice(11, 19)];

async function load(url, what) {
  const response = await fetch(url, { credentials: "omit", cache: "no-store" });
  if (!response.ok) throw new Error(`${what} could not be loaded (HTTP ${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
}

/** What an address's part after # holds: the pin, and the id of a place on the page: "#v1.….…/action-3", "#action-3". */
export function partsOf(hash) {
  if (!/^#v\d/.test(hash)) return { pin: "", place: hash.slice(1) };
  const [pin, place = ""] = hash.split("/");
  return { pin, place };
}

/** Where the pin is: in the page's address; in a kept page in the link that was typed, or what was put into it. */
export function pinOf(root, hash) {
  const typed = root.querySelector("#pin")?.value.trim();
  if (typed) return (typed.includes("#") ? typed.slice(typed.indexOf("#")) : `#${typed}`).split("/")[0];
  return partsOf(hash).pin || root.querySelector("[data-pin]")?.dataset.pin || "";
}

/** Marks the place that the address leads to and shows it; has the page's links to places keep the pin. */
function go(root, { pin, place }) {
  for (const marked of root.querySelectorAll("[data-here]")) marked.removeAttribute("data-here");
  const here = place && root.getElementById(place);
  if (here) {
    here.setAttribute("data-here", "");
    here.scrollIntoView();
  }
  for (const link of root.querySelectorAll("a[data-place]")) link.hash = pin ? `${pin}/${link.dataset.place}` : link.dataset.place;
}

/** The kept page's text with this pin in it. A fragment that is no pin is left out: it would become part of the page. */
export function withPin(html, hash) {
  // The attribute behind the verifier's. Put together here, since this script stands in the page before it; and no text of the
  // page has it with its sign for less, which is escaped there.
  const place = new RegExp(["(<section[^<>]*data-verifier=\"#verifier\"[^<>]*", "data-pin=\")(\")"].join(" "));
  return /^#v1(\.[\w+/=-]+)+$/.test(hash) ? html.replace(place, (_, before, after) => before + hash + after) : html;
}

/** What the page holds in an element, or loads. */
async function take(root, place, what, read) {
  if (!place.startsWith("#")) return load(place, what);
  const held = root.querySelector(place);
  if (!held) throw new Error(`${what} is not in the page`);
  return read(held.textContent);
}

const asText = (text) => new TextEncoder().encode(text);
const asBase64 = (text) => Uint8Array.from(atob(text.trim()), (c) => c.charCodeAt(0));

/** Saves the page as a file, with the pin in it: what the server gives has none, since it never learns it. */
async function keep(link) {
  const response = await fetch(link.href, { credentials: "omit", cache: "no-store" });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
  const html = withPin(await response.text(), partsOf(location.hash).pin);
  const save = document.createElement("a");
  save.href = URL.createObjectURL(new Blob([html], { type: "text/html" }));
  save.download = link.download || "countersign-share.html";
  save.click();
  setTimeout(() => URL.revokeObjectURL(save.href), 60_000);
}

async function run(root) {
  const place = (name) => {
    const value = root.querySelector(`[data-${name}]`)?.dataset[name];
    if (!value) throw new Error(`the page does not say where its ${name} is`);
    return value;
  };
  const [bundle, wasm] = await Promise.all([
    take(root, place("bundle"), "the record", asText),
    take(root, place("verifier"), "the verifier", asBase64),
  ]);
  const { instance } = await WebAssembly.instantiate(wasm);
  const report = verify(instance, bundle, pinOf(root, location.hash));
  const notes = report.problems.map((p) => ["problem", p.what]);
  if (report.problems_total > notes.length) notes.push(["problem", `And ${report.problems_total - notes.length} more.`]);
  let state = report.verdict.replace("_", "-");
  let { sentence } = report;
  let wrong = report.first_wrong && report.first_wrong.index === report.first_wrong.last ? report.first_wrong.index : null;
  const parsed = parse(new TextDecoder().decode(bundle));
  if (parsed === undefined && state === "verified") throw new Error("the record can't be read by this browser");
  // Without a size the verifier couldn't read the bundle either, and has said so.
  const difference = report.size === null ? undefined : comparePage(root, parsed);
  if (difference) {
    const what = `The page shows something else than the record: ${difference.what}.`;
    if (state !== "altered") [state, sentence, wrong] = ["altered", what, difference.leaf];
    notes.unshift(["problem", what]);
  } else if (difference === null) {
    notes.push(["check", "What this page shows is what the record holds."]);
  }
  notes.push(...report.checks.map((c) => ["check", c]));
  return { state, sentence, notes, wrong };
}

/** `undefined` for text that is no JSON: the report says so where that matters. */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function show(root, { state, sentence, notes, wrong }) {
  for (const marked of root.querySelectorAll("[data-wrong]")) marked.removeAttribute("data-wrong");
  if (wrong !== null) {
    const at = `[data-leaf="${CSS.escape(String(wrong))}"]`;
    (root.querySelector(`${at}:not([data-group])`) ?? root.querySelector(at))?.setAttribute("data-wrong", "");
  }
  const items = notes.map(([kind, text]) => {
    const item = document.createElement("li");
    item.dataset.kind = kind;
    item.textContent = text;
    return item;
  });
  root.querySelector("#verdict-details")?.replaceChildren(...items);
  root.querySelector("#verdict-word").textContent = WORDS[state];
  root.querySelector("#verdict-sentence").textContent = sentence;
  root.querySelector("#verdict").dataset.state = state;
}

async function main(root) {
  root.querySelector("#verdict").dataset.state = "checking";
  let outcome;
  try {
    outcome = await run(root);
    if (!Object.hasOwn(WORDS, outcome.state)) throw new Error("the verifier gave no verdict");
  } catch (error) {
    const sentence = `This could not be checked: ${error.message}.`;
    outcome = { state: "cannot-verify", sentence, notes: [], wrong: null };
  }
  show(root, outcome);
}

if (typeof document !== "undefined" && document.querySelector("[data-bundle]")) {
  let pin;
  const arrive = () => {
    const parts = partsOf(location.hash);
    go(document, parts);
    if (parts.pin !== pin) main(document);
    ({ pin } = parts);
  };
  arrive();
  addEventListener("hashchange", arrive);
  document.querySelector("#pin")?.addEventListener("change", () => main(document));
  for (const link of document.querySelectorAll("a[data-keep]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      // Without the pin it is still the file that the link leads to.
      keep(link).catch(() => { location.href = link.href; });
    });
  }
}
