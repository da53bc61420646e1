// @ts-check
/**
 * The share inspector: parties are columns, shares are rows, ticking parties pools what they hold.
 *
 * Draws `view` and the sentences in it; decides nothing. A click is sent as one message
 * {id, ticked, words}; the reply {id, words, value} is kept here and never in widget state.
 */

const WORD = (1n << 64n) - 1n;

/**
 * @typedef {{name: string, holds: number[], colour: string, mark: string, shape: string}} Party
 * @typedef {{opens: boolean, missing: number[], text: string}} Story
 * @typedef {{name: string, type: string, shape: string, room: string, scheme: string,
 *   simulation: boolean, me: string, parties: Party[], shares: number, positions: string[],
 *   threshold: number, trust: string, scale: number, combine: string,
 *   stories: Record<string, Story>, why: string[], question: string, has_words: boolean}} View
 * @typedef {(Record<string, string[]> | null)[]} Words
 */

/**
 * @param {string} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} inside
 * @returns {HTMLElement}
 */
function el(tag, attributes = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...inside);
  return made;
}

/** The word that the one missing share must be if the value were `guess`; text of 16 digits.
 * @param {string[]} held @param {number} guess @param {number} scale @param {string} combine */
export function fitting(held, guess, scale, combine) {
  let rest = BigInt(Math.round(guess * 2 ** scale));
  for (const word of held) {
    const w = BigInt(`0x${word}`);
    rest = combine === "xor" ? rest ^ w : rest - w;
  }
  return (rest & WORD).toString(16).padStart(16, "0");
}

/** Words of a share that one of these parties holds, if known here.
 * @param {Words | null} words @param {Iterable<number>} parties @param {number} share */
export function pooled(words, parties, share) {
  for (const p of parties) {
    const found = words?.[p]?.[share];
    if (found) return found;
  }
  return null;
}

/** @param {Party} party @param {string} [letter] */
function mark(party, letter = "") {
  return el("span", { class: `mpc-mark mpc-${party.shape}`, "aria-hidden": "true" }, letter);
}

/** A word that may break in its middle, for narrow pages. @param {string} word */
const halves = (word) => [word.slice(0, 8), el("wbr"), word.slice(8)];

/** @param {string[] | null} words @param {string[]} positions */
function wordLines(words, positions) {
  const lines = (words ?? []).map((word, k) =>
    el("span", { class: "mpc-word", title: positions[k] || "value" }, ...halves(word)),
  );
  return el("span", { class: "mpc-words" }, ...lines);
}

class Inspector {
  // What a click or an answer changes is made once; draw() only puts it in its place.
  boxes = /** @type {HTMLInputElement[]} */ ([]);
  rows = /** @type {{cells: HTMLElement[], pool: HTMLElement}[]} */ ([]);
  words = /** @type {Words | null} */ (null);
  value = /** @type {string[] | null} */ (null);
  showing = false;
  asked = 0;
  button = el("button", { type: "button", class: "mpc-button" });
  sum = el("td", { class: "mpc-pool mpc-tells" });
  sentence = el("p", { class: "mpc-sentence" });
  values = el("dl", { class: "mpc-values" });
  subject = el("code");
  fit = el("output", { class: "mpc-fit" });
  guess = /** @type {HTMLInputElement} */ (
    el("input", { type: "number", step: "any", value: "0", class: "mpc-guess" })
  );
  suppose = el("div", { class: "mpc-try" });
  panel = el("div", { class: "mpc-verdict" });

  /** @param {any} model @param {HTMLElement} root */
  constructor(model, root) {
    this.model = model;
    this.root = root;
    this.button.addEventListener("click", () => {
      this.showing = !this.showing;
      this.ask();
    });
    this.guess.addEventListener("input", () => this.refreshGuess());
    this.draw();
  }

  get ticked() {
    return /** @type {number[]} */ (this.model.get("ticked"));
  }

  /** @returns {View} */
  get view() {
    return this.model.get("view");
  }

  draw() {
    this.words = this.value = null;
    this.showing = false;
    this.root.replaceChildren(this.head(), this.table(), this.verdict(), this.why());
    this.refresh();
  }

