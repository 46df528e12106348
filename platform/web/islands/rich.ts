// A small editor for formatted text over its textarea; the server cleans what it sends.
import { keep, once } from "./content.ts";
import { say } from "./words.ts";

const TOOLS: [string, string, string][] = [
  ["bold", "B", "Bold"], ["italic", "I", "Italic"], ["insertUnorderedList", "•", "List"], ["insertOrderedList", "1.", "Numbered list"], ["createLink", "↗", "Link"],
];

export function startRich(root: ParentNode): void {
  once(root, "textarea[data-rich]", "enriched", (element) => enrich(element as HTMLTextAreaElement));
}

function enrich(source: HTMLTextAreaElement): void {
  const area = document.createElement("div");
  area.className = "form-control rich-area prose";
  area.contentEditable = "true";
  area.setAttribute("role", "textbox");
  area.setAttribute("aria-multiline", "true");
  area.setAttribute("aria-label", document.querySelector(`label[for="${CSS.escape(source.id)}"]`)?.textContent ?? "");
  area.innerHTML = new Parsed(source.value).clean();
  const tools = document.createElement("div");
  tools.className = "rich-tools";
  for (const [command, sign, label] of TOOLS) tools.append(tool(command, sign, label, area));
  area.addEventListener("input", () => {
    source.value = area.innerHTML;
    source.dispatchEvent(new Event("input", { bubbles: true }));
  });
  area.addEventListener("blur", () => source.dispatchEvent(new Event("change", { bubbles: true })));
  area.addEventListener("paste", (event) => {
    event.preventDefault();
    document.execCommand("insertText", false, event.clipboardData?.getData("text/plain") ?? "");
  });
  keep(source.closest(".rich"));
  source.hidden = true;
  source.before(tools, area);
}

function tool(command: string, sign: string, label: string, area: HTMLElement): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "icon-btn";
  button.textContent = sign;
  button.title = say(label);
  button.setAttribute("aria-label", say(label));
  button.addEventListener("mousedown", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    area.focus();
    const value = command === "createLink" ? window.prompt(say("Address of the link"), "https://") : undefined;
    if (value === null || (command === "createLink" && !/^https?:\/\//.test(value ?? ""))) return;
    document.execCommand(command, false, value);
  });
  return button;
}

// What the server stored is clean already; this keeps a form that came back with mistakes harmless.
class Parsed {
  readonly #body: HTMLElement;

  constructor(html: string) {
    this.#body = new DOMParser().parseFromString(html, "text/html").body;
  }

  clean(): string {
    for (const element of this.#body.querySelectorAll("script, style, iframe, object, embed, form, svg, math, link, meta, base")) element.remove();
    for (const element of this.#body.querySelectorAll("*")) {
      for (const { name, value } of [...element.attributes]) {
        if (name !== "href" || !/^(https?:|mailto:|\/)/i.test(value)) element.removeAttribute(name);
      }
    }
    return this.#body.innerHTML;
  }
}
