// Reads what stands in inputs as values: the same texts give the same values as in platform/formbuilder/reading.py.
import { parseDate } from "../feel/temporal.ts";
import { offsetAtWall, zoneOf } from "../feel/zones.ts";
import type { Kind, Sent, Told } from "./spec.ts";

const NOTHING: Told = { t: "null" };
const WIDE = /[．，－＋：％０-９]/g;
const BLANKS = /^[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+|[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/g;
const GROUPED = /^[+-]?\d{1,3}(,\d{3})+(\.\d+)?$/;
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?$/;
const ISO_DURATION = /^(-)?P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/i;
const CLOCK = /^(\d{1,4}):(\d{2})$/;
const DURATION =
  /^(-)?\s*(?:(\d+)\s*(?:d|天))?\s*(?:(\d+(?:\.\d+)?)\s*(?:h|小时))?\s*(?:(\d+)\s*(?:m|min|分钟?))?\s*(?:(\d+)\s*(?:s|秒))?$/i;
/** The longest length of time that the server can hold, in seconds. */
const LONGEST = 86_399_999_999_999;

/** The value of a field's input; undefined where none was sent or its text means nothing, so that what is stored holds. */
export function readInput(kind: Kind, name: string, sent: Sent, zone: string): Told | undefined {
  if (kind === "ref") return readPicked(name, sent);
  if (kind === "held") return undefined;
  const texts = sent.get(name);
  if (texts === undefined) return undefined;
  if (kind === "refs") return { t: "list", v: unique(texts).map((id) => ({ t: "record", id, v: {} })) };
  if (kind === "choices") return { t: "list", v: texts.filter(Boolean).map((v) => ({ t: "string", v })) };
  // A switch sends `false` and, when it is on, `true` after it.
  const text = texts.at(-1) ?? "";
  const plain = strip(text);
  if (plain === "") return NOTHING;
  return kind === "long" ? { t: "string", v: text.replaceAll("\r\n", "\n") } : READERS[kind](plain, zone);
}

export function strip(text: string): string {
  return text.replace(BLANKS, "");
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts.filter(Boolean))];
}

// A text that was typed and not picked names no record until the server has looked it up.
function readPicked(name: string, sent: Sent): Told | undefined {
  const texts = sent.get(name);
  const typed = sent.get(`${name}.text`);
  if (texts === undefined && typed === undefined) return undefined;
  const id = texts?.at(-1) ?? "";
  const title = strip(typed?.at(-1) ?? "");
  const offered = (texts?.length ?? 0) > 1 && id !== "";
  if (!offered && typed !== undefined && title !== strip(sent.get(`${name}.was`)?.at(-1) ?? "")) return NOTHING;
  return id === "" ? NOTHING : { t: "record", id, v: {}, title };
}

const READERS: Record<Exclude<Kind, "ref" | "refs" | "choices" | "long" | "held">, (text: string, zone: string) => Told | undefined> = {
  text: (text) => ({ t: "string", v: text }),
  integer: (text) => {
    const plain = numberOf(text);
    return /^[+-]?[0-9]{1,30}$/.test(plain) ? { t: "number", v: plain.replace("+", "") } : undefined;
  },
  decimal: readDecimal,
  percent: (text) => readDecimal(narrow(text).replace(/%$/, "")),
  boolean: (text) => (text === "true" || text === "false" ? { t: "boolean", v: text === "true" } : undefined),
  date: (text) => (isDay(text) ? { t: "date", v: text } : undefined),
  moment: readMoment,
  time: (text) => {
    const found = /^([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
    return found ? { t: "time", v: `${found[1]}:${found[2]}:${found[3] ?? "00"}` } : undefined;
  },
  duration: readDuration,
};

/** Full-width digits and signs, as Chinese keyboards type them, as the plain ones. */
function narrow(text: string): string {
  return text.replace(WIDE, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xff00 + 0x20));
}

function numberOf(text: string): string {
  const plain = narrow(text).replaceAll(" ", "").replaceAll("\u00a0", "");
  return GROUPED.test(plain) ? plain.replaceAll(",", "") : plain;
}

function readDecimal(text: string): Told | undefined {
  const plain = strip(numberOf(text)).replaceAll("_", "");
  return DECIMAL.test(plain) ? { t: "number", v: plain.replace(/^\+/, "") } : undefined;
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !text.startsWith("0000") && parseDate(text) !== null;
}

// A wall clock's time where the reader is, as the moment that it is.
function readMoment(text: string, zone: string): Told | undefined {
  const found = /^(\d{4}-\d\d-\d\d)[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  const day = found?.[1] !== undefined && isDay(found[1]) ? parseDate(found[1]) : null;
  if (!found || day === null) return undefined;
  const seconds = Number(found[2]) * 3600 + Number(found[3]) * 60 + Number(found[4] ?? 0);
  const there = zoneOf(zone === "UTC" ? "Z" : `@${zone}`);
  const offset = there === null ? 0 : offsetAtWall(there, day, BigInt(seconds) * 1_000_000_000n);
  const utc = new Date(Date.parse(`${found[1]}T00:00:00Z`) + (seconds - offset) * 1000);
  const year = utc.getUTCFullYear();
  return year >= 1 && year <= 9999 ? { t: "date and time", v: utc.toISOString().replace(".000Z", "Z") } : undefined;
}

function readDuration(text: string): Told | undefined {
  const plain = narrow(text);
  const iso = ISO_DURATION.exec(plain);
  if (iso && iso.slice(2).some(Boolean)) return duration(iso[1], iso[2], iso[3], iso[4], iso[5]);
  const clock = CLOCK.exec(plain);
  if (clock) return duration(undefined, undefined, clock[1], clock[2], undefined);
  const told = DURATION.exec(plain);
  return told && told.slice(2).some(Boolean) ? duration(told[1], told[2], told[3], told[4], told[5]) : undefined;
}

type Part = string | undefined;

function duration(sign: Part, days: Part, hours: Part, minutes: Part, seconds: Part): Told | undefined {
  const whole = Number(days ?? 0) * 86_400 + Number(minutes ?? 0) * 60 + Number(seconds ?? 0);
  const total = whole + Math.trunc(Number((Number(hours ?? 0) * 3600).toFixed(3)));
  if (total > LONGEST) return undefined;
  return { t: "days and time duration", v: `${sign !== undefined && total > 0 ? "-" : ""}PT${total}S` };
}
