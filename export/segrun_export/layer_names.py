"""Finding the layers that shall stay in float among the convolutions of an artefact."""

from __future__ import annotations

from collections.abc import Sequence

from segrun.errors import ModelError

_NAMED = 6


def chosen_layers(
    wanted: Sequence[str], convolutions: Sequence[str], others: Sequence[str] = ()
) -> list[str]:
    """Turn words into names of an artefact's operations.

    Args:
        wanted: ``first``, ``last``, names, or parts of names.
        convolutions: names in the order of the graph.
        others: further names that a part may fit.
    Raises:
        ModelError: a word fits nothing.
    """
    ends = {"first": list(convolutions[:1]), "last": list(convolutions[-1:])}
    chosen: list[str] = []
    for word in wanted:
        known = [*convolutions, *others]
        names = ends.get(word) or [name for name in known if name == word]
        names = names or [name for name in known if word in name]
        if not names:
            raise ModelError(
                f"no layer of that name to keep in float. Received: {word}. "
                f"Use first, last, or a part of: {', '.join(convolutions[:_NAMED])}, ..."
            )
        chosen += names
    return list(dict.fromkeys(chosen))
