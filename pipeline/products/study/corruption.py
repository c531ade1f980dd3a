"""What happens to texts in practice: typing errors, and being cut off."""

import random
import string


def typos(text: str, rate: float, seed: int) -> str:
    """A text with typing errors: each letter is with probability ``rate`` left out, doubled, replaced or swapped with
    the next one. The same text, rate and seed give the same errors; a rate of 0 gives the text itself."""
    chance = random.Random(f"{seed}:{text}")
    letters = list(text)
    place, typed = 0, []
    while place < len(letters):
        letter = letters[place]
        place += 1
        if not letter.isalpha() or chance.random() >= rate:
            typed.append(letter)
            continue
        match chance.randrange(4):
            case 0:
                pass
            case 1:
                typed += [letter, letter]
            case 2:
                typed.append(chance.choice(string.ascii_lowercase))
            case _:
                following = letters[place : place + 1]
                typed += [*following, letter]
                place += 1
    # A text that has lost every letter is none any more.
    return "".join(typed) if "".join(typed).strip() else text


def truncated(text: str, words: int) -> str:
    """The first so many words of a text."""
    return " ".join(text.split()[:words])
