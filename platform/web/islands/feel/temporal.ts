// Times, moments and durations, their arithmetic, and all temporal values as text, both ways.
import { FeelDate, addMonths, dateOfNumber, dayNumber, makeDate } from "./calendar.ts";
import { MAX_YEAR } from "./limits.ts";
import { DAY_NANOS, NANOS, UTC, Zone, floorBig, offsetAtMoment, offsetAtWall, zoneOf } from "./zones.ts";

const DATE = /^(-?(?:[1-9]\d{4,8}|\d{4}))-(\d\d)-(\d\d)$/;
const TIME = /^(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z_][A-Za-z0-9_/+-]*)?$/;
const DURATION = /^(-)?P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?$/;
const NEW_YEAR_2000 = new FeelDate(2000, 1, 1);
const MOST_NANOS = 2n * BigInt(MAX_YEAR) * 366n * DAY_NANOS;
/** Python's own durations end here; longer and finer ones scale by the nanosecond. */
const PLAIN_NANOS = 86_399_999_999n * 10n ** 12n;

export class FeelTime {
  constructor(
    readonly nanos: bigint,
    readonly zone: Zone | null = null,
  ) {}
}

export class Moment {
  constructor(
    readonly date: FeelDate,
    readonly time: FeelTime,
  ) {}
}

export class DaysTime {
  constructor(readonly nanos: bigint) {}

  /** The fineness in which the duration is scaled, in nanoseconds. */
  get grain(): bigint {
    const size = this.nanos < 0n ? -this.nanos : this.nanos;
    return this.nanos % 1000n === 0n && size < PLAIN_NANOS ? 1000n : 1n;
  }
}

export class YearsMonths {
  constructor(readonly months: number) {}
}

export type Temporal = FeelDate | FeelTime | Moment | DaysTime | YearsMonths;

/** A duration of nanoseconds; null when it is longer than FEEL's years. */
export function makeDuration(nanos: bigint): DaysTime | null {
  return nanos <= MOST_NANOS && nanos >= -MOST_NANOS ? new DaysTime(nanos) : null;
}

/** A duration of months; null when it is longer than FEEL's years. */
export function makeMonths(months: number): YearsMonths | null {
  return Math.abs(months) <= 24 * MAX_YEAR ? new YearsMonths(months) : null;
}

/** Seconds from UTC of a time; named zones as on 2000-01-01. */
export function timeOffset(time: FeelTime): number | null {
  return time.zone === null ? null : offsetAtWall(time.zone, NEW_YEAR_2000, time.nanos);
}

export function momentOffset(value: Moment): number | null {
  return value.time.zone === null ? null : offsetAtWall(value.time.zone, value.date, value.time.nanos);
}

/** Nanoseconds on one line for all moments; a local moment counts as UTC. */
export function momentNanos(value: Moment): bigint {
  return BigInt(dayNumber(value.date)) * DAY_NANOS + value.time.nanos - BigInt(momentOffset(value) ?? 0) * NANOS;
}

export function timeNanos(value: FeelTime): bigint {
  return value.nanos - BigInt(timeOffset(value) ?? 0) * NANOS;
}

/** The moment on the line of `momentNanos`, in a zone; null beyond FEEL's years. */
export function momentOfNanos(nanos: bigint, zone: Zone | null): Moment | null {
  const offset = zone === null ? 0 : offsetAtMoment(zone, nanos);
  if (offset === null) return null;
  const local = nanos + BigInt(offset) * NANOS;
  const days = floorBig(local, DAY_NANOS);
  const day = dateOfNumber(Number(days));
  return day === null ? null : new Moment(day, new FeelTime(local - days * DAY_NANOS, zone));
}

export function parseDate(text: string): FeelDate | null {
  const found = DATE.exec(text);
  if (found === null || found[1] === "-0000") return null;
  return makeDate(Number(found[1]), Number(found[2]), Number(found[3]));
}

/** The time `hh:mm:ss` with optional fraction and offset or zone; 24:00:00 is 0:00. */
export function parseTime(text: string): FeelTime | null {
  const time = clock(text);
  return time === null ? null : new FeelTime(time.nanos % DAY_NANOS, time.zone);
}

function clock(text: string): FeelTime | null {
  const found = TIME.exec(text);
  if (found === null) return null;
  const [hour, minute, second] = [Number(found[1]), Number(found[2]), Number(found[3])];
  const nanos = BigInt(hour * 3600 + minute * 60 + second) * NANOS + fraction(found[4]);
  if (minute > 59 || second > 59 || nanos > DAY_NANOS) return null;
  if (found[5] === undefined) return new FeelTime(nanos);
  const zone = zoneOf(found[5]);
  return zone === null ? null : new FeelTime(nanos, zone);
}

function fraction(digits: string | undefined): bigint {
  return BigInt(((digits ?? "") + "000000000").slice(0, 9));
}

