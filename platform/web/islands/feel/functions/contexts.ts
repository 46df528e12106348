// Functions over contexts.
import { MAX_DEPTH, MAX_LIST } from "../limits.ts";
import { type FeelContext, FeelRecord, type Value, entriesOf } from "../values.ts";
import { type Builtin, builtin, form } from "./form.ts";

type Context = FeelContext | FeelRecord;

function entries(value: Value): FeelContext {
  return entriesOf(value) ?? new Map();
}

function getPath(context: Context, keys: readonly Value[]): Value {
  if (keys.length === 0) return null;
  let found: Value = context;
  for (const key of keys) {
    const below = entriesOf(found);
    if (typeof key !== "string" || below === null) return null;
    found = below.get(key) ?? null;
  }
  return found;
}

function contextOf(list: readonly Value[]): Value {
  const found: FeelContext = new Map();
  for (const entry of list) {
    const parts = entriesOf(entry);
    if (parts === null || !parts.has("key") || !parts.has("value")) return null;
    const key = parts.get("key");
    if (typeof key !== "string" || found.has(key)) return null;
    found.set(key, parts.get("value") ?? null);
  }
  return found;
}

function put(context: Value, key: string, value: Value): Value {
  return new Map([...entries(context), [key, value]]);
}

function putPath(context: Context, keys: readonly Value[], value: Value): Value {
  if (keys.length === 0 || keys.length > MAX_DEPTH) return null;
  const levels: Value[] = [context];
  for (const key of keys.slice(0, -1)) {
    const below = typeof key === "string" ? entries(levels.at(-1) ?? null).get(key) : undefined;
    if (below === undefined || entriesOf(below) === null) return null;
    levels.push(below);
  }
  let found = value;
  for (const [at, key] of [...keys.entries()].reverse()) {
    if (typeof key !== "string") return null;
    found = put(levels[at] ?? null, key, found);
  }
  return found;
}

function merge(contexts: readonly Value[]): Value {
  if (contexts.length > MAX_LIST || contexts.some((context) => entriesOf(context) === null)) return null;
  return new Map(contexts.flatMap((context) => [...entries(context)]));
}

export const CONTEXTS: readonly Builtin[] = [
  builtin(
    "get value",
    form("m: context, key: string", (context: Context, key: string) => entries(context).get(key) ?? null),
    form("m: context, keys: list", getPath),
  ),
  builtin("get entries", form("m: context", (context: Context) => [...entries(context)].map(([key, value]) => new Map<string, Value>([["key", key], ["value", value]])))),
  builtin("context", form("entries: list", contextOf)),
  builtin(
    "context put",
    form("context: context, key: string, value: any", put),
    form("context: context, keys: list, value: any", putPath),
  ),
  builtin("context merge", form("contexts: list", merge)),
];
