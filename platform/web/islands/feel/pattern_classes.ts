// Character classes of XPath's patterns, as the inside of a JavaScript class under the flag `v`.
const LAST = 0x10ffff;
export type Ranges = [number, number][];

/** What a class holds: code points, and classes that have names. */
export interface Members {
  ranges: Ranges;
  named: string[];
}

const BLOCKS: Readonly<Record<string, [number, number]>> = {
  BasicLatin: [0x00, 0x7f], "Latin-1Supplement": [0x80, 0xff], "LatinExtended-A": [0x100, 0x17f],
  "LatinExtended-B": [0x180, 0x24f], IPAExtensions: [0x250, 0x2af], Greek: [0x370, 0x3ff],
  GreekandCoptic: [0x370, 0x3ff], Cyrillic: [0x400, 0x4ff], Armenian: [0x530, 0x58f], Hebrew: [0x590, 0x5ff],
  Arabic: [0x600, 0x6ff], Devanagari: [0x900, 0x97f], Bengali: [0x980, 0x9ff], Thai: [0xe00, 0xe7f],
  HangulJamo: [0x1100, 0x11ff], LatinExtendedAdditional: [0x1e00, 0x1eff], GreekExtended: [0x1f00, 0x1fff],
  GeneralPunctuation: [0x2000, 0x206f], CurrencySymbols: [0x20a0, 0x20cf], LetterlikeSymbols: [0x2100, 0x214f],
  NumberForms: [0x2150, 0x218f], Arrows: [0x2190, 0x21ff], MathematicalOperators: [0x2200, 0x22ff],
  BoxDrawing: [0x2500, 0x257f], GeometricShapes: [0x25a0, 0x25ff], CJKSymbolsandPunctuation: [0x3000, 0x303f],
  Hiragana: [0x3040, 0x309f], Katakana: [0x30a0, 0x30ff], Bopomofo: [0x3100, 0x312f],
  CJKUnifiedIdeographs: [0x4e00, 0x9fff], HangulSyllables: [0xac00, 0xd7af], PrivateUse: [0xe000, 0xf8ff],
  HalfwidthandFullwidthForms: [0xff00, 0xffef],
};
const CATEGORIES = new Set(
  "L Lu Ll Lt Lm Lo M Mn Mc Me N Nd Nl No P Pc Pd Ps Pe Pi Pf Po Z Zs Zl Zp S Sm Sc Sk So C Cc Cf Co".split(" "),
);
const OTHER = "\\p{Cc}\\p{Cf}\\p{Co}\\p{Cs}";
const BLANK = " \\t\\n\\r";
const NO_BLANK = "\\u{0}-\\u{8}\\u{b}\\u{c}\\u{e}-\\u{1f}\\u{21}-\\u{10ffff}";
const ESCAPES: Readonly<Record<string, string>> = {
  s: BLANK, S: NO_BLANK, d: "\\p{Nd}", D: "\\P{Nd}", w: "\\p{L}\\p{M}\\p{N}\\p{S}", W: `\\p{P}\\p{Z}${OTHER}`,
  i: "\\p{L}_:", c: "\\p{L}\\p{M}\\p{N}\\-._:·",
};

/** The members of an escape as `\d`; null where there is none. */
export function escapeMembers(letter: string): Members | null {
  const named = Object.hasOwn(ESCAPES, letter) ? ESCAPES[letter] : undefined;
  return named === undefined ? null : { ranges: [], named: [named] };
}

/** The members of `\p{…}` or `\P{…}`; null where there is no such property. */
export function propertyMembers(letter: string, name: string): Members | null {
  if (CATEGORIES.has(name)) {
    if (name === "C") return { ranges: [], named: [letter === "p" ? OTHER : `[^${OTHER}]`] };
    return { ranges: [], named: [`\\${letter}{${name}}`] };
  }
  const key = name.startsWith("Is") ? name.slice(2) : "";
  const block = Object.hasOwn(BLOCKS, key) ? BLOCKS[key] : undefined;
  if (block === undefined) return null;
  // A block stands beside named classes, so that nothing can be taken out of it.
  return { ranges: [], named: [written(letter === "p" ? [block] : complement([block]))] };
}

export function written(ranges: Ranges): string {
  const point = (code: number): string => `\\u{${code.toString(16)}}`;
  return ranges.map(([low, high]) => (low === high ? point(low) : `${point(low)}-${point(high)}`)).join("");
}

/** A whole class, brackets included. */
export function classSource(members: Members, negated: boolean): string {
  return `[${negated ? "^" : ""}${members.named.join("")}${written(members.ranges)}]`;
}

export function complement(ranges: Ranges): Ranges {
  const found: Ranges = [];
  let start = 0;
  for (const [low, high] of [...ranges].sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (low > start) found.push([start, low - 1]);
    start = Math.max(start, high + 1);
  }
  if (start <= LAST) found.push([start, LAST]);
  return found;
}

/** The code points of `base` that are not in `taken`. */
export function minus(base: Ranges, taken: Ranges): Ranges {
  const left: Ranges = [];
  for (const [freeLow, freeHigh] of complement(taken)) {
    for (const [low, high] of base) {
      if (Math.max(low, freeLow) <= Math.min(high, freeHigh)) left.push([Math.max(low, freeLow), Math.min(high, freeHigh)]);
    }
  }
  return left.sort((a, b) => a[0] - b[0]);
}
