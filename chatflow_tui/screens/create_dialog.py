"""The dialog that makes an instance: its schema, its feature and its context."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Label

from chatflow_core import FeatureSummary, InvalidValueError, WorkflowEngine
from chatflow_tui.acting.creating import SchemaChoice, matching, plan_create
from chatflow_tui.acting.steps import Done, StepPlan
from chatflow_tui.keys.key_groups import hidden
from chatflow_tui.lists.cells import fit_name
from chatflow_tui.screens.step_dialog import StepDialog
from chatflow_tui.texts.plain_text import plain_name
from chatflow_tui.widgets.line_list import LineList
from chatflow_tui.widgets.line_pane import Cell
from chatflow_tui.widgets.yaml_field import YamlField

_NAME_WIDTH = 24

# A row has room for so much of a list of phases, or of an error that may be megabytes.
_MOST_OF_WORDS = 300


class SchemaList(LineList[SchemaChoice]):
    """A row for each schema; broken ones say why, and cannot be chosen."""

    def render_row(self, key: str, row: SchemaChoice, width: int) -> Sequence[Cell]:  # noqa: ARG002 - the list cuts
        """Render one schema."""
        is_broken = row.schema is None
        return [
            ("✗ " if is_broken else "  ", "line-list--dim"),
            (fit_name(row.name, _NAME_WIDTH), "line-list--dim" if is_broken else "line-list--strong"),
            (" " + plain_name(row.words[:_MOST_OF_WORDS]), "line-list--dim"),
        ]


class CreateDialog(StepDialog):
    """Asks for schema, feature and context, and makes the instance."""

    HEADING = "New instance"
    VERB = "Create"

    BINDINGS: ClassVar[list[BindingType]] = [
        hidden("up", "choose_by(-1)", "Schema above", "schema.above", "choose the schema above"),
        hidden("down", "choose_by(1)", "Schema below", "schema.below", "choose the schema below"),
    ]

    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012 - as Textual declares it

    DEFAULT_CSS = """
    CreateDialog {
        & #schemas { max-height: 6; }
        & #phases { color: $text-muted; height: auto; max-height: 3; padding-left: 2; margin-bottom: 1; }
        & #phases.-wrong { color: $text-error; }
        & .line { height: 1; }
        & .line Label { width: 10; color: $text-muted; }
        & Input { width: 1fr; height: 1; border: none; padding: 0 1; background: $boost; }
        & Input:focus { border: none; background-tint: $foreground 5%; }
        &.-low #schemas { max-height: 4; }
        &.-low #phases { max-height: 2; margin: 0; }
    }
    """

    def __init__(
        self,
        engine: WorkflowEngine,
        choices: Sequence[SchemaChoice],
        features: Mapping[str, FeatureSummary],
        *,
        workflow: str | None = None,
        feature_id: str = "",
    ) -> None:
        """Make the dialog.

        Args:
            engine: The engine to make the instance with.
            choices: The schemas to choose from.
            features: The features there are, for completion.
            workflow: Name of the workflow to begin with; None for the first that can be chosen.
            feature_id: The feature to begin with.
        """
        self._choices = choices
        self._features = features
        self._workflow = workflow
        self._feature_id = feature_id if plain_name(feature_id) == feature_id else ""
        super().__init__(engine, plan_create(None, self._feature_id, features))

    def compose_fields(self) -> ComposeResult:
        """Place schema, feature and context."""
        with Horizontal(classes="line"):
            yield Label("schema", markup=False)
            yield Input(placeholder="type to filter, ↑ ↓ choose", id="filter")
        yield SchemaList(id="schemas")
        yield Label(id="phases", markup=False)
        with Horizontal(classes="line", id="feature-line"):
            yield Label("feature", markup=False)
            # What is not harmless is not completed: it would be another name by then.
            names = sorted(name for name in self._features if plain_name(name) == name)
            yield Input(
                self._feature_id,
                placeholder="required; → completes",
                suggester=SuggestFromList(names, case_sensitive=False),
                id="feature",
            )
        yield YamlField("context", id="context", with_ways=True)

    def on_mount(self) -> None:
        """Begin with a schema that can be chosen."""
        super().on_mount()
        schemas = self.query_one(SchemaList)
        schemas.can_focus = False  # the filter has its keys
        schemas.styles.height = len(self._choices)
        schemas.set_rows((choice.name, choice) for choice in self._choices)
        possible = [choice for choice in self._choices if choice.schema is not None]
        same = [choice for choice in possible if choice.schema is not None and choice.schema.name == self._workflow]
        for choice in (same or possible)[:1]:
            schemas.move_cursor(choice.name)
        self._show_choice()

    def focus_first(self) -> None:
        """Begin with the schema."""
        self.set_focus(self.query_one("#filter"))

    def show_plan(self) -> None:
        """Show what would be written."""
        super().show_plan()
        self.query_one("#instance", Label).update("a new instance; its id is made when it is written")

    def find_plan(self) -> StepPlan:
        """Give the plan as it is: it depends on nothing but what was chosen."""
        return self._plan

    def prepare(self) -> Callable[[], Done]:
        """Take what was chosen and typed.

        Raises:
            InvalidValueError: A schema or a feature is missing.
        """
        choice, feature_id = self._choice, self._plan.feature_id
        if choice is None or choice.schema is None:
            self.set_focus(self.query_one("#filter"))
            raise InvalidValueError("choose a schema that is not broken")
        if not feature_id:
            self.set_focus(self.query_one("#feature"))
            raise InvalidValueError("a feature is required")
        schema, context = choice.schema, self.query_one(YamlField).reader()

        def create() -> Done:
            # The schema as it was shown, whatever has become of its file.
            instance_id = self._engine.start_workflow_instance(schema, context() or {}, feature_id)
            return Done(instance_id, f"{feature_id}: {instance_id} made, {schema.phase_names[0]} is next")

        return create

    @property
    def _choice(self) -> SchemaChoice | None:
        schemas = self.query_one(SchemaList)
        return schemas.get_row(schemas.cursor_key or "")

    def action_choose_by(self, rows: int) -> None:
        """Move to the schema below, or above if negative."""
        self.query_one(SchemaList).action_cursor_by(rows)

    @on(Input.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        found = matching(self._choices, event.value)
        self.query_one(SchemaList).set_rows((choice.name, choice) for choice in found)
        self._show_choice()

    @on(LineList.CursorMoved)
    @on(Input.Changed, "#feature")
    def _changed(self, event: Message) -> None:
        event.stop()
        self._show_choice()

    @on(Input.Submitted)
    def _next_field(self) -> None:
        self.focus_next()

    def _show_choice(self) -> None:
        choice = self._choice
        phases = self.query_one("#phases", Label)
        count = "" if choice is None or choice.schema is None else f"{len(choice.schema.phase_names)} phases: "
        phases.update(count + plain_name(choice.words[:_MOST_OF_WORDS]) if choice is not None else "none matches")
        phases.set_class(choice is None or choice.schema is None, "-wrong")
        self._plan = plan_create(choice, self.query_one("#feature", Input).value.strip(), self._features)
        self.show_plan()
