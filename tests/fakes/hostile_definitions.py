"""Definition files made to hurt: what the hostile checks E 44–47 name, made here."""

from __future__ import annotations

from collections.abc import Mapping

_MIB = 2**20


def _alias_bomb() -> bytes:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for last, name in zip("abcdefgh", "bcdefghi", strict=True):
        lines.append(f"{name}: &{name} [" + ", ".join([f"*{last}"] * 9) + "]")
    return "\n".join(lines).encode()


def _merge_bomb() -> bytes:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 40)]
    return "\n".join(lines).encode()


#: File name → content; every one of them must be refused.
REFUSED: Mapping[str, bytes] = {
    "object.yaml": b"a: !!python/object/apply:os.system ['touch /tmp/canary_yaml']",
    "object_new.yaml": b"a: !!python/object/new:subprocess.Popen [[touch, /tmp/canary_yaml]]",
    "alias_bomb.yaml": _alias_bomb(),
    "merge_bomb.yaml": _merge_bomb(),
    "self_alias.yaml": b"a: &a [*a, *a]",
    "deep_500.yaml": b"a: " + b"[" * 500 + b"]" * 500,
    "deep_100k.yaml": b"[" * 100_000 + b"]" * 100_000,
    "deep_maps.yaml": b"{a: " * 100_000,
    "deep_dashes.yaml": b"- " * 100_000,
    "deep_questions.yaml": b"? " * 100_000,
    "deep_indent.yaml": b"".join(b" " * n + b"a:\n" for n in range(2_000)),
    "deep.json": b"[" * 200_000 + b"]" * 200_000,
    "many_documents.yaml": b"---\na: 1\n" * 50_000,
    "many_directives.yaml": b"".join(b"%%TAG !t%d! x\n" % n for n in range(100_000)) + b"--- a",
    "late_directives.yaml": b"a: 1\n...\n" + b"".join(
        b"%%TAG !t%d! x\n" % n for n in range(100_000)
    ),
    "many_values.yaml": b"[" + b"a," * (4 * _MIB - 2) + b"a]",
    "many_keys.json": b"{" + b",".join(b'"k%d":%d' % (n, n) for n in range(200_000)) + b"}",
    "duplicate_keys.yaml": b"view: {roles: [admin]}\nview: {roles: [all]}",
    "duplicate_keys.json": b'{"view": {"roles": ["admin"]}, "view": {"roles": ["all"]}}',
    "case_only.yaml": b"fields: {Name: 1, name: 2}",
    "unicode_form.yaml": "fields: {é: 1, e\u0301: 2}".encode(),
    "full_width.yaml": "fields: {name: 1, ｎａｍｅ: 2}".encode(),
    "number_key.yaml": b"1: a",
    "null_key.yaml": b"~: a",
    "list_key.yaml": b"? [a]\n: b",
    "null_byte.yaml": b"a: b\x00c",
    "bad_utf8.yaml": b"a: \xff\xfe",
    "utf16.yaml": "a: 1".encode("utf-16"),
    "too_large.yaml": b"a: " + b"x" * (8 * _MIB),
    "infinite.yaml": b"a: .inf",
    "huge_number.yaml": b"a: " + b"9" * 100_000,
    "nan.json": b'{"a": NaN}',
    "huge.json": b'{"a": 1e999}',
    "half_pair.json": b'{"a": "\\ud83d"}',
    "truncated.yaml": b'a: {b: [c, "d',
}  # fmt: skip

#: Large and strange, but right.
TAKEN: Mapping[str, bytes] = {
    "long_text.yaml": b'a: "' + b"x" * (7 * _MIB) + b'"',
    "blank_lines.yaml": b"\n" * (7 * _MIB) + b"a: 1",
    "comments.yaml": b"# c\n" * _MIB + b"a: 1",
    "scripts.yaml": b"label: '<script>alert(1)</script>'",
}


def wide_object(fields: int) -> bytes:
    """Return an objects.yaml with one object of many fields."""
    kinds = ("text", "integer", "{type: money, currency: EUR}", "date", "boolean")
    lines = ["objects:", "  wide:", "    label: Wide", "    fields:"]
    for number in range(fields):
        kind = kinds[number % len(kinds)]
        lines.append(f"      f{number}: " + (kind if kind[0] == "{" else f"{{type: {kind}}}"))
    return "\n".join(lines).encode()
