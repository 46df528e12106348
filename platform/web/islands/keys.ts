// Keyboard shortcuts; ? shows them. None fires while somebody types.
import { showDialog } from "./dialogs.ts";
import { say } from "./words.ts";

const GOES: Record<string, string> = { h: "/", i: "/inbox", n: "/notifications", p: "/profile" };
const CHORD_MS = 1200;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select"));
}

function press(selector: string): boolean {
  const element = document.querySelector<HTMLElement>(selector);
  element?.click();
  return element !== null;
}

function focusSearch(): boolean {
  const box =
    document.querySelector<HTMLInputElement>("[data-list-search]") ??
    document.querySelector<HTMLInputElement>("[data-global-search]");
  box?.focus();
  box?.select();
  return box !== null;
}

export function startKeys(): void {
  let chordUntil = 0;
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      (event.target as Element).closest("form")?.requestSubmit();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    if (event.key === "Escape" && isTyping(event.target)) (event.target as HTMLElement).blur();
    if (isTyping(event.target)) return;
    const now = performance.now();
    const goes = now < chordUntil ? GOES[event.key] : undefined;
    chordUntil = 0;
    if (goes) {
      window.location.assign(goes);
    } else if (event.key === "g") {
      chordUntil = now + CHORD_MS;
    } else if (single(event.key)) {
      event.preventDefault();
    }
  });
  for (const button of document.querySelectorAll<HTMLElement>("[data-open-keys]")) {
    button.hidden = false;
    button.addEventListener("click", showKeys);
  }
}

function single(key: string): boolean {
  if (key === "/") return focusSearch();
  if (key === "n") return press("[data-new]");
  if (key === "e") return press("[data-edit]");
  if (key === "]") return press("[data-next]");
  if (key === "?") {
    showKeys();
    return true;
  }
  return false;
}

function showKeys(): void {
  const rows: [string, string][] = [
    ["/", "Search this page's list, or everything"], ["g h", "Home"], ["g i", "Inbox"], ["n", "New record"], ["e", "Edit"],
    ["j k", "Next and previous row"], ["Enter", "Open the row"], ["x", "Select the row"], ["]", "Next page"],
    ["Ctrl Enter", "Save"], ["Esc", "Close"], ["?", "This help"],
  ];
  const dialog = document.createElement("dialog");
  const head = document.createElement("div");
  head.className = "dialog-head";
  const title = document.createElement("h2");
  title.textContent = say("Keyboard shortcuts");
  const close = document.createElement("button");
  close.className = "btn btn-sm";
  close.dataset.close = "";
  close.textContent = say("Close");
  head.append(title, close);
  const body = document.createElement("div");
  body.className = "dialog-body keys";
  for (const [keys, text] of rows) {
    const cell = document.createElement("span");
    for (const key of keys.split(" ")) {
      const mark = document.createElement("kbd");
      mark.textContent = key;
      cell.append(mark, " ");
    }
    const told = document.createElement("span");
    told.textContent = say(text);
    body.append(cell, told);
  }
  dialog.append(head, body);
  showDialog(dialog);
}