  head() {
    const { name, type, shape, room, scheme, simulation, has_words } = this.view;
    this.button.textContent = simulation ? "show words" : "show my words";
    this.button.hidden = !has_words;
    const badge = simulation ? "simulation" : "real room";
    const where = el("span", { class: "mpc-where" }, `room ${room}, ${scheme}`);
    return el(
      "div",
      { class: "mpc-head" },
      el("strong", { class: "mpc-name" }, name),
      el("span", { class: "mpc-type" }, `${type}  ${shape}`),
      el("span", { class: `mpc-badge ${simulation ? "mpc-sim" : "mpc-real"}` }, badge),
      where,
      this.button,
    );
  }

  table() {
    const { name, parties, shares } = this.view;
    this.boxes = [];
    this.rows = [];
    const heads = parties.map((party, p) => this.columnHead(party, p));
    const pool = el("th", { scope: "col", class: "mpc-pool" }, "together");
    const caption = el("caption", {}, `Who holds which share of ${name}. Tick parties to put their shares together.`);
    const body = el("tbody");
    for (let share = 0; share < shares; share++) body.append(this.row(share));
    const corner = el("th", { scope: "col", class: "mpc-corner" }, "share");
    const top = el("thead", {}, el("tr", {}, corner, ...heads, pool));
    return el("table", { class: "mpc-table" }, caption, top, body, this.foot());
  }

  /** @param {Party} party @param {number} p */
  columnHead(party, p) {
    const box = /** @type {HTMLInputElement} */ (el("input", { type: "checkbox" }));
    box.addEventListener("change", () => this.tick(p, box.checked));
    box.addEventListener("keydown", (event) => this.arrow(event, p));
    this.boxes.push(box);
    const you = party.name === this.view.me ? [el("span", { class: "mpc-you" }, "you")] : [];
    const name = el("span", { class: "mpc-party" }, party.name);
    const letter = party.name.slice(0, 1).toUpperCase();
    const label = el("label", { class: "mpc-tick" }, box, mark(party, letter), name, ...you);
    return el("th", { scope: "col", style: `--mpc-party: ${party.colour}` }, label);
  }

  /** @param {number} share */
  row(share) {
    const cells = this.view.parties.map((party) => {
      const here = party.holds.includes(share);
      const shape = here ? `mpc-held mpc-fill-${party.shape}` : "mpc-gone";
      const style = `--mpc-party: ${party.colour}`;
      return el("td", {}, el("div", { class: `mpc-tile ${shape}`, style }));
    });
    const pool = el("td", { class: "mpc-pool" }, el("div", { class: "mpc-tile" }));
    this.rows.push({ cells, pool });
    return el("tr", {}, el("th", { scope: "row" }, `x${share}`), ...cells, pool);
  }

  foot() {
    const tells = this.view.parties.map((_, p) => {
      const opens = this.view.stories[String(p)].opens;
      return el("td", { class: "mpc-tells" }, opens ? "the value" : "nothing");
    });
    const title = el("th", { scope: "row" }, "tells");
    return el("tfoot", {}, el("tr", {}, title, ...tells, this.sum));
  }

  verdict() {
    const lock = el("span", { class: "mpc-lock", "aria-hidden": "true" });
    const told = el("div", { role: "status", "aria-live": "polite" }, this.sentence, this.values);
    const label = el("label", {}, "Suppose ", this.subject, " were ", this.guess);
    this.suppose.replaceChildren(label, this.fit);
    this.panel.replaceChildren(lock, el("div", {}, told, this.suppose));
    return this.panel;
  }

  why() {
    const lines = this.view.why.map((line) => el("p", {}, line));
    const trust = el("p", { class: "mpc-trust" }, this.view.trust);
    const details = el("details", { class: "mpc-why" }, el("summary", {}, this.view.question), ...lines);
    return el("div", {}, details, trust);
  }

  /** @param {number} p @param {boolean} on */
  tick(p, on) {
    const rest = this.ticked.filter((q) => q !== p);
    this.model.set("ticked", on ? [...rest, p].sort((a, b) => a - b) : rest);
    this.model.save_changes();
    this.ask();
  }

  /** Arrow keys walk along the tick boxes. @param {KeyboardEvent} event @param {number} p */
  arrow(event, p) {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.boxes[(p + step + this.boxes.length) % this.boxes.length].focus();
  }

