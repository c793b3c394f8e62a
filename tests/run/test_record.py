"""What a run says of itself is held to a shape, whoever wrote it."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_pipeline.errors import RunError
from mnist_pipeline.run.history import read_history
from mnist_pipeline.run.json_file import read_json
from mnist_pipeline.run.record import Metrics, Record

FIELDS = [*Record.__annotations__, *Metrics.__annotations__]
values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text() | st.sampled_from(["finished", "training"]),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(FIELDS), inner),
)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("record") / "file"


@pytest.mark.parametrize("shape", [Record, Metrics])
@given(content=st.dictionaries(st.sampled_from(FIELDS), values) | values)
def test_any_content_is_as_it_should_be_or_refused(file: Path, shape: type, content: Any) -> None:
    file.write_text(json.dumps(content))
    with contextlib.suppress(RunError):
        read = read_json(file, shape)
        assert shape.__required_keys__ <= read.keys()


@pytest.mark.parametrize("shape", [Record, Metrics])
@given(content=st.binary())
def test_any_bytes_are_read_or_refused(file: Path, shape: type, content: bytes) -> None:
    file.write_bytes(content)
    with contextlib.suppress(RunError):
        read_json(file, shape)
    with contextlib.suppress(RunError):
        assert isinstance(read_history(file), list)


def test_what_more_is_said_is_kept(file: Path) -> None:
    said = {"status": "finished", "mood": "good", "data": {"sha256": "00", "colour": "grey"}}
    file.write_text(json.dumps(said))
    assert read_json(file, Record) == said


@pytest.mark.parametrize(("content", "place"), [
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
def test_the_place_of_what_is_wrong_is_told(file: Path, content: Any, place: str) -> None:
    file.write_text(json.dumps(content))
    with pytest.raises(RunError, match=f": {place}(:| is missing)"):
        read_json(file, Record)
