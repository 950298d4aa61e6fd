from __future__ import annotations

import base64
import json
import subprocess
import sys
from typing import Any

import nbformat
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from grader.errors import SubmissionRejected
from grader.intake import read_archive
from grader.intake.notebook import accept_executed, clean, find_notebook

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n and so on").decode()
GIF = base64.b64encode(b"GIF89a and so on").decode()
CODE: dict[str, Any] = {
    "cell_type": "code", "id": "a", "metadata": {}, "source": "x = 1", "execution_count": 3, "outputs": []
}  # fmt: skip
MARKDOWN: dict[str, Any] = {"cell_type": "markdown", "id": "m", "metadata": {}, "source": ["# A\n", "b"]}


def notebook(*cells: Any, **more: Any) -> bytes:
    base = {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(base | more).encode()


def cells(content: bytes) -> list[dict[str, Any]]:
    found = json.loads(content)["cells"]
    assert isinstance(found, list)
    return found


def cleaned(*given: Any, **more: Any) -> list[dict[str, Any]]:
    return cells(clean(notebook(*given, **more)))


def test_the_normal_form() -> None:
    raw = {"cell_type": "raw", "id": "r", "metadata": {"format": "text/html"}, "source": ""}
    code = CODE | {
        "metadata": {"tags": ["answer-1"], "collapsed": True, "vscode": {"languageId": "bash"}},
        "source": ["x = 1\n", "é\n"],
        "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}],
    }
    expected = (
        '{"cells":['
        '{"cell_type":"code","id":"a","metadata":{"tags":["answer-1"]},"source":"x = 1\\né\\n",'
        '"execution_count":null,"outputs":[]},'
        '{"cell_type":"markdown","id":"m","metadata":{},"source":"# A\\nb"},'
        '{"cell_type":"raw","id":"r","metadata":{},"source":""}],'
        '"metadata":{"kernelspec":{"display_name":"Python 3","language":"python","name":"python3"},'
        '"language_info":{"name":"python"}},"nbformat":4,"nbformat_minor":5}'
    )

    content = clean(notebook(code, MARKDOWN, raw))

    assert content.decode() == expected
    assert clean(content) == content
    nbformat.validate(json.loads(content))


@pytest.mark.parametrize(
    "metadata",
    [
        {"kernelspec": {"name": "../../evil", "display_name": "x", "argv": ["sh"]}},
        {"kernelspec": {"name": "bash"}, "language_info": {"name": "bash", "file_extension": ".sh"}},
        {"kernelspec": 5, "language_info": ["x"], "widgets": {"a": {"b": 1}}},
    ],
)
def test_the_kernel_is_ours(metadata: dict[str, Any]) -> None:
    assert clean(notebook(CODE, metadata=metadata)) == clean(notebook(CODE))


@pytest.mark.parametrize("minor", [0, 2, 4])
def test_an_older_notebook_gets_ids(minor: int) -> None:
    old = {key: value for key, value in CODE.items() if key != "id"}

    assert [c["id"] for c in cleaned(old, old, CODE, nbformat_minor=minor)] == ["cell-0", "cell-1", "cell-2"]


def test_a_missing_id_is_filled_in() -> None:
    assert cleaned({key: value for key, value in CODE.items() if key != "id"})[0]["id"] == "cell-0"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (notebook(nbformat=99), "nbformat 4"),
        (notebook(nbformat=3, cells=0, worksheets=[{"cells": [CODE]}]), "nbformat 4"),
        (notebook(nbformat=True), "nbformat 4"),
        (notebook(nbformat="4"), "nbformat 4"),
        (notebook(nbformat_minor=None), "nbformat_minor"),
        (notebook(nbformat_minor=-1), "nbformat_minor"),
        (b'{"nbformat": 4}', "nbformat_minor"),
        (notebook(cells={}), "list of cells"),
        (notebook(CODE, CODE), "two cells have the id a"),
        (notebook(CODE, MARKDOWN | {"source": 5}), "cell 2 is not"),
        (notebook(CODE | {"source": ["a", 5]}), "cell 1 is not"),
        (notebook(CODE | {"source": None}), "cell 1 is not"),
        (notebook(5), "cell 1 is not"),
        (notebook(CODE | {"cell_type": "Code"}), "cell 1 is not"),
        (notebook(CODE | {"cell_type": ["code"]}), "cell 1 is not"),
        (notebook(CODE | {"metadata": []}), "cell 1 is not"),
        (notebook(CODE | {"outputs": "none"}), "cell 1 is not"),
        (notebook({key: value for key, value in CODE.items() if key != "outputs"}), "cell 1 is not"),
        (notebook({key: value for key, value in CODE.items() if key != "source"}), "cell 1 is not"),
        (notebook(CODE | {"id": "a b"}), "cell 1 is not"),
        (notebook(CODE | {"id": "a\n"}), "cell 1 is not"),
        (notebook(CODE | {"id": ""}), "cell 1 is not"),
        (notebook(CODE | {"id": "a" * 65}), "cell 1 is not"),
        (notebook(CODE | {"id": 5}), "cell 1 is not"),
        (notebook(metadata=5), "describes notebooks"),
        (notebook().replace(b'"metadata": {}', b'"metadata": {"x": NaN}'), "not JSON"),
        (b"[" * 5000 + b"]" * 5000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (b"[]", "not a JSON object"),
        (b"", "not JSON, as line 1 shows"),
        (b"\xff\xfe{}", "not UTF-8"),
        (notebook().replace(b'"cells": []', b'"cells": [], "cells": [{"cell_type": "x"}]'), "a key occurs twice"),
        (notebook().replace(b"5", b"9" * 5000), "too long"),
    ],
)
def test_what_is_no_notebook_is_refused_with_a_reason(content: bytes, why: str) -> None:
    with pytest.raises(SubmissionRejected) as caught:
        clean(content, "work/a.ipynb")
    assert caught.value.message.startswith("This is not a valid notebook: ")
    assert why in caught.value.message
    assert (caught.value.where, bool(caught.value.fix)) == ("work/a.ipynb", True)
    with pytest.raises(ValueError, match="not a valid notebook"):
        accept_executed(content)


