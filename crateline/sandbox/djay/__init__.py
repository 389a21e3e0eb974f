"""An imaginary djay library: made up with `imagine`, written as djay writes it with `generate`.

The truth comes first; the database is written from it, and whatever reads the database has to find the truth again.
"""

from crateline.sandbox.djay.imagination import imagine
from crateline.sandbox.djay.truth import Listed, Truth, listed
from crateline.sandbox.djay.writing import generate, write

__all__ = ["Listed", "Truth", "generate", "imagine", "listed", "write"]
