"""A program's rules as rows: what decisions read, and the texts that they refer to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from runner.engine import state, universe
from runner.engine.drawdown_state import TAGS, Drawdowns
from runner.engine.happenings import UPON
from runner.engine.instruction import Instruction
from runner.engine.memory import Memory
from runner.engine.portfolio_state import Name, Portfolio
from runner.engine.portfolio_table import write_portfolio
from runner.engine.protections import ProtectRow
from runner.engine.reprice import THENS
from runner.engine.tags import CALL_TAG, DELISTING_TAG, FLATTEN_TAG, LOSS_TAG
from runner.language import words
from runner.language.program import Program
from runner.language.spec import OrderPlan, Protect, Rule, Step, Text
from runner.laws.protection import PROTECTIONS
from runner.market.calendar import Calendar
from runner.market.order import GOOD_TILL_DATE, ORDER_KINDS, PROTECT, TIMES_IN_FORCE

SIDES = {"short": -1, "down": -1, "flat": 0}
SCOPES = {"members": universe.MEMBERS, "joined": universe.JOINED, "left": universe.LEFT}


class Rules(NamedTuple):
    """The document's rules as rows, and the texts that they refer to."""

    rules: list[state.RuleRow]
    steps: list[state.StepRow]
    weights: list[state.WeightRow]
    memory: list[Memory]
    code: list[Instruction]
    portfolio: Portfolio
    drawdowns: Drawdowns
    names: list[Name]
    used: list[int]  # nodes that decision code reads, in the order of their new numbers
    texts: list[str]
    protects: list[ProtectRow]
    leave: int = -1  # the step that leaves every position when the day's loss is reached
    flatten: int = -1  # the step that leaves every position when an operator says so: in a live run only


def _is_basket(rule: Rule) -> bool:
    """Whether the rule is decided once an instant: targets of named symbols, or a moment that flattens everything."""
    if rule.part == "portfolio" or any(step.weights and step.weights[0][0] != "" for step in rule.steps):
        return True
    return bool(rule.at) and all(step.action == "exit" and step.scope == "everything" for step in rule.steps)