def test_too_much_of_it_is_refused() -> None:
    with pytest.raises(SubmissionRejected, match="more than 2000 cells"):
        clean(notebook(*[CODE] * 2001))
    with pytest.raises(SubmissionRejected, match="too many values"):
        clean(notebook(metadata=[[]] * 200_001))
    with pytest.raises(SubmissionRejected, match="larger than 64 MiB"):
        clean(b" " * (64 * 1024 * 1024 + 1))


def test_text_can_always_be_written() -> None:
    odd = MARKDOWN | {"source": ["a\0\ud83d", "\ude00 \U0001f600"], "metadata": {"tags": ["\ud800"]}}

    assert cleaned(odd) == [MARKDOWN | {"source": "a\ufffd\ufffd\ufffd \U0001f600"}]


def test_only_plain_tags_stay() -> None:
    tags = ["ok", "ok", 5, None, "", "a,b", "a\nb", "x" * 101, "x" * 100, "é", ["ok"]]

    assert cleaned(CODE | {"metadata": {"tags": tags}})[0]["metadata"] == {"tags": ["ok", "x" * 100, "é"]}
    many = {"tags": [str(n) for n in range(60)]}
    assert len(cleaned(CODE | {"metadata": many})[0]["metadata"]["tags"]) == 50
    assert cleaned(CODE | {"metadata": {"tags": "answer"}})[0]["metadata"] == {}


def test_only_pictures_stay_attached() -> None:
    attachments = {
        "a.png": {"image/png": [PNG[:10] + "\n", PNG[10:]], "text/html": "<script>"},
        "b.gif": {"image/gif": GIF, "image/jpeg": GIF},
        "c.svg": {"image/svg+xml": "<svg onload='x'/>"},
        "d.png": {"image/png": base64.b64encode(b"<html>").decode()},
        "e.png": {"image/png": PNG + '" onerror="x'},
        "f\n.png": {"image/png": PNG},
        "g.png": {"image/png": 5},
        "h.png": 5,
    }

    kept = {"a.png": {"image/png": PNG}, "b.gif": {"image/gif": GIF}}
    assert cleaned(MARKDOWN | {"attachments": attachments})[0]["attachments"] == kept
    assert "attachments" not in cleaned(MARKDOWN | {"attachments": {"x": {}}})[0]
    assert "attachments" not in cleaned(CODE | {"attachments": attachments})[0]


