// `matches`, `replace` and `split`: patterns that cannot run away. With back-references the browser's own engine runs, on
// short texts and with few repeats; all else runs as a program in linear time.
import { MAX_BACKTRACK_REPEATS, MAX_BACKTRACK_TEXT, MAX_LIST, MAX_PATTERN, MAX_STRING } from "./limits.ts";
import { type Found, Program, TooMuchError } from "./pattern_program.ts";
import { type Choice, NotAPatternError, type Part, type Syntax, readPattern } from "./pattern_syntax.ts";
import { lengthOf } from "./texts.ts";

interface Pattern {
  search: (text: readonly string[], from: number) => Found | null;
  groups: number;
  most: number;
  literal: boolean;
}

const kept = new Map<string, Pattern | null>();

/** The compiled pattern; null when it or the flags are none of XPath's. */
function compile(pattern: string, flags: string): Pattern | null {
  const key = `${flags}/${pattern}`;
  let found = kept.get(key);
  if (found === undefined) {
    found = compileNew(pattern, flags);
    if (kept.size > 200) kept.clear();
    kept.set(key, found);
  }
  return found;
}

function compileNew(pattern: string, flags: string): Pattern | null {
  if (lengthOf(pattern) > MAX_PATTERN || /[^smixq]/.test(flags)) return null;
  try {
    const literal = flags.includes("q");
    const syntax = literal ? literally(pattern) : readPattern(pattern, flags);
    const { groups } = syntax;
    if (syntax.backReferences) return backtracking(syntax, flags);
    const program = new Program(syntax.choice, groups, literal ? flags.replace("m", "") : flags);
    return { search: (text, from) => program.search(text, from), groups, most: MAX_STRING, literal };
  } catch (error) {
    if (error instanceof NotAPatternError || error instanceof TooMuchError || error instanceof SyntaxError) return null;
    throw error;
  }
}

function literally(pattern: string): Syntax {
  const row: Part[] = [...pattern].map((character) => {
    return { p: "class", source: `[\\u{${(character.codePointAt(0) ?? 0).toString(16)}}]` };
  });
  return { choice: [row], groups: 0, backReferences: false, repeats: 0, nested: false };
}

function backtracking(syntax: Syntax, flags: string): Pattern | null {
  if (syntax.repeats > MAX_BACKTRACK_REPEATS || syntax.nested) return null;
  const expression = new RegExp(source(syntax.choice, flags.includes("m")), flags.includes("i") ? "dgiv" : "dgv");
  const search = (text: readonly string[], from: number): Found | null => {
    const whole = text.join("");
    expression.lastIndex = text.slice(0, from).join("").length;
    const found = expression.exec(whole);
    if (found?.indices === undefined) return null;
    return found.indices.flatMap((pair) => (pair === undefined ? [-1, -1] : pair.map((unit) => [...whole.slice(0, unit)].length)));
  };
  return { search, groups: syntax.groups, most: MAX_BACKTRACK_TEXT, literal: false };
}

function source(choice: Choice, lines: boolean): string {
  return choice.map((row) => row.map((part) => partSource(part, lines)).join("")).join("|");
}

function partSource(part: Part, lines: boolean): string {
  switch (part.p) {
    case "class":
      // The server's engine for these patterns knows no properties of characters.
      if (/\\[pP]\{(?!Nd\})/.test(part.source)) throw new NotAPatternError(part.source);
      return part.source;
    case "start":
      return lines ? "(?:^|(?<=\\n))" : "^";
    case "end":
      return lines ? "(?:$|(?=\\n))" : "$";
    case "back":
      return `(?:\\${part.group})`;
    case "group":
      return `(${part.number === null ? "?:" : ""}${source(part.of, lines)})`;
    case "repeat": {
      const most = part.most === Infinity ? "" : part.most;
      return `${partSource(part.of, lines)}{${part.least},${most}}${part.lazy ? "?" : ""}`;
    }
  }
}

export function matches(text: string, pattern: string, flags: string | null): boolean | null {
  const compiled = compile(pattern, flags ?? "");
  if (compiled === null || lengthOf(text) > compiled.most) return null;
  return guarded(() => compiled.search([...text], 0) !== null);
}

export function replace(text: string, pattern: string, replacement: string, flags: string | null): string | null {
  const compiled = compile(pattern, flags ?? "");
  if (compiled === null) return null;
  const pieces = compiled.literal ? [replacement] : piecesOf(replacement, compiled.groups);
  const characters = [...text];
  return guarded(() => {
    const all = occurrences(compiled, characters);
    if (all === null || pieces === null) return null;
    let [made, position, size] = ["", 0, 0];
    for (const found of all) {
      const expanded = pieces.map((piece) => (typeof piece === "string" ? piece : group(characters, found, piece))).join("");
      const before = characters.slice(position, found[0]);
      made += before.join("") + expanded;
      size += before.length + lengthOf(expanded);
      position = found[1] ?? 0;
      if (size > MAX_STRING) return null;
    }
    return made + characters.slice(position).join("");
  });
}

export function split(text: string, pattern: string): string[] | null {
  const compiled = compile(pattern, "");
  if (compiled === null) return null;
  const characters = [...text];
  return guarded(() => {
    const all = occurrences(compiled, characters);
    if (all === null || all.length > MAX_LIST) return null;
    const ends = all.map((found) => found[1] ?? 0);
    return [...all, [characters.length]].map((found, at) => characters.slice(at ? ends[at - 1] : 0, found[0]).join(""));
  });
}

/** All matches in a text; null for a pattern that matches nothing at all. */
function occurrences(pattern: Pattern, text: readonly string[]): Found[] | null {
  if (text.length > pattern.most || pattern.search([], 0) !== null) return null;
  const found: Found[] = [];
  for (let next = pattern.search(text, 0); next !== null; next = pattern.search(text, next[1] ?? 0)) {
    if (next[0] === next[1]) return null;
    found.push(next);
  }
  return found;
}

function group(text: readonly string[], found: Found, number: number): string {
  const [start = -1, end = -1] = [found[number * 2], found[number * 2 + 1]];
  return start < 0 ? "" : text.slice(start, end).join("");
}

function piecesOf(replacement: string, groups: number): (string | number)[] | null {
  const pieces: (string | number)[] = [];
  let position = 0;
  for (const found of replacement.matchAll(/\\(.?)|\$(\d*)/gsu)) {
    pieces.push(replacement.slice(position, found.index));
    position = found.index + found[0].length;
    const [, escaped, digits] = found;
    if (digits === undefined) {
      if (escaped !== "\\" && escaped !== "$") return null;
      pieces.push(escaped);
      continue;
    }
    if (digits === "") return null;
    // `$12` is group 12 where there is one, else group 1 and the digit 2.
    let number = digits;
    while (number.length > 1 && Number(number) > groups) number = number.slice(0, -1);
    if (Number(number) <= groups) pieces.push(Number(number));
    pieces.push(digits.slice(number.length));
  }
  return [...pieces, replacement.slice(position)];
}

function guarded<T>(run: () => T): T | null {
  try {
    return run();
  } catch (error) {
    if (error instanceof TooMuchError) return null;
    throw error;
  }
}
