/** The share inspector's page half, on a fake page. Run by test_share_inspector_js.py.
 *
 * VIEW is a file with what Python sent for a simulation, and Python's answers to some clicks.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { FakeElement, FakeModel, all, withClass } from "./fake_dom.mjs";

const module = await import(pathToFileURL(process.env.MODULE));
const { view, everyone, alone, two } = JSON.parse(readFileSync(process.env.VIEW, "utf8"));

function shown(changes = {}) {
  const model = new FakeModel({ view: { ...view, ...changes }, ticked: [] });
  const host = new FakeElement("div");
  const clean = module.default.render({ model, el: host });
  const root = host.firstChild.firstChild;
  const boxes = all(root, (node) => node.attributes.type === "checkbox");
  const tick = (p, on = true) => {
    boxes[p].checked = on;
    boxes[p].fire("change");
  };
  const text = (name) => withClass(root, name).map((node) => node.textContent);
  return { model, host, root, boxes, tick, text, clean };
}

test("parties are columns, shares are rows, held shares are filled", () => {
  const { root } = shown();
  const rows = all(withClass(root, "mpc-table")[0], (node) => node.tag === "tr").slice(1, 4);
  const held = rows.map((row) =>
    withClass(row, "mpc-tile").slice(0, 3).map((tile) => tile.classes.includes("mpc-held")),
  );
  assert.deepEqual(held, [[true, false, true], [true, true, false], [false, true, true]]);
  assert.equal(withClass(rows[0], "mpc-gone")[0].textContent, "not here");
});

test("every header has a scope, every box a name, and the verdict is announced", () => {
  const { root, boxes } = shown();
  for (const th of all(root, (node) => node.tag === "th"))
    assert.ok(["row", "col"].includes(th.attributes.scope));
  assert.deepEqual(boxes.map((box) => box.parent.tag), ["label", "label", "label"]);
  assert.match(boxes[1].parent.textContent, /bob/);
  const [status] = all(root, (node) => node.attributes.role === "status");
  assert.equal(status.attributes["aria-live"], "polite");
});

test("one party: still nothing; two: it opens, with the value when Python sends it", () => {
  const { model, tick, text, root } = shown();
  tick(0);
  assert.match(text("mpc-sentence")[0], /^alice alone: still nothing/);
  assert.equal(withClass(root, "mpc-open").length, 0);
  tick(1);
  assert.equal(text("mpc-sentence")[0], "alice and bob together hold every share: now it opens.");
  assert.equal(withClass(root, "mpc-open").length, 1);
  assert.equal(text("mpc-values")[0], "");
  const [, last] = model.sent;
  assert.deepEqual(last, { id: 2, ticked: [0, 1], words: false });
  model.tell("msg:custom", { id: 2, words: null, value: two.value });
  assert.equal(text("mpc-values")[0], "salary[0, 0]52100.25salary[1, 1]-48000.5");
  tick(0, false);
  assert.equal(text("mpc-values")[0], "");
  assert.match(text("mpc-sentence")[0], /^bob alone/);
});

test("a late answer to an earlier click is dropped", () => {
  const { model, tick, text } = shown();
  tick(0);
  tick(1);
  tick(1, false);
  model.tell("msg:custom", { id: 2, words: null, value: two.value });
  assert.equal(text("mpc-values")[0], "");
});

test("words come on request, and go", () => {
  const { model, text, root } = shown();
  const [button] = withClass(root, "mpc-button");
  assert.equal(text("mpc-word").length, 0);
  button.fire("click");
  assert.equal(button.attributes["aria-pressed"], "true");
  model.tell("msg:custom", { id: 1, ...everyone });
  assert.equal(text("mpc-word").length, 12);
  assert.equal(text("mpc-word")[0], "9c41f07a2d83b65e");
  button.fire("click");
  assert.equal(text("mpc-word").length, 0);
  assert.equal(button.attributes["aria-pressed"], "false");
});

test("no words to show, no button", () => {
  assert.ok(withClass(shown({ has_words: false }).root, "mpc-button")[0].hidden);
});

test("neither words nor values enter widget state", () => {
  const { model, tick, root } = shown();
  withClass(root, "mpc-button")[0].fire("click");
  tick(0);
  tick(1);
  model.tell("msg:custom", { id: 3, words: alone.words, value: two.value });
  assert.deepEqual(Object.keys(model.state).sort(), ["ticked", "view"]);
  assert.ok(!JSON.stringify(model.state).includes("9c41f07a2d83b65e"));
  assert.ok(!JSON.stringify(model.state).includes("52100.25"));
});

test("a guess always fits some missing share, and the true value fits the true one", () => {
  const { model, tick, text, root } = shown();
  tick(0);
  assert.ok(withClass(root, "mpc-try")[0].hidden);
  withClass(root, "mpc-button")[0].fire("click");
  model.tell("msg:custom", { id: 2, ...alone });
  assert.ok(!withClass(root, "mpc-try")[0].hidden);
  const [guess] = withClass(root, "mpc-guess");
  const words = new Set();
  for (const value of ["0", "-1", "1e6", "52100.25"]) {
    guess.value = value;
    guess.fire("input");
    words.add(text("mpc-fit")[0]);
  }
  assert.equal(words.size, 4);
  assert.ok(text("mpc-fit")[0].includes(everyone.words[1][2][0]));
  tick(1);
  assert.ok(withClass(root, "mpc-try")[0].hidden);
});

test("fitting: sums wrap modulo 2^64, bits are xored", () => {
  assert.equal(module.fitting(["ffffffffffffffff", "0000000000000002"], 0, 0, "sum"), "f".repeat(16));
  assert.equal(module.fitting(["0000000000000001", "0000000000000001"], 1, 0, "xor"), "0".repeat(15) + "1");
  assert.equal(module.fitting([], -0.5, 1, "sum"), "f".repeat(16));
});

test("arrows walk along the boxes and no key leaves the widget", () => {
  const { boxes, root, host } = shown();
  let outside = 0;
  host.addEventListener("keydown", () => (outside += 1));
  assert.ok(boxes[0].fire("keydown", { key: "ArrowRight" }).prevented);
  assert.equal(document.activeElement, boxes[1]);
  boxes[0].fire("keydown", { key: "ArrowLeft" });
  assert.equal(document.activeElement, boxes[2]);
  for (const key of ["a", "b", "d", " "]) assert.ok(!boxes[0].fire("keydown", { key }).prevented);
  assert.equal(outside, 0);
  assert.equal(root.attributes["data-lm-suppress-shortcuts"], "true");
});

test("another variable starts afresh; another page's ticks are followed", () => {
  const { model, text, root } = shown();
  withClass(root, "mpc-button")[0].fire("click");
  model.tell("msg:custom", { id: 1, ...alone });
  model.set("view", { ...view, name: "age" });
  assert.equal(text("mpc-name")[0], "age");
  assert.equal(text("mpc-word").length, 0);
  model.set("ticked", [2]);
  assert.match(text("mpc-sentence")[0], /^carol alone/);
});

test("leaving removes the view and its handlers", () => {
  const { model, host, clean } = shown();
  clean();
  assert.equal(host.children.length, 0);
  assert.ok(Object.values(model.handlers).every((handlers) => handlers.size === 0));
});
