"""How an engine on processors shares its threads out among calls side by side: decision 15."""

from __future__ import annotations

from segrun.sessions import SHARING_ENGINES

# Each call holds activations of its own.
MOST_CALLERS = 4


def callers_for(engine: str, threads: int, batch: int) -> int:
    """Return how many calls an engine gets side by side where there are many tiles; 1 where one call fills it by itself.

    Args:
        engine: by its name; ``auto`` counts on one that shares.
        threads: of all calls together.
        batch: tiles in one call; several are a way of their own to keep the threads busy.
    """
    if batch > 1 or engine not in ("auto", *SHARING_ENGINES):
        return 1
    return min(threads, MOST_CALLERS)


def shares(threads: int, callers: int) -> list[int]:
    """Share threads out as evenly as they go, at least one for each caller.

    Args:
        threads: of all callers together.
        callers: how many.
    """
    each, left = divmod(threads, callers)
    return [max(1, each + (number < left)) for number in range(callers)]


def in_words(engine: str, threads: int, batch: int, callers: int) -> str:
    """Say how a model is run, for reports.

    Args:
        engine: by its name.
        threads: of all calls together.
        batch: tiles in one call.
        callers: calls side by side.
    """
    together = f", {callers} calls side by side" if callers > 1 else ""
    return f"{engine}, {threads} thread{'s' * (threads > 1)}, batch {batch}{together}"
