"""A ReAct loop with a rule-based stand-in for the language model.

Source: Yao et al., ReAct, arXiv:2210.03629, and its code: thought, action,
observation, the stop sequence, the step limit. No model runs here: the
stand-in follows three rules and misremembers one number, so that what the
loop itself contributes can be read off.
"""

import ast
import operator
import re
from collections.abc import Callable

QUESTION = "How many weights do the matrices of GPT-3's blocks hold?"
PAGES = {"GPT-3": "GPT-3 has 96 layers of width 12288."}
MEMORY = "GPT-3 has 96 layers of width 12000."  # wrong, as memory can be
MATRICES = 12  # a block's matrices hold 12 d^2 weights
Model = Callable[[str], str]


def honest(context: str) -> str:
    """Next step from the text alone, and then an invented observation."""
    seen = re.findall(r"Observation: (.*)", context)
    facts = re.findall(r"(\d+) layers of width (\d+)", context)
    if not facts:
        return step("I need its depth and width.", "search[GPT-3]", MEMORY)
    layers, width = facts[-1]
    result = MATRICES * int(layers) * int(width) ** 2
    if seen[-1].isdigit():
        return step("That is the count.", f"finish[{seen[-1]}]", "")
    if "use **" in seen[-1]:
        action = f"calculate[{MATRICES} * {layers} * {width} ** 2]"
        return step("Wrong power sign; use **.", action, str(result))
    action = f"calculate[{MATRICES} * {layers} * {width} ^ 2]"
    return step("Twelve times depth times width squared.", action, str(result))


def stubborn(context: str) -> str:
    """The same, but blind to error messages."""
    return honest(context.replace("use **", ""))


def step(thought: str, action: str, invented: str) -> str:
    text = f"Thought: {thought}\nAction: {action}\n"
    return text + (f"Observation: {invented}\n" if invented else "")


# --8<-- [start:react]
OPERATORS = {ast.Add: operator.add, ast.Sub: operator.sub}
OPERATORS |= {ast.Mult: operator.mul, ast.Pow: operator.pow}


def calculate(text: str) -> str:
    """Integer arithmetic on a syntax tree; never eval() a model's text."""

    def value(node: ast.expr) -> int:
        if isinstance(node, ast.Constant) and type(node.value) is int:
            return node.value
        if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            apply = OPERATORS[type(node.op)]
            result = apply(value(node.left), value(node.right))
            if type(result) is int:  # a negative exponent gives a float
                return result
        raise ValueError("integers with + - *; for powers use **")

    return str(value(ast.parse(text, mode="eval").body))


TOOLS = {"search": lambda name: PAGES[name], "calculate": calculate}


def generate(model: Model, context: str, stop: str | None) -> str:
    """Write on until the model ends, or up to the stop sequence."""
    text = ""
    while "finish[" not in text and (not stop or stop not in text):
        text += model(context + text)
    return text.split(stop)[0] if stop else text


def react(
    model: Model, stop: str | None = "Observation:", limit: int = 6
) -> tuple[str | None, str, int]:
    """Answer (None if stopped by the limit), trajectory, tool calls."""
    context, calls = f"Question: {QUESTION}\n", 0
    for _ in range(limit):
        text = generate(model, context, stop)
        context += text
        name, argument = re.findall(r"Action: (\w+)\[(.*)\]", text)[-1]
        if name == "finish":
            return argument, context, calls
        try:
            observation, calls = TOOLS[name](argument), calls + 1
        except (KeyError, ValueError, SyntaxError) as error:
            observation = f"error: {error}"
        context += f"Observation: {observation}\n"
    return None, context, calls


# --8<-- [end:react]


def input_tokens(prompt: int, step: int, calls: int) -> tuple[int, int]:
    """Prompt tokens of `calls` model calls: sent, and not in the cache."""
    sent = new = cached = 0
    for t in range(calls):
        length = prompt + t * step
        sent, new, cached = sent + length, new + length - cached, length
    return sent, new


def main() -> None:
    truth = MATRICES * 96 * 12288**2
    answer, trajectory, calls = react(honest)
    print("1. with the stop sequence 'Observation:'")
    print(trajectory, end="")
    print(f"successful tool calls: {calls}")
    assert answer == str(truth) and calls == 2
    assert "12000" not in trajectory

    invented, trajectory, calls = react(honest, stop=None)
    print("\n2. without it: the model writes the observations itself")
    print(f"answer {invented}, tool calls: {calls}")
    assert invented is not None and invented != answer and calls == 0
    print(f"off by {int(invented) / truth - 1:+.1%}")

    print("\n3. a model that does not read error messages")
    answer, trajectory, calls = react(stubborn)
    errors = trajectory.count("error:")
    print(f"answer {answer}, errors: {errors}, stopped by the limit of 6")
    assert answer is None and errors == 5

    print("\n4. input tokens, P = 800, k = 150")
    print(" calls T     sent  new with prefix cache  sent / new")
    for t in (1, 6, 12, 24, 50):
        sent, new = input_tokens(800, 150, t)
        assert sent == t * 800 + 150 * t * (t - 1) // 2
        assert new == 800 + (t - 1) * 150
        print(f"{t:8}{sent:9}{new:23}{sent / new:12.1f}")

    print("\n5. standard error of an exact match of 29.4% on 500 questions")
    error = (0.294 * 0.706 / 500) ** 0.5
    print(f"{100 * error:.1f} points")
    assert 1.9 < 100 * error < 2.2


if __name__ == "__main__":
    main()
