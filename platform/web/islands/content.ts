// Tells islands about HTML that arrives: the page itself, and parts swapped in later.

export function onContent(enhance: (root: ParentNode) => void): void {
  enhance(document);
  document.addEventListener("htmx:after:swap", () => enhance(document));
  document.addEventListener("trellis:content", (event) => {
    if (event.target instanceof Element) enhance(event.target);
  });
}

// Announces HTML that was put into the page without htmx.
export function announce(root: Element): void {
  root.dispatchEvent(new CustomEvent("trellis:content", { bubbles: true }));
}

// Does something once per element, however often the element is met.
export function once(root: ParentNode, selector: string, mark: string, act: (element: HTMLElement) => void): void {
  for (const element of root.querySelectorAll<HTMLElement>(selector)) {
    if (element.dataset[mark]) continue;
    element.dataset[mark] = "1";
    act(element);
  }
}
