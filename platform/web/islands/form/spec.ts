// What the server writes down of a form (platform/formbuilder/logic), and what the script decides, in types.
import type { Tree, Wire } from "../feel/index.ts";

/** An expression and the paths it reads from the names of its context. */
export interface Rule {
  tree: Tree;
  reads: string[][];
}

export type Kind =
  | "text" | "long" | "integer" | "decimal" | "percent" | "boolean" | "date" | "moment" | "time" | "duration"
  | "choices" | "ref" | "refs" | "held";

/** How a value is said where nobody types it. */
export type Show =
  | { as: "money"; scale: number; sign: string }
  | { as: "choice"; labels: Record<string, string> }
  | { as: "text" | "number" | "percent" | "boolean" | "date" | "moment" | "time" | "duration" | "ref" };

/** A field: `value` is its formula, `default` fills its input, `begin` is a default that nobody types over. */
export interface FieldSpec {
  kind: Kind;
  visible?: Rule;
  required?: Rule;
  readonly?: Rule;
  value?: Rule;
  default?: Rule;
  begin?: Rule;
  show?: Show;
  /** Paths that are read behind the records which a reference names. */
  behind?: string[];
}

export interface RowsSpec {
  object: string;
  link: string;
  fields: Record<string, FieldSpec>;
}

export interface FormSpec {
  object: string;
  zone: string;
  locale: string;
  yes: string;
  no: string;
  fields: Record<string, FieldSpec>;
  sections: Record<string, Rule>;
  rows: Record<string, RowsSpec>;
}

/** A value that the server tells; `unknown` where the person may not see the record, a title to show a record by. */
export type Told =
  | Exclude<Wire, { t: "list" } | { t: "record" }>
  | { t: "list"; v: Told[] }
  | { t: "record"; id: string; v: Record<string, Told>; title?: string }
  | { t: "unknown" };

/** The values of the moment at which the page was made. */
export interface Known {
  id: string;
  now: number;
  stored: Record<string, Told>;
  behind: Record<string, Record<string, Told>>;
  user?: Told;
  settings?: Record<string, Told>;
}

/** The texts of the inputs that would be sent, by name. */
export type Sent = ReadonlyMap<string, readonly string[]>;

/** What holds for an input or an output now; what is absent stays as it is. */
export interface State {
  visible?: boolean;
  required?: boolean;
  readonly?: boolean;
  /** What an output shows. */
  value?: Told;
  /** What an input holds that nobody has touched. */
  default?: Told;
}

/** Records to ask the server about. */
export interface Wanted {
  object: string;
  field: string;
  name: string;
  ids: string[];
  paths: string[];
}

export interface Outcome {
  fields: Map<string, { spec: FieldSpec; state: State }>;
  sections: Map<string, boolean>;
  wanted: Wanted[];
  /** Whether a condition reads what only the server knows. */
  unsure: boolean;
}
