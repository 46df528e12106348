// Values in the form they travel in: `{"t": "date", "v": "2026-03-02"}`.
import { MAX_DEPTH, MAX_PARTS } from "./limits.ts";
import { Decimal, numberText } from "./numbers.ts";
import { FeelDate } from "./calendar.ts";
import { DaysTime, FeelTime, Moment, YearsMonths, parseDate, parseDuration, parseMoment, parseTime, temporalText } from "./temporal.ts";
import type { Wire } from "./tree.ts";
import { type FeelContext, FeelRange, FeelRecord, type Value, entriesOf, kind } from "./values.ts";
import { textOf } from "./words.ts";

/** The wire form of a value; what has none is tagged `other` and told in words. Throws for a value too deep or too large. */
export function encode(value: Value): Wire {
  return new Writer().write(value, 0);
}

class Writer {
  private left = MAX_PARTS;

  write(value: Value, depth: number): Wire {
    if (value === null) return { t: "null" };
    this.left -= 1;
    if (depth > MAX_DEPTH || this.left < 0) throw new TooLargeError();
    if (typeof value === "boolean") return { t: "boolean", v: value };
    if (typeof value === "string") return { t: "string", v: value };
    if (value instanceof Decimal) return { t: "number", v: numberText(value) };
    if (Array.isArray(value)) return { t: "list", v: value.map((item) => this.write(item, depth + 1)) };
    const entries = entriesOf(value);
    if (entries === null) return temporalOrOther(value);
    const made: Record<string, Wire> = Object.create(null) as Record<string, Wire>;
    for (const [key, item] of entries) made[key] = this.write(item, depth + 1);
    return { t: "context", v: made };
  }
}

/** A value is nested too deep to be sent, or has too many parts. */
export class TooLargeError extends Error {}

function temporalOrOther(value: Value): Wire {
  if (value instanceof FeelDate) return { t: "date", v: temporalText(value) };
  if (value instanceof FeelTime) return { t: "time", v: temporalText(value) };
  if (value instanceof Moment) return { t: "date and time", v: temporalText(value) };
  if (value instanceof DaysTime) return { t: "days and time duration", v: temporalText(value) };
  if (value instanceof YearsMonths) return { t: "years and months duration", v: temporalText(value) };
  const of = kind(value);
  return { t: "other", v: `${of}: ${value instanceof FeelRange ? (textOf(value) ?? "None") : of}` };
}

/** The value of a wire form; throws where it is none. */
export function decode(wire: Wire): Value {
  switch (wire.t) {
    case "null":
      return null;
    case "boolean":
    case "string":
      return wire.v;
    case "number":
      return new Decimal(wire.v);
    case "list":
      return wire.v.map(decode);
    case "context":
      return decodeEntries(wire.v);
    case "record":
      return new FeelRecord(wire.id, decodeEntries(wire.v), wire.above ?? null);
    default: {
      const found = PARSERS[wire.t]?.(wire.v) ?? null;
      if (found === null || kind(found) !== wire.t) throw new TypeError(`${wire.v} is no ${wire.t}`);
      return found;
    }
  }
}

export function decodeEntries(entries: Record<string, Wire>): FeelContext {
  return new Map(Object.entries(entries).map(([key, item]) => [key, decode(item)]));
}

const PARSERS: Readonly<Record<string, (text: string) => Value>> = {
  date: parseDate,
  time: parseTime,
  "date and time": parseMoment,
  "days and time duration": parseDuration,
  "years and months duration": parseDuration,
};
