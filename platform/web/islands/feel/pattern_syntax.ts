// Patterns of XPath 3.1 → a tree; what is no pattern throws. The rules are those of pattern_syntax.py.
import { MAX_PATTERN_WEIGHT, PROPERTY_WEIGHT } from "./limits.ts";
import { type Members, type Ranges, classSource, complement, escapeMembers, minus, propertyMembers } from "./pattern_classes.ts";

export class NotAPatternError extends Error {}

export type Part =
  | { p: "class"; source: string }
  | { p: "start" | "end" }
  | { p: "back"; group: number }
  | { p: "group"; number: number | null; of: Choice }
  | { p: "repeat"; of: Part; least: number; most: number; lazy: boolean };
/** Ways to match, each a row of parts; the first that leads on is taken. */
export type Choice = Part[][];

export interface Syntax {
  choice: Choice;
  groups: number;
  backReferences: boolean;
  repeats: number;
  nested: boolean;
}

const MOST_REPEATED = 1_000;
const PLAIN: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9 };
const MARKS = "\\|.?*+(){}-[]^$";
const REPEAT = /(?:([*+?])|\{(\d{1,4})(?:(,)(\d{0,4}))?\})(\??)/y;
const ESCAPE = /\\(?:([pP])\{([^}]*)\}|(\d)|(.))/suy;
const CLASS_CHARACTER = /\\(?:([pP])\{([^}]*)\}|(.))|([^[\]\\])/suy;
const NOTHING = "[^\\u{0}-\\u{10ffff}]";

export function readPattern(pattern: string, flags: string): Syntax {
  return new Reader(flags.includes("x") ? withoutBlanks(pattern) : pattern, flags).run();
}

function withoutBlanks(pattern: string): string {
  let [kept, depth, escaped] = ["", 0, false];
  for (const character of pattern) {
    if (/[\s\x1c-\x1f\x85]/.test(character) && character !== "\ufeff" && !depth) continue;
    kept += character;
    if (escaped) {
      escaped = false;
      continue;
    }
    escaped = character === "\\";
    depth += character === "[" ? 1 : character === "]" ? -1 : 0;
  }
  return kept;
}

interface OpenGroup {
  number: number | null;
  choice: Choice;
  holds: boolean;
}

class Reader {
  private position = 0;
  private groups = 0;
  private backReferences = false;
  private repeats = 0;
  private nested = false;
  private lastHolds = false;
  private readonly closed = new Set<number>();
  private readonly open: OpenGroup[] = [{ number: null, choice: [[]], holds: false }];

  constructor(
    private readonly pattern: string,
    private readonly flags: string,
  ) {}

  run(): Syntax {
    while (this.position < this.pattern.length) this.part(this.pattern.charAt(this.position));
    const [whole] = this.open;
    if (whole === undefined || this.open.length > 1) throw new NotAPatternError(this.pattern);
    checkSize(whole.choice, 1);
    const { groups, backReferences, repeats, nested } = this;
    return { choice: whole.choice, groups, backReferences, repeats, nested };
  }

  private get top(): OpenGroup {
    const top = this.open.at(-1);
    if (top === undefined) throw new NotAPatternError(this.pattern);
    return top;
  }

  private get row(): Part[] {
    return this.top.choice.at(-1) ?? [];
  }

  private part(character: string): void {
    if (character === "\\") this.atom(this.escape());
    else if (character === "[") this.atom({ p: "class", source: this.readClass() });
    else if (character === "(") this.openGroup();
    else if (character === ")") this.closeGroup();
    else if ("*+?{".includes(character)) this.repeat();
    else this.plain();
  }

  private plain(): void {
    const code = this.pattern.codePointAt(this.position) ?? 0;
    const character = String.fromCodePoint(code);
    this.position += character.length;
    if (character === "]" || character === "}") throw new NotAPatternError(this.pattern);
    if (character === "|") {
      this.top.choice.push([]);
      this.lastHolds = false;
    } else if (character === "^") this.atom({ p: "start" });
    else if (character === "$") this.atom({ p: "end" });
    else if (character === ".") this.atom({ p: "class", source: this.flags.includes("s") ? "[\\u{0}-\\u{10ffff}]" : "[^\\n\\r]" });
    else this.atom(single(code));
  }

  private atom(part: Part): void {
    this.row.push(part);
    this.lastHolds = false;
  }

  private openGroup(): void {
    const capturing = !this.pattern.startsWith("(?:", this.position);
    if (capturing && this.pattern.startsWith("(?", this.position)) throw new NotAPatternError(this.pattern);
    this.position += capturing ? 1 : 3;
    if (capturing) this.groups += 1;
    this.open.push({ number: capturing ? this.groups : null, choice: [[]], holds: false });
  }

  private closeGroup(): void {
    const group = this.open.length > 1 ? this.open.pop() : undefined;
    if (group === undefined) throw new NotAPatternError(this.pattern);
    this.position += 1;
    if (group.number !== null) this.closed.add(group.number);
    this.row.push({ p: "group", number: group.number, of: group.choice });
    this.lastHolds = group.holds;
    this.top.holds ||= group.holds;
  }

  private repeat(): void {
    REPEAT.lastIndex = this.position;
    const found = REPEAT.exec(this.pattern);
    const of = this.row.pop();
    // A repeat of a repeat is none.
    if (found === null || of === undefined || of.p === "repeat") throw new NotAPatternError(this.pattern);
    this.position = REPEAT.lastIndex;
    const [, mark, first, comma, last, lazy] = found;
    if (mark !== "?") {
      this.repeats += 1;
      this.nested ||= this.lastHolds;
      this.top.holds = this.lastHolds = true;
    }
    const least = mark === undefined ? Number(first) : mark === "+" ? 1 : 0;
    let most = mark === "?" ? 1 : Infinity;
    if (mark === undefined) most = comma === undefined ? least : last ? Number(last) : Infinity;
    if (least > most || least > MOST_REPEATED || (most !== Infinity && most > MOST_REPEATED)) {
      throw new NotAPatternError(this.pattern);
    }
    this.row.push({ p: "repeat", of, least, most, lazy: lazy === "?" });
  }

