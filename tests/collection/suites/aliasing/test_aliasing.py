import pytest

from classroom import Classroom, Config, History, Inventory


def test_getter_returns_a_copy():
    room = Classroom(["ann"])
    room.students.append("intruder")
    assert room.students == ["ann"]


def test_constructor_copies_its_argument():
    names = ["ann", "bob"]
    room = Classroom(names)
    names.append("cyd")
    names[0] = "zed"
    assert room.students == ["ann", "bob"]


def test_roster_is_the_live_list():
    room = Classroom(["ann"])
    roster = room.roster
    room.add("bob")
    assert roster == ["ann", "bob"]


def test_changes_of_the_live_list_count():
    room = Classroom(["ann"])
    room.roster.append("bob")
    assert len(room) == 2
    assert room.students == ["ann", "bob"]


def test_roster_is_always_the_same_object():
    room = Classroom([])
    assert room.roster is room.roster


def test_inventory_shares_the_dict_it_was_given():
    stock = {"pen": 1}
    inv = Inventory(stock)
    inv.add("pen", 4)
    assert stock == {"pen": 5}
    stock["ink"] = 9
    assert inv.count("ink") == 9
    assert inv.stock is stock


def test_snapshot_does_not_change_later():
    inv = Inventory({"pen": 1})
    snap = inv.snapshot()
    inv.add("pen", 1)
    assert snap == {"pen": 1}
    snap["pen"] = 100
    assert inv.count("pen") == 2


def test_config_nested_defaults_are_not_shared():
    a, b = Config(), Config()
    a.options["paths"].append("/tmp")
    assert b.options["paths"] == []
    assert Config.DEFAULTS["paths"] == []


def test_history_keeps_states_apart():
    state = {"x": 0}
    h = History()
    h.record(state)
    state["x"] = 1
    h.record(state)
    assert h.states == [{"x": 0}, {"x": 1}]


def test_history_undo_returns_a_fresh_state():
    h = History()
    h.record({"x": [1]})
    back = h.undo()
    back["x"].append(2)
    assert h.undo() is None


def test_swap_between_two_objects():
    a, b = Classroom(["ann"]), Classroom(["bob"])
    a.swap(b)
    assert a.students == ["bob"]
    assert b.students == ["ann"]


def test_append_through_two_names():
    room = Classroom([])
    first = second = room.roster
    first.append(1)
    room.add(2)
    second.append(3)
    assert room.students == [1, 2, 3]
    assert first == [1, 2, 3]


@pytest.mark.parametrize("n", [0, 3])
def test_board_rows_are_independent(n):
    board = Classroom.seating(3, 4)
    board[0][n] = "ann"
    assert board[1][n] is None
    assert board[2][n] is None
