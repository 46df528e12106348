// Says values as the server says them (platform/formbuilder/settled.py), and as inputs hold them (form_values.py).
import { Decimal } from "../feel/numbers.ts";
import { momentNanos, momentOfNanos, parseDuration, parseMoment, temporalText, DaysTime } from "../feel/temporal.ts";
import { NANOS, zoneOf } from "../feel/zones.ts";
import type { FieldSpec, FormSpec, Show, Told } from "./spec.ts";

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** A value as a person reads it; empty for nothing. */
export function say(value: Told, show: Show, form: FormSpec): string {
  switch (value.t) {
    case "number":
      return sayNumber(value.v, show);
    case "boolean":
      return value.v ? form.yes : form.no;
    case "date":
      return shortDate(value.v, form.locale);
    case "date and time": {
      const wall = wallClock(value.v, form.zone);
      return wall === "" ? "" : `${shortDate(wall.slice(0, 10), form.locale)} ${wall.slice(11, 16)}`;
    }
    case "time":
      return value.v.slice(0, 5);
    case "days and time duration":
      return lengthText(value.v);
    case "string":
      return show.as === "choice" ? (show.labels[value.v] ?? value.v) : value.v;
    case "list":
      return value.v.map((one) => say(one, show, form)).join(", ");
    case "record":
      return value.title ?? "";
    default:
      return "";
  }
}

/** A value as the text of an input. */
export function inputText(value: Told, spec: FieldSpec, form: FormSpec): string {
  switch (value.t) {
    case "number":
      return spec.show?.as === "money" ? rounded(value.v, spec.show.scale) : plainNumber(value.v);
    case "boolean":
      return value.v ? "true" : "";
    case "date and time":
      return wallClock(value.v, form.zone);
    case "time":
      return value.v.slice(0, 5);
    case "days and time duration":
      return lengthText(value.v);
    case "date":
    case "string":
      return value.v;
    default:
      return "";
  }
}

function sayNumber(text: string, show: Show): string {
  if (show.as === "money") return show.sign + grouped(rounded(text, show.scale));
  return grouped(plainNumber(text)) + (show.as === "percent" ? "%" : "");
}

function plainNumber(text: string): string {
  return new Decimal(text).toFixed();
}

function rounded(text: string, scale: number): string {
  const value = new Decimal(text);
  const found = value.toFixed(scale, Decimal.ROUND_HALF_EVEN);
  // What rounds to nothing keeps its sign on the server.
  return value.isNegative() && !found.startsWith("-") ? `-${found}` : found;
}

function grouped(text: string): string {
  const [whole = "", rest] = text.split(".");
  const marked = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return rest === undefined ? marked : `${marked}.${rest}`;
}

function shortDate(text: string, locale: string): string {
  const [year = "", month = "", day = ""] = text.split("-");
  if (locale.startsWith("zh")) return `${Number(year)}-${month}-${day}`;
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? month} ${Number(year)}`;
}

/** A moment on the wall clock of a zone, as `2026-03-31T14:30`. */
function wallClock(text: string, zone: string): string {
  const moment = parseMoment(text);
  if (moment === null) return "";
  const local = moment.time.zone === null ? moment : momentOfNanos(momentNanos(moment), zoneOf(zone === "UTC" ? "Z" : `@${zone}`));
  return local === null ? "" : temporalText(local).slice(0, 16);
}

/** A length of time as `2d 3h 30m`. */
function lengthText(text: string): string {
  const found = parseDuration(text);
  if (!(found instanceof DaysTime)) return text;
  const size = found.nanos < 0n ? -found.nanos : found.nanos;
  const seconds = (size + NANOS / 2n) / NANOS;
  const parts: [bigint, string][] = [
    [seconds / 86_400n, "d"], [(seconds / 3600n) % 24n, "h"], [(seconds / 60n) % 60n, "m"], [seconds % 60n, "s"],
  ];
  const told = parts.filter(([number]) => number > 0n).map(([number, unit]) => `${number}${unit}`);
  return (found.nanos < 0n ? "-" : "") + (told.join(" ") || "0m");
}
