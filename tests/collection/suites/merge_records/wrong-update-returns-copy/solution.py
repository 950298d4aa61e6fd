import copy


def merge(base, other):
    return deep_update(copy.deepcopy(base), copy.deepcopy(other))


def deep_update(target, changes):
    for key, value in changes.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            deep_update(target[key], value)
        else:
            target[key] = value
    return dict(target)


def add_tag(record, tag):
    tags = record.setdefault("tags", [])
    if tag not in tags:
        tags.append(tag)


def remove_duplicates(rows):
    before = len(rows)
    rows[:] = [r for i, r in enumerate(rows) if r not in rows[:i]]
    return before - len(rows)
