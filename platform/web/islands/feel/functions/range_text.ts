// `range("[1..3]")`: a range from the text of one whose ends are written out.
import { Decimal, parseNumber } from "../numbers.ts";
import { negate, rangeOf } from "../operators.ts";
import { parseDate, parseDuration, parseMoment, parseTime } from "../temporal.ts";
import type { FeelRange, Value } from "../values.ts";

const TOKEN = /(?:\s|\/\/[^\n]*|\/\*[^]*?\*\/)*(?:(\.\.|[[\]()-])|((?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)|(@?)"((?:[^"\\]|\\[^])*)"|(date\s+and\s+time|[a-z]+)|$)/uy;
const MAKERS: Readonly<Record<string, (text: string) => Value>> = {
  date: parseDate, time: parseTime, "date and time": parseMoment, duration: parseDuration, number: parseNumber,
};
const ESCAPES: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", "'": "'" };

/** The range that a text writes out; null where it writes none. */
export function parseRange(text: string): FeelRange | null {
  return new Reader(text).range();
}

type Token = { mark: string } | { value: Value } | { word: string } | null;

class Reader {
  private readonly tokens: Token[] = [];
  private position = 0;

  constructor(text: string) {
    TOKEN.lastIndex = 0;
    while (TOKEN.lastIndex < text.length) {
      const found = TOKEN.exec(text);
      if (found === null) {
        this.tokens.push(null);
        break;
      }
      const [, mark, digits, at, quoted, word] = found;
      if (mark !== undefined) this.tokens.push({ mark });
      else if (digits !== undefined) this.tokens.push({ value: new Decimal(digits) });
      else if (quoted !== undefined) this.tokens.push({ value: at ? temporal(unquoted(quoted)) : unquoted(quoted) });
      else if (word !== undefined) this.tokens.push({ word: word.replace(/\s+/g, " ") });
    }
  }

  range(): FeelRange | null {
    const opening = this.mark("[(]");
    const low = this.end();
    const between = this.mark("..");
    const high = this.end();
    const closing = this.mark("])[");
    if (!opening || !between || !closing || this.position !== this.tokens.length || low === null || high === null) return null;
    return rangeOf(low, high, opening === "[", closing === "]");
  }

  private mark(wanted: string): string {
    const token = this.tokens[this.position];
    if (!token || !("mark" in token)) return "";
    if (wanted === ".." ? token.mark !== ".." : token.mark === ".." || !wanted.includes(token.mark)) return "";
    this.position += 1;
    return token.mark;
  }

  /** The value of an end; null when it is not written out. */
  private end(): Value {
    if (this.mark("-")) return negate(this.end());
    if (this.mark("(")) {
      const inner = this.end();
      return this.mark(")") ? inner : null;
    }
    const token = this.tokens[this.position];
    this.position += 1;
    if (!token || "mark" in token) return null;
    if ("value" in token) return token.value;
    if (token.word === "true" || token.word === "false") return token.word === "true";
    return this.made(token.word);
  }

  private made(word: string): Value {
    const make = Object.hasOwn(MAKERS, word) ? MAKERS[word] : undefined;
    if (make === undefined || !this.mark("(")) return null;
    const token = this.tokens[this.position];
    this.position += 1;
    const text = token && "value" in token ? token.value : null;
    return typeof text === "string" && this.mark(")") ? make(text) : null;
  }
}

function temporal(text: string): Value {
  if (/^-?P/.test(text)) return parseDuration(text);
  if (text.includes("T") && !text.startsWith("@")) return text.split("T")[0]?.includes("-") ? parseMoment(text) : null;
  return parseDate(text) ?? (text.slice(1, 5).includes("-") || text.length === 10 ? null : parseTime(text));
}

function unquoted(body: string): string {
  return body
    .replace(/\\(u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{6}|[^])/gu, (whole, escaped: string) => {
      if (escaped.length > 2) return String.fromCodePoint(Math.min(Number.parseInt(escaped.slice(1), 16), 0x10ffff));
      return (Object.hasOwn(ESCAPES, escaped) ? ESCAPES[escaped] : undefined) ?? whole;
    })
    .toWellFormed();
}
