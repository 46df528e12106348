// Lists: j and k walk the rows, Enter opens, x selects; a click beside a link opens the row.
import { once, onContent } from "./content.ts";
import { say } from "./words.ts";

export function startLists(): void {
  onContent((root) => once(root, "table[data-list]", "listed", enhance));
  document.addEventListener("keydown", onKey);
}

function rowsOf(): HTMLTableRowElement[] {
  return [...document.querySelectorAll<HTMLTableRowElement>("table[data-list] tbody tr")];
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  const target = event.target as HTMLElement;
  if (target.isContentEditable || target.matches("input:not([type=checkbox]), textarea, select, summary, button")) return;
  const rows = rowsOf();
  if (rows.length === 0) return;
  const at = rows.findIndex((row) => row.classList.contains("at"));
  const current = rows[at];
  if (event.key === "j" || event.key === "k") {
    const next = Math.min(Math.max(at + (event.key === "j" ? 1 : -1), 0), rows.length - 1);
    current?.classList.remove("at");
    rows[next]?.classList.add("at");
    rows[next]?.scrollIntoView({ block: "nearest" });
  } else if (event.key === "Enter" && current && target === document.body) {
    open(current, false);
  } else if (event.key === "x" && current) {
    current.querySelector<HTMLInputElement>("input[name=id]")?.click();
  }
}

function open(row: HTMLTableRowElement, aside: boolean): void {
  const link = row.querySelector<HTMLAnchorElement>("td.name a");
  if (!link) return;
  if (aside) window.open(link.href, "_blank", "noopener");
  else window.location.assign(link.href);
}

function enhance(table: HTMLElement): void {
  const boxes = (): HTMLInputElement[] => [...table.querySelectorAll<HTMLInputElement>("tbody input[name=id]")];
  const all = table.querySelector<HTMLInputElement>("[data-select-all]");
  const told = table.closest("form")?.querySelector<HTMLElement>("[data-selected]");
  const refresh = (): void => {
    const chosen = boxes().filter((box) => box.checked).length;
    if (all) {
      all.checked = chosen > 0 && chosen === boxes().length;
      all.indeterminate = chosen > 0 && !all.checked;
    }
    if (told) told.textContent = say("{} selected", chosen);
  };
  if (all) {
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const box of boxes()) box.checked = all.checked;
      refresh();
    });
  }
  let last = -1;
  table.addEventListener("click", (event) => {
    const target = event.target as Element;
    const row = target.closest<HTMLTableRowElement>("tbody tr");
    if (!row) return;
    if (target instanceof HTMLInputElement) {
      // Shift extends the selection, as in every list people know.
      const at = boxes().indexOf(target);
      if (event.shiftKey && last >= 0) {
        const [from, to] = [Math.min(at, last), Math.max(at, last)];
        for (const box of boxes().slice(from, to + 1)) box.checked = target.checked;
      }
      last = at;
      refresh();
      return;
    }
    if (target.closest("a, button, label, .pick") || window.getSelection()?.toString()) return;
    open(row, event.metaKey || event.ctrlKey);
  });
  refresh();
}
