"""What happened, in order, one short line each; its hash is the fingerprint by which two runs are compared."""

from collections import Counter
from hashlib import sha256


class Trace:
    """Lines are hashed as they come and kept only when asked for: a long run has millions."""

    def __init__(self, *, keep: bool = False) -> None:
        self.lines: list[str] | None = [] if keep else None
        self.counts: Counter[str] = Counter()
        self._hash = sha256()

    def note(self, moment: float, kind: str, *words: object) -> None:
        """Something of this kind happened, `moment` seconds after the start of the simulation."""
        self.counts[kind] += 1
        line = f"{moment:.3f} {kind} {' '.join(map(str, words))}"
        self._hash.update(line.encode())
        if self.lines is not None:
            self.lines.append(line)

    @property
    def hash(self) -> str:
        return self._hash.hexdigest()[:16]
