ROW = "{:<30} | {:>2} | {:>2} | {:>2} | {:>2} | {:>2}"
OPPOSITE = {"win": "loss", "loss": "win", "draw": "draw"}


class Match:
    def __init__(self, home, away, result):
        if result not in OPPOSITE or home == away:
            raise ValueError("bad match")
        self.home, self.away, self.result = home, away, result

    @classmethod
    def parse(cls, line):
        return cls(*line.split(";")) if line.count(";") == 2 else cls(None, None, None)

    @property
    def winner(self):
        return {"win": self.home, "loss": self.away}.get(self.result)


class Table:
    def __init__(self):
        self._rows = {}

    def _note(self, team, result):
        row = self._rows.setdefault(team, {"played": 0, "won": 0, "drawn": 0, "lost": 0})
        row["played"] += 1
        row[{"win": "won", "draw": "drawn", "loss": "lost"}[result]] += 1

    def add(self, match):
        self._note(match.home, match.result)
        self._note(match.away, OPPOSITE[match.result])

    @property
    def points(self):
        return {team: 3 * row["won"] + row["drawn"] for team, row in self._rows.items()}

    def __getitem__(self, team):
        return self._rows[team]

    def __contains__(self, team):
        return team in self._rows

    def __len__(self):
        return len(self._rows)


def tally(lines):
    table = Table()
    for n, line in enumerate(lines, 1):
        try:
            table.add(Match.parse(line))
        except ValueError:
            raise ValueError("bad line", n) from None
    points = table.points
    out = [ROW.format("Team", "MP", "W", "D", "L", "P")]
    for team in sorted(points, key=lambda t: (-points[t], t)):
        out.append(ROW.format(team, *table[team].values(), points[team]))
    return out
