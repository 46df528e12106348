// Values as text: what `string(x)` gives.
import { MAX_DEPTH, MAX_STRING } from "./limits.ts";
import { numberText, Decimal } from "./numbers.ts";
import { DaysTime, FeelTime, Moment, YearsMonths, temporalText } from "./temporal.ts";
import { FeelDate } from "./calendar.ts";
import { lengthOf } from "./texts.ts";
import { FeelRange, FeelRecord, type Value } from "./values.ts";

const IDENTIFIER = /^[\p{XID_Start}_]\p{XID_Continue}*$/u;

/** A value as text; null stays null. */
export function textOf(value: Value): string | null {
  if (value === null || typeof value === "string") return value;
  const text = textAt(value, 0);
  return text !== null && lengthOf(text) <= MAX_STRING ? text : null;
}

function textAt(value: Value, depth: number): string | null {
  if (typeof value === "string") return depth ? JSON.stringify(value) : value;
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (value instanceof Decimal) return numberText(value);
  if (depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) return joined("[", value, (item) => textAt(item, depth + 1), "]");
  if (value instanceof FeelRecord) return value.id;
  if (value instanceof Map) return contextText(value, depth);
  if (value instanceof FeelRange) return rangeText(value, depth);
  return isTemporal(value) ? temporalText(value) : null;
}

function isTemporal(value: Value): value is FeelDate | FeelTime | Moment | DaysTime | YearsMonths {
  return [FeelDate, FeelTime, Moment, DaysTime, YearsMonths].some((of) => value instanceof of);
}

function contextText(value: ReadonlyMap<string, Value>, depth: number): string | null {
  const write = ([key, item]: readonly [string, Value]): string | null => {
    const text = textAt(item, depth + 1);
    return text === null ? null : `${IDENTIFIER.test(key) ? key : JSON.stringify(key)}: ${text}`;
  };
  return joined("{", value, write, "}");
}

function rangeText(value: FeelRange, depth: number): string | null {
  if (value.operator !== null) {
    const text = textAt(value.low ?? value.high, depth + 1);
    return text === null ? null : `${value.operator} ${text}`;
  }
  const [low, high] = [textAt(value.low, depth + 1), textAt(value.high, depth + 1)];
  if (low === null || high === null) return null;
  return `${value.lowClosed ? "[" : "("}${low}..${high}${value.highClosed ? "]" : ")"}`;
}

/** Parts in brackets; no more of them are made than a text may hold. */
function joined<T>(opening: string, items: Iterable<T>, write: (item: T) => string | null, closing: string): string | null {
  const parts: string[] = [];
  let total = 0;
  for (const item of items) {
    const part = write(item);
    if (part === null) return null;
    parts.push(part);
    total += lengthOf(part) + 2;
    if (total > MAX_STRING) return null;
  }
  return opening + parts.join(", ") + closing;
}
