// A thin line at the top while the next page or part is on its way.

export function startProgress(): void {
  const line = document.createElement("div");
  line.className = "progress-line";
  document.body.append(line);
  const busy = (on: boolean) => (): void => void document.documentElement.classList.toggle("busy", on);
  document.addEventListener("htmx:before:request", busy(true));
  document.addEventListener("htmx:finally:request", busy(false));
  window.addEventListener("beforeunload", busy(true));
  window.addEventListener("pageshow", busy(false));
}
