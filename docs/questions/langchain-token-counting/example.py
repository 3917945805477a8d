"""Token counts of the same texts, and what a wrong counter lets through.

The token lengths were recorded with the npm packages js-tiktoken 1.0.21 and
llama3-tokenizer-js 1.2.0 (2026-11); nothing is downloaded here. The two
estimates follow langchain-core 1.8.4, count_tokens_approximately and the base
class's get_num_tokens_from_messages; the chat format is Llama 3's.
"""

from collections.abc import Callable
from math import ceil

ZH = (
    "语言模型不读文字，只读编号。分词器把一段话切成若干 token，计费、限长、"
    "缓存都以 token 为单位。同一段中文，换一个分词器，数目可以相差数倍，"
    "所以预算必须用目标模型自己的分词器来算。"
)
EN = (
    "A language model does not read text, it reads numbers. A tokenizer cuts "
    "a passage into tokens, and billing, length limits and caches are all "
    "counted in tokens. The same Chinese passage can give several times as "
    "many under another tokenizer, so a budget has to be computed with the "
    "tokenizer of the target model."
)
SCHEMA = (
    '{"name":"get_weather","description":"Current weather of a city",'
    '"parameters":{"type":"object","properties":{"city":{"type":"string",'
    '"description":"City name"},"unit":{"type":"string",'
    '"enum":["celsius","fahrenheit"]}},"required":["city"]}}'
)
CODE = (
    "def merge(parts, pair):\n    out = []\n    for part in parts:\n"
    "        if out and (out[-1], part) == pair:\n"
    "            out[-1] += part\n        else:\n"
    "            out.append(part)\n    return out\n"
)
SYSTEM = "你是分词助手，用中文回答。"

# Bytes of the text in each token, in base 36.
_ZH_GPT2 = (
    "211111111113212121111212111121321211111113111212121111216111111111311111"
    "131112121216121212132131113211111113212121111111212121212121211111112121"
    "111111211112121211111111112132121111211113"
)
_EN_NEW = "1965455136812a5285714817747448371458845863568a1327433954a34761"
_JSON = "243383b3783253a44363a4444363b3454444363441631922284422"
_CODE_NEW = "366153342434536273442321251352b4211351752b47523741"
RECORDED: dict[str, list[str]] = {
    ZH: [
        _ZH_GPT2,
        "3333336333633213213332132121633333332133361363333333363213333632133333"
        "333213333332133213333",
        "66336636333333333333633333336336466336336333333633339663669333333",
        "66336636333333333333633333333333646333363363333336333393363669333333",
    ],
    EN: [
        "19654551368126452857148177474483714588458635686413274339546434761",
        _EN_NEW,
        _EN_NEW,
        _EN_NEW,
    ],
    SCHEMA: [
        "2433173b37832535544363a4444363b345444436344313312721384422",
        _JSON,
        "243383b3783253a44363a4444363b34522444363441636422284422",
        _JSON,
    ],
    CODE: [
        "361515211114231111453611111111134423111251351111111111111411113511"
        "111111511111111111114161411111741",
        _CODE_NEW,
        _CODE_NEW,
        _CODE_NEW,
    ],
    SYSTEM: [
        "213212121211112132121123",
        "3332121333333213",
        "333366663",
        "3333336663",
    ],
    "System: " + SYSTEM: ["611213212121211112132121123"],
    "Human: " + ZH: ["5121" + _ZH_GPT2[1:]],
    "AI: " + ZH: ["2121" + _ZH_GPT2[1:]],
}


NAMES = ("GPT-2", "cl100k", "o200k", "Llama 3")
WINDOW, RESERVED = 8192, 1024


# --8<-- [start:counting]
Turn = tuple[str, str]  # role, text


def tokens(text: str, tokenizer: str) -> int:
    return len(RECORDED[text][NAMES.index(tokenizer)])


