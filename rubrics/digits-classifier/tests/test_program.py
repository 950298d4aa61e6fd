import json

import numpy as np
import pytest
from suite_digits import accuracy, pool, redrawn

from grader.exam.sdk import assert_close


def answers(run):
    """The one JSON document that a successful run prints, and nothing else."""
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.points(2)
@pytest.mark.timeout(30)
def test_help_names_the_commands(submission):
    run = submission.run(["python", "-m", "digits", "--help"], timeout=20)
    assert run.returncode == 0
    assert "predict" in run.stdout
    assert "score" in run.stdout


@pytest.mark.points(5)
@pytest.mark.timeout(30)
def test_score_reads_answers_and_prints_the_measures(submission, rng):
    truth, predicted = rng.integers(0, 10, 80), rng.integers(0, 10, 80)
    confusion = np.zeros((10, 10), dtype=int)
    np.add.at(confusion, (truth, predicted), 1)
    stdin = json.dumps({"truth": truth.tolist(), "predicted": predicted.tolist()})
    found = answers(submission.run(["python", "-m", "digits", "score"], stdin=stdin, timeout=20))
    assert set(found) == {"accuracy", "confusion"}
    assert_close(float(found["accuracy"]), float(np.mean(truth == predicted)))
    assert_close(found["confusion"], confusion.tolist())


@pytest.mark.points(5)
@pytest.mark.timeout(30)
def test_predict_reads_images_and_prints_digits(submission, rng):
    images, labels = pool()
    chosen = rng.permutation(len(images))[:100]
    stdin = json.dumps({"images": redrawn(rng, images[chosen]).tolist()})
    found = answers(submission.run(["python", "-m", "digits", "predict", "--seed", "3"], stdin=stdin, timeout=20))
    assert set(found) == {"digits"}
    assert all(type(digit) is int for digit in found["digits"])
    assert accuracy(np.array(found["digits"]), labels[chosen]) >= 0.6


@pytest.mark.points(1)
@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("command", "stdin"),
    [("predict", '{"images": [[1, 2, 3]]}'), ("score", "not json"), ("guess", "{}")],
    ids=["images", "json", "command"],
)
def test_bad_input_ends_with_status_2_and_a_message(submission, command, stdin):
    run = submission.run(["python", "-m", "digits", command], stdin=stdin, timeout=20)
    assert run.returncode == 2
    assert run.stderr.strip()
    assert "Traceback" not in run.stderr
    assert run.stdout.strip() == ""
