"""Draw demo.svg anew, from a real run of the demo: `.venv/bin/python docs/images/draw.py [FOLDER]`."""  # noqa: INP001

import io
import re
import sys
from pathlib import Path
from typing import Any, Self

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console, RenderableType

from crateline.cli import demo

WIDTH = 100
WORDS = ("--tracks", "24", "--seconds", "8", "12")
FONT_FACE = re.compile(r"@font-face\s*{{.*?}}", re.DOTALL)
"""The picture loads nothing from outside, fonts included: any monospaced one will do."""
PASSWORD = re.compile(r"crateline:[\w-]{16}")


class Frames:
    """What the demo draws while it runs; in the picture stands one from well within the run."""

    def __init__(self, *, console: Console, **_: Any) -> None:
        self._console = console
        self._frames: list[RenderableType] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._console.print(self._frames[len(self._frames) * 2 // 3])

    def update(self, frame: RenderableType) -> None:
        """Keep a frame."""
        self._frames.append(frame)


def draw(folder: Path) -> str:
    """Run the demo in `folder`; gives the picture."""
    page = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    page.print(f'$ make demo ARGS="{" ".join(WORDS)}"', markup=False, highlight=False)
    demo.Console, demo.Live = lambda **_: page, Frames  # type: ignore[assignment]
    try:
        demo.demo.main([*WORDS, "--no-stay", "--folder", str(folder)], standalone_mode=False)
    except SystemExit as ended:
        print(f"The demo ended with {ended.code}", file=sys.stderr)  # noqa: T201
    return PASSWORD.sub(
        "crateline:" + "•" * 16, page.export_svg(title="crateline", code_format=FONT_FACE.sub("", CONSOLE_SVG_FORMAT))
    )


if __name__ == "__main__":
    place = Path(sys.argv[1] if len(sys.argv) > 1 else "demo")
    Path(__file__).with_name("demo.svg").write_text(draw(place))
