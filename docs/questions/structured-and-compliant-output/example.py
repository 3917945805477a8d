"""Constrained decoding: token masks, what they guarantee, what they bend.

Sources: Koo et al., Automata-based constraints for language model decoding,
arXiv:2407.08103; Park et al., Grammar-Aligned Decoding, arXiv:2405.21047.
"""

import json

import numpy as np

State = tuple[int, int]  # phase, open brackets (the stack's height)
PREFIX = '{"a":'
VALUE, DONE, END = len(PREFIX), len(PREFIX) + 1, len(PREFIX) + 2
EOS = "<eos>"
VOCABULARY = [
    *("{", '{"', '"a"', 'a":', ":", "1", "2", "[", "[[", "]", "]]"),
    *("]}", "1}", "2]", "}", "hello", EOS),
]


# --8<-- [start:mask]
def step(state: State, char: str) -> State | None:
    """{"a": value}, value = 1 | 2 | [value]: one character further."""
    phase, depth = state
    if phase < VALUE:
        return (phase + 1, 0) if char == PREFIX[phase] else None
    if phase == VALUE:
        if char == "[":
            return VALUE, depth + 1
        return (DONE, depth) if char in "12" else None
    if phase == DONE and char == "]" and depth > 0:
        return DONE, depth - 1
    if phase == DONE and char == "}" and depth == 0:
        return END, 0
    return None


def read(state: State | None, token: str) -> State | None:
    """A token is a string: feed all its characters."""
    for char in token:
        state = None if state is None else step(state, char)
    return state


def allowed(state: State) -> list[str]:
    ends = [EOS] if state[0] == END else []
    texts = [token for token in VOCABULARY if token != EOS]
    return [token for token in texts if read(state, token)] + ends


def masked(logits: dict[str, float], state: State) -> dict[str, float]:
    """Forbidden tokens get -inf, then softmax."""
    keep = {t: logits.get(t, -np.inf) for t in allowed(state)}
    weights = np.exp(np.array(list(keep.values())))
    return dict(zip(keep, weights / weights.sum(), strict=True))


# --8<-- [end:mask]


def state_of(text: str) -> State:
    state = read((0, 0), text)
    assert state is not None, text
    return state


def check_masks() -> None:
    print("text so far       allowed tokens")
    for text in ("", '{"', '{"a":', '{"a":1', '{"a":[1', '{"a":[[1'):
        print(f"{text:18}{'  '.join(allowed(state_of(text)))}")
    # The verdict on "]}" and "]]" depends on the stack, not the phase.
    verdicts = [read((DONE, depth), "]}") is not None for depth in range(4)]
    assert verdicts == [False, True, False, False]
    verdicts = [read((DONE, depth), "]]") is not None for depth in range(4)]
    assert verdicts == [False, False, True, True]
    # "{" then '"a"', or '{"' then 'a":': one text, two token paths.
    assert read(read((0, 0), "{"), '"a"') == (4, 0)
    assert read(read((0, 0), '{"'), 'a":') == (5, 0)


def check_value() -> None:
    logits = {"hello": 3.0, "1": 1.0, "2": 0.5}
    weights = {t: np.exp(value) for t, value in logits.items()}
    total = sum(weights.values())
    after = masked(logits, state_of('{"a":'))
    print("\nnext token       hello       1       2")
    free = [weights[t] / total for t in logits]
    held = [after.get(t, 0.0) for t in logits]
    for name, row in (("free", free), ("masked", held)):
        print(f"{name:14}" + "".join(f"{p:8.3f}" for p in row))
    assert held[0] == 0
    # Masking keeps the odds of the tokens that remain.
    np.testing.assert_allclose(held[1] / held[2], free[1] / free[2])


def sample(logits: dict[str, float], limit: int) -> tuple[str, bool]:
    """Greedy constrained decoding, at most `limit` tokens."""
    text, state = "", (0, 0)
    for _ in range(limit):
        options = masked(logits, state)
        token = max(options, key=lambda t: options[t])
        if token == EOS:
            break
        text, state = text + token, state_of(text + token)
    try:
        json.loads(text)
    except json.JSONDecodeError:
        return text, False
    return text, True