def test_an_upload_is_stored_in_normal_form() -> None:
    tree = read_archive(notebook(CODE), "My work.ipynb")

    assert (tree.kind, tree.files) == ("notebook", {"My_work.ipynb": clean(notebook(CODE))})


def test_files_of_an_archive_stay_as_they_are(tmp_path: Any) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.ipynb", "{}")
        archive.writestr("b.py", "x = 1")
    assert read_archive((tmp_path / "a.zip").read_bytes(), "a.zip").files["a.ipynb"] == b"{}"


def test_nbformat_waits_until_it_is_needed() -> None:
    code = "import sys, grader.intake, grader.intake.notebook; print('nbformat' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(
    ("files", "path", "found"),
    [
        (["a.ipynb", "b.py"], None, "a.ipynb"),
        (["a.ipynb", "old/b.ipynb", "old/c.ipynb"], None, "a.ipynb"),
        (["work/a.ipynb", "b.py"], None, "work/a.ipynb"),
        (["a.ipynb", "b.ipynb"], "b.ipynb", "b.ipynb"),
        (["work/A.IPYNB"], None, "work/A.IPYNB"),
    ],
)
def test_the_notebook_is_found(files: list[str], path: str | None, found: str) -> None:
    assert find_notebook(dict.fromkeys(files, b""), path) == found


@pytest.mark.parametrize(
    ("files", "path", "why"),
    [
        (["a.py"], None, "no notebook"),
        (["a.ipynb", "b.ipynb"], None, "more than one notebook in the submission: a.ipynb, b.ipynb"),
        (["x/a.ipynb", "x/b.ipynb"], None, "more than one"),
        (["a.ipynb"], "b.ipynb", "has no b.ipynb"),
    ],
)
def test_no_notebook_or_too_many_are_refused(files: list[str], path: str | None, why: str) -> None:
    with pytest.raises(SubmissionRejected, match=why) as caught:
        find_notebook(dict.fromkeys(files, b""), path)
    assert caught.value.fix


def executed(*outputs: Any, count: Any = 1) -> dict[str, Any]:
    content = accept_executed(notebook(CODE | {"outputs": list(outputs), "execution_count": count}))
    nbformat.validate(json.loads(content))
    assert accept_executed(content) == content
    return cells(content)[0]


def test_what_cells_show_stays() -> None:
    outputs = [
        {"output_type": "stream", "name": "stderr", "text": "a\nb"},
        {"output_type": "display_data", "metadata": {}, "data": {"text/plain": "x", "image/png": PNG}},
        {"output_type": "execute_result", "execution_count": 1, "metadata": {},
         "data": {"text/html": "<b>1</b>", "application/json": {"a": [1, 2.5, None, "é"]}}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["one", "two"]},
    ]  # fmt: skip

    cell = executed(*outputs)
    assert (cell["outputs"], cell["execution_count"]) == (outputs, 1)
    assert executed({"output_type": "stream", "name": "stdout", "text": ["a\n", "b"]})["outputs"][0]["text"] == "a\nb"


def test_the_rest_goes() -> None:
    shown = {
        "output_type": "display_data",
        "metadata": {"image/png": {"width": "1px' onload='x"}, "isolated": True},
        "transient": {},
        "data": {
            "application/javascript": "alert(1)",
            "application/vnd.jupyter.widget-view+json": {},
            "image/png": base64.b64encode(b"<svg>").decode(),
            "image/jpeg": PNG,
            "text/html": 5,
            "text/plain": "\ud800",
        },
    }
    outputs = executed(shown, {"output_type": "update_display_data", "data": {}}, "x", None, {"output_type": []})[
        "outputs"
    ]

    assert outputs == [{"output_type": "display_data", "metadata": {}, "data": {"text/plain": "\ufffd"}}]
    assert executed(count=-1)["execution_count"] is None
    assert executed(count=True)["execution_count"] is None
    assert executed({"output_type": "error", "ename": 5, "traceback": 5})["outputs"] == [
        {"output_type": "error", "ename": "", "evalue": "", "traceback": []}
    ]


