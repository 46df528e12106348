// Zones: fixed offsets from UTC, and named zones with their rules.
import { Temporal } from "temporal-polyfill";
import { FeelDate, dateOfNumber, dayNumber, remainder } from "./calendar.ts";

export const NANOS = 1_000_000_000n;
export const DAY_NANOS = 86_400n * NANOS;
const MAX_OFFSET = 18 * 3600;
const EPOCH_DAY = 719_163n;

/** A fixed offset in seconds, or with a name the zone of that name. */
export class Zone {
  constructor(
    readonly seconds: number,
    readonly name: string | null = null,
  ) {}
}

export const UTC = new Zone(0);
const found = new Map<string, Zone | null>();

/** The zone that a text says: `Z`, `+02:00` or `@Europe/Paris`. */
export function zoneOf(text: string): Zone | null {
  if (text === "Z") return UTC;
  if (text.startsWith("@")) return namedZone(text.slice(1));
  const [hours = 0, minutes = 0, seconds = 0] = text.slice(1).split(":").map(Number);
  const total = hours * 3600 + minutes * 60 + seconds;
  if (minutes > 59 || seconds > 59 || total > MAX_OFFSET) return null;
  return new Zone(text.startsWith("-") ? -total : total);
}

function namedZone(name: string): Zone | null {
  let zone = found.get(name);
  if (zone === undefined) {
    zone = isZone(name) ? new Zone(0, name) : null;
    if (found.size > 500) found.clear();
    found.set(name, zone);
  }
  return zone;
}

// Browsers take names in any case and offsets as names; the server takes names as they are written.
function isZone(name: string): boolean {
  if (!/^[A-Z]/.test(name) || /^[A-Z][a-z]+\/[a-z]/.test(name)) return false;
  try {
    const shown = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
    return shown === name || shown.toLowerCase() !== name.toLowerCase();
  } catch {
    return false;
  }
}

/** A zone's distance from UTC in seconds, at a wall clock's time. */
export function offsetAtWall(zone: Zone, day: FeelDate, nanos: bigint): number {
  if (zone.name === null) return zone.seconds;
  const seconds = Number(nanos / NANOS);
  const wall = new Temporal.PlainDateTime(
    foldedYear(day.year), day.month, day.day,
    Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60,
  );
  const asUtc = wall.toZonedDateTime("UTC").epochNanoseconds;
  // At a gap and at an overlap the offset before the change holds.
  return Number((asUtc - wall.toZonedDateTime(zone.name).epochNanoseconds) / NANOS);
}

/** A zone's distance from UTC in seconds, at a moment given as nanoseconds since 0000-12-31 UTC. */
export function offsetAtMoment(zone: Zone, nanos: bigint): number | null {
  if (zone.name === null) return zone.seconds;
  const days = floorBig(nanos, DAY_NANOS);
  const day = dateOfNumber(Number(days));
  if (day === null) return null;
  const folded = BigInt(dayNumber(new FeelDate(foldedYear(day.year), day.month, day.day)));
  const second = nanos - days * DAY_NANOS - ((nanos - days * DAY_NANOS) % NANOS);
  const instant = Temporal.Instant.fromEpochNanoseconds((folded - EPOCH_DAY) * DAY_NANOS + second);
  return Number(instant.toZonedDateTimeISO(zone.name).offsetNanoseconds) / 1e9;
}

// Years that zones have no rules for have those of a year of the same shape.
function foldedYear(year: number): number {
  return year > 1 && year < 9999 ? year : 2000 + remainder(year, 400);
}

export function floorBig(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? quotient - 1n : quotient;
}
