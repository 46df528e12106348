// The picker of a reference: type a part of the title, choose with arrows and Enter.
import { keep, once, onContent } from "./content.ts";
import { say } from "./words.ts";

interface Choice {
  id: string;
  title: string;
  about?: string;
}

const WAIT_MS = 140;

export function startPickers(): void {
  onContent((root) => once(root, "input[data-pick]", "picked", (element) => new Picker(element as HTMLInputElement)));
}

class Picker {
  readonly #box: HTMLElement;
  readonly #list = document.createElement("div");
  readonly #many: boolean;
  #choices: Choice[] = [];
  #at = -1;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly input: HTMLInputElement) {
    this.#box = input.closest<HTMLElement>(".picker") ?? input;
    this.#many = this.#box.classList.contains("many");
    keep(this.#box);
    this.#list.className = "options";
    this.#list.setAttribute("role", "listbox");
    this.#list.id = `${input.id}-options`;
    this.#list.hidden = true;
    input.setAttribute("aria-controls", this.#list.id);
    this.#box.append(this.#list);
    input.addEventListener("input", () => this.#ask(input.value));
    input.addEventListener("focus", () => this.#ask(input.value === this.#was() ? "" : input.value));
    input.addEventListener("blur", () => setTimeout(() => this.#leave(), 120));
    input.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("mousedown", (event) => this.#pointed(event));
  }

  #hidden(suffix: string): HTMLInputElement | null {
    const name = CSS.escape(this.input.name.replace(/\.text$/, "") + suffix);
    return this.#box.querySelector(`input[type=hidden][name="${name}"]`);
  }

  #was(): string {
    return this.#hidden(".was")?.value ?? "";
  }

  #ask(text: string): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#load(text), WAIT_MS);
  }

  async #load(text: string): Promise<void> {
    const number = ++this.#asked;
    const body = new FormData(this.input.form ?? undefined);
    for (const [key, value] of [...body]) if (value instanceof File) body.delete(key);
    body.set("_query", text);
    const token = document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
    const answer = await fetch(this.input.dataset.pick ?? "", {
      method: "POST", body: new URLSearchParams(body as unknown as Record<string, string>),
      headers: { "X-CSRF-Token": token, Accept: "application/json" },
    }).catch(() => null);
    if (number !== this.#asked || !answer?.ok || document.activeElement !== this.input) return;
    this.#choices = ((await answer.json()) as { items: Choice[] }).items;
    this.#at = this.#choices.length > 0 && text ? 0 : -1;
    this.#show();
  }

  #show(): void {
    this.#list.replaceChildren(...this.#choices.map((choice, place) => this.#option(choice, place)));
    if (this.#choices.length === 0) {
      const nothing = document.createElement("div");
      nothing.className = "nothing";
      nothing.textContent = say("Nothing found");
      this.#list.append(nothing);
    }
    this.#open(true);
    this.#mark();
  }

  #option(choice: Choice, place: number): HTMLElement {
    const option = document.createElement("div");
    option.setAttribute("role", "option");
    option.id = `${this.#list.id}-${place}`;
    option.dataset.place = String(place);
    option.textContent = choice.title;
    if (choice.about) {
      const about = document.createElement("small");
      about.textContent = choice.about;
      option.append(about);
    }
    return option;
  }

  #open(open: boolean): void {
    this.#list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
  }

  #mark(): void {
    const options = this.#list.querySelectorAll<HTMLElement>("[role=option]");
    options.forEach((option, place) => option.setAttribute("aria-selected", String(place === this.#at)));
    const current = options[this.#at];
    if (current) this.input.setAttribute("aria-activedescendant", current.id);
    else this.input.removeAttribute("aria-activedescendant");
    current?.scrollIntoView({ block: "nearest" });
  }

  #key(event: KeyboardEvent): void {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (this.#list.hidden) return this.#ask("");
      const step = event.key === "ArrowDown" ? 1 : -1;
      this.#at = (this.#at + step + this.#choices.length) % Math.max(this.#choices.length, 1);
      this.#mark();
      event.preventDefault();
    } else if (event.key === "Enter" && !this.#list.hidden && this.#choices[this.#at]) {
      this.#take(this.#choices[this.#at] as Choice);
      event.preventDefault();
    } else if (event.key === "Escape" && !this.#list.hidden) {
      this.#open(false);
      event.stopPropagation();
      event.preventDefault();
    }
  }

  #pointed(event: MouseEvent): void {
    event.preventDefault();
    const option = (event.target as Element).closest<HTMLElement>("[role=option]");
    const choice = this.#choices[Number(option?.dataset.place ?? -1)];
    if (choice) this.#take(choice);
  }

  #take(choice: Choice): void {
    if (this.#many) this.#addChip(choice);
    else this.#set(choice);
    this.#open(false);
    this.input.dispatchEvent(new Event("change", { bubbles: true }));
  }

  #set(choice: Choice): void {
    const id = this.#hidden("");
    const was = this.#hidden(".was");
    if (id) id.value = choice.id;
    if (was) was.value = choice.title;
    this.input.value = choice.title;
    this.#box.querySelector(".offers")?.remove();
  }

  #addChip(choice: Choice): void {
    const name = this.input.name.replace(/\.text$/, "");
    const chip = document.createElement("label");
    chip.className = "chip";
    const box = document.createElement("input");
    box.type = "checkbox";
    box.name = name;
    box.value = choice.id;
    box.checked = true;
    const text = document.createElement("span");
    text.textContent = choice.title;
    chip.append(box, text);
    this.#box.querySelector(".chips")?.append(chip);
    this.input.value = "";
  }

  // Text that names nothing any more must not look as if it did.
  #leave(): void {
    this.#open(false);
    if (this.#many || this.input.value === this.#was()) return;
    if (this.input.value.trim() === "") {
      this.#set({ id: "", title: "" });
      this.input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }
}
