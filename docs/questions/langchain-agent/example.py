"""An agent runtime without a framework: two nodes, a registry, a limit.

Source: the graph that create_agent of langchain 1.5.2 compiles, rebuilt in
its control flow. No model runs here: `clerk` and `stuck` are rules that stand
in for one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count


@dataclass
class Call:
    """What a model emits: a name and arguments. It executes nothing."""

    name: str
    args: dict[str, object]


@dataclass
class Message:
    role: str  # user, ai, tool
    content: str = ""
    calls: tuple[Call, ...] = ()


Model = Callable[[list[Message]], Message]


def order(number: int) -> str:
    return {17: "paid 40", 18: "paid 900"}[number]


def refund(number: int, amount: int) -> str:
    return f"refunded {amount} for order {number}"


Tool = tuple[Callable[..., str], dict[str, type]]
TOOLS: dict[str, Tool] = {
    "order": (order, {"number": int}),
    "refund": (refund, {"number": int, "amount": int}),
}


def approve(call: Call) -> str | None:
    """A human's rule around tool calls: a reason to refuse, or None."""
    amount = call.args.get("amount", 0)
    over = isinstance(amount, int) and amount > 100
    return "rejected by a human: more than 100" if over else None


# --8<-- [start:runtime]
def execute(call: Call) -> str:
    """The runtime, not the model, runs a tool, after three checks."""
    if call.name not in TOOLS:
        return f"error: {call.name} is not one of {sorted(TOOLS)}"
    function, schema = TOOLS[call.name]
    if {k: type(v) for k, v in call.args.items()} != schema:
        return f"error: {call.name} takes {signature(schema)}"
    return approve(call) or function(**call.args)


def invoke(
    model: Model, question: str, call_limit: int, step_limit: int = 9_999
) -> tuple[list[Message], int]:
    """Messages and number of model calls; one node runs per step."""
    messages, calls, node = [Message("user", question)], 0, "model"
    for step in count():
        if node == "end":
            break
        if step == step_limit:
            raise RecursionError(f"{calls} model calls in {step} steps")
        if node == "model" and calls == call_limit:
            messages.append(Message("ai", "stopped: model call limit"))
            node = "end"
        elif node == "model":
            messages.append(model(messages))
            calls += 1
            node = "tools" if messages[-1].calls else "end"
        else:
            results = [execute(call) for call in messages[-1].calls]
            messages += [Message("tool", result) for result in results]
            node = "model"
    return messages, calls


# --8<-- [end:runtime]


def signature(schema: dict[str, type]) -> str:
    return ", ".join(f"{k}: {v.__name__}" for k, v in schema.items())


def clerk(messages: list[Message]) -> Message:
    """Refund an order: ask for it, pay back what was paid, report."""
    number = int(messages[0].content.split()[-1])
    last = messages[-1]
    if last.role == "user":  # a wrong type, as models produce them
        return ask("order", number=str(number))
    if last.content.startswith("error"):
        return ask("order", number=number)
    if last.content.startswith("paid"):
        amount = int(last.content.split()[-1])
        return ask("refund", number=number, amount=amount)
    return Message("ai", f"Result: {last.content}.")


def stuck(messages: list[Message]) -> Message:
    return ask("order", number=17)


def ask(name: str, **args: object) -> Message:
    return Message("ai", calls=(Call(name, args),))


def show(messages: list[Message]) -> None:
    for message in messages:
        text = message.content
        for call in message.calls:
            args = ", ".join(f"{k}={v!r}" for k, v in call.args.items())
            text += f"-> {call.name}({args})"
        print(f"  {message.role:5}{text}")


def main() -> None:
    print("1. one runtime, two orders")
    for number in (17, 18):
        messages, calls = invoke(clerk, f"Refund order {number}", 8)
        show(messages)
        refunds = [m for m in messages if m.content.startswith("refunded")]
        assert calls == 4 and len(refunds) == (number == 17)

    print("\n2. a model that always calls a tool: model calls until it stops")
    messages, calls = invoke(stuck, "Refund order 17", 5)
    print(f"call limit 5: {calls}, then '{messages[-1].content}'")
    assert calls == 5
    for limit in (25, 9_999):
        try:
            invoke(stuck, "Refund order 17", 10**6, limit)
            raise AssertionError("it must not end")
        except RecursionError as error:
            print(f"step limit {limit:,}: {error}")
            assert str(error).startswith(str((limit + 1) // 2))

    print("\n3. no step wrong in n, steps independent: p ** n")
    print("     p    n = 5       10       20       50")
    for p in (0.9, 0.95, 0.99, 0.995):
        row = "".join(f"{p**n:9.4f}" for n in (5, 10, 20, 50))
        print(f"{p:6}{row}")
    needed = 0.9 ** (1 / 20)
    print(f"p for 0.9 at n = 20: {needed:.4f}")
    assert 0.35 < 0.95**20 < 0.36 and 0.994 < needed < 0.995


if __name__ == "__main__":
    main()
