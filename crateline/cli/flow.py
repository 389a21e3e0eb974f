"""Short pieces of text beside each other; where there is no room for the next one, it begins a line of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.text import Text

GAP = "   "


@dataclass(frozen=True, slots=True)
class Flow:
    """Pieces that are never broken in the middle, as long as the longest of them fits."""

    pieces: Sequence[Text]

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        """Lay the pieces out within the width that there is."""
        line = Text()
        for piece in self.pieces:
            if line and line.cell_len + len(GAP) + piece.cell_len > options.max_width:
                yield line
                line = Text()
            line = Text.assemble(line, GAP if line else "", piece)
        yield line

    def __rich_measure__(self, _console: Console, options: ConsoleOptions) -> Measurement:
        """Between the longest piece and all of them on one line."""
        widths = [piece.cell_len for piece in self.pieces] or [0]
        whole = sum(widths) + len(GAP) * (len(widths) - 1)
        return Measurement(min(max(widths), options.max_width), min(whole, options.max_width))
