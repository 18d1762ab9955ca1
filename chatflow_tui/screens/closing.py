"""Screens that close once, whatever keys come together with the one that closes them."""

from __future__ import annotations

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen, Screen, ScreenResultType


class ClosingScreen(Screen[ScreenResultType]):
    """A screen that is dismissed once.

    Keys of a burst, as over a slow line, may reach a screen that the first of them has closed. Textual
    takes the screen on top away at each dismissal, whichever that is by then.
    """

    _is_dismissed = False

    @property
    def is_dismissed(self) -> bool:
        """Whether it was closed, or the program ends; what stands on it may still be there, or half of it."""
        return self._is_dismissed or not self.app.is_running

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Close with a result, unless it was closed already, and with it what lies over it, such as the palette."""
        if self._is_dismissed or self not in self.app.screen_stack:
            return AwaitComplete()
        self._is_dismissed = True
        while (above := self.app.screen) is not self:
            above.dismiss()
        return super().dismiss(result)


# In this order: Textual takes the styles of the first alone.
class Dialog(ModalScreen[ScreenResultType], ClosingScreen[ScreenResultType]):
    """A screen over another one, which waits for its answer."""
