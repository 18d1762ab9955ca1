"""The order of a live list of instances, which holds still while someone reads it.

Pure: summaries in, an order of ids out. While the list is *live*, it is sorted
at every change. Otherwise the order holds: changed instances keep their
place, and new ones are held back, counted, until the list is sorted again.
The one under the cursor (*pinned*) never disappears under the reader's eyes.
"""

from __future__ import annotations

import math
from bisect import bisect_left, insort
from collections.abc import Callable, Collection, Iterable

from chatflow_core.models import InstanceSummary
from chatflow_tui.lists.instance_sort import Place, Sort

#: The order in which a store is loaded, but for the few whose files were changed later than what is in them.
LOADED_SORT = Sort()

# Moving one id costs about as much as sorting so many that are nearly in order.
_IDS_SORTED_IN_THE_TIME_OF_ONE_MOVE = 64


class LiveOrder:
    """All known instances, and which of them a list shows in which order.

    Attributes:
        rows: Every instance there is, by id, and the pinned one if it is gone.
        order: The ids shown, in order.
        sort: By what they are sorted.
        held: The ids that match the filter and wait to be shown.
        lingering: The pinned id if it is shown only because of that; None otherwise.
        is_lingering_gone: Whether that instance no longer exists (else it no longer matches the filter).
    """

    def __init__(self, dormant_before: Callable[[], float] = lambda: -math.inf) -> None:
        """Begin with no instances and no filter.

        Args:
            dormant_before: Tells since when (Unix seconds) a running instance must have been touched to need anybody.
        """
        self.rows: dict[str, InstanceSummary] = {}
        self.order: list[str] = []
        self.sort = Sort()
        self.held: set[str] = set()
        self.lingering: str | None = None
        self.is_lingering_gone = False
        self._predicate: Callable[[InstanceSummary], bool] | None = None
        self._ask_dormant_before = dormant_before
        # As it was when all were sorted: places must not change by themselves.
        self._dormant_before = -math.inf
        # What was known of each id shown when it got its place; `order` is always sorted by that.
        self._placed: dict[str, InstanceSummary] = {}
        # The ids shown that have changed since they got it.
        self._misplaced: set[str] = set()

    def apply(
        self,
        changed: Iterable[InstanceSummary],
        removed: Iterable[str],
        *,
        live: bool,
        pinned: str | None,
        is_loading: bool = False,
    ) -> None:
        """Take over changes.

        Args:
            changed: Instances that are new or have changed.
            removed: Ids of instances that no longer exist.
            live: Whether the list is live, so that all it should show goes to its right place.
            pinned: The id under the cursor.
            is_loading: Whether there is much more to come: then all are sorted only when there are twice as many, if
                sorted otherwise than they come.
        """
        leaving: set[str] = set()
        predicate = self._predicate
        for row in changed:
            instance_id = row.instance_id
            self.rows[instance_id] = row
            is_shown = instance_id in self._placed
            if predicate is None or predicate(row):
                leaving.discard(instance_id)
                if instance_id == self.lingering:
                    self.lingering = None
                if is_shown:
                    self._misplaced.add(instance_id)
                else:
                    self.held.add(instance_id)
            elif is_shown:
                self._take_leave(instance_id, leaving, pinned, is_gone=False)
            else:
                self.held.discard(instance_id)
        for instance_id in removed:
            self.held.discard(instance_id)
            if instance_id in self._placed:
                self._take_leave(instance_id, leaving, pinned, is_gone=True)
            if instance_id != self.lingering:
                self.rows.pop(instance_id, None)
        self._drop(leaving)
        is_cheap = not is_loading or self.sort == LOADED_SORT or len(self.held) >= len(self.order)
        if live and is_cheap:
            self.sort_again()

    def sort_again(self) -> None:
        """Put everything to its right place, and what was held back with it."""
        self._place(self._misplaced, self.held)
        self._misplaced, self.held = set(), set()

    def set_filter(self, predicate: Callable[[InstanceSummary], bool] | None, *, narrows: bool = False) -> None:
        """Show only matching instances, in their right order; none is held back, none lingers.

        Args:
            predicate: Says whether to show an instance; None shows all.
            narrows: Whether whatever matches matched the filter before.
        """
        self._predicate = predicate
        if predicate is not None and narrows and not self.held and not self._misplaced and self.lingering is None:
            # All that may match stand in their right order: a letter more need not sort 100,000.
            leaving = {key for key, row in self._placed.items() if not predicate(row)}
            if leaving:
                self.order = [key for key in self.order if key not in leaving]
                self._placed = {key: self._placed[key] for key in self.order}
            return
        if self.lingering is not None and self.is_lingering_gone:
            del self.rows[self.lingering]
        self.lingering = None
        self._misplaced, self.held = set(), set()
        if predicate is None:
            self._placed = dict(self.rows)
        else:
            self._placed = {key: row for key, row in self.rows.items() if predicate(row)}
        self._arrange()

    def set_sort(self, sort: Sort) -> None:
        """Sort by something else; what was held back is shown."""
        self.sort = sort
        self._placed.update((instance_id, self.rows[instance_id]) for instance_id in (*self._misplaced, *self.held))
        self._misplaced, self.held = set(), set()
        self._arrange()

    def ask_again(self, *, live: bool, pinned: str | None) -> None:
        """Apply the filter again, because what it lets pass depends on the time.

        Args:
            live: Whether the list is live.
            pinned: The id under the cursor.
        """
        predicate = self._predicate
        if predicate is not None:
            known = (self._placed.keys() | self.held) - {self.lingering}
            gone = self.lingering if self.is_lingering_gone else None
            turned = [row for key, row in self.rows.items() if key != gone and predicate(row) != (key in known)]
            if turned:
                self.apply(turned, (), live=live, pinned=pinned)

    def release(self) -> None:
        """Drop the lingering instance: the cursor has left it."""
        if self.lingering is not None:
            self._drop({self.lingering})
            if self.is_lingering_gone:
                del self.rows[self.lingering]
            self.lingering = None

    def _take_leave(self, instance_id: str, leaving: set[str], pinned: str | None, *, is_gone: bool) -> None:
        if instance_id == pinned:
            self.lingering, self.is_lingering_gone = instance_id, is_gone
            self._misplaced.add(instance_id)
        else:
            leaving.add(instance_id)

    def _drop(self, leaving: Collection[str]) -> None:
        self._misplaced.difference_update(leaving)
        if self._are_few(leaving):
            self._pull_all(leaving)
            for instance_id in leaving:
                del self._placed[instance_id]
        else:
            self.order = [instance_id for instance_id in self.order if instance_id not in leaving]
            for instance_id in leaving:
                del self._placed[instance_id]

    def _place(self, moved: set[str], new: set[str]) -> None:
        wanted = moved | new
        if self._are_few(moved) and self._are_few(new):
            self._pull_all(moved)
            for instance_id in wanted:
                self._placed[instance_id] = self.rows[instance_id]
                insort(self.order, instance_id, key=self._place_of)
        elif self._are_few(moved) and len(new) <= len(self.order) and self.sort == LOADED_SORT:
            self._pull_all(moved)
            self._arrange_end([self.rows[instance_id] for instance_id in wanted])
        else:
            # In the order in which they came: going through 100,000 in another takes twice as long.
            wanted |= self._placed.keys()
            self._placed = {instance_id: row for instance_id, row in self.rows.items() if instance_id in wanted}
            self._arrange()

    def _arrange_end(self, rows: list[InstanceSummary]) -> None:
        """Put instances where they belong; all before the first of them is left as it is."""
        rows = self.sort.arranged(rows, self._dormant_before)
        first = rows[0].instance_id
        self._placed.update((row.instance_id, row) for row in rows)
        start = bisect_left(self.order, self._place_of(first), key=self._place_of)
        rows.extend(self._placed[instance_id] for instance_id in self.order[start:])
        self.order[start:] = [row.instance_id for row in self.sort.arranged(rows, self._dormant_before)]

    def _arrange(self) -> None:
        self._dormant_before = self._ask_dormant_before()
        self.order = [row.instance_id for row in self.sort.arranged(self._placed.values(), self._dormant_before)]

    def _place_of(self, instance_id: str) -> Place:
        return self.sort.place(self._placed[instance_id], self._dormant_before)

    def _pull_all(self, instance_ids: Iterable[str]) -> None:
        for instance_id in instance_ids:
            self._pull(instance_id)

    def _pull(self, instance_id: str) -> None:
        del self.order[bisect_left(self.order, self._place_of(instance_id), key=self._place_of)]

    def _are_few(self, ids: Collection[str]) -> bool:
        return len(ids) * _IDS_SORTED_IN_THE_TIME_OF_ONE_MOVE < len(self.order)
