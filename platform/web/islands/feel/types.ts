// Types that an expression writes out: `instance of`, and what a parameter takes.
import type { WrittenType } from "./tree.ts";
import { type Value, FeelFunction, FeelRange, asList, entriesOf, kind } from "./values.ts";

export interface Type {
  name: string;
  /** The types of elements, of parameters, or of a context's entries. */
  parts: readonly Type[];
  keys: readonly string[];
}

const ANY: Type = { name: "any", parts: [], keys: [] };
const SIMPLE: Readonly<Record<string, string>> = {
  number: "number", string: "string", boolean: "boolean", date: "date", time: "time", "date and time": "date and time",
  "days and time duration": "days and time duration", "years and months duration": "years and months duration",
  dateTime: "date and time", dayTimeDuration: "days and time duration", yearMonthDuration: "years and months duration",
  Any: "any", Null: "null",
};

/** The type that is written; null when there is no such type. */
export function typeOf(written: WrittenType): Type | null {
  const parts: Type[] = [];
  for (const part of written.of ?? []) {
    const of = typeOf(part);
    if (of === null) return null;
    parts.push(of);
  }
  if (written.result !== undefined && typeOf(written.result) === null) return null;
  const { name } = written;
  if (name === "list" || name === "range") return { name, parts: [parts[0] ?? ANY], keys: [] };
  if (name === "function" || name === "context") return { name, parts, keys: written.keys ?? [] };
  const simple = Object.hasOwn(SIMPLE, name) ? SIMPLE[name] : undefined;
  return simple === undefined ? null : { name: simple, parts: [], keys: [] };
}

function isUnknown(of: Type): boolean {
  return of.name === "any" || of.name === "null";
}

/** `value instance of type`: null is of no type but Null. */
export function instanceOf(value: Value, of: Type): boolean {
  if (value === null || of.name === "null") return value === null && of.name === "null";
  if (isUnknown(of)) return true;
  if (kind(value) !== of.name) return false;
  const [inner = ANY] = of.parts;
  if (of.name === "list") return isUnknown(inner) || asList(value).every((item) => holds(item, inner));
  if (value instanceof FeelRange) {
    return isUnknown(inner) || [value.low, value.high].every((end) => end === null || instanceOf(end, inner));
  }
  const entries = entriesOf(value);
  if (entries !== null) {
    return of.keys.every((key, at) => entries.has(key) && holds(entries.get(key) ?? null, of.parts[at] ?? ANY));
  }
  if (!(value instanceof FeelFunction)) return true;
  return value.parameters === null || value.parameters.length === of.parts.length;
}

function holds(value: Value, of: Type): boolean {
  return value === null || instanceOf(value, of);
}