  ask() {
    this.asked += 1;
    this.value = null;
    if (!this.showing) this.words = null;
    this.model.send({ id: this.asked, ticked: this.ticked, words: this.showing });
    this.refresh();
  }

  /** @param {{id: number, words: Words | null, value: string[] | null}} reply */
  hear(reply) {
    if (reply.id !== this.asked) return;
    this.words = reply.words;
    this.value = reply.value;
    this.refresh();
  }

  refresh() {
    const { stories, shares, positions, name } = this.view;
    const story = stories[this.ticked.join(",")] ?? stories[""];
    this.boxes.forEach((box, p) => (box.checked = this.ticked.includes(p)));
    this.button.setAttribute("aria-pressed", String(this.showing));
    for (let share = 0; share < shares; share++) this.refreshRow(share);
    this.sum.textContent = story.opens ? "the value" : "nothing";
    this.panel.classList.toggle("mpc-open", story.opens);
    if (this.sentence.textContent !== story.text) this.sentence.textContent = story.text;
    const pairs = (this.value ?? []).map((value, k) =>
      el("div", {}, el("dt", {}, name + (positions[k] ?? "")), el("dd", {}, value)),
    );
    this.values.replaceChildren(...pairs);
    this.refreshGuess();
  }

  /** @param {number} share */
  refreshRow(share) {
    const { parties, positions } = this.view;
    const { cells, pool } = this.rows[share];
    parties.forEach((party, p) => {
      const tile = /** @type {HTMLElement} */ (cells[p].firstChild);
      tile.classList.toggle("mpc-on", this.ticked.includes(p));
      const held = party.holds.includes(share);
      const chip = held
        ? [mark(party), `x${share}`, wordLines(this.words?.[p]?.[share] ?? null, positions)]
        : ["not here"];
      tile.replaceChildren(el("span", { class: "mpc-chip" }, ...chip));
    });
    const holders = this.ticked.filter((p) => parties[p].holds.includes(share));
    const tile = /** @type {HTMLElement} */ (pool.firstChild);
    tile.setAttribute("class", `mpc-tile ${holders.length ? "mpc-known" : "mpc-missing"}`);
    const marks = holders.map((p) => {
      const made = mark(parties[p]);
      made.setAttribute("style", `--mpc-party: ${parties[p].colour}`);
      return made;
    });
    const words = wordLines(pooled(this.words, holders, share), positions);
    const inside = holders.length ? [...marks, `x${share}`, words] : ["missing"];
    tile.replaceChildren(el("span", { class: "mpc-chip" }, ...inside));
  }

  /** With words on screen and one share missing: whatever is guessed, some share fits. */
  refreshGuess() {
    const { stories, shares, positions, name, scale, combine } = this.view;
    const gone = stories[this.ticked.join(",")]?.missing ?? [];
    const held = [];
    for (let share = 0; share < shares; share++) {
      const words = pooled(this.words, this.ticked, share);
      if (words?.length) held.push(words[0]);
    }
    this.suppose.hidden = gone.length !== 1 || held.length !== shares - 1;
    if (this.suppose.hidden) return;
    this.subject.textContent = name + (positions[0] ?? "");
    const guess = Number(this.guess.value);
    const word = Number.isFinite(guess) ? fitting(held, guess, scale, combine) : "";
    this.fit.replaceChildren(`then x${gone[0]} would be `, el("code", {}, word), ". It fits.");
  }
}

/** @param {{model: any, el: HTMLElement}} context */
function render({ model, el: host }) {
  const root = el("div", { class: "mpc-inspector", "data-lm-suppress-shortcuts": "true" });
  root.addEventListener("keydown", (event) => event.stopPropagation());
  const frame = el("div", { class: "mpc-host" }, root);
  host.append(frame);
  const inspector = new Inspector(model, root);
  const redraw = () => inspector.draw();
  const refresh = () => inspector.refresh();
  /** @param {any} reply */
  const hear = (reply) => inspector.hear(reply);
  model.on("change:view", redraw);
  model.on("change:ticked", refresh);
  model.on("msg:custom", hear);
  return () => {
    model.off("change:view", redraw);
    model.off("change:ticked", refresh);
    model.off("msg:custom", hear);
    frame.remove();
  };
}

export default { render };