def check_ending() -> None:
    print("\nlimit 8 tokens    output              parses")
    tame = dict.fromkeys(VOCABULARY, 0.0) | {"1}": 2.0}
    wild = dict.fromkeys(VOCABULARY, 0.0) | {"[[": 2.0}
    results = []
    for name, logits in (("prefers 1}", tame), ("prefers [[", wild)):
        text, parses = sample(logits, 8)
        results.append(parses)
        print(f"{name:18}{text:20}{parses}")
    assert results == [True, False]


Tree = dict[str, float]
FIRST: Tree = {"a": 0.9, "b": 0.1}
SECOND: dict[str, Tree] = {
    "a": {"x": 0.1, "y": 0.9},
    "b": {"x": 0.8, "y": 0.2},
}


def local_and_exact(first: Tree, second: dict[str, Tree]) -> list[Tree]:
    """Strings of two tokens; the grammar wants an x at the end."""
    viable = [u for u in first if second[u]["x"] > 0]
    kept = sum(first[u] for u in viable)  # mask on step 1
    local = {}
    for u in viable:
        ends = {v: p for v, p in second[u].items() if v == "x"}  # step 2
        local[u] = first[u] / kept * ends["x"] / sum(ends.values())
    mass = {u: first[u] * second[u]["x"] for u in viable}
    exact = {u: mass[u] / sum(mass.values()) for u in viable}
    return [local, exact]


def check_distortion() -> None:
    local, exact = local_and_exact(FIRST, SECOND)
    legal = sum(FIRST[u] * SECOND[u]["x"] for u in FIRST)
    print("\nends in x             ax      bx")
    print(f"masked each step   {local['a']:5.3f}{local['b']:8.3f}")
    print(f"p(. | grammar)     {exact['a']:5.3f}{exact['b']:8.3f}")
    print(f"P(grammar) {legal:.2f}, tries by rejection {1 / legal:.2f}")
    np.testing.assert_allclose(exact["a"], 9 / 17)
    # Rejection sampling has the exact law.
    rng = np.random.default_rng(0)
    is_b = rng.random(400_000) < FIRST["b"]
    ends = rng.random(400_000) < np.where(is_b, 0.8, 0.1)
    assert abs(1 - is_b[ends].mean() - exact["a"]) < 0.01
    # Step 1 weighted by the chance of ending well gives the exact law.
    future = {u: FIRST[u] * SECOND[u]["x"] / legal for u in FIRST}
    assert np.isclose(future["b"], exact["b"])
    # No distortion where both prefixes end well equally often.
    level = {u: {"x": 0.3, "y": 0.7} for u in "ab"}
    local, exact = local_and_exact(FIRST, level)
    assert np.isclose(local["a"], exact["a"])


def check_guard() -> None:
    """A million replies, 0.1% in breach; guard: 95% recall, 1% false."""
    bad, good = 1_000.0, 999_000.0
    recall, false = 0.95, 0.01
    either = 1 - (1 - recall) ** 2, 1 - (1 - false) ** 2
    both = recall**2, false**2
    print("\n1,000,000 replies, 0.1% in breach; recall 95%, false alarms 1%")
    print("guards             missed  blocked in error  precision")
    rows = {"one": (recall, false), "block if either": either}
    rows["block if both"] = both
    precision = {}
    for name, (hit, wrong) in rows.items():
        caught, harmed = bad * hit, good * wrong
        precision[name] = caught / (caught + harmed)
        print(
            f"{name:17}{bad - caught:8.1f}{harmed:18,.1f}"
            f"{precision[name]:11.3f}"
        )
    assert precision["one"] < 0.1 < precision["block if both"]
    assert np.isclose(bad * (1 - either[0]), 2.5)


if __name__ == "__main__":
    check_masks()
    check_value()
    check_ending()
    check_distortion()
    check_guard()
