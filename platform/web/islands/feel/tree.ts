// The typed tree as the server writes it (platform/expressions/to_json.py), in types.

/** A value in the form it travels in; a record may also carry its id and those of the records above it. */
export type Wire =
  | { t: "null" }
  | { t: "boolean"; v: boolean }
  | { t: "list"; v: Wire[] }
  | { t: "context"; v: Record<string, Wire> }
  | { t: "record"; id: string; above?: string[]; v: Record<string, Wire> }
  | { t: "number" | "string" | "other" | TemporalTag; v: string };

export type TemporalTag = "date" | "time" | "date and time" | "days and time duration" | "years and months duration";

/** A type as an expression writes it. */
export interface WrittenType {
  name: string;
  of?: WrittenType[];
  keys?: string[];
  result?: WrittenType;
}

/** What a name means. */
export type Meaning =
  | { b: "var"; of: number; name: string }
  | { b: "field"; name: string }
  | { b: "root"; name: string; builtin?: true }
  | { b: "function"; name: string }
  | { b: "item"; of: number; name: string; else?: Meaning };

export interface Iteration {
  id: number;
  name: string;
  in: Node;
  to?: Node;
}

export interface Parameter {
  id: number;
  name: string;
  type?: WrittenType;
}

export interface Entry {
  id: number;
  key: string;
  v: Node;
}

interface Common {
  s: [number, number];
  t?: string;
}

export type NameNode = Common & { k: "name" } & Meaning;
export type CallNode = Common & { k: "call"; f: Node; a: Node[]; names?: string[] };
export type FilterNode = Common & { k: "filter"; id: number; of: Node; if: Node };
export type ForNode = Common & { k: "for"; id: number; in: Iteration[]; do: Node };
export type QuantifiedNode = Common & { k: "quantified"; some: boolean; in: Iteration[]; do: Node };
export type TestsNode = Common & { k: "tests"; a: Node[]; alone: boolean[]; not: boolean };
export type TestNode = Common & { k: "test"; op: string; a: Node[] };
export type LambdaNode = Common & { k: "lambda"; p: Parameter[]; do: Node };
export type ContextNode = Common & { k: "context"; e: Entry[] };

export type Node =
  | (Common & { k: "value"; v: Wire })
  | NameNode
  | (Common & { k: "path"; of: Node; name: string })
  | FilterNode
  | CallNode
  | (Common & { k: "list"; a: Node[] })
  | (Common & { k: "range"; a: Node[]; closed: [boolean, boolean] })
  | TestNode
  | ContextNode
  | (Common & { k: "negate"; a: Node[] })
  | (Common & { k: "arithmetic"; op: string; a: Node[] })
  | (Common & { k: "compare"; op: string; a: Node[] })
  | (Common & { k: "logic"; op: "and" | "or"; a: Node[] })
  | (Common & { k: "between"; a: Node[] })
  | (Common & { k: "in"; of: Node; a: Node[] })
  | TestsNode
  | (Common & { k: "instance"; of: Node; type: WrittenType })
  | (Common & { k: "if"; a: Node[] })
  | ForNode
  | QuantifiedNode
  | LambdaNode;

export interface Tree {
  version: 1;
  type: string;
  subject: string;
  tree: Node;
}
