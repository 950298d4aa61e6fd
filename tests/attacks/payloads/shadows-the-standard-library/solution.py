import json


def predict(xs):
    return json.loads("[0.0]")
