def flatten(items):
    for item in items:
        if isinstance(item, list):
            yield from flatten(item)
        elif item is not None:
            yield item


def depth(items):
    return 1 + max((depth(i) for i in items if isinstance(i, list)), default=0)


def deep_sum(data):
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        return sum(deep_sum(x) for x in data)
    return data
