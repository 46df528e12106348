// Functions between kinds of values, over booleans, and over records of a tree.
import { type Decimal, parseNumber } from "../numbers.ts";
import { not } from "../operators.ts";
import { FeelRecord, type Value, asList, isSame, recordId } from "../values.ts";
import { textOf } from "../words.ts";
import { Builtin, builtin, form } from "./form.ts";
import { parseRange } from "./range_text.ts";

function numberOf(text: string, grouping: string | null, point: string | null): Value {
  if (grouping !== null && !["", " ", ",", "."].includes(grouping)) return null;
  if (point !== null && (![".", ","].includes(point) || point === grouping)) return null;
  const plain = grouping ? text.replaceAll(grouping, "") : text;
  if (point !== ",") return parseNumber(plain);
  return plain.includes(".") ? null : parseNumber(plain.replaceAll(",", "."));
}

function under(node: Value, ancestors: Value): Value {
  if (node === null || ancestors === null || !(node instanceof FeelRecord) || node.above === null) return null;
  const wanted = new Set(asList(ancestors).map((item) => recordId(item) ?? item));
  return [node.id, ...node.above].some((id) => wanted.has(id));
}

export const CONVERSIONS: readonly Builtin[] = [
  builtin("string", form("from: any", textOf)),
  builtin(
    "number",
    form("from: string|number", (value: string | Decimal) => (typeof value === "string" ? parseNumber(value) : value)),
    form("from: string, grouping separator~: string, decimal separator?~: string", numberOf),
  ),
  builtin("not", form("negand~: boolean|any", not)),
  builtin("is", form("value1: any, value2: any", isSame)),
  builtin("range", form("from: string", parseRange)),
  builtin("under", form("node: any, ancestors: any", under)),
  // Decision tables are asked on the server; what needs one is not evaluated here.
  new Builtin("decide", [form("table: string", () => null)], true),
  // So are calendars: the browser holds neither the definitions nor the records they are.
  new Builtin("business duration", [form("from: datetime, to: datetime, calendar: any", () => null)], true),
  new Builtin("add business duration", [form("moment: datetime, duration: days, calendar: any", () => null)], true),
];
