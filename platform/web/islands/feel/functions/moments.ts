// Functions that make and take apart dates, times, moments and durations.
import { FeelDate, dayNumber, makeDate, weekOfYear, weekday } from "../calendar.ts";
import { type Decimal, decimal } from "../numbers.ts";
import { DaysTime, FeelTime, Moment, YearsMonths, makeMonths, midnight, parseDate, parseDuration, parseMoment, parseTime } from "../temporal.ts";
import type { Value } from "../values.ts";
import { NANOS, UTC, Zone } from "../zones.ts";
import { type Asked, Builtin, builtin, form } from "./form.ts";

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const MONTHS = [
  "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
];
type Day = FeelDate | Moment;

function dayOf(value: Day): FeelDate {
  return value instanceof Moment ? value.date : value;
}

function dateOfParts(year: Decimal, month: Decimal, day: Decimal): Value {
  if (![year, month, day].every((part) => part.isInteger())) return null;
  return makeDate(year.toNumber(), month.toNumber(), day.toNumber());
}

function timeFrom(value: string | FeelTime | Day): Value {
  if (typeof value === "string") return parseTime(value);
  if (value instanceof FeelTime) return value;
  return value instanceof Moment ? value.time : new FeelTime(0n, UTC);
}

function timeOfParts(hour: Decimal, minute: Decimal, second: Decimal, offset: DaysTime | null): Value {
  if (!hour.isInteger() || !minute.isInteger() || [hour, minute, second].some((part) => part.isNegative() && !part.isZero())) return null;
  if (hour.greaterThanOrEqualTo(24) || minute.greaterThanOrEqualTo(60) || second.greaterThanOrEqualTo(60)) return null;
  const [whole, digits = ""] = second.abs().toFixed().split(".");
  const nanos = BigInt(whole ?? 0) * NANOS + BigInt(`${digits}000000000`.slice(0, 9));
  const total = BigInt(hour.toNumber() * 3600 + minute.toNumber() * 60) * NANOS + nanos;
  if (offset === null) return new FeelTime(total);
  const rest = offset.nanos % NANOS;
  const seconds = Number((offset.nanos - (rest < 0n ? rest + NANOS : rest)) / NANOS);
  return Math.abs(seconds) > 18 * 3600 ? null : new FeelTime(total, new Zone(seconds));
}

function momentFrom(value: string | Day): Value {
  if (typeof value === "string") return parseMoment(value);
  return value instanceof FeelDate ? midnight(value) : value;
}

function monthsBetween(start: Day, end: Day): Value {
  const [first, last] = [dayOf(start), dayOf(end)];
  let months = (last.year - first.year) * 12 + last.month - first.month;
  if (months > 0 && first.day > last.day) months -= 1;
  else if (months < 0 && first.day < last.day) months += 1;
  return makeMonths(months);
}

function dayOfYear(value: Day): Decimal {
  const day = dayOf(value);
  return decimal(dayNumber(day) - dayNumber(new FeelDate(day.year, 1, 1)) + 1);
}

function whole(name: string, unit: bigint): Builtin {
  return builtin(name, form("duration: days", (value: DaysTime) => decimal(value.nanos / (unit * NANOS))));
}

function nowOf(asked: Asked): Moment | null {
  return asked.now instanceof Moment ? asked.now : null;
}

export const MOMENTS: readonly Builtin[] = [
  new Builtin("now", [form("", (asked: Asked) => nowOf(asked))], true),
  new Builtin("today", [form("", (asked: Asked) => nowOf(asked)?.date ?? null)], true),
  builtin(
    "date",
    form("from: string|date|datetime", (value: string | Day) => (typeof value === "string" ? parseDate(value) : dayOf(value))),
    form("year: number, month: number, day: number", dateOfParts),
  ),
  builtin(
    "time",
    form("from: string|time|datetime|date", timeFrom),
    form("hour: number, minute: number, second: number, offset?~: days", timeOfParts),
  ),
  builtin(
    "date and time",
    form("from: string|datetime|date", momentFrom),
    form("date: date|datetime, time: time", (day: Day, time: FeelTime) => new Moment(dayOf(day), time)),
  ),
  builtin("duration", form("from: string|days|months", (value: string | DaysTime | YearsMonths) => (typeof value === "string" ? parseDuration(value) : value))),
  builtin("years and months duration", form("from: date|datetime, to: date|datetime", monthsBetween)),
  builtin("day of week", form("date: date|datetime", (value: Day) => DAYS[weekday(dayOf(value)) - 1] ?? null)),
  builtin("day of year", form("date: date|datetime", dayOfYear)),
  builtin("month of year", form("date: date|datetime", (value: Day) => MONTHS[dayOf(value).month - 1] ?? null)),
  builtin("week of year", form("date: date|datetime", (value: Day) => decimal(weekOfYear(dayOf(value))))),
  whole("days", 86_400n),
  whole("hours", 3_600n),
  whole("minutes", 60n),
  builtin("days between", form("start: date|datetime, end: date|datetime", (start: Day, end: Day) => decimal(dayNumber(dayOf(end)) - dayNumber(dayOf(start))))),
];
