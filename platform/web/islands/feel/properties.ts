// The properties of dates, times, durations and ranges (`due.year`, `length.hours`), and access.
import { FeelDate, weekday } from "./calendar.ts";
import { decimal } from "./numbers.ts";
import { DaysTime, FeelTime, Moment, YearsMonths, makeDuration, momentOffset, timeOffset } from "./temporal.ts";
import { FeelRange, type Value, entriesOf } from "./values.ts";
import { NANOS } from "./zones.ts";

/** `value.name`: an entry, a property, or either of each element of a list. */
export function get(value: Value, name: string): Value {
  const entries = entriesOf(value);
  if (entries !== null) return entries.get(name) ?? null;
  if (Array.isArray(value)) return value.map((item) => get(item, name));
  if (value instanceof FeelDate) return dateProperty(value, name);
  if (value instanceof FeelTime) return timeProperty(value, name, timeOffset);
  if (value instanceof Moment) {
    return dateProperty(value.date, name) ?? timeProperty(value.time, name, () => momentOffset(value));
  }
  if (value instanceof DaysTime) return daysProperty(value.nanos, name);
  if (value instanceof YearsMonths) return monthsProperty(value.months, name);
  return value instanceof FeelRange ? rangeProperty(value, name) : null;
}

function dateProperty(value: FeelDate, name: string): Value {
  if (name === "year") return decimal(value.year);
  if (name === "month") return decimal(value.month);
  if (name === "day") return decimal(value.day);
  return name === "weekday" ? decimal(weekday(value)) : null;
}

function timeProperty(value: FeelTime, name: string, offset: (value: FeelTime) => number | null): Value {
  const seconds = value.nanos / NANOS;
  if (name === "hour") return decimal(seconds / 3600n);
  if (name === "minute") return decimal((seconds / 60n) % 60n);
  if (name === "second") return decimal(seconds % 60n);
  if (name === "timezone") return value.zone?.name ?? null;
  if (name !== "time offset") return null;
  const found = offset(value);
  return found === null ? null : makeDuration(BigInt(found) * NANOS);
}

function daysProperty(nanos: bigint, name: string): Value {
  const seconds = (nanos < 0n ? -nanos : nanos) / NANOS;
  const parts: Record<string, bigint> = {
    days: seconds / 86_400n, hours: (seconds / 3600n) % 24n, minutes: (seconds / 60n) % 60n, seconds: seconds % 60n,
  };
  const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
  return part === undefined ? null : decimal(nanos < 0n ? -part : part);
}

function monthsProperty(months: number, name: string): Value {
  if (name === "years") return decimal(BigInt(Math.trunc(months / 12)));
  return name === "months" ? decimal(BigInt(months % 12)) : null;
}

function rangeProperty(value: FeelRange, name: string): Value {
  if (name === "start") return value.low;
  if (name === "end") return value.high;
  if (name === "start included") return value.lowClosed;
  return name === "end included" ? value.highClosed : null;
}