  private escape(): Part {
    const found = this.matched(ESCAPE);
    const [, letter, name, digit, other = ""] = found;
    if (letter !== undefined) return { p: "class", source: classSource(this.sure(propertyMembers(letter, name ?? "")), false) };
    if (digit !== undefined) return this.backReference(Number(digit));
    const code = plainEscape(other);
    return code !== null ? single(code) : { p: "class", source: classSource(this.sure(escapeMembers(other)), false) };
  }

  private backReference(group: number): Part {
    if (!this.closed.has(group)) throw new NotAPatternError(this.pattern);
    this.backReferences = true;
    return { p: "back", group };
  }

  private matched(form: RegExp): RegExpExecArray {
    form.lastIndex = this.position;
    const found = form.exec(this.pattern);
    if (found === null) throw new NotAPatternError(this.pattern);
    this.position = form.lastIndex;
    return found;
  }

  private sure(members: Members | null): Members {
    if (members === null) throw new NotAPatternError(this.pattern);
    return members;
  }

  /** Read `[…]`; the part behind `-[` is taken out of it. */
  private readClass(): string {
    const negated = this.classStart();
    const members: Members = { ranges: [], named: [] };
    const isEmpty = (): boolean => members.ranges.length + members.named.length === 0;
    let taken: Ranges | null = null;
    for (;;) {
      if (!isEmpty() && this.pattern.startsWith("-[", this.position)) {
        this.position += 1;
        taken = this.plainClass();
      }
      if (this.pattern[this.position] === "]") break;
      if (taken !== null || this.position >= this.pattern.length) throw new NotAPatternError(this.pattern);
      this.classPart(members);
    }
    this.position += 1;
    if (isEmpty() || (taken !== null && members.named.length > 0)) throw new NotAPatternError(this.pattern);
    if (taken === null) return classSource(members, negated);
    const left = minus(negated ? complement(members.ranges) : members.ranges, taken);
    return left.length > 0 ? classSource({ ranges: left, named: [] }, false) : NOTHING;
  }

  private classStart(): boolean {
    this.position += 1;
    const negated = this.pattern[this.position] === "^";
    this.position += negated ? 1 : 0;
    return negated;
  }

  /** Read the class behind `-`, which may hold characters and ranges only. */
  private plainClass(): Ranges {
    const negated = this.classStart();
    const members: Members = { ranges: [], named: [] };
    while (this.pattern[this.position] !== "]") {
      if (this.position >= this.pattern.length) throw new NotAPatternError(this.pattern);
      this.classPart(members);
    }
    this.position += 1;
    if (members.named.length > 0 || members.ranges.length === 0) throw new NotAPatternError(this.pattern);
    return negated ? complement(members.ranges) : members.ranges;
  }

  private classPart(members: Members): void {
    const first = this.classCharacter();
    if (typeof first !== "number") {
      members.named.push(...first.named);
      members.ranges.push(...first.ranges);
      return;
    }
    let last = first;
    const following = this.pattern.slice(this.position, this.position + 2);
    if (following.startsWith("-") && following !== "-]" && following !== "-[") {
      this.position += 1;
      const end = this.classCharacter();
      if (typeof end !== "number" || end < first) throw new NotAPatternError(this.pattern);
      last = end;
    }
    members.ranges.push([first, last]);
  }

  private classCharacter(): number | Members {
    const [, letter, name, escaped, plain] = this.matched(CLASS_CHARACTER);
    if (plain !== undefined) return plain.codePointAt(0) ?? 0;
    if (letter !== undefined) return this.sure(propertyMembers(letter, name ?? ""));
    return plainEscape(escaped ?? "") ?? this.sure(escapeMembers(escaped ?? ""));
  }
}

function single(code: number): Part {
  return { p: "class", source: classSource({ ranges: [[code, code]], named: [] }, false) };
}

function plainEscape(letter: string): number | null {
  if (Object.hasOwn(PLAIN, letter)) return PLAIN[letter] ?? null;
  return letter !== "" && MARKS.includes(letter) ? (letter.codePointAt(0) ?? null) : null;
}

/** Refuse what expands to too much: counted repeats inside each other, and of large classes. */
function checkSize(choice: Choice, outer: number): void {
  for (const part of choice.flat()) checkPart(part, outer);
  if (weight(choice) > MAX_PATTERN_WEIGHT) throw new NotAPatternError("the pattern is too large");
}

function weight(choice: Choice): number {
  return choice.flat().reduce((sum, part) => sum + partWeight(part), 0) + choice.length - 1;
}

function partWeight(part: Part): number {
  if (part.p === "group") return weight(part.of);
  if (part.p !== "repeat") return part.p === "class" && /\\[pP]/.test(part.source) ? PROPERTY_WEIGHT : 1;
  return partWeight(part.of) * Math.max(1, part.least, part.most === Infinity ? 1 : part.most);
}

function checkPart(part: Part, outer: number): void {
  if (part.p === "group") checkSize(part.of, outer);
  if (part.p !== "repeat") return;
  const times = part.most === Infinity ? part.least : part.most;
  const total = outer * Math.max(1, part.least > 1 || (part.most !== Infinity && part.most > 1) ? times : 1);
  if (total > MOST_REPEATED) throw new NotAPatternError("the pattern repeats too often");
  checkPart(part.of, total);
}