class _Writer:
    """Turns one spec's rules into rows."""

    def __init__(self, program: Program, calendar: Calendar) -> None:
        self.program = program
        self.calendar = calendar
        self.symbols = {symbol: i for i, symbol in enumerate(program.spec.symbols)}
        self.numbers = {rule.name: r for r, rule in enumerate(program.spec.rules)}
        self.names = {name: i for i, name in enumerate(program.names)}
        self.out = Rules(
            [], [], [], [], [], Portfolio(), Drawdowns(), [Name() for _ in self.symbols], [], [], []
        )

    def text(self, text: str | None) -> int:
        """Index of a text, -1 for none."""
        if not text:
            return -1
        if text not in self.out.texts:
            self.out.texts.append(text)
        return self.out.texts.index(text)

    def span(self, text: Text | None) -> tuple[int, int]:
        """Where the code of an expression stands; (0, 0) for none."""
        if text is None:
            return 0, 0
        found = self.program.spans[text.path]
        return found.lo, found.hi

    def code(self) -> None:
        numbers: dict[int, int] = {}
        for line in self.program.code:
            a, exponent = line.a, 0
            if line.op == words.COLUMN:
                a = numbers.setdefault(line.a, len(numbers))
                exponent = self.program.nodes[line.a].exponent
            self.out.code.append(Instruction(op=line.op, a=a, b=line.b, exponent=exponent, value=line.value))
        self.out.used.extend(numbers)

    def rule(self, rule: Rule) -> None:
        when = self.span(rule.when)
        only = self.span(rule.only_if)
        entries = [
            line
            for line in self.out.code[when[0] : when[1]]
            if line.op == words.WORD and line.a == words.ENTRY_PRICE
        ]
        line = state.RuleRow(
            moment=bool(rule.at),
            level=rule.every_bar,
            basket=_is_basket(rule),
            choose=rule.choose,
            flattens=not rule.choose
            and all(step.action == "exit" and step.scope == "everything" for step in rule.steps),
            notes=all(step.action == "note" for step in rule.steps),
            of_position=any(line.b < 0 for line in entries),
            of_others=any(line.b >= 0 for line in entries),
            when_lo=when[0],
            when_hi=when[1],
            only_lo=only[0],
            only_hi=only[1],
            once=("", "day", "session", "run", "span").index(rule.once_per),
            once_span=rule.once_span,
            upon=UPON[rule.upon.event] if rule.upon else 0,
            follows=self.numbers[rule.upon.rule] if rule.upon else -1,
            followed=any(
                one.upon is not None and one.upon.rule == rule.name for one in self.program.spec.rules
            ),
            step_lo=len(self.out.steps),
        )
        line.scope = self.scope(rule, line.basket)
        if rule.between is not None:
            line.has_window = True
            line.after_open = rule.between.after_open
            line.before_close = rule.between.before_close
            line.from_time = rule.between.from_time
            line.to_time = rule.between.to_time
        for step in rule.steps:
            self.step(step)
        line.step_hi = len(self.out.steps)
        self.out.rules.append(line)
        targets = [self.symbols[name] for step in rule.steps for name, _ in step.weights if name]
        if rule.symbols is not None:
            active = {self.symbols[name] for name in rule.symbols}
        else:
            active = set(targets) or set(range(len(self.symbols)))
        line.home = min(active)
        self.out.memory.extend(Memory(active=s in active) for s in range(len(self.symbols)))

    def scope(self, rule: Rule, basket: bool) -> int:
        """Which of its symbols the rule looks at. Where nothing joins or leaves, all."""
        if rule.scope in SCOPES:
            return SCOPES[rule.scope] if self.program.spec.universe.selections else universe.ALL_SYMBOLS
        named = rule.symbols is not None or basket or not self.program.spec.universe.selections
        return universe.ALL_SYMBOLS if named else universe.HELD_TOO

    def step(self, step: Step) -> None:
        action = step.action
        if action == "exit" and step.scope == "everything":
            action = "exit_everything"
        if action == "cancel" and step.refers in ("", "all"):
            action = "cancel_all"
        size = step.size
        value = self.span(size.value if size else None)
        stop = self.span(size.stop if size else None)
        limit = self.span(step.order.limit)
        trigger = self.span(step.order.stop)
        by = self.span(step.order.by)
        guard = self.span(step.when)
        line = state.StepRow(
            action=state.ACTIONS[action],
            side=SIDES.get(step.side, -1 if step.action == "sell" else 1),
            unit=state.UNITS.get(size.unit if size else "", state.ALL),
            value_lo=value[0],
            value_hi=value[1],
            stop_lo=stop[0],
            stop_hi=stop[1],
            limit_lo=limit[0],
            limit_hi=limit[1],
            trigger_lo=trigger[0],
            trigger_hi=trigger[1],
            by_lo=by[0],
            by_hi=by[1],
            by_ratio=step.order.by is not None and self.program.spans[step.order.by.path].ratio,
            guard_lo=guard[0],
            guard_hi=guard[1],
            weight_lo=len(self.out.weights),
            others=step.others == "exit",
            add=step.add,
            cut=self.program.spec.settings["buying_power"] == "cut"
            and (
                bool(step.weights)
                or action == "rebalance"
                or (size is not None and size.unit in ("percent_of_equity", "risk"))
            ),
            kind=ORDER_KINDS[step.order.kind],
            time_in_force=TIMES_IN_FORCE[step.order.time_in_force],
            good_till=self.good_till(step.order),
            post_only=step.order.post_only,
            tag=self.text(step.order.tag),
            retag=self.text(step.retag),
            name=self.names.get(step.name, -1),
            refers=self.names.get(step.refers, -1),
            note=self.text(step.note),
            open_time=step.lifetime.open_time,
            sessions=step.lifetime.sessions,
            bars=step.lifetime.bars,
        )
        if step.order.reprice is not None:
            line.reprice_every = step.order.reprice.every
            line.reprice_for = step.order.reprice.lasts
            line.reprice_then = THENS[step.order.reprice.then]
        for name, weight in step.weights:
            lo, hi = self.span(weight)
            self.out.weights.append(state.WeightRow(symbol=self.symbols.get(name, -1), lo=lo, hi=hi))
        line.weight_hi = len(self.out.weights)
        if step.protect is not None:
            line.protect = len(self.out.protects)
            self.out.protects.append(self.protect(step.protect))
        self.out.steps.append(line)

    def protect(self, plan: Protect) -> ProtectRow:
        """The plan of a step's protection; its exits follow in `exits`."""
        line = ProtectRow(after=plan.after)
        for name, text in (("stop", plan.stop), ("target", plan.target), ("trail", plan.trail)):
            lo, hi = self.span(text)
            setattr(line, f"{name}_lo", lo)
            setattr(line, f"{name}_hi", hi)
            setattr(line, f"{name}_percent", text is not None and self.program.spans[text.path].ratio)
        return line

    def exits(self) -> None:
        """The steps by which protected positions are left, behind those of all rules: market orders until flat."""
        for plan in self.out.protects:
            plan.exits = len(self.out.steps)
            for word in PROTECTIONS.values():
                self.leave(word)

    def leave(self, word: str) -> int:
        """A step that leaves a position by market orders until it is flat: its number."""
        self.out.steps.append(state.StepRow(action=state.EXIT, purpose=PROTECT, tag=self.text(word)))
        return len(self.out.steps) - 1

    def limits(self) -> None:
        """Limits of loss and gain, and the steps by which positions are left: market orders until flat."""
        limits, row = self.program.spec.drawdowns, self.out.drawdowns
        if not limits.any():
            return
        row.active = True
        row.at_marks = self.program.spec.settings["drawdowns"] == "marks"
        self.out.portfolio.runs = self.out.portfolio.runs or not row.at_marks
        for name in limits.__struct_fields__:
            setattr(row, name, getattr(limits, name))
        row.step = len(self.out.steps)
        plan = self.program.spec.default_order
        for word in TAGS:
            said = self.text(word)
            self.out.steps.append(
                state.StepRow(
                    action=state.EXIT,
                    purpose=PROTECT,
                    note=said,
                    tag=said
                    if row.at_marks
                    else -1,  # LEAN's models send their orders without one (fact sheet 16)
                    time_in_force=TIMES_IN_FORCE[plan.time_in_force],
                    good_till=self.good_till(plan),
                )
            )

    def good_till(self, order: OrderPlan) -> int:
        """Instant at which a good-till-date order ends: the close of its date, or of the session before."""
        if TIMES_IN_FORCE[order.time_in_force] != GOOD_TILL_DATE:
            return 0
        i = int(np.searchsorted(self.calendar.date, order.good_till, "right")) - 1
        return int(self.calendar.close[max(i, 0)])


def write_rules(program: Program, calendar: Calendar, live: bool = False, texts: Iterable[str] = ()) -> Rules:
    """The program's rules as rows; `calendar` turns dates into instants. `live`: operators may give commands. `texts`:
    those that the run has already."""
    writer = _Writer(program, calendar)
    writer.out.texts.extend(texts)
    writer.code()
    for rule in program.spec.rules:
        writer.rule(rule)
    if program.spec.portfolio is not None:
        write_portfolio(program, writer.out, writer.span)
    writer.exits()
    writer.limits()
    writer.text(CALL_TAG)
    writer.text(DELISTING_TAG)
    out = writer.out
    if program.spec.risk.then == "flatten":
        out = out._replace(leave=writer.leave(LOSS_TAG))
    return out._replace(flatten=writer.leave(FLATTEN_TAG)) if live else out
