"""Where a recording is at its full level: the part between its intro and its outro, by loudness and low end."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

RATE = 44_100
PER_SECOND = 10
"""Powers are taken for each 0.1 s."""

_STEP = RATE // PER_SECOND
_BOX = 90  # samples: their mean lets through what lies below about 220 Hz (-3 dB; the first zero is at 490 Hz)
_SMOOTH_S = 3.0
_HELD_S = 8.0  # about four bars: so long the level has to be held, for the most part
_HELD_SHARE = 0.75
_LOUD = 0.75  # the quantile that stands for "full"
_BELOW_DB = (6.0, 9.0)  # of the whole, and of the low end
_SILENCE = 1e-12

Powers = npt.NDArray[np.float64]
"""Mean squares for each 0.1 s, of shape (n, 2): of the whole sound, and of its low end."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Body:
    """Seconds before and after the part at full level."""

    intro: float
    outro: float


class Meter:
    """Takes mono samples at 44.1 kHz as they come, and keeps 160 bytes for each second."""

    def __init__(self) -> None:
        self._rest = np.zeros(0, np.float32)
        self._powers: list[Powers] = []

    def write(self, samples: npt.NDArray[np.float32]) -> None:
        """Take the next samples."""
        samples = np.concatenate([self._rest, samples])
        whole = len(samples) - len(samples) % _STEP
        self._rest = samples[whole:]
        if whole:
            steps = samples[:whole].reshape(-1, _STEP)
            low = steps.reshape(len(steps), -1, _BOX).mean(axis=2)
            powers = [np.square(part).mean(axis=1, dtype=np.float64) for part in (steps, low)]
            self._powers.append(np.stack(powers, axis=1))

    def powers(self) -> Powers:
        """Give what was measured; what is left of the last 0.1 s is dropped."""
        return np.concatenate(self._powers) if self._powers else np.zeros((0, 2))


def body(powers: Powers) -> Body:
    """Find where the recording first and last holds its full level for 8 s.

    Full is: over 3 s within 6 dB of the level that three quarters of it stay below, the low end within 9 dB of its own.
    Where that never happens, as in a short or a quiet piece, all of it is body.
    """
    width = round(_SMOOTH_S * PER_SECOND)
    held = round(_HELD_S * PER_SECOND)
    if len(powers) < width + held:
        return Body(intro=0.0, outro=0.0)
    level = 10 * np.log10(_means(powers, width) + _SILENCE)
    full = (level >= np.quantile(level, _LOUD, axis=0) - _BELOW_DB).all(axis=1)
    holds = np.flatnonzero(_means(full[:, None].astype(np.float64), held)[:, 0] >= _HELD_SHARE)
    if not len(holds):
        return Body(intro=0.0, outro=0.0)
    first = holds[0] + int(np.argmax(full[holds[0] :]))
    last = holds[-1] + held - 1 - int(np.argmax(full[: holds[-1] + held][::-1]))
    return Body(intro=first / PER_SECOND, outro=max(0.0, (len(powers) - last - width) / PER_SECOND))


def _means(values: Powers, width: int) -> Powers:
    """Give the mean of every `width` neighbours, of shape (n - width + 1, columns)."""
    sums = np.cumsum(np.vstack([np.zeros((1, values.shape[1])), values]), axis=0)
    means: Powers = (sums[width:] - sums[:-width]) / width
    return means