@pytest.mark.parametrize("text", ["1e999", "[" * 40 + "]" * 40, '"\\ud800"', '{"\\ud800": 1}', '"' + "x" * 2**20 + '"'])
def test_json_that_cannot_be_written_again_is_left_out(text: str) -> None:
    shown = {"output_type": "display_data", "metadata": {}, "data": {"application/json": "HERE", "text/plain": "x"}}
    content = notebook(CODE | {"outputs": [shown]}).replace(b'"HERE"', text.encode())

    assert cells(accept_executed(content))[0]["outputs"][0]["data"] == {"text/plain": "x"}


def test_what_is_shown_has_limits() -> None:
    long = {"output_type": "stream", "name": "stdout", "text": "x" * (2**20 + 5)}
    markup = {"output_type": "display_data", "metadata": {}, "data": {"text/html": "x" * (2**20 + 5)}}
    short = {"output_type": "stream", "name": "stdout", "text": "x"}

    kept = executed(long, markup)["outputs"]
    assert (len(kept[0]["text"]), kept[1]["data"]) == (2**20, {})
    assert len(executed(*[short] * 1500)["outputs"]) == 1000
    assert sum(len(output["text"]) for output in executed(*[long] * 60)["outputs"]) == 48 * 2**20


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 6) | st.floats() | st.text(max_size=5) | st.sampled_from(["code", PNG]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["image/png", "tags", "source", "output_type", "data", "text"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)
TEXTS = st.text(st.characters(), max_size=12)
CELLS = st.fixed_dictionaries(
    {},
    optional={
        "cell_type": st.sampled_from(["code", "markdown", "raw"]) | JSON,
        "id": st.text("ab-_ \n", max_size=3) | JSON,
        "metadata": st.dictionaries(st.sampled_from(["tags", "x"]), JSON | st.lists(TEXTS)) | JSON,
        "source": TEXTS | st.lists(TEXTS, max_size=3) | JSON,
        "execution_count": JSON,
        "outputs": st.lists(
            st.fixed_dictionaries(
                {"output_type": st.sampled_from(["stream", "error", "display_data", "execute_result"])},
                optional={
                    "data": st.dictionaries(st.sampled_from(["text/plain", "image/png", "application/json"]), JSON),
                    "text": TEXTS | JSON, "name": JSON, "traceback": JSON, "metadata": JSON, "evalue": JSON,
                },
            ) | JSON,
            max_size=3,
        ) | JSON,
        "attachments": st.dictionaries(TEXTS, st.dictionaries(st.sampled_from(["image/png", "x"]), JSON)) | JSON,
    },
)  # fmt: skip
GOOD = st.fixed_dictionaries(
    {
        "cell_type": st.sampled_from(["code", "markdown"]),
        "metadata": st.just({}),
        "source": TEXTS,
        "outputs": st.just([]),
    }
)
NOTEBOOKS = st.fixed_dictionaries(
    {"cells": st.lists(GOOD | CELLS, max_size=4), "metadata": st.just({}), "nbformat": st.just(4)},
    optional={"nbformat_minor": st.integers(0, 6) | JSON, "x": JSON},
)


def check_any(content: bytes) -> None:
    try:
        once = clean(content)
    except SubmissionRejected:
        pass
    else:
        assert clean(once) == once
        nbformat.validate(json.loads(once))
    try:
        shown = accept_executed(content)
    except ValueError:
        return
    assert accept_executed(shown) == shown
    nbformat.validate(json.loads(shown))
    assert clean(shown) == clean(content)


@settings(max_examples=300, deadline=None)
@given(NOTEBOOKS)
def test_anything_like_a_notebook_is_cleaned_or_refused(value: dict[str, Any]) -> None:
    check_any(json.dumps(value).encode())


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@example(b"{}")
def test_any_bytes_are_cleaned_or_refused(content: bytes) -> None:
    check_any(content)
