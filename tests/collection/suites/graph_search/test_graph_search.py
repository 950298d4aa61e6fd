import pytest

from graph import bfs, components, dfs_paths, dijkstra, has_cycle, topological_order

GRAPH = {"A": ["B", "C"], "B": ["D"], "C": ["D", "E"], "D": ["F"], "E": ["F"], "F": []}
ROADS = {
    "home": {"shop": 4, "park": 1},
    "park": {"shop": 2, "work": 7},
    "shop": {"work": 3},
    "work": {},
    "island": {},
}


def test_bfs_order():
    assert bfs(GRAPH, "A") == ["A", "B", "C", "D", "E", "F"]


def test_bfs_goes_level_by_level():
    assert bfs({1: [2, 3], 2: [4], 3: [5], 4: [], 5: []}, 1) == [1, 2, 3, 4, 5]


def test_bfs_unknown_start():
    with pytest.raises(KeyError):
        bfs(GRAPH, "Z")


def test_dfs_paths():
    assert list(dfs_paths(GRAPH, "A", "F")) == [["A", "B", "D", "F"], ["A", "C", "D", "F"], ["A", "C", "E", "F"]]


def test_paths_are_separate_lists():
    paths = list(dfs_paths(GRAPH, "A", "F"))
    paths[0].append("X")
    assert paths[1] == ["A", "C", "D", "F"]


def test_dijkstra():
    assert dijkstra(ROADS, "home") == {"home": 0, "park": 1, "shop": 3, "work": 6, "island": float("inf")}


def test_dijkstra_does_not_change_graph():
    roads = {"a": {"b": 1}, "b": {"a": 1}}
    dijkstra(roads, "a")
    assert roads == {"a": {"b": 1}, "b": {"a": 1}}


def test_topological_order():
    order = topological_order(GRAPH)
    assert sorted(order) == sorted(GRAPH)
    for node, targets in GRAPH.items():
        for t in targets:
            assert order.index(node) < order.index(t)


def test_cycle():
    cyclic = {1: [2], 2: [3], 3: [1]}
    assert has_cycle(cyclic)
    assert not has_cycle(GRAPH)
    with pytest.raises(ValueError) as e:
        topological_order(cyclic)
    assert "cycle" in str(e.value)


def test_components():
    edges = [(1, 2), (2, 3), (4, 5)]
    assert components(range(1, 7), edges) == [{1, 2, 3}, {4, 5}, {6}]


def test_self_loop():
    assert has_cycle({"x": ["x"]})


def test_long_chain():
    chain = {n: [n + 1] for n in range(500)} | {500: []}
    assert len(bfs(chain, 0)) == 501
