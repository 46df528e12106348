// The shape of a built-in function, as in platform/expressions/functions/table.py: its forms, and how it is called.
import { FeelDate } from "../calendar.ts";
import { midnight } from "../temporal.ts";
import { FeelFunction, type Value, kind } from "../values.ts";

/** What a function may ask of the evaluation. */
export interface Asked {
  now: Value;
}

interface Parameter {
  name: string;
  kinds: ReadonlySet<string>;
  optional: boolean;
  nullable: boolean;
}

export interface Form {
  parameters: readonly Parameter[];
  body: (...values: never[]) => Value;
  /** The one parameter is a list, and several values may be given instead of it. */
  variadic: boolean;
  /** The last parameter may be given several times. */
  rest: boolean;
}

const KINDS: Readonly<Record<string, string>> = {
  datetime: "date and time", days: "days and time duration", months: "years and months duration",
};
const UNFIT = Symbol("unfit");
const ABSENT = Symbol("absent");
type Given = Value | typeof ABSENT;

/** The value as a parameter of some kinds takes it, or the mark that it does not. */
function fitted(value: Value, kinds: ReadonlySet<string>, nullable: boolean): Value | typeof UNFIT {
  if (kinds.size === 0) return value;
  if (value === null) return nullable ? null : UNFIT;
  if (kinds.has(kind(value))) return value;
  if (kinds.has("list")) return [value];
  if (Array.isArray(value) && value.length === 1) return fitted(value[0] ?? null, kinds, nullable);
  return value instanceof FeelDate && kinds.has("date and time") ? midnight(value) : UNFIT;
}

/** The value as a parameter of a written type takes it, null when it does not fit. */
export function fittedTo(value: Value, kindName: string): Value {
  if (kindName === "any") return value;
  const found = fitted(value, new Set([kindName]), true);
  return found === UNFIT ? null : found;
}

/** A form from its parameters as `name: kind|kind`; `name?` may be left out, `name~` may be null, `*name` takes a list or
 * several values, a last `name*` may be given several times. */
export function form(parameters: string, body: (...values: never[]) => Value): Form {
  const parts = parameters.split(",").map((part) => part.trim()).filter(Boolean);
  const variadic = parts[0]?.startsWith("*") ?? false;
  const rest = parts.at(-1)?.split(":")[0]?.trimEnd().endsWith("*") ?? false;
  return { parameters: parts.map(parameter), body, variadic, rest };
}

function parameter(text: string): Parameter {
  const [left = "", right = ""] = text.replace(/^\*/, "").split(":");
  const name = left.trim().replace(/[?~*]+$/, "");
  const marks = left.trim().slice(name.length);
  const kinds = right.split("|").map((of) => KINDS[of.trim()] ?? of.trim());
  return {
    name, kinds: new Set(kinds.includes("any") ? [] : kinds), optional: marks.includes("?"), nullable: marks.includes("~"),
  };
}

function takes(of: Form, count: number): boolean {
  if (of.variadic) return count >= 1;
  if (of.rest) return count >= of.parameters.length;
  return of.parameters.filter((one) => !one.optional).length <= count && count <= of.parameters.length;
}

/** Named values in the order of the parameters; null when the names do not fit. */
function arranged(of: Form, names: readonly string[], values: readonly Value[]): Given[] | null {
  if (new Set(names).size !== names.length) return null;
  const found: Given[] = of.parameters.map(() => ABSENT);
  for (const [at, name] of names.entries()) {
    const position = of.parameters.findIndex((one) => one.name === name);
    if (position < 0) return null;
    found[position] = values[at] ?? null;
  }
  return of.parameters.every((one, at) => one.optional || found[at] !== ABSENT) ? found : null;
}

/** The values as the body takes them; null when one does not fit. */
function fit(of: Form, values: readonly Given[]): Value[] | null {
  if (of.variadic && values.length > 1) return [values.map((value) => (value === ABSENT ? null : value))];
  const found: Value[] = [];
  for (const [at, value] of values.entries()) {
    const one = of.parameters[Math.min(at, of.parameters.length - 1)];
    if (one === undefined) return null;
    const fitting = value === ABSENT ? null : fitted(value, one.kinds, one.nullable);
    if (fitting === UNFIT) return null;
    found.push(fitting);
  }
  while (found.length < of.parameters.length) found.push(null);
  return found;
}

/** A function of the language. */
export class Builtin {
  constructor(
    readonly name: string,
    readonly forms: readonly Form[],
    readonly contextual = false,
  ) {}

  /** The result for positional values; null when no form takes them. */
  call(values: readonly Value[], asked: Asked): Value {
    for (const of of this.forms) {
      const ready = takes(of, values.length) ? fit(of, values) : null;
      if (ready !== null) return this.run(of, ready, asked);
    }
    return null;
  }

  /** The result for named values. */
  callNamed(names: readonly string[], values: readonly Value[], asked: Asked): Value {
    for (const of of this.forms) {
      const given = arranged(of, names, values);
      const ready = given === null ? null : fit(of, given);
      if (ready !== null) return this.run(of, ready, asked);
    }
    return null;
  }

  private run(of: Form, values: readonly Value[], asked: Asked): Value {
    const body = of.body as (...given: unknown[]) => Value;
    return this.contextual ? body(asked, ...values) : body(...values);
  }

  /** The function as a value, to be handed to another one. */
  value(asked: Asked): FeelFunction {
    const [first] = this.forms;
    const open = first === undefined || first.variadic || first.rest;
    return new FeelFunction(open ? null : first.parameters.map((one) => one.name), (values) => this.call(values, asked));
  }
}

/** A function from its name and its forms: parameters and body by turns. */
export function builtin(name: string, ...forms: Form[]): Builtin {
  return new Builtin(name, forms);
}
