"""Passwords: which are good enough, and how they are hashed (argon2id)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

MIN_LENGTH = 10
MAX_LENGTH = 200

#: Words that people put digits and marks around and call it a password.
_WORN = frozenset(
    """
    password passwort passw0rd p@ssword p@ssw0rd motdepasse contrasena mima woaini woaini1314
    qwerty qwertyuiop qwertyui qwertz azerty asdfghjkl asdfgh zxcvbnm qazwsx 1qaz2wsx qweasd
    qweasdzxc letmein welcome changeme iloveyou sunshine princess football baseball basketball
    superman batman dragon monkey master shadow michael jennifer starwars trustno admin
    administrator administrador root user guest test testtest demo default secret secretsecret
    login system server computer internet company trellis abc abcd abcde abcdef abcdefg abcdefgh
    abcdefghi abcdefghij
    """.split()  # noqa: SIM905 - a list of sixty quoted words is harder to read
)


@dataclass(frozen=True)
class Passwords:
    """Hashes passwords and checks them, as slowly for nobody as for somebody."""

    hasher: PasswordHasher = field(
        default_factory=lambda: PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
    )
    _nobody: list[str] = field(default_factory=list)

    def hash(self, password: str) -> str:
        """Return the argon2id hash of a password."""
        return self.hasher.hash(_normal(password))

    def fits(self, password: str, stored: str | None) -> bool:
        """Tell whether a password belongs to a hash; None costs the same time and never fits."""
        known = stored if stored is not None else self._hash_of_nobody()
        try:
            right = self.hasher.verify(known, _normal(password))
        except (VerificationError, InvalidHashError):
            return False
        return right and stored is not None

    def is_stale(self, stored: str) -> bool:
        """Tell whether a hash was made with other parameters than today's."""
        return self.hasher.check_needs_rehash(stored)

    def prepare(self) -> None:
        """Make the hash that stands for nobody, so that the first stranger waits no longer."""
        self._hash_of_nobody()

    def _hash_of_nobody(self) -> str:
        if not self._nobody:
            self._nobody.append(self.hasher.hash("nobody has this password"))
        return self._nobody[0]


def _normal(password: str) -> str:
    """Return one form of what different keyboards send for the same letters.

    A lone surrogate cannot be hashed; it becomes a replacement and so fits nothing stored.
    """
    text = unicodedata.normalize("NFC", password[: MAX_LENGTH * 4])
    return text.encode("utf-8", "replace").decode("utf-8")


def password_mistake(password: str, *, login: str = "", name: str = "") -> str | None:
    """Return what is wrong with a new password, or None when it is good enough."""
    if len(password) < MIN_LENGTH:
        return f"a password has at least {MIN_LENGTH} characters"
    if len(password) > MAX_LENGTH:
        return f"a password has at most {MAX_LENGTH} characters"
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in password):
        return "a password has no control characters"
    plain = password.casefold()
    if _is_worn(plain):
        return "this password is one of those that are tried first"
    if _repeats(plain):
        return "this password repeats or counts"
    for word in (login, *name.split()):
        if len(word) >= 4 and word.casefold() in plain and len(plain) - len(word) < MIN_LENGTH:
            return "a password is not the user's name with something added"
    return None


def _is_worn(plain: str) -> bool:
    core = re.sub(r"^[\W\d_]+|[\W\d_]+$", "", plain)
    words = core.replace("0", "o").replace("@", "a").replace("$", "s").replace("3", "e")
    half = core[: len(core) // 2]
    return core in _WORN or words in _WORN or (half in _WORN and core == half * 2)


def _repeats(plain: str) -> bool:
    """Tell whether few letters or one step up or down make the whole."""
    steps = {ord(after) - ord(before) for before, after in pairwise(plain)}
    if len(set(plain)) < 5 or len(steps) == 1:
        return True
    if plain.isdigit() and len(plain) < 16:
        return True
    sizes = [size for size in range(1, 5) if len(plain) % size == 0]
    return any(plain == plain[:size] * (len(plain) // size) for size in sizes)
