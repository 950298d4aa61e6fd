import copy


def average_by_subject(records):
    marks = {}
    for r in records:
        for subject, mark in r["marks"].items():
            marks.setdefault(subject, []).append(mark)
    return {s: sum(m) / len(m) for s, m in marks.items()}


def add_bonus(records, subject, bonus):
    result = copy.deepcopy(records)
    for r in result:
        if subject in r["marks"]:
            r["marks"][subject] += bonus
    return result


def ranking(records, subject):
    records.sort(key=lambda r: -r["marks"].get(subject, 0))
    return records


def rename(records, f):
    return [{**r, "name": f(r["name"])} for r in records]


def without(records, name):
    return [r for r in records if r["name"] != name]


def drop_lowest(marks):
    marks = list(marks)
    marks.remove(min(marks))
    return marks
