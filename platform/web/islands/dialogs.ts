// Opens links marked data-dialog in a dialog; without this they are pages of their own.
import { announce } from "./content.ts";
import { say } from "./words.ts";

// htmx is put on the window by its own module; this is all we ask of it.
declare global {
  interface Window {
    htmx?: { process(element: Element): void };
  }
}

export function startDialogs(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    const link = target.closest<HTMLAnchorElement>("a[data-dialog]");
    if (link && !event.metaKey && !event.ctrlKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      link.closest("details")?.removeAttribute("open");
      void openDialog(link.href);
      return;
    }
    const close = target.closest("[data-close]");
    const dialog = close?.closest("dialog");
    if (dialog) {
      event.preventDefault();
      dialog.close();
    }
  });
}

async function openDialog(address: string): Promise<void> {
  const answer = await fetchPart(address);
  if (answer === null) {
    // The page itself tells what is wrong better than a dialog could.
    window.location.assign(address);
    return;
  }
  const dialog = document.createElement("dialog");
  dialog.innerHTML = answer;
  showDialog(dialog);
}

async function fetchPart(address: string): Promise<string | null> {
  document.documentElement.classList.add("busy");
  try {
    const answer = await fetch(address, {
      headers: { "HX-Request": "true", "HX-Request-Type": "partial", "HX-Current-URL": window.location.href },
    });
    return answer.ok && !answer.redirected ? await answer.text() : null;
  } catch {
    window.alert(say("The page could not be loaded. Check the connection and try again."));
    return null;
  } finally {
    document.documentElement.classList.remove("busy");
  }
}

export function showDialog(dialog: HTMLDialogElement): void {
  document.body.append(dialog);
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("mousedown", (event) => {
    if (event.target === dialog && !dialog.querySelector("form[data-form]")) dialog.close();
  });
  dialog.showModal();
  window.htmx?.process(dialog);
  announce(dialog);
  const first = dialog.querySelector<HTMLElement>(
    "[aria-invalid=true], .form-sections input:not([type=hidden]), .form-sections select, .form-sections textarea, .btn-primary",
  );
  first?.focus();
}
