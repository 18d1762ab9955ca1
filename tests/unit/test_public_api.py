from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

import chatflow_core as chatflow
from chatflow_core import FileStateStore, IWorkflowEngine, WorkflowEngine
from tests.files import run_python

# The original's example, its four parts as they stand there; only the import is ours.
EXAMPLE = """
import chatflow_core as chatflow

# 方式一：使用默认配置
engine = chatflow.engine  # 全局单例

# 方式二：自定义存储路径
engine = chatflow.init("./my_project/.chatflow")

schema = {
    "name": "code_generation",
    "phases": [
        {"name": "requirement_analysis"},
        {"name": "design"},
        {"name": "implementation"}
    ]
}

initial_context = {
    "user_request": "创建用户注册功能"
}

instance_id = engine.start_workflow_instance(
    workflow_schema=schema,
    initial_context=initial_context,
    feature_id="feat_user_auth",
    meta={"user_id": "dev_alice", "session_id": "sess_123"}
)

# 执行完一个阶段后调用
result = engine.trigger_next_step(
    instance_id=instance_id,
    trigger_data={
        "analysis_result": "需要邮箱验证...",
        "code_diff": "+100 -20"
    },
    meta={"duration_sec": 45.2}
)

# 获取单个实例状态
status = engine.get_workflow_instance_status(instance_id)

# 获取整个特性的聚合状态
feature_status = engine.get_feature_status("feat_user_auth")
"""

CHECKS = """
assert status == result
assert status.current_phase == "design" and status.status == "running"
assert [entry.phase for entry in status.history] == ["requirement_analysis", "design"]
assert status.history[0].trigger_data_snapshot["analysis_result"] == "需要邮箱验证..."
assert status.variables == initial_context
assert status.meta == {"user_id": "dev_alice", "session_id": "sess_123", "duration_sec": 45.2}
assert feature_status["feature_id"] == "feat_user_auth"
assert feature_status["total_instances"] == 1 and feature_status["running_count"] == 1
assert feature_status["completed_count"] == 0 and feature_status["status"] == "in_progress"
assert feature_status["latest_instance_id"] == instance_id
"""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh working directory, and no default engine yet; the one there was is put back."""
    monkeypatch.chdir(tmp_path)
    kept = chatflow.__dict__.pop("engine", None)
    yield tmp_path
    chatflow.__dict__.pop("engine", None)
    if kept is not None:
        chatflow.engine = kept


def test_the_originals_example_runs_as_written(tmp_path: Path) -> None:
    run_python(EXAMPLE + CHECKS, tmp_path)
    made = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert "my_project/.chatflow/features/feat_user_auth.link" in made
    assert not any(name.startswith(".chatflow") for name in made)


def test_importing_loads_no_screen_and_creates_nothing(tmp_path: Path) -> None:
    code = "import sys, chatflow_core; chatflow_core.WorkflowEngine; print(*sys.modules)"
    loaded = run_python(code, tmp_path).split()
    assert "chatflow_core.workflow_engine" in loaded
    assert not {name.partition(".")[0] for name in loaded} & {"textual", "rich", "chatflow_tui"}
    assert list(tmp_path.iterdir()) == []


def test_asking_for_the_default_engine_creates_nothing(elsewhere: Path) -> None:
    assert chatflow.engine.list_instances() == []
    assert list(elsewhere.iterdir()) == []


def test_the_default_engine_is_on_chatflow_in_the_working_directory(elsewhere: Path) -> None:
    store = chatflow.engine.state_store
    assert isinstance(store, FileStateStore)
    assert store.base_dir == (elsewhere / ".chatflow").resolve()
    assert chatflow.engine is chatflow.engine


def test_init_after_the_default_was_used_switches_the_default(elsewhere: Path) -> None:
    first = chatflow.engine
    second = chatflow.init("proj/.chatflow")
    assert second is not first
    assert chatflow.engine is second
    assert isinstance(second.state_store, FileStateStore)
    assert second.state_store.base_dir == (elsewhere / "proj" / ".chatflow").resolve()


def test_one_directory_has_one_engine_however_it_is_spelled(elsewhere: Path) -> None:
    (elsewhere / "here").mkdir()
    (elsewhere / "link").symlink_to("here")
    engines = {WorkflowEngine(name) for name in ("here/x", "./here/../here/x", str(elsewhere / "link" / "x"))}
    assert len(engines) == 1
    assert WorkflowEngine("other") not in engines


def test_an_explicit_store_bypasses_the_registry(elsewhere: Path) -> None:
    store = FileStateStore("s", durable=False)
    one, other = WorkflowEngine(state_store=store), WorkflowEngine("s", store)
    assert one is not other
    assert one.state_store is store
    assert WorkflowEngine("s") not in (one, other)


def test_all_names_are_importable_sorted_and_complete() -> None:
    assert chatflow.__all__ == sorted(chatflow.__all__)
    for name in chatflow.__all__:
        assert getattr(chatflow, name) is not None
    assert set(chatflow.__all__) <= set(dir(chatflow))
    source = Path(chatflow.__file__).read_text(encoding="utf-8")
    imported = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("chatflow_core")
        for alias in node.names
    }
    assert set(chatflow.__all__) == imported | {"engine", "init"}


def test_public_names_say_nothing_of_modules_called_engine_or_init() -> None:
    modules = {path.stem for path in Path(chatflow.__file__).parent.iterdir()}
    assert not modules & {"engine", "init"}


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = chatflow.nonsense


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("start_workflow_instance", ["workflow_schema", "initial_context", "feature_id", "meta"]),
        ("trigger_next_step", ["instance_id", "trigger_data", "meta", "dry_run", "expected_phase"]),
        ("get_workflow_instance_status", ["instance_id"]),
        ("get_feature_status", ["feature_id", "schema_name"]),
        ("fail_current_phase", ["instance_id", "reason", "meta", "expected_phase"]),
        ("retry_phase", ["instance_id", "meta", "expected_phase"]),
        ("record_task", ["instance_id", "prompt", "ai_response", "phase_name", "status"]),
        ("load_artifacts", ["instance_id", "phase_name", "attempt"]),
        ("list_instances", []),
        ("list_features", []),
    ],
)
def test_the_engines_methods_have_the_documented_parameters(method: str, parameters: list[str]) -> None:
    signature = inspect.signature(getattr(WorkflowEngine, method))
    assert list(signature.parameters)[1:] == parameters
    for name in ("dry_run", "expected_phase", "status"):
        if name in signature.parameters:
            assert signature.parameters[name].kind is inspect.Parameter.KEYWORD_ONLY


def test_the_engine_is_one_of_the_originals_interface() -> None:
    assert issubclass(WorkflowEngine, IWorkflowEngine)
    assert inspect.signature(WorkflowEngine.get_feature_status).parameters["schema_name"].default == "default"


def test_a_store_makes_its_directories_at_once_unless_told_not_to(tmp_path: Path) -> None:
    FileStateStore(tmp_path / "made")
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == [".locks", "features", "instances"]
    FileStateStore(tmp_path / "not_made", create=False)
    assert not (tmp_path / "not_made").exists()