def rendered(turns: list[Turn]) -> int:
    """Llama 3's format: a start, 5 marks a turn, 4 to begin the answer."""
    return 1 + sum(5 + tokens(text, "Llama 3") for _, text in turns) + 4


def by_characters(turns: list[Turn]) -> int:
    """A quarter of the characters, role included, and 3 a turn."""
    return sum(ceil((len(role + text)) / 4) + 3 for role, text in turns)


def by_gpt2(turns: list[Turn]) -> int:
    """The base class: each turn as 'Human: ...' under GPT-2."""
    prefix = {"system": "System: ", "user": "Human: ", "assistant": "AI: "}
    return sum(tokens(prefix[role] + text, "GPT-2") for role, text in turns)


def clamped(turns: list[Turn]) -> int:
    """The estimate by characters, scaled by the last reported usage."""
    true, guess = rendered(turns), by_characters(turns)
    return ceil(guess * min(1.25, max(1.0, true / guess)))


def history(rounds: int) -> list[Turn]:
    return [("system", SYSTEM), *[("user", ZH), ("assistant", ZH)] * rounds]


def kept(count: Callable[[list[Turn]], int], budget: int) -> int:
    """The longest history, in rounds, that a counter lets through."""
    rounds = 0
    while count(history(rounds + 1)) <= budget:
        rounds += 1
    return rounds


# --8<-- [end:counting]

COUNTERS = {
    "GPT-2 fallback": by_gpt2,
    "the model's own": rendered,
    "chars/4, scaled": clamped,
    "chars/4": by_characters,
}
BUDGET = WINDOW - RESERVED - tokens(SCHEMA, "Llama 3")


def check_texts() -> None:
    for text, lengths in RECORDED.items():
        for recorded in lengths:
            total = sum(int(digit, 36) for digit in recorded)
            assert total == len(text.encode())
    print("tokens of one text" + " " * 32 + "chars/")
    print(
        "           chars  bytes " + "".join(f"{n:>8}" for n in NAMES), end=""
    )
    print("     4")
    for name, text in [
        ("Chinese", ZH),
        ("English", EN),
        ("JSON", SCHEMA),
        ("Python", CODE),
    ]:
        row = [tokens(text, n) for n in NAMES]
        print(f"  {name:<8}{len(text):6}{len(text.encode()):7} ", end="")
        print("".join(f"{n:8}" for n in row) + f"{ceil(len(text) / 4):6}")
        if name == "Chinese":
            assert row[0] > 2.5 * row[3] > 6 * len(text) / 4
        else:
            assert abs(len(text) / 4 / row[3] - 1) < 0.3
    for name in NAMES:
        zh = len(ZH) / tokens(ZH, name)
        en = len(EN) / tokens(EN, name)
        print(f"  {name:<8} characters a token: {zh:.2f} zh, {en:.2f} en")


def check_budget() -> None:
    one = rendered(history(1)) - rendered(history(0))
    guess = by_characters(history(1)) - by_characters(history(0))
    print(f"\na round of chat: {one} tokens, {guess} by characters, ", end="")
    print(f"ratio {one / guess:.2f}")
    # counted in full with the same tokenizer: 20, 166 and 312
    assert [rendered(history(n)) for n in (0, 1, 2)] == [20, 166, 312]
    assert by_characters([("user", "中" * 1000)]) == 254
    print(f"window {WINDOW} - answer {RESERVED} - tool schema ", end="")
    print(f"{tokens(SCHEMA, 'Llama 3')} = {BUDGET} for messages")
    print("  counter            rounds kept   real tokens   of the budget")
    share = {}
    for name, count in COUNTERS.items():
        rounds = kept(count, BUDGET)
        real = rendered(history(rounds))
        share[name] = real / BUDGET
        print(f"  {name:<16}{rounds:14}{real:14,}{share[name]:15.0%}")
    assert share["the model's own"] <= 1 < share["chars/4, scaled"]
    assert share["GPT-2 fallback"] < 0.5 and share["chars/4"] > 2


if __name__ == "__main__":
    check_texts()
    check_budget()
