// Forms that decide themselves: conditions, defaults and formulas follow what is typed, without asking the server and
// without a connection. The server stays the judge of what is sent. Loaded by pages whose forms hold expressions.
import { Decider } from "./deciding.ts";
import type { FieldSpec, FormSpec, Known, Outcome, State, Told, Wanted } from "./spec.ts";
import { inputText, say } from "./telling.ts";

const MOST_ROUNDS = 5;
const SLOTS = "fieldset.slot";

const forms = new WeakMap<HTMLFormElement, LiveForm>();

export function startFormLogic(root: ParentNode): void {
  for (const script of root.querySelectorAll<HTMLScriptElement>("script[data-form-logic]")) {
    const form = script.closest("form");
    if (!form) continue;
    const known = forms.get(form);
    if (known) known.reread(script);
    else forms.set(form, new LiveForm(form, script));
  }
}

class LiveForm {
  private decider!: Decider;
  private text: string | null = null;
  private began = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private asks = false;
  /** Inputs that the person has filled, which no default changes any more. */
  private readonly touched = new Set<string>();
  /** What each input was last filled with. */
  private readonly filled = new Map<string, string>();
  private readonly tried = new Set<string>();

  constructor(private readonly form: HTMLFormElement, script: HTMLScriptElement) {
    this.reread(script);
    form.addEventListener("input", (event) => this.typed(event));
    form.addEventListener("change", (event) => this.typed(event));
    form.addEventListener("trellis:content", () => this.soon());
    // Without a connection what only the server decides stays as it is, and nothing complains.
    form.addEventListener("htmx:before:request", (event) => {
      if (!navigator.onLine && (event.target as Element).matches(".form-sections")) event.preventDefault();
    });
    window.addEventListener("online", () => {
      this.tried.clear();
      this.soon();
    });
  }

  /** Take the logic of a form that was rendered, again after the server has rendered it anew. */
  reread(script: HTMLScriptElement): void {
    if (script.textContent !== this.text) {
      this.text = script.textContent;
      const { form, known } = JSON.parse(this.text ?? "{}") as { form: FormSpec; known: Known };
      this.decider = new Decider(form, known);
      this.began = performance.now();
      // Rows are numbered anew when a form is rendered.
      for (const name of [...this.touched, ...this.filled.keys()]) {
        if (name.includes(".")) this.touched.delete(name);
        if (name.includes(".")) this.filled.delete(name);
      }
    }
    this.run();
  }

  private typed(event: Event): void {
    const name = (event.target as HTMLInputElement).name?.replace(/\.text$/, "");
    if (name) this.touched.add(name);
    if (event.type === "change") {
      this.asks = true;
      this.tried.clear();
    }
    this.soon();
  }

