"""Every refusal comes after a call that must work, so code that refuses everything earns nothing here."""

import numpy as np
import pytest
import solution
from suite_linear import line_data

from grader.exam.sdk import assert_close

TABLE = [[1.0, 2.0], [2.0, 1.0], [3.0, 5.0], [4.0, -1.0]]
TARGET = [4.0, 9.0, 4.0, 19.0]


def refuses(function, *arguments, **options):
    """A ValueError of the student's own; numpy's LinAlgError is one by birth, but it is a crash and no refusal."""
    with pytest.raises(ValueError, match=r"\w") as caught:
        function(*arguments, **options)
    assert caught.type.__name__ != "LinAlgError", "the linear algebra crashed: check the data before using it"


def fits_the_example():
    weights, bias = solution.fit(TABLE, TARGET)
    assert_close(weights, np.array([3.0, -2.0]))
    assert_close(float(bias), 5.0)


@pytest.mark.points(2)
def test_vectors_of_different_length_are_refused():
    assert_close(float(solution.mse([1.0, 2.0], [1.0, 4.0])), 2.0)
    refuses(solution.mse, [1.0, 2.0, 3.0], [1.0, 2.0])
    refuses(solution.mse, [1.0, 2.0, 3.0], [1.0])


@pytest.mark.points(2)
def test_rows_without_a_target_are_refused():
    fits_the_example()
    refuses(solution.fit, TABLE, TARGET[:3])
    refuses(solution.descend, TABLE, TARGET[:3], rate=0.01, steps=2)


@pytest.mark.points(2)
def test_an_empty_table_is_refused():
    fits_the_example()
    refuses(solution.fit, [], [])
    refuses(solution.fit, np.empty((0, 2)), np.empty(0))


@pytest.mark.points(1)
@pytest.mark.parametrize("hole", [float("nan"), float("inf")], ids=["nan", "inf"])
def test_a_value_that_is_not_finite_is_refused(hole):
    fits_the_example()
    refuses(solution.fit, [[1.0, hole], *TABLE[1:]], TARGET)
    refuses(solution.fit, TABLE, [hole, *TARGET[1:]])


@pytest.mark.points(1)
def test_a_flat_list_is_not_a_table():
    fits_the_example()
    refuses(solution.fit, [1.0, 2.0, 3.0], [1.0, 2.0, 3.0])


@pytest.mark.points(1)
def test_a_row_of_the_wrong_width_is_refused():
    assert_close(solution.predict([[1.0, 1.0]], np.array([3.0, -2.0]), 5.0).tolist(), [6.0])
    refuses(solution.predict, [[1.0, 1.0, 1.0]], np.array([3.0, -2.0]), 5.0)


@pytest.mark.points(1)
def test_a_method_that_does_not_exist_is_refused():
    solution.LinearModel(method="exact").fit(TABLE, TARGET)
    refuses(solution.LinearModel, method="guess")


@pytest.mark.points(1)
def test_predicting_before_fitting_is_a_runtime_error():
    model = solution.LinearModel()
    with pytest.raises(RuntimeError):
        model.predict(TABLE)
    assert_close(model.fit(TABLE, TARGET).predict(TABLE), np.array(TARGET), rtol=1e-6, atol=1e-6)


@pytest.mark.points(3)
def test_the_arrays_given_are_left_alone(rng):
    table, target, _, _ = line_data(rng, 40, 3, noise=0.0)
    table_before, target_before = table.copy(), target.copy()
    weights, bias = solution.fit(table, target)
    assert_close(solution.predict(table, weights, bias), target_before, rtol=1e-6, atol=1e-6)
    solution.descend(table, target, rate=0.05, steps=3)
    for method in ("exact", "descent"):
        predicted = solution.LinearModel(method=method).fit(table, target).predict(table_before)
        assert_close(predicted, target_before, rtol=1e-3, atol=1e-3)
    assert_close(table, table_before, rtol=0, atol=0)
    assert_close(target, target_before, rtol=0, atol=0)
