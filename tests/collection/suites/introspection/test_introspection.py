import inspect
import types

import pytest

import solution
from solution import Shape, area, make_adder


def test_module_docstring():
    assert solution.__doc__
    assert solution.__doc__.startswith("Geometry")
    assert solution.__name__ == "solution"


def test_function_docstring():
    assert area.__doc__ == "Area of a rectangle."


def test_function_name():
    assert area.__name__ == "area"
    assert make_adder(1).__name__ == "adder"


def test_callable():
    assert callable(area)
    assert callable(Shape)
    assert not callable(solution.SIDES)


def test_is_function():
    assert inspect.isfunction(area)
    assert isinstance(area, types.FunctionType)
    assert inspect.isclass(Shape)
    assert inspect.ismodule(solution)


def test_signature():
    signature = inspect.signature(area)
    assert list(signature.parameters) == ["width", "height"]
    assert signature.parameters["height"].default == 1
    assert signature.parameters["width"].default is inspect.Parameter.empty


def test_annotations():
    assert area.__annotations__ == {"width": float, "height": float, "return": float}


def test_class_docstring_and_methods():
    assert Shape.__doc__ == "A shape with sides."
    assert Shape.__name__ == "Shape"
    assert Shape.count_sides.__doc__ == "How many."
    assert callable(Shape.count_sides)


def test_class_has_methods():
    for name in ("count_sides", "rename"):
        assert hasattr(Shape, name), name
    assert not hasattr(Shape, "fly")


def test_method_signature():
    assert list(inspect.signature(Shape.rename).parameters) == ["self", "name"]


def test_type_of_instance():
    s = Shape("box", 4)
    assert type(s) is Shape
    assert type(s).__name__ == "Shape"
    assert s.__class__ is Shape
    assert isinstance(s, object)
    assert s.__doc__ == Shape.__doc__


def test_dir_lists_public_names():
    assert {"area", "Shape", "SIDES", "make_adder"} <= set(dir(solution))
    assert "rename" in dir(Shape("x", 1))


def test_module_of():
    assert Shape.__module__ == "solution"
    assert area.__module__ == "solution"


def test_too_many_arguments():
    with pytest.raises(TypeError, match="takes from 1 to 2 positional arguments but 3 were given"):
        area(1, 2, 3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'depth'"):
        area(1, depth=2)


def test_qualname():
    assert Shape.rename.__qualname__ == "Shape.rename"
