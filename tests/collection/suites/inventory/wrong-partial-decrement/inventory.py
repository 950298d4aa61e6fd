class OutOfStock(Exception):
    def __init__(self, item):
        super().__init__(f"{item} is out of stock")
        self.item = item


def create(items):
    return add_item({}, items)


def add_item(stock, items):
    for item in items:
        stock[item] = stock.get(item, 0) + 1
    return stock


def decrement(stock, items):
    need = create(items)
    for item, n in need.items():
        if stock.get(item, 0) < n:
            raise OutOfStock(item)
        stock[item] -= n


def report(stock):
    return sorted((k, v) for k, v in stock.items() if v)


def restock(shelf):
    bought = {}
    for name, box in shelf.items():
        if box["have"] < box["want"]:
            bought[name] = box["want"] - box["have"]
            box["have"] = box["want"]
    return bought
