def two_fer(name="you"):
    print(f"One for {name or 'you'}, one for me.")
