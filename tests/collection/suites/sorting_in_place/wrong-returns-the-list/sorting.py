def bubble_sort(a):
    for end in range(len(a) - 1, 0, -1):
        for i in range(end):
            if a[i] > a[i + 1]:
                a[i], a[i + 1] = a[i + 1], a[i]


def insertion_sort(a):
    for i in range(1, len(a)):
        x, j = a[i], i
        while j > 0 and a[j - 1] > x:
            a[j] = a[j - 1]
            j -= 1
        a[j] = x
    return a


def quick_sort(a, low=0, high=None):
    high = len(a) - 1 if high is None else high
    if low >= high:
        return
    pivot, i = a[high], low
    for j in range(low, high):
        if a[j] < pivot:
            a[i], a[j] = a[j], a[i]
            i += 1
    a[i], a[high] = a[high], a[i]
    quick_sort(a, low, i - 1)
    quick_sort(a, i + 1, high)


def merge_sort(a, key=lambda x: x):
    if len(a) < 2:
        return list(a)
    mid = len(a) // 2
    left, right = merge_sort(a[:mid], key), merge_sort(a[mid:], key)
    out = []
    while left and right:
        out.append(left.pop(0) if key(left[0]) <= key(right[0]) else right.pop(0))
    return out + left + right
