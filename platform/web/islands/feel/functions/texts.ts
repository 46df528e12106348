// Functions over texts.
import { MAX_STRING } from "../limits.ts";
import { type Decimal, decimal } from "../numbers.ts";
import { matches, replace, split } from "../patterns.ts";
import { lengthOf, slice } from "../texts.ts";
import type { Value } from "../values.ts";
import { type Builtin, builtin, form } from "./form.ts";

/** A part of a text by position from 1, or from the end when negative. */
function substring(text: string, start: Decimal, length: Decimal | null): string | null {
  const [first, size] = [start.truncated().toNumber(), lengthOf(text)];
  const count = length === null ? size : length.truncated().toNumber();
  if (first === 0 || Math.abs(first) > size || (length !== null && count < 1)) return null;
  const begin = first > 0 ? first - 1 : size + first;
  return slice(text, begin, begin + count);
}

function before(text: string, match: string): string {
  const at = match === "" ? -1 : text.indexOf(match);
  return at < 0 ? "" : text.slice(0, at);
}

function after(text: string, match: string): string {
  const at = text.indexOf(match);
  return at < 0 ? "" : text.slice(at + match.length);
}

function join(items: readonly Value[], delimiter: string | null): string | null {
  const present = items.filter((item) => item !== null);
  if (!present.every((item) => typeof item === "string")) return null;
  const between = lengthOf(delimiter ?? "") * Math.max(0, present.length - 1);
  const length = present.reduce((sum, item) => sum + lengthOf(item), between);
  return length <= MAX_STRING ? present.join(delimiter ?? "") : null;
}

export const TEXTS: readonly Builtin[] = [
  builtin("substring", form("string: string, start position: number, length?: number", substring)),
  builtin("string length", form("string: string", (text: string) => decimal(lengthOf(text)))),
  builtin("upper case", form("string: string", (text: string) => text.toUpperCase())),
  builtin("lower case", form("string: string", (text: string) => text.toLowerCase())),
  builtin("substring before", form("string: string, match: string", before)),
  builtin("substring after", form("string: string, match: string", after)),
  builtin("contains", form("string: string, match: string", (text: string, part: string) => text.includes(part))),
  builtin("starts with", form("string: string, match: string", (text: string, part: string) => text.startsWith(part))),
  builtin("ends with", form("string: string, match: string", (text: string, part: string) => text.endsWith(part))),
  builtin("matches", form("input: string, pattern: string, flags?~: string", matches)),
  builtin("replace", form("input: string, pattern: string, replacement: string, flags?~: string", replace)),
  builtin("split", form("string: string, delimiter: string", split)),
  builtin("string join", form("list: list, delimiter?~: string", join)),
];
