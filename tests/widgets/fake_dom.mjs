/** The few parts of a page that the views use, and a widget model that records what it is told. */

export class FakeElement {
  constructor(tag) {
    Object.assign(this, { tag, children: [], attributes: {}, handlers: {}, hidden: false });
    Object.assign(this, { checked: false, value: "", parent: null });
  }
  setAttribute(name, value) {
    this.attributes[name] = String(value);
    if (name === "value") this.value = value;
  }
  getAttribute(name) {
    return this.attributes[name] ?? null;
  }
  append(...inside) {
    for (const child of inside) {
      if (child instanceof FakeElement) child.parent = this;
      this.children.push(child);
    }
  }
  replaceChildren(...inside) {
    this.children = [];
    this.append(...inside);
  }
  remove() {
    this.parent.children = this.parent.children.filter((child) => child !== this);
  }
  get firstChild() {
    return this.children[0] ?? null;
  }
  get textContent() {
    return this.children.map((c) => (c instanceof FakeElement ? c.textContent : c)).join("");
  }
  set textContent(text) {
    this.children = [text];
  }
  get classes() {
    return (this.attributes.class ?? "").split(" ").filter(Boolean);
  }
  get classList() {
    const toggle = (name, on) => {
      const rest = this.classes.filter((c) => c !== name);
      this.attributes.class = (on ? [...rest, name] : rest).join(" ");
    };
    return { toggle };
  }
  focus() {
    globalThis.document.activeElement = this;
  }
  addEventListener(name, handler) {
    (this.handlers[name] ??= []).push(handler);
  }
  /** Bubbles to the top unless stopped; returns the event. */
  fire(name, details = {}) {
    const event = { ...details, stopped: false, prevented: false };
    event.stopPropagation = () => (event.stopped = true);
    event.preventDefault = () => (event.prevented = true);
    for (let node = this; node && !event.stopped; node = node.parent)
      for (const handler of node.handlers[name] ?? []) handler(event);
    return event;
  }
}

/** Every element under `root` that fits. */
export function all(root, fits) {
  return root.children
    .filter((child) => child instanceof FakeElement)
    .flatMap((child) => [...(fits(child) ? [child] : []), ...all(child, fits)]);
}

export const withClass = (root, name) => all(root, (node) => node.classes.includes(name));

export class FakeModel {
  constructor(state) {
    Object.assign(this, { state, sent: [], saves: 0, handlers: {} });
  }
  get(name) {
    return this.state[name];
  }
  set(name, value) {
    this.state[name] = value;
    this.tell(`change:${name}`);
  }
  save_changes() {
    this.saves += 1;
  }
  send(content) {
    this.sent.push(content);
  }
  on(name, handler) {
    (this.handlers[name] ??= new Set()).add(handler);
  }
  off(name, handler) {
    this.handlers[name].delete(handler);
  }
  tell(name, content) {
    for (const handler of this.handlers[name] ?? []) handler(content);
  }
}

globalThis.document = { activeElement: null, createElement: (tag) => new FakeElement(tag) };
