"""What all dialogs that write have in common: they say what will be written, and write it once."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual import on, work
from textual._time import get_time
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.timer import Timer
from textual.widgets import Button, Label, TextArea

from chatflow_core import CatalogChange, InvalidNameError, InvalidValueError, WorkflowEngine
from chatflow_tui.acting.steps import Done, StepPlan, refusal
from chatflow_tui.screens.closing import Dialog
from chatflow_tui.store_errors import STORE_ERRORS
from chatflow_tui.terminal.stopping import WRITING
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.painted_static import PaintedStatic

# After the dialog has changed under the reader's eyes, a key that was on its way is not a decision.
_PAUSE_AFTER_CHANGE_SECONDS = 0.5

# Writing takes milliseconds: what takes longer than this waits for something, and that is told.
_PATIENCE_SECONDS = 0.7

_CHANGED = "Changed by another program meanwhile"

# What stands in the dialog by then is another question than the one that was confirmed.
_ANEW = "Confirm anew, or cancel."


class StepDialog(Dialog[Done | None]):
    """Asks whether to do a step, and does it: once, in a thread, only if the instance is still where it was.

    Dismissed with what was done, or None if nothing was. A subclass gives `HEADING` and `VERB`, the fields
    (`compose_fields`), what would be done (`find_plan`) and the doing (`prepare`).
    """

    #: What the dialog is about, and the word on the button that does it.
    HEADING: ClassVar[str]
    VERB: ClassVar[str]

    #: What cancelling would drop, if there is a draft.
    DRAFT: ClassVar[str] = "what you typed"

    #: What the reader has to know when it opens, harmless: toasts are taken away then.
    first_notice: str | None = None

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "cancel",
            "Cancel",
            priority=True,
            id="dialog.cancel",
            tooltip="close the dialog; nothing is written",
        ),
        Binding("ctrl+s", "confirm", "Do it", id="dialog.confirm", tooltip="do what the dialog asks about"),
    ]

    DEFAULT_CSS = """
    StepDialog {
        align: center middle;
        & > #box {
            width: 84;
            max-width: 100%;
            height: auto;
            max-height: 100%;
            padding: 0 2;
            border: round $primary;
            border-subtitle-color: $text-muted;
            background: $surface;
        }
        & Label { width: 1fr; }
        & #writes { width: 1fr; text-style: bold; margin-bottom: 1; }
        & #fields { height: auto; }
        & #notice { color: $text-warning; text-style: bold; height: auto; max-height: 4; display: none; }
        & #notice.-shown { display: block; }
        & #buttons { height: 1; align-horizontal: right; }
        & #buttons Button { margin-left: 2; min-width: 12; }
        & Button.-style-default:focus {
            text-style: bold;
            background: $block-cursor-background;
            color: $block-cursor-foreground;
        }
    }
    """

    def __init__(self, engine: WorkflowEngine, plan: StepPlan) -> None:
        """Make the dialog.

        Args:
            engine: The engine to do it with.
            plan: What would be done.
        """
        super().__init__()
        self._engine = engine
        self._plan = plan
        self._asked_at = math.inf
        self._questions = 0
        self._is_busy = False
        self._is_refused = False
        # The draft that the reader was told would be dropped, once that could be read.
        self._droppable: object = None
        self._due_notice: str | None = None
        self._pause: Timer | None = None
        self._patience: Timer | None = None

    # What a kind of step brings

    def compose_fields(self) -> ComposeResult:
        """Place what can be handed over; nothing by default."""
        yield from ()

    def find_plan(self) -> StepPlan:
        """Find out anew what would be done. Blocks; called in a thread.

        Raises:
            ChatFlowError: It cannot be done any more; the message says why.
        """
        raise NotImplementedError

    def prepare(self) -> Callable[[], Done]:
        """Take what was typed and give the function that does the step as planned. The function blocks, in a thread.

        Raises:
            InvalidValueError: What was typed cannot be used (the function may raise it as well).
        """
        raise NotImplementedError

    def find_draft(self) -> object:
        """Give what the reader has handed over and cancelling would drop; None if there is nothing."""
        typed = [area.text for area in self.query(TextArea)]
        return typed if any(map(str.strip, typed)) else None

    # What every step has

    @property
    def plan(self) -> StepPlan:
        """What would be done, or was done."""
        return self._plan

    @property
    def is_armed(self) -> bool:
        """Whether an answer counts by now."""
        return self._asked_at < math.inf

    @property
    def asked_at(self) -> float:
        """Since when what it asks is painted, by the clock of Textual's events; infinity before."""
        return self._asked_at

    def is_answer(self, key: str) -> bool:
        """Tell whether a key presses the button that does it, or does it from within a field."""
        active = self.active_bindings.get(key)
        if active is None:
            return False
        return active.binding.action == "confirm" or (active.binding.action, active.node.id) == ("press", "confirm")

    @property
    def is_busy(self) -> bool:
        """Whether the step is being done."""
        return self._is_busy

    def compose(self) -> ComposeResult:
        """Place what would be written above what can be handed over, and the answers below."""
        with Vertical(id="box") as box:
            box.border_title = Content(self.HEADING)
            box.border_subtitle = Content("tab moves · ctrl+s does it · esc cancels")
            yield Label(id="instance", markup=False)
            yield PaintedStatic(id="writes", markup=False)
            with VerticalScroll(id="fields", can_focus=False):
                yield from self.compose_fields()
            yield Label(id="notice", markup=False)
            with Horizontal(id="buttons"):
                yield Button(Content(self.VERB), id="confirm", compact=True)
                yield Button(Content("Cancel"), id="cancel", compact=True)

    def on_mount(self) -> None:
        """Show the plan; nothing counts as an answer before it has been painted."""
        self.show_plan()
        if self.first_notice is not None:
            self.show_notice(self.first_notice)
        self.focus_first()
        self._arm_once_painted(self.query_one("#writes", PaintedStatic))

    def on_resize(self) -> None:
        """Leave room for what is asked and for the answers; the fields scroll between them."""
        self.call_after_refresh(self._fit)

    def focus_first(self) -> None:
        """Put the focus where the reader begins: on the button, if nothing has to be typed."""
        self.set_focus(self.query_one("#confirm"))

    def show_plan(self) -> None:
        """Show which instance it is and what would be written."""
        plan = self._plan
        self.query_one("#instance", Label).update(f"{plain_name(plan.feature_id)} · {plain_name(plan.instance_id)}")
        self.query_one("#writes", PaintedStatic).update("\n".join(map(plain_name, plan.writes)))

    def take_change(self, change: CatalogChange) -> None:
        """Ask again if the instance is no longer as the plan found it."""
        plan = self._plan
        now = next((found for found in change.changed if found.instance_id == plan.instance_id), None)
        is_gone = plan.instance_id in change.removed
        if self._is_busy or (now is None and not is_gone):
            return
        is_as_planned = now is not None and (now.current_phase, now.status, now.updated_at) == (
            plan.phase,
            plan.status,
            plan.updated_at,
        )
        if self._is_refused or not is_as_planned:
            self._plan_again()

    def action_cancel(self) -> None:
        """Do nothing and close; a draft is dropped only when told so twice. What is being written is not taken back."""
        if self._is_busy:
            return
        draft = self.find_draft()
        if draft is None or draft == self._droppable:
            self.dismiss(None)
            return
        self.show_notice(f"Cancel once more to drop {self.DRAFT}.")
        self.set_timer(_PAUSE_AFTER_CHANGE_SECONDS, partial(self._let_drop, draft))

    def _let_drop(self, draft: object) -> None:
        self._droppable = draft

    def action_confirm(self) -> None:
        """Do the step as the button does, from wherever something is typed."""
        self.confirm()

    def confirm(self) -> None:
        """Do the step, if an answer counts by now and it is not being done already."""
        if not self.is_armed or self._is_busy or self._is_refused:
            return
        self._is_busy = True
        self.set_focus(None)
        self._set_confirm(enabled=False)
        self._patience = self.set_timer(_PATIENCE_SECONDS, self._tell_waiting)
        self._do()

    @on(Button.Pressed, "#cancel")
    def _cancel(self) -> None:
        self.action_cancel()

    @on(Button.Pressed, "#confirm")
    def _confirm(self) -> None:
        self.confirm()

    @work(group=f"{WRITING} step")
    async def _do(self) -> None:
        try:
            done = await asyncio.to_thread(self.prepare())
        except (InvalidValueError, InvalidNameError) as error:
            self._ask_again(f"Nothing was written: {plain_name(str(error))}")
            self._plan_again()  # what was told of meanwhile was not looked at
        except STORE_ERRORS as error:
            self._is_busy = False
            self._plan_again(refusal(error, self._plan))
        else:
            self.dismiss(done)
        finally:
            if self._patience is not None:
                self._patience.stop()

    def _tell_waiting(self) -> None:
        if self._is_busy:
            self.show_notice("Not written yet: waiting for the disk, or for a lock that another program holds …")

    def _plan_again(self, notice: str | None = None) -> None:
        # An answer that comes meanwhile is one to what is shown: it is done only if the instance is still so.
        if notice is not None:
            self._disarm()  # but not before this could be read
            self._due_notice = notice
        # In its turn: not before the dialog stands, and not while it is taken away.
        self.call_later(self._replan)

    @work(exclusive=True, group="plan")
    async def _replan(self) -> None:
        # Its turn may come when the dialog was closed already: then there is nothing any more to show a plan on.
        # And what is being written here must not be taken for a change by another program.
        if self.is_dismissed or self._is_busy:
            return
        try:
            plan = await asyncio.to_thread(self.find_plan)
        except STORE_ERRORS as error:
            if not (self.is_dismissed or self._is_busy):
                before, why = self._due_notice or f"{_CHANGED}.", refusal(error)
                self._refuse(why if before == why else f"{before} {why}")
            return
        if self.is_dismissed or self._is_busy:
            return
        notice, former, self._plan = self._due_notice, self._plan, plan
        if notice is None and plan == former and not self._is_refused:
            return  # it was told of a change that the plan had seen already
        self.show_plan()
        notice = notice or f"{_CHANGED}: now {plain_name(plan.phase)} ({plain_name(plan.status)})."
        self._ask_again(notice if plan == former else f"{notice.rstrip('.')}. {_ANEW}")

    def _ask_again(self, notice: str) -> None:
        self._is_busy = self._is_refused = False
        self._due_notice = None
        self.show_notice(notice)
        self._disarm()
        self._set_confirm(enabled=True)
        if self.focused is None:
            self.set_focus(self.query_one("#confirm"))
        self._pause = self.set_timer(_PAUSE_AFTER_CHANGE_SECONDS, self._arm)

    def _refuse(self, notice: str) -> None:
        self._is_busy, self._is_refused = False, True
        self._due_notice = None
        self._disarm()
        self.show_notice(notice)
        # A reader who is typing goes on typing: it may become possible again. And a key that was on its way
        # must not press the other button, which would take away what the notice says.
        if self.focused is not None and self.focused.id == "confirm":
            self.set_focus(None)
        self._set_confirm(enabled=False)
        self._pause = self.set_timer(_PAUSE_AFTER_CHANGE_SECONDS, self._focus_cancel)

    def _focus_cancel(self) -> None:
        if self.focused is None:
            self.set_focus(self.query_one("#cancel"))

    def _arm(self) -> None:
        self._asked_at = get_time()

    def _arm_once_painted(self, asked: PaintedStatic) -> None:
        question = self._questions

        def arm() -> None:
            if question == self._questions:  # nothing else has been asked since
                self._arm()

        asked.once_painted(arm)
        # It may be out of sight, where the terminal is small.
        self.call_after_refresh(asked.tell_painted)

    def _disarm(self) -> None:
        self._asked_at = math.inf
        self._questions += 1
        if self._pause is not None:
            self._pause.stop()

    def _set_confirm(self, *, enabled: bool) -> None:
        self.query_one("#confirm", Button).disabled = not enabled

    def show_notice(self, notice: str) -> None:
        """Say, above the answers, what the reader has to know; it must be harmless already."""
        label = self.query_one("#notice", Label)
        label.update(notice)
        label.add_class("-shown")
        self.call_after_refresh(self._fit)

    def _fit(self) -> None:
        if not self.is_running:
            return  # what is called after a refresh may come while the dialog is taken away
        fields, box = self.query_one("#fields"), self.query_one("#box")
        others = sum(child.outer_size.height for child in box.children if child is not fields and child.display)
        others += sum(child.styles.margin.height for child in box.children if child.display)
        fields.styles.max_height = max(1, self.size.height - others - box.gutter.height)
