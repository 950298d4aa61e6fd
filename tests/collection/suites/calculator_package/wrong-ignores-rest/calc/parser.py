from .errors import CalcSyntaxError
from .lexer import Token, tokenize


class Parser:
    def __init__(self, text):
        self.tokens = [*tokenize(text), Token("END", "", len(text))]

    def take(self, *texts):
        if self.tokens[0].text in texts:
            return self.tokens.pop(0).text

    def binary(self, operand, *ops):
        left = operand()
        while op := self.take(*ops):
            left = (op, left, operand())
        return left

    def sum(self):
        return self.binary(self.product, "+", "-")

    def product(self):
        return self.binary(self.unary, "*", "/")

    def unary(self):
        if self.take("-"):
            return ("neg", self.unary())
        return self.power()

    def power(self):
        base = self.atom()
        return ("^", base, self.unary()) if self.take("^") else base

    def atom(self):
        token = self.tokens[0]
        if self.take("("):
            inner = self.sum()
            self.expect(")")
            return inner
        if token.kind in ("NUM", "NAME"):
            self.tokens.pop(0)
            if token.kind == "NAME" and self.take("("):
                inner = self.sum()
                self.expect(")")
                return ("call", token.text, inner)
            return token.text if token.kind == "NAME" else float(token.text) if "." in token.text else int(token.text)
        raise CalcSyntaxError("expected a value", token.pos)

    def expect(self, text):
        if not self.take(text):
            raise CalcSyntaxError(f"expected {text}", self.tokens[0].pos)


def parse(text):
    p = Parser(text)
    tree = p.sum()
    return tree