/** The moment `dateTtime`; a date alone is its midnight. */
export function parseMoment(text: string): Moment | null {
  const at = text.indexOf("T");
  const day = parseDate(at < 0 ? text : text.slice(0, at));
  const time = at < 0 ? new FeelTime(0n) : clock(text.slice(at + 1));
  if (day === null || time === null) return null;
  if (time.nanos !== DAY_NANOS) return new Moment(day, time);
  const next = dateOfNumber(dayNumber(day) + 1);
  return next === null ? null : new Moment(next, new FeelTime(0n, time.zone));
}

export function parseDuration(text: string): DaysTime | YearsMonths | null {
  const found = DURATION.exec(text);
  if (found === null || text.length > 60 || /[PT]$/.test(text)) return null;
  const [, sign, years, months, days, time, hours, minutes, seconds, digits] = found;
  if (years !== undefined || months !== undefined) {
    if (days !== undefined || time !== undefined) return null;
    const total = BigInt(years ?? 0) * 12n + BigInt(months ?? 0);
    if (total > 24n * BigInt(MAX_YEAR)) return null;
    return new YearsMonths(Number(sign === undefined ? total : -total) + 0);
  }
  const total = BigInt(days ?? 0) * 86_400n + BigInt(hours ?? 0) * 3600n + BigInt(minutes ?? 0) * 60n;
  const nanos = (total + BigInt(seconds ?? 0)) * NANOS + fraction(digits);
  return makeDuration(sign === undefined ? nanos : -nanos);
}

/** Move a temporal value by nanoseconds; null where it cannot be moved. */
export function shiftNanos(value: unknown, nanos: bigint): Temporal | null {
  if (value instanceof Moment) return momentOfNanos(momentNanos(value) + nanos, value.time.zone);
  if (value instanceof FeelDate) {
    return dateOfNumber(Number(floorBig(BigInt(dayNumber(value)) * DAY_NANOS + nanos, DAY_NANOS)));
  }
  if (value instanceof FeelTime) {
    const moved = value.nanos + nanos;
    return new FeelTime(moved - floorBig(moved, DAY_NANOS) * DAY_NANOS, value.zone);
  }
  return value instanceof DaysTime ? makeDuration(value.nanos + nanos) : null;
}

export function shiftMonths(value: unknown, months: number): Temporal | null {
  if (value instanceof YearsMonths) return makeMonths(value.months + months);
  if (value instanceof FeelDate) return addMonths(value, months);
  if (!(value instanceof Moment)) return null;
  const day = addMonths(value.date, months);
  return day === null ? null : new Moment(day, value.time);
}

/** The moment of a date: its midnight in UTC. */
export function midnight(day: FeelDate): Moment {
  return new Moment(day, new FeelTime(0n, UTC));
}

function padded(value: number | bigint, size = 2): string {
  return value.toString().padStart(size, "0");
}

export function dateText(value: FeelDate): string {
  const sign = value.year < 0 ? "-" : "";
  return `${sign}${padded(Math.abs(value.year), 4)}-${padded(value.month)}-${padded(value.day)}`;
}

export function timeText(value: FeelTime): string {
  const seconds = value.nanos / NANOS;
  const time = `${padded(seconds / 3600n)}:${padded((seconds / 60n) % 60n)}:${padded(seconds % 60n)}`;
  return time + fractionText(value.nanos % NANOS) + zoneText(value.zone);
}

function fractionText(nanos: bigint): string {
  return nanos === 0n ? "" : `.${padded(nanos, 9)}`.replace(/0+$/, "");
}

function zoneText(zone: Zone | null): string {
  if (zone === null) return "";
  if (zone.name !== null) return `@${zone.name}`;
  if (zone.seconds === 0) return "Z";
  const total = Math.abs(zone.seconds);
  const seconds = total % 60 ? `:${padded(total % 60)}` : "";
  return `${zone.seconds < 0 ? "-" : "+"}${padded(Math.floor(total / 3600))}:${padded(Math.floor(total / 60) % 60)}${seconds}`;
}

export function durationText(value: DaysTime): string {
  const size = value.nanos < 0n ? -value.nanos : value.nanos;
  const [all, nanos] = [size / NANOS, size % NANOS];
  const [days, hours, minutes, seconds] = [all / 86_400n, (all / 3600n) % 24n, (all / 60n) % 60n, all % 60n];
  let time = (hours ? `${hours}H` : "") + (minutes ? `${minutes}M` : "");
  if (seconds || nanos) time += `${seconds}${fractionText(nanos)}S`;
  const text = (days ? `${days}D` : "") + (time ? `T${time}` : "");
  return `${value.nanos < 0n ? "-" : ""}P${text || "T0S"}`;
}

export function monthsText(value: YearsMonths): string {
  const [years, months] = [Math.floor(Math.abs(value.months) / 12), Math.abs(value.months) % 12];
  const text = (years ? `${years}Y` : "") + (months || !years ? `${months}M` : "");
  return `${value.months < 0 ? "-" : ""}P${text}`;
}

/** The text of a date, time, moment or duration. */
export function temporalText(value: Temporal): string {
  if (value instanceof Moment) return `${dateText(value.date)}T${timeText(value.time)}`;
  if (value instanceof FeelDate) return dateText(value);
  if (value instanceof FeelTime) return timeText(value);
  return value instanceof DaysTime ? durationText(value) : monthsText(value);
}
