"""What tells a playlist from its source, row by row."""

from collections.abc import Container
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """A playlist against its source. `moved` counts the rows that stand elsewhere among those that both have.

    `beyond` are rows that its source has, or may have, behind as many as are wanted of it.
    """

    added: tuple[str, ...]
    moved: int
    gone: tuple[str, ...]
    beyond: tuple[str, ...] = ()

    @classmethod
    def between(cls, here: list[str], there: list[str], seen: Container[str]) -> "Difference":
        """Compare two lists of distinct keys; `seen` says of a key whether its source has it, wanted or not."""
        ours, theirs = set(here), set(there)
        common, others = [key for key in here if key in theirs], [key for key in there if key in ours]
        return cls(
            added=tuple(key for key in there if key not in ours),
            moved=sum(one != other for one, other in zip(common, others, strict=True)),
            gone=tuple(key for key in here if key not in theirs and key not in seen),
            beyond=tuple(key for key in here if key not in theirs and key in seen),
        )

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.added or self.moved or self.gone)
