// Menus are <details>; this closes them as menus close: by Escape, a click elsewhere, another menu.

function openMenus(): HTMLDetailsElement[] {
  return [...document.querySelectorAll<HTMLDetailsElement>("details[data-menu][open]")];
}

export function startMenus(): void {
  document.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target as Node)) menu.open = false;
    }
  });
  document.addEventListener("keydown", (event) => {
    const open = openMenus();
    if (open.length === 0) return;
    if (event.key === "Escape") {
      for (const menu of open) {
        menu.open = false;
        menu.querySelector("summary")?.focus();
      }
      event.stopPropagation();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      moveWithin(open[open.length - 1] as HTMLElement, event);
    }
  });
  document.addEventListener("click", confirmFirst, true);
}

function moveWithin(menu: HTMLElement, event: KeyboardEvent): void {
  const items = [...menu.querySelectorAll<HTMLElement>(".menu-item:not([hidden])")];
  if (items.length === 0) return;
  const at = items.indexOf(document.activeElement as HTMLElement);
  const step = event.key === "ArrowDown" ? 1 : -1;
  const next = at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length;
  items[next]?.focus();
  event.preventDefault();
}

// Deleting several records asks first; the question stands in the page, in its language.
function confirmFirst(event: MouseEvent): void {
  const button = (event.target as Element).closest<HTMLElement>("[data-confirm]");
  if (button && !window.confirm(button.dataset.confirm ?? "")) event.preventDefault();
}