  private soon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.run();
    });
  }

  // What is shown and filled changes what would be sent, so it is decided until it rests.
  private run(): void {
    let outcome = this.decide();
    for (let round = 0; this.apply(outcome) && round < MOST_ROUNDS; round++) outcome = this.decide();
    // What can be asked about records alone needs no form rendered anew.
    const asked = this.asks && outcome.unsure && outcome.wanted.length === 0;
    void this.learn(outcome.wanted).then((learnt) => {
      if (learnt) this.run();
      else if (asked && navigator.onLine) this.askServer();
    });
    this.asks = this.asks && outcome.wanted.length > 0;
  }

  private decide(): Outcome {
    const now = this.decider.known.now + performance.now() - this.began;
    return this.decider.decide(this.texts(":enabled"), this.texts(":disabled"), now);
  }

  /** The texts that the form would send, in its order; or those that it would not. */
  private texts(which: ":enabled" | ":disabled"): Map<string, string[]> {
    const found = new Map<string, string[]>();
    const wanted = which === ":disabled";
    for (const element of this.form.elements) {
      if (!(element instanceof HTMLInputElement || element instanceof HTMLSelectElement || element instanceof HTMLTextAreaElement)) continue;
      if (element.name === "" || element.matches(":disabled") !== wanted || element.type === "file") continue;
      if (element instanceof HTMLInputElement && ["checkbox", "radio"].includes(element.type) && !element.checked) continue;
      const held = found.get(element.name);
      if (held) held.push(element.value);
      else found.set(element.name, [element.value]);
    }
    return found;
  }

  private apply(outcome: Outcome): boolean {
    let changed = false;
    for (const [name, { spec, state }] of outcome.fields) {
      if (this.applyField(name, spec, state)) changed = true;
    }
    for (const section of this.form.querySelectorAll<HTMLElement>("[data-section]")) {
      const place = section.dataset.section ?? "";
      const holds = place in this.decider.form.sections ? outcome.sections.get(place) : true;
      if (holds === undefined) continue;
      // A heading without a single visible field says nothing.
      const shown = holds && section.querySelector(":scope > .cells > :not([hidden])") !== null;
      if (hide(section, !shown)) changed = true;
    }
    return changed;
  }

  private applyField(name: string, spec: FieldSpec, state: State): boolean {
    const box = this.element(`d-${name}`);
    const input = this.element(`f-${name}`);
    let changed = false;
    if (state.value && state.value.t !== "unknown" && input && spec.show) {
      const text = say(state.value, spec.show, this.decider.form);
      if (input.textContent !== (text || "—")) input.textContent = text || "—";
      // A value that is not there yet takes no room; in a row its cell does.
      if (box && state.visible === undefined) changed = hide(box, text === "") || changed;
      else if (box && state.visible) state.visible = text !== "";
    }
    if (box && state.visible !== undefined) changed = hide(box, !state.visible) || changed;
    const shown = box !== null || state.visible !== false;
    if (state.readonly !== undefined || (!box && state.visible !== undefined)) {
      changed = this.lock(input, spec, { locked: state.readonly === true, shown }) || changed;
    }
    if (state.required !== undefined) this.require(name, input, state.required && state.readonly !== true);
    if (state.default && state.default.t !== "unknown" && input) changed = this.fill(name, input, spec, state.default) || changed;
    return changed;
  }

  private element(id: string): HTMLElement | null {
    return this.form.querySelector<HTMLElement>(`#${CSS.escape(id)}`);
  }

  /** Let an input give way to the text that says what it holds, or in a row to nothing. */
  private lock(input: HTMLElement | null, spec: FieldSpec, now: { locked: boolean; shown: boolean }): boolean {
    const slot = input?.closest<HTMLElement>(SLOTS) ?? null;
    const fixed = slot?.nextElementSibling ?? null;
    if (fixed instanceof HTMLElement && fixed.dataset.fixed !== undefined) {
      const stands = now.locked && now.shown;
      if (stands && fixed.hidden) fixed.textContent = this.heldText(input, spec) || "—";
      fixed.hidden = !stands;
    }
    return hide(slot, now.locked || !now.shown);
  }

  private heldText(input: HTMLElement | null, spec: FieldSpec): string {
    if (input instanceof HTMLSelectElement) return input.selectedOptions[0]?.textContent ?? "";
    const chosen = [...(input?.querySelectorAll<HTMLInputElement>("input:checked") ?? [])];
    if (chosen.length > 0) return chosen.map((box) => box.nextElementSibling?.textContent ?? box.value).join(", ");
    if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) return "";
    if (spec.kind === "ref" || input.value === "" || !spec.show) return input.value;
    const read = this.decider.read(spec, input.name, new Map([[input.name, [input.value]]]));
    return read ? say(read, spec.show, this.decider.form) : input.value;
  }

  private require(name: string, input: HTMLElement | null, required: boolean): void {
    this.form.querySelector(`label[for="${CSS.escape(`f-${name}`)}"]`)?.classList.toggle("required", required);
    // Switches and inputs of several parts cannot say it themselves.
    const single = input?.matches("input:not([type=checkbox], [type=file]), select, textarea");
    if (single && !input?.closest(".many, .address, .geo")) input?.toggleAttribute("required", required);
  }

  /** Put a default into an input that nobody has touched. */
  private fill(name: string, input: HTMLElement, spec: FieldSpec, value: Told): boolean {
    const text = spec.kind === "ref" ? (value.t === "record" ? value.id : "") : inputText(value, spec, this.decider.form);
    const held = this.heldBy(name, input, spec);
    if (this.touched.has(name)) return false;
    if (held === text) this.filled.set(name, text);
    if (held === text) return false;
    // What the server has filled in otherwise, or somebody before a mistake was shown, is theirs.
    if (held !== (this.filled.get(name) ?? "")) return false;
    this.filled.set(name, text);
    if (spec.kind === "ref") this.pick(name, input, text, value.t === "record" ? (value.title ?? "") : "");
    else if (input instanceof HTMLInputElement && input.type === "checkbox") input.checked = text === "true";
    else (input as HTMLInputElement).value = text;
    return true;
  }

  private heldBy(name: string, input: HTMLElement, spec: FieldSpec): string {
    if (spec.kind === "ref") return this.hidden(input, name)?.value ?? "";
    if (input instanceof HTMLInputElement && input.type === "checkbox") return input.checked ? "true" : "";
    return (input as HTMLInputElement).value;
  }

  private hidden(input: HTMLElement, name: string): HTMLInputElement | null {
    return input.closest(".picker")?.querySelector<HTMLInputElement>(`input[type=hidden][name="${CSS.escape(name)}"]`) ?? null;
  }

  private pick(name: string, input: HTMLElement, id: string, title: string): void {
    const [hidden, was] = [this.hidden(input, name), this.hidden(input, `${name}.was`)];
    if (hidden) hidden.value = id;
    if (was) was.value = title;
    (input as HTMLInputElement).value = title;
  }

  /** Ask what is read behind records that were just picked. Without a connection everything stays as it is. */
  private async learn(wanted: readonly Wanted[]): Promise<boolean> {
    let learnt = false;
    for (const { object, field, name, ids, paths } of wanted) {
      const fresh = ids.filter((id) => !this.tried.has(`${name} ${id}`));
      if (fresh.length === 0) continue;
      for (const id of fresh) this.tried.add(`${name} ${id}`);
      const query = new URLSearchParams([...fresh.map((id) => ["id", id]), ...paths.map((path) => ["path", path])]);
      const address = `/o/${encodeURIComponent(object)}/behind/${encodeURIComponent(field)}?${query}`;
      const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer?.ok) continue;
      const told = (await answer.json()) as Record<string, Told>;
      // A record that is gone is as unknown as one that may not be seen.
      this.decider.learn(name, Object.fromEntries(fresh.map((id) => [id, told[id] ?? { t: "unknown" }])));
      learnt = true;
    }
    return learnt;
  }

  private askServer(): void {
    this.asks = false;
    this.form.querySelector(".form-sections[hx-post]")?.dispatchEvent(new CustomEvent("trellis-ask"));
  }
}

/** Show or hide; what is hidden is not sent. Whether that changed anything. */
function hide(element: HTMLElement | null, hidden: boolean): boolean {
  if (!element || element.hidden === hidden) return false;
  element.hidden = hidden;
  if (element instanceof HTMLFieldSetElement) element.disabled = hidden;
  return true;
}
