// Texts as rows of characters (code points), as FEEL counts, cuts and orders them.
const BEYOND_PLAIN = /[\ud800-\udfff]/;
const BLANKS = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
const EDGES = new RegExp(`^${BLANKS}+|${BLANKS}+$`, "g");

/** How many characters a text has. */
export function lengthOf(text: string): number {
  if (!BEYOND_PLAIN.test(text)) return text.length;
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** The characters from one position to another, counted from 0. */
export function slice(text: string, start: number, end?: number): string {
  if (!BEYOND_PLAIN.test(text)) return text.slice(start, end);
  return [...text].slice(start, end).join("");
}

/** -1, 0 or 1, by code point. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  if (!BEYOND_PLAIN.test(a) && !BEYOND_PLAIN.test(b)) return a < b ? -1 : 1;
  const [first, second] = [[...a], [...b]];
  for (let at = 0; at < Math.min(first.length, second.length); at += 1) {
    const difference = (first[at]?.codePointAt(0) ?? 0) - (second[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference < 0 ? -1 : 1;
  }
  return first.length < second.length ? -1 : 1;
}

/** A text without the blanks at its ends. */
export function stripped(text: string): string {
  return text.replace(EDGES, "");
}
