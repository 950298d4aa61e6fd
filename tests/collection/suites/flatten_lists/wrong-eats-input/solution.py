def flatten(items):
    result = []
    while items:
        item = items.pop(0)
        if isinstance(item, list):
            result.extend(flatten(item))
        elif item is not None:
            result.append(item)
    return result


def depth(items):
    return 1 + max((depth(i) for i in items if isinstance(i, list)), default=0)


def deep_sum(data):
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        return sum(deep_sum(x) for x in data)
    return data
