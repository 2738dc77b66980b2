"""Groups of pictures that are never torn apart, and the folds they are dealt into."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from segrun_train.stem_rules import compiled
from segrun_train.web_tile import WebTile

GroupKey = Callable[[str], str]
# The name of a group and the folder that its pictures lie in.
Group = tuple[str, int]


def group_by(regex: str | None, zoom: int | None) -> GroupKey:
    """Return how stems are grouped: by a pattern, by a parent tile, or each by itself.

    Raises:
        ValueError: not a pattern.
    """
    if regex is not None:
        return group_by_regex(regex)
    return str if zoom is None else group_by_parent_tile(zoom)


def group_by_regex(pattern: str) -> GroupKey:
    """Group stems by the first group of a pattern, or by the whole match where it has none.

    What the pattern says nothing of stays by itself.

    Raises:
        ValueError: not a pattern.
    """
    expression = compiled(pattern)

    def key(stem: str) -> str:
        found = expression.search(stem)
        name = found and found.group(1 if expression.groups else 0)
        return stem if name is None else name

    return key


def group_by_parent_tile(zoom: int) -> GroupKey:
    """Group stems that end in ``x-y-z`` (web map tiles) by their parent tile at ``zoom``: by ground, not by name."""

    def key(stem: str) -> str:
        tile = WebTile.of(stem)
        return str(tile.parent(zoom)) if tile is not None and tile.zoom >= zoom else stem

    return key


def dealt(groups: Iterable[Group], folds: int) -> dict[Group, int]:
    """Deal groups out in the order of their names: the fold of each is its place modulo ``folds``.

    Raises:
        ValueError: fewer than two folds.
    """
    if folds < 2:
        raise ValueError(f"a split needs at least 2 folds. Received: folds={folds}.")
    return {group: place % folds for place, group in enumerate(sorted(set(groups)))}
