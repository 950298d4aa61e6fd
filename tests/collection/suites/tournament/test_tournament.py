import pytest

from tournament import Match, Table, tally


def test_just_the_header():
    assert tally([]) == ["Team                           | MP |  W |  D |  L |  P"]


def test_win_and_loss():
    assert tally(["Allegoric Alaskans;Blithering Badgers;win"]) == [
        "Team                           | MP |  W |  D |  L |  P",
        "Allegoric Alaskans             |  1 |  1 |  0 |  0 |  3",
        "Blithering Badgers             |  1 |  0 |  0 |  1 |  0",
    ]


def test_draw_is_sorted_by_name():
    table = tally(["B;A;draw"])
    assert [row.split("|")[0].strip() for row in table[1:]] == ["A", "B"]


def test_sorted_by_points():
    table = tally(["A;B;loss", "C;A;loss", "B;C;win"])
    assert [row.split("|")[0].strip() for row in table[1:]] == ["B", "A", "C"]


@pytest.mark.parametrize("line", ["A;B", "A;B;maybe", "", "A;A;win"])
def test_bad_lines(line):
    with pytest.raises(ValueError) as e:
        tally(["A;B;win", line])
    assert e.value.args == ("bad line", 2)


def test_match():
    m = Match.parse("A;B;loss")
    assert (m.home, m.away, m.result) == ("A", "B", "loss")
    assert m.winner == "B"
    assert Match.parse("A;B;draw").winner is None


def test_table_object():
    t = Table()
    t.add(Match("A", "B", "win"))
    t.add(Match("A", "C", "draw"))
    assert t.points == {"A": 4, "B": 0, "C": 1}
    assert t["A"] == {"played": 2, "won": 1, "drawn": 1, "lost": 0}
    assert "Z" not in t
    assert len(t) == 3


def test_rows_are_dicts_that_can_be_changed_safely():
    t = Table()
    t.add(Match("A", "B", "win"))
    t["A"]["won"] = 99
    assert t["A"]["won"] == 1
