"""Fingerprints that are alike to a share of their bits, without any sound."""

import numpy as np


def printed(*, differing: float = 0.0, noise: int = 99, items: int = 600) -> str:
    """A print as an analysis keeps it; from the plain one a share of the bits differs, which ones by `noise`."""
    numbers = np.random.default_rng(1).integers(0, 1 << 32, items, dtype=np.uint64).astype("<u4")
    flips = np.packbits(np.random.default_rng(noise).random((items, 32)) < differing, axis=1).view("<u4").ravel()
    return (numbers ^ flips).tobytes().hex()
