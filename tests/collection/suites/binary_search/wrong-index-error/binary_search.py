def find(items, value):
    low, high = 0, len(items) - 1
    while low <= high:
        mid = (low + high) // 2
        if items[mid] == value:
            return mid
        if items[mid] < value:
            low = mid + 1
        else:
            high = mid - 1
    raise IndexError("value not in array")


def insert_sorted(items, value):
    i = 0
    while i < len(items) and items[i] < value:
        i += 1
    items.insert(i, value)
