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

const met = new Map<string, WeakSet<Element>>();

// Does something once per element, however often the element is met. What is met is remembered
// here and not in the page: a form that is rendered anew takes unknown attributes away.
export function once(root: ParentNode, selector: string, mark: string, act: (element: HTMLElement) => void): void {
  const known = met.get(mark) ?? new WeakSet();
  met.set(mark, known);
  for (const element of root.querySelectorAll<HTMLElement>(selector)) {
    if (known.has(element)) continue;
    known.add(element);
    act(element);
  }
}

// Keeps what an island built in an element when the form around it is rendered anew.
export function keep(element: Element | null): void {
  element?.setAttribute("hx-morph-skip", "");
}
