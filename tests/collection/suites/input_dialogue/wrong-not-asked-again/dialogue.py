import sys


def ask_age():
    while True:
        try:
            age = int(input("How old are you? "))
        except ValueError:
            return None
        if age >= 0:
            return age


def read_numbers():
    numbers = []
    while True:
        try:
            text = input("number: ")
        except EOFError:
            return numbers
        if text == "q":
            return numbers
        if text.isdigit():
            numbers.append(int(text))


def ask_until(question, accepted):
    count = 1
    while input(question + " ") not in accepted:
        count += 1
    return count


def menu(options):
    for key, text in options.items():
        print(f"{key}) {text}")
    try:
        return options[input("? ")]
    except KeyboardInterrupt:
        print("bye")


def guess_game(secret):
    tries = 0
    while True:
        tries += 1
        guess = int(input("guess: "))
        if guess == secret:
            print("correct")
            return tries
        print("lower" if guess > secret else "higher")


def sum_stdin():
    return sum(int(word) for line in sys.stdin for word in line.split())
