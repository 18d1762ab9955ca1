"""What the scripted ChatCoder of the demonstration works on: features, workflows, prompts and AI responses.

The texts lie in ``demo_data/<workflow>.<phase>[.zh].md``, prompt first, and are
filled in with the particulars of a feature.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

from chatflow_core import WorkflowSchema

_SEPARATOR = "<!-- response -->\n"

#: Characters of the longest response: what a full test log comes to.
LONG_TEXT = 200_000


@dataclass(frozen=True)
class DemoFeature:
    """A feature of the imaginary web shop.

    Attributes:
        feature: Its id.
        title: What it is, in a few words.
        goal: What it is for, in a sentence.
        module: Where its code lies.
        table: Where its data lies.
        function: Where it is entered.
        symptom: What goes wrong in it.
        language: ``"en"`` or ``"zh"``.
    """

    feature: str
    title: str
    goal: str
    module: str
    table: str
    function: str
    symptom: str
    language: str = "en"


#: The features, by id.
FEATURES: Mapping[str, DemoFeature] = {
    feature.feature: feature
    for feature in (
        DemoFeature(
            "user-auth",
            "Sign in with a one-time code",
            "People sign in with a six-digit code sent by e-mail, and a code works exactly once.",
            "accounts/login.py",
            "login_codes",
            "redeem_code",
            "a code can be used twice when two tabs submit it at once",
        ),
        DemoFeature(
            "支付回调",
            "支付回调的验签与幂等处理",
            "渠道的通知可能重复、乱序或延迟到达,同一笔订单只能入账一次。",
            "payments/callback.py",
            "payment_events",
            "handle_callback",
            "同一通知同时到达两台服务器时入账两次",
            language="zh",
        ),
        DemoFeature(
            "search-index",
            "Full-text search over articles",
            "An article can be found within a second of being saved, and never after it was deleted.",
            "search/index.py",
            "search_documents",
            "index_article",
            "deleted articles stay in the results for up to an hour",
        ),
        DemoFeature(
            "dark-mode",
            "Follow the system's dark theme",
            "Pages use the theme of the reader's system unless the reader has chosen another.",
            "web/theme.py",
            "user_preferences",
            "resolve_theme",
            "the page flashes white before the dark style applies",
        ),
        DemoFeature(
            "csv-export",
            "Export reports as CSV",
            "Reports of any size can be downloaded as CSV without the server holding them in memory.",
            "reports/export.py",
            "export_jobs",
            "stream_rows",
            "a cell that begins with = is run as a formula by spreadsheet programs",
        ),
        DemoFeature(
            "rate-limits",
            "Rate limits for API clients",
            "A client that asks too often is told so, and when it may ask again, before it slows down others.",
            "api/limits.py",
            "rate_buckets",
            "take_token",
            "after the clock is set back all clients are refused for minutes",
        ),
    )
}

_TITLES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "code_generation": {
        "analyse": ("Analyse the request", "分析需求"),
        "design": ("Design the change", "方案设计"),
        "implement": ("Write the code", "编写代码"),
        "test": ("Run the tests", "运行测试"),
        "review": ("Review", "代码评审"),
    },
    "bugfix": {
        "reproduce": ("Reproduce the bug", "复现问题"),
        "fix": ("Fix the cause", "修复根因"),
        "verify": ("Verify the fix", "验证修复"),
    },
    "docs": {"outline": ("Outline", "提纲"), "write": ("Write the page", "撰写")},
}

#: The names of the workflows.
WORKFLOWS = tuple(_TITLES)

#: Phases in which something goes wrong now and then.
RISKY_PHASES = frozenset({"implement", "test", "fix", "verify"})

# All of them are found out after the response, so that none contradicts it.
_REASONS = (
    "CI disagrees: 2 of 63 tests failed: test_two_at_once (expected 1 row, got 2), test_limit_is_named",
    "The patch does not apply: {module} has changed since the prompt was built",
    'mypy: {module}:52: Item "None" of "Row | None" has no attribute "id"',
    "CI timed out after 300 s waiting for the test database to start",
    "The check of the response was refused three times with status 429 (too many requests); gave up after 94 s",
)
_REASONS_ZH = (
    "CI 结果不一致:48 个用例中有 2 个失败,并发到达时入账两次(期望 1 行,实际 2 行)",
    "补丁无法应用:{module} 在生成提示词之后已被修改",
    "检查服务连续三次返回 429(请求过多),等待 94 秒后放弃",
)


def schema_for(workflow: str, language: str) -> WorkflowSchema:
    """Give the definition of a workflow, with titles in a language."""
    column = 1 if language == "zh" else 0
    phases = [
        {"name": name, "title": titles[column], "task": f"{workflow}.{name}", "template": f"{workflow}/{name}.md"}
        for name, titles in _TITLES[workflow].items()
    ]
    return WorkflowSchema.from_dict({"name": workflow, "phases": phases})


def prompt_for(feature: DemoFeature, workflow: str, phase: str, *, failed_because: str | None = None) -> str:
    """Write a prompt; after a failure it says what went wrong."""
    prompt = _fill(feature, workflow, phase)[0]
    if failed_because is None:
        return prompt
    heading = "上一次为何失败" if feature.language == "zh" else "What went wrong last time"
    return f"{prompt}\n## {heading}\n\n```text\n{failed_because}\n```\n"


def response_for(feature: DemoFeature, workflow: str, phase: str, *, failed_because: str | None = None) -> str:
    """Write an AI response; after a failure it begins with what is different now."""
    response = _fill(feature, workflow, phase)[1]
    if failed_because is None:
        return response
    if feature.language == "zh":
        return f"*再次尝试。* 上一次失败的原因已经找到并处理:{failed_because}\n\n{response}"
    return f"*Another attempt.* The cause of the former failure is dealt with: {failed_because}\n\n{response}"


def long_response(feature: DemoFeature, chance: random.Random) -> str:
    """Write a response of about `LONG_TEXT` characters: a report with the whole log of a test run."""
    parts = [response_for(feature, "code_generation", "test"), "\n## The whole log\n"]
    size = sum(map(len, parts))
    number = 0
    while size < LONG_TEXT:
        number += 1
        lines = [
            f"tests/test_{feature.table}_{number:02}.py::test_case_{case:03}[{chance.choice(_INPUTS)}] "
            f"PASSED [{chance.uniform(0.2, 90):6.1f} ms]"
            for case in range(1, 81)
        ]
        parts.append(f"\n### Part {number}\n\n```text\n" + "\n".join(lines) + "\n```\n")
        size += len(parts[-1])
    parts.append(f"\n{number * 80:,} cases in {number} parts, all passed.\n")
    return "".join(parts)


_INPUTS = ("plain", "empty", "very-long", "two-at-once", "中文", "read-only-database", "clock-set-back")


def failure_reason(feature: DemoFeature, chance: random.Random) -> str:
    """Say why a phase failed."""
    reasons = _REASONS_ZH if feature.language == "zh" else _REASONS
    return chance.choice(reasons).format(module=feature.module)


def trigger_data_for(feature: DemoFeature, phase: str, chance: random.Random) -> dict[str, Any]:
    """Give the result of a phase, as a trigger takes it."""
    changed = {"files": [feature.module, f"tests/test_{feature.table}.py"], "lines_added": chance.randint(20, 240)}
    results: dict[str, dict[str, Any]] = {
        "analyse": {"requirements": chance.randint(4, 9), "open_questions": chance.randint(0, 2)},
        "design": {"tables": [feature.table], "risk": chance.choice(("low", "medium"))},
        "implement": changed,
        "test": {"passed": chance.randint(40, 90), "failed": 0, "seconds": round(chance.uniform(4, 40), 1)},
        "review": {"verdict": "approve", "remarks": chance.randint(0, 4)},
        "reproduce": {"reproduced": True, "runs": chance.randint(1, 20)},
        "fix": {**changed, "commit": f"{chance.getrandbits(28):07x}"},
        "verify": {"runs": 1000, "failures": 0},
        "outline": {"headings": chance.randint(3, 7)},
        "write": {"words": chance.randint(300, 1200)},
    }
    return results[phase]


def _fill(feature: DemoFeature, workflow: str, phase: str) -> tuple[str, str]:
    values = {**asdict(feature), "import_path": feature.module.removesuffix(".py").replace("/", ".")}
    prompt, response = _templates(workflow, phase, feature.language)
    return Template(prompt).substitute(values), Template(response).substitute(values)


@cache
def _templates(workflow: str, phase: str, language: str) -> tuple[str, str]:
    folder = files("chatflow_tui") / "demo_data"
    own = folder / f"{workflow}.{phase}.{language}.md"
    source = own if own.is_file() else folder / f"{workflow}.{phase}.md"
    prompt, _, response = source.read_text(encoding="utf-8").partition(_SEPARATOR)
    return prompt.rstrip() + "\n", response
