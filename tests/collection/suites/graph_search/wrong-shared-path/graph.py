import heapq
from collections import deque


def bfs(graph, start):
    seen, todo = [start], deque([start])
    graph[start]
    while todo:
        for n in graph[todo.popleft()]:
            if n not in seen:
                seen.append(n)
                todo.append(n)
    return seen


found = {}


def dfs_paths(graph, start, goal, path=()):
    path = list(path)
    path.append(start)
    if start == goal:
        yield found.setdefault(1, path)
    for n in graph[start]:
        if n not in path:
            yield from dfs_paths(graph, n, goal, path)


def dijkstra(graph, start):
    dist = {node: float("inf") for node in graph}
    dist[start] = 0
    heap = [(0, start)]
    while heap:
        d, node = heapq.heappop(heap)
        for n, w in graph[node].items():
            if d + w < dist[n]:
                dist[n] = d + w
                heapq.heappush(heap, (dist[n], n))
    return dist


def topological_order(graph):
    degree = {n: 0 for n in graph}
    for targets in graph.values():
        for t in targets:
            degree[t] += 1
    ready = [n for n in graph if degree[n] == 0]
    order = []
    while ready:
        node = ready.pop()
        order.append(node)
        for t in graph[node]:
            degree[t] -= 1
            if degree[t] == 0:
                ready.append(t)
    if len(order) < len(graph):
        raise ValueError("graph has a cycle")
    return order


def has_cycle(graph):
    try:
        topological_order(graph)
    except ValueError:
        return True
    return False


def components(nodes, edges):
    group = {n: {n} for n in nodes}
    for a, b in edges:
        if group[a] is not group[b]:
            group[a] |= group[b]
            for n in group[b]:
                group[n] = group[a]
    out = []
    for s in group.values():
        if s not in out:
            out.append(s)
    return out
