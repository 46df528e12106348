// Forms: the first mistake is focused, rows are added in place, leaving unsaved work asks first.
import { announce, keep, once, onContent } from "./content.ts";
import { say } from "./words.ts";

const FIELDS = ".form-sections :is(input:not([type=hidden]), select, textarea):enabled";

export function startForms(): void {
  onContent((root) => {
    once(root, "form[data-form]", "formed", enhance);
    once(root, "[data-rows]", "rowed", enhanceRows);
    once(root, "input[data-files]", "filed", nameFiles);
    once(root, "[data-scan]", "scanned", keepEnter);
    once(root, "[data-locate]", "located", offerPosition);
  });
}

function enhance(element: HTMLElement): void {
  const form = element as HTMLFormElement;
  if (form.dataset.invalid !== undefined) {
    const first = form.querySelector<HTMLElement>("[aria-invalid=true], .is-invalid input, .is-invalid select");
    (first ?? form.querySelector<HTMLElement>("[role=alert]"))?.focus();
  } else if (!form.closest("dialog")) {
    form.querySelector<HTMLElement>(FIELDS)?.focus({ preventScroll: true });
  }
  let dirty = form.dataset.invalid !== undefined;
  form.addEventListener("input", () => (dirty = true));
  form.addEventListener("submit", () => {
    dirty = false;
    // A second click must not send the form twice; a request the server refuses renders it anew.
    setTimeout(() => {
      for (const button of form.querySelectorAll<HTMLButtonElement>("button[type=submit]")) button.disabled = true;
    });
    setTimeout(() => {
      for (const button of form.querySelectorAll<HTMLButtonElement>("button[type=submit]")) button.disabled = false;
    }, 5000);
  });
  if (form.closest("dialog")) return;
  window.addEventListener("beforeunload", (event) => {
    if (dirty) event.preventDefault();
  });
}

function enhanceRows(field: HTMLElement): void {
  const body = field.querySelector("tbody");
  const template = field.querySelector("template");
  const button = field.querySelector<HTMLButtonElement>("[data-add-row]");
  if (!body || !template || !button) return;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    const row = template.content.firstElementChild?.cloneNode(true);
    if (!(row instanceof HTMLElement)) return;
    // Places only need to be unique in the form; the server keeps their order.
    row.innerHTML = row.innerHTML.replaceAll(".NEW.", `.${body.rows.length + Date.now()}.`);
    body.append(row);
    announce(row);
    row.querySelector<HTMLElement>("input:not([type=hidden]), select, textarea")?.focus();
  });
}

function nameFiles(element: HTMLElement): void {
  const input = element as HTMLInputElement;
  const label = input.closest("label")?.querySelector<HTMLElement>("[data-file-name]");
  if (!label) return;
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    label.textContent = files.length === 1 ? (files[0]?.name ?? "") : say("{} files", files.length);
  });
}

// A hand scanner ends a code with Enter, which must go on to the next field and not send the form.
function keepEnter(input: HTMLElement): void {
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const fields = [...(input.closest("form")?.querySelectorAll<HTMLElement>(FIELDS) ?? [])];
    fields[fields.indexOf(input) + 1]?.focus();
  });
}

function offerPosition(button: HTMLElement): void {
  if (!navigator.geolocation) return;
  button.hidden = false;
  keep(button);
  button.addEventListener("click", () =>
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const [lat, lng] = button.closest(".geo")?.querySelectorAll("input") ?? [];
      if (lat) lat.value = coords.latitude.toFixed(6);
      if (lng) lng.value = coords.longitude.toFixed(6);
    }),
  );
}
