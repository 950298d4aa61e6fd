def two_fer(name="you"):
    return f"One for {name or 'you'}, one for me."
