"""The program: python -m digits {predict,score} reads JSON and prints JSON."""

import argparse
import json
import sys

from .metrics import accuracy, confusion_matrix
from .preprocess import normalise


def predict(request, seed):
    images = normalise(request["images"]) * 16
    # only a good request is worth the second that scikit-learn takes to import
    from sklearn.datasets import load_digits

    from .model import train

    known = load_digits()
    classifier = train(known.data, known.target, seed=seed)
    return {"digits": classifier.predict(images).tolist()}


def score(request, seed):
    truth, predicted = request["truth"], request["predicted"]
    return {
        "accuracy": accuracy(truth, predicted),
        "confusion": confusion_matrix(truth, predicted).tolist(),
    }


def main():
    parser = argparse.ArgumentParser(prog="digits", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for function, text in (
        (predict, 'read {"images": [[64 numbers], ...]} and print {"digits": [...]}'),
        (score, 'read {"truth": [...], "predicted": [...]} and print the measures'),
    ):
        command = commands.add_parser(function.__name__, help=text)
        command.add_argument("--seed", type=int, default=0)
        command.set_defaults(function=function)
    arguments = parser.parse_args()
    try:
        answer = arguments.function(json.load(sys.stdin), arguments.seed)
    except (ValueError, KeyError, TypeError) as error:
        parser.exit(2, f"digits: {error}\n")
    print(json.dumps(answer))


if __name__ == "__main__":
    main()
