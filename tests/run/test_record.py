"""run.json and metrics.json are read only if they have the types in record.py."""

import contextlib
import json
from pathlib import Path
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_pipeline.errors import RunError
from mnist_pipeline.run.folder import Run
from mnist_pipeline.run.history import read_history
from mnist_pipeline.run.json_file import read_json
from mnist_pipeline.run.record import Metrics, Record
from tests.helpers import unknown_keys

FIELDS = [*get_type_hints(Record), *get_type_hints(Metrics)]
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.sampled_from(["finished", "training"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(FIELDS), inner),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("record") / "file"


@given(content=st.dictionaries(st.sampled_from(FIELDS), values) | values)
def test_any_content_has_the_shape_that_is_typed_or_is_refused(file: Path, content: Any) -> None:
    file.write_text(json.dumps(content))
    for shape in (Record, Metrics):
        with contextlib.suppress(RunError):
            assert shape.__required_keys__ <= read_json(file, shape).keys()


@given(content=st.binary())
def test_any_bytes_are_read_or_refused(file: Path, content: bytes) -> None:
    file.write_bytes(content)
    with contextlib.suppress(RunError):
        read_json(file, Record)
    with contextlib.suppress(RunError):
        assert isinstance(read_history(file), list)


NEWER = {"status": "finished", "mood": "good", "data": {"sha256": "00", "color": "gray"}}


def test_keys_of_later_versions_are_kept(file: Path) -> None:
    file.write_text(json.dumps(NEWER))
    assert read_json(file, Record) == NEWER


def test_a_run_writes_no_key_that_is_not_typed(trained: Path) -> None:
    assert unknown_keys(NEWER, Record) == ["mood", "data.color"]
    record = Run(trained).record
    assert unknown_keys(record, Record) == []
    assert {"device", "gpus", "precision", "git_commit", "litert", "training_ended", "ended"} <= record.keys()


@pytest.mark.parametrize(("content", "key_path"), [
    ({"status": "finished", "epochs": "many"}, "epochs"),
    ({"status": "finished", "epochs": 1.5}, "epochs"),
    ({"status": "finished", "sha256": {"model.keras": None}}, r"sha256\.model\.keras"),
    ({"status": "finished", "data": {}}, r"data\.sha256"),
    ({"status": "finished", "task": {"kind": "letter", "from_logits": False}}, r"task\.kind"),
    ({"status": "finished", "versions": {"numpy": 2}}, r"versions\.numpy"),
    ({"status": "finished", "hardware": []}, "hardware"),
    ({"status": "finished", "epochs": True}, "epochs"),
    ({"status": "finished", "resumptions": {}}, "resumptions"),
    ({"status": "finished", "resumptions": [{"at": "now"}, "later"]}, r"resumptions\.1"),
    ({"status": "finished", "resumptions": [{"versions": {"numpy": 2}}]}, r"resumptions\.0\.versions\.numpy"),
    ({"status": "over"}, "status"),
    ({"status": ["finished"]}, "status"),
    ({}, "status"),
    ([], "its content"),
])  # fmt: skip
def test_the_key_of_a_mismatch_is_named(file: Path, content: Any, key_path: str) -> None:
    file.write_text(json.dumps(content))
    with pytest.raises(RunError, match=f": {key_path}(:| is missing)"):
        read_json(file, Record)
