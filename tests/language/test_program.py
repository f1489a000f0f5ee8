"""Compiling: columns once each, decision code, units, warm-up, and every fault with its place and cure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.language import words
from runner.language.program import Instruction, Span, compile_program
from runner.laws.arithmetic import AND, DIVIDE, GREATER, LESS, MULTIPLY
from runner.laws.indicators import INDICATORS
from runner.market.bar import DAY, HOUR, MINUTE
from tests.made import indicator, rule, sized, strategy

FAST = indicator("fast", "ema", period=20)
SLOW = indicator("slow", "ema", period=80)
BANDS = indicator("bands", "bollinger")
SPY_ONLY = indicator("trend", "sma", period=200, symbol="SPY")


def when(i):
    return ("rules", i, "when")


def compiled(*conditions, **how):
    program, faults = compile_program(strategy(*conditions, **how))
    assert faults == []
    return program


def faults_of(*conditions, **how):
    return compile_program(strategy(*conditions, **how))[1]


class TestColumns:
    def test_a_condition_of_bars_is_one_column(self):
        program = compiled("fast crosses above slow", indicators=[FAST, SLOW])
        (only,) = program.code
        assert (only.op, program.nodes[only.a].op) == (words.COLUMN, "crosses_above")
        assert [n.op for n in program.nodes] == [
            "field",
            "indicator",
            "indicator",
            "lag",
            "lag",
            "crosses_above",
        ]

    def test_each_distinct_column_is_there_once(self):
        program = compiled("ema(20) > close", "close < ema(close, 20)", "fast > 3", indicators=[FAST])
        assert sum(n.op == "indicator" for n in program.nodes) == 1
        assert len(set(program.nodes)) == len(program.nodes)

    def test_inputs_come_before_users(self):
        program = compiled("zscore(A.close / B.close, 5) > (close - open)[2]", symbols=("A", "B"))
        assert all(i < at for at, node in enumerate(program.nodes) for i in node.inputs)

    def test_what_needs_the_account_is_code_over_the_largest_columns(self):
        program = compiled("close > open and close < entry_price * (1 + 2%) and invested")
        column = [i for i in program.code if i.op == words.COLUMN]
        assert [program.nodes[i.a].op for i in column] == ["greater", "field"]
        assert [i._replace(a=0) if i.op == words.COLUMN else i for i in program.code] == [
            Instruction(words.COLUMN, 0, -1),
            Instruction(words.COLUMN, 0, -1),
            Instruction(words.WORD, words.ENTRY_PRICE, -1),
            Instruction(words.CONSTANT, value=1.02),
            Instruction(MULTIPLY),
            Instruction(LESS),
            Instruction(AND),
            Instruction(words.WORD, words.INVESTED, -1),
            Instruction(AND),
        ]

    def test_words_of_other_symbols_and_of_orders(self):
        program = compiled("QQQ.position > 0 and dip.open", "portfolio.invested", orders=["first", "dip"])
        assert program.names == ("first", "dip")
        assert Instruction(words.WORD, words.POSITION, 1) in program.code
        assert Instruction(words.ORDER_WORD, words.ORDER_OPEN, 1) in program.code
        assert Instruction(words.WORD, words.PORTFOLIO_INVESTED, -1) in program.code

    def test_an_order_may_have_the_name_of_a_series(self):
        # design.md section 3: `as: low`, then low.open, low.filled, low.limit.
        program = compiled("low.open and low > 3", orders=["low"])
        assert Instruction(words.ORDER_WORD, words.ORDER_OPEN, 0) in program.code

    def test_another_symbol_is_read_where_its_own_bars_stand(self):
        program = compiled("SPY.close > SPY.close[1] and close > QQQ.close")
        read = [(program.nodes[i.a].op, i.b) for i in program.code if i.op == words.COLUMN]
        assert read == [
            ("greater", 0),
            ("field", -1),
            ("field", 1),
        ]  # the whole comparison of SPY is one column

    def test_another_symbol_is_aligned_where_a_window_spans_both(self):
        program = compiled("sma(close / QQQ.close, 3) > 0 and close > 1")
        assert [n.op for n in program.nodes if n.symbol == ""].count(
            "align"
        ) == 2  # its close and its split factor

    def test_a_definition_with_a_symbol_lies_on_its_bars(self):
        program = compiled("close > trend", indicators=[SPY_ONLY])
        assert {n.symbol for n in program.nodes if n.op == "indicator"} == {"SPY"}

    def test_an_indicator_of_another_symbol(self):
        program = compiled("SPY.fast > SPY.bands.lower and SPY.atr(14) > 1", indicators=[FAST, BANDS])
        assert {n.symbol for n in program.nodes if n.op == "indicator"} == {"SPY"}

    def test_parameters_are_constants(self):
        program = compiled("ema($fast_bars) > 1", "close > $fast_bars * 2")
        assert [n.parameters for n in program.nodes if n.op == "indicator"] == [(20.0, 0.0)]
        assert 40.0 in [n.parameters[0] for n in program.nodes if n.op == "constant"]

    def test_powers_of_the_split_factor(self):
        program = compiled(
            "close * volume > 1 and sma(volume, 3) > 1 and close / open > 1 and sma(close / volume, 2) > 1"
        )
        found = {(n.op, n.text): n.exponent for n in program.nodes}
        assert found["field", "close"] == 1
        assert found["field", "volume"] == -1
        assert [n.exponent for n in program.nodes if n.op == "multiply"] == [0]
        assert [n.exponent for n in program.nodes if n.op == "divide"] == [0, 2]
        assert [n.exponent for n in program.nodes if n.op == "indicator"] == [-1, 2]

    def test_outputs(self):
        program = compiled("m > m.signal and bands > bands.middle", "macd() > 1 and macd(12, 26, 9).signal > 1",
                           indicators=[indicator("m", "macd"), BANDS])  # fmt: skip
        made = [(n.text, n.parameters) for n in program.nodes if n.op == "indicator"]
        assert made == [("macd", (12, 26, 9, 0)), ("macd", (12, 26, 9, 1)), ("bollinger", (20, 2, 1))]

    def test_the_timeframe_of_the_data_is_none(self):
        program = compiled("x > 1", indicators=[indicator("x", "ema", period=3, timeframe=MINUTE)])
        assert {n.timeframe for n in program.nodes} == {0}


class TestSpans:
    def test_a_span_for_each_text(self):
        program = compiled(
            "fast > slow",
            "invested",
            indicators=[FAST, SLOW],
            steps=[sized("risk", "1%", stop="2 * atr(14)", limit="close - 0.02")],
        )
        assert program.spans == {
            when(0): Span(0, 1, 80),
            when(1): Span(1, 2, 0),
            ("size",): Span(2, 3, 0),
            ("stop",): Span(3, 4, 14),
            ("limit",): Span(4, 5, 1),
        }
        assert program.code[2] == Instruction(words.CONSTANT, value=0.01)

    @pytest.mark.parametrize(
        ("text", "bars"),
        [
            ("close > 1", 1),
            ("close[3] > 1", 4),
            ("sma(20) > 1", 20),
            ("sma(20)[5] > 1", 25),
            ("rsi(14) < 30", 15),
            ("sma(ema(10), 5) > 1", 14),
            ("macd() > 0", 26),
            ("macd().signal > 0", 34),
            ("close crosses above sma(20)", 21),
            ("close crosses above 100", 2),
            ("SPY.sma(50) > close", 50),
            ("session_vwap() < close", 1),
            ("year > 2000 and hour < 12", 0),
        ],
    )
    def test_warm_up(self, text, bars):
        assert compiled(text).spans[when(0)].warm_up == bars

    @pytest.mark.parametrize(("timeframe", "bars"), [(5 * MINUTE, 50), (HOUR, 600), (DAY, 3900)])
    def test_warm_up_of_a_timeframe_in_bars_of_the_data(self, timeframe, bars):
        # A full session has 390 minutes.
        assert (
            compiled("x > 1", indicators=[indicator("x", "ema", period=10, timeframe=timeframe)])
            .spans[when(0)]
            .warm_up
            == bars
        )


class TestUnits:
    @pytest.mark.parametrize(
        "text",
        [
            "close > 100",
            "close - 0.02 > open + 1",
            "close > sma(50) * (1 + 2%)",
            "close / sma(50) > 1.02",
            "close / open - 1 > 2%",
            "roc(20) > 5%",
            "roc(20) > 0",
            "roc(20) * 100 > 5",
            "roc(20) > $share",
            "unrealized_percent < -3%",
            "unrealized > 500",
            "rsi(14) < 30",
            "zscore(20) > 2",
            "zscore(20) > 2%",
            "volume > 3 * sma(volume, 20)",
            "volume > 1000000",
            "close * volume > 5000000",
            "close * volume > cash",
            "cash > 100 * close",
            "equity * 10% / close > position",
            "10000 / close > position",
            "position * close > equity * $share",
            "min(close, 100) < max(open, low, 5)",
            "abs(close - open) > 2 * atr(14)",
            "sqrt(close / open) > 1",
            "sqrt((close - open) * (close - open)) > 0.5",
            "floor(equity / close) > 100",
            "(close > open)[1] and close[1] > open[1]",
            "bars_held > 5 and weekday == 1",
            "close mod 5 > 1",
        ],
    )
    def test_fit(self, text):
        compiled(text)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("close > volume", "a price is not a number of shares"),
            ("close + volume > 1", "a price is not a number of shares"),
            ("close > position", "a price is not a number of shares"),
            ("2 * close > position", "a price is not a number of shares"),
            ("cash > close", "an amount of money is not a price"),
            ("close + 2% > open", "a percentage is not a price"),
            ("close > 25%", "a percentage is not a price"),
            ("roc(20) > 5", "a percentage is compared with a plain number"),
            ("unrealized_percent < -0.03", "a percentage is compared with a plain number"),
            ("rsi(14) < 30%", "a number from 0 to 100 is compared with a percentage"),
            ("rsi(14) < close", "a number from 0 to 100 is not a price"),
            ("close and open > 1", "a price is no condition"),
            ("not close", "a price is no condition"),
            ("close", "a price is no condition"),
            ("25%", "a percentage is no condition"),
            ("(close > open) + 1 > 0", "true or false is no number"),
            ("(close > open) * 2 > 0", "true or false is no number"),
            ("-(close > open) > 0", "true or false is no number"),
            ("(close > open) == 1", "true or false is no number"),
            ("sma(close > open, 3) > 0", "a condition stands where a number is needed"),
            ("sqrt(close) > 3", "the square root of a price has no meaning"),
            ("close * close > close", "a value in price^2 is not a price"),
            ("max(close, volume) > 3", "a price is not a number of shares"),
            ("close crosses above volume", "a price is not a number of shares"),
            ("close / 0 > 1", "a division by zero is always unknown"),
            ("close mod (2 - 2) > 1", "a division by zero is always unknown"),
            ("sqrt(-1) > close", "the value is always unknown"),
        ],
    )
    def test_clash(self, text, message):
        found = faults_of(text)
        assert [f.message for f in found] == [message]
        assert all(f.cure and f.path == when(0) for f in found)

    def test_the_cure_of_a_bare_number_is_the_percentage_it_meant(self):
        assert [f.cure for f in faults_of("roc(20) > 5", "roc(20) > 0.05")] == ["write 5%", "write 5%"]

    @pytest.mark.parametrize(
        ("unit", "text", "message"),
        [
            ("percent_of_equity", "25%", None),
            ("percent_of_equity", "$share", None),
            ("percent_of_equity", "100% / 4", None),
            ("percent_of_equity", "2% / (atr(14) / close)", None),
            ("percent_of_equity", "25", "a bare number is never a percentage"),
            ("percent_of_equity", "close", "a price stands where a percentage of equity is needed"),
            ("percent_of_position", "50%", None),
            ("percent_of_position", "0.5", "a bare number is never a percentage"),
            ("shares", "100", None),
            ("shares", "10000 / close", None),
            ("shares", "volume * 1%", None),
            ("shares", "1.5", "a fraction of a share cannot be traded"),
            ("shares", "25%", "a percentage stands where a number of shares is needed"),
            ("shares", "close", "a price stands where a number of shares is needed"),
            ("shares", "equity", "an amount of money stands where a number of shares is needed"),
            ("shares", "close > 3", "a condition stands where a number of shares is needed"),
            ("dollars", "5000", None),
            ("dollars", "equity * 10%", None),
            ("dollars", "100 * close", None),
            ("dollars", "volume", "a number of shares stands where an amount of money is needed"),
            ("dollars", "10%", "a percentage stands where an amount of money is needed"),
        ],
    )
    def test_sizes(self, unit, text, message):
        found = faults_of(steps=[sized(unit, text)])
        assert [(f.path, f.message) for f in found] == ([(("size",), message)] if message else [])

    @pytest.mark.parametrize(
        ("text", "right"),
        [("close - 0.02", True), ("100", True), ("bid", True), ("2%", False), ("volume", False)],
    )
    def test_limits(self, text, right):
        assert (faults_of(steps=[sized("shares", "1", limit=text)]) == []) is right


class TestFaults:
    @pytest.mark.parametrize(
        ("text", "column", "message", "cure"),
        [
            ("clse > 3", 0, "unknown name 'clse'", "did you mean 'close'?"),
            ("close > 3 and fsat > 1", 14, "unknown name 'fsat'", "did you mean 'fast'?"),
            ("close > CLOSE", 8, "unknown name 'CLOSE'", "did you mean 'close'?"),
            ("close > SPY", 8, "the symbol SPY stands alone", "write SPY.close"),
            ("IBM.close > 3", 0, "IBM is not in the universe", "add it: universe: {symbols: [..., IBM]}"),
            ("SPX.close > 3", 0, "SPX is not in the universe", "did you mean 'SPY'?"),
            (
                '"BRK.B".close > 3',
                0,
                "BRK.B is not in the universe",
                "add it: universe: {symbols: [..., BRK.B]}",
            ),
            ("SPY.clos > 3", 0, "a symbol has no 'clos'", "did you mean 'close'?"),
            ("SPY.equity > 3", 0, "a symbol has no 'equity'", "write, for example, SPY.close"),
            ("fast_bars > 3", 0, "'fast_bars' is a parameter", "write $fast_bars"),
            ("$fast_bar > 3", 0, "no parameter is named 'fast_bar'", "did you mean 'fast_bars'?"),
            ("$speed > 3", 0, "no parameter is named 'speed'", "name it under parameters"),
            ("rsi < 30", 0, "'rsi' stands without its values", "write rsi(20)"),
            ("max > 30", 0, "'max' stands without its values", "write max(close, open)"),
            ("emma(20) > 3", 0, "there is no function 'emma'", "did you mean 'ema'?"),
            ("stdev(close, 20) > 3", 0, "there is no function 'stdev'", "write standard_deviation"),
            (
                "close(3) > 3",
                0,
                "there is no function 'close'",
                "write close without parentheses, and close[3] for three bars ago",
            ),
            ("price > 3", 0, "unknown name 'price'", "write close"),
            ("fast.upper > 3", 0, "fast has no output 'upper'", "write fast"),
            ("bands.uper > 3", 0, "bands has no output 'uper'", "did you mean 'upper'?"),
            ("ema(20).signal > 3", 0, "ema has no output 'signal'", "write ema"),
            ("QQQ.trend > 3", 0, "'trend' is of SPY only", "write trend"),
            ("dip > 3", 0, "the order 'dip' stands alone", "write dip.open or dip.filled"),
            ("dip.opn", 0, "an order has no 'opn'", "did you mean 'open'?"),
            ("dap.open", 0, "no order is named 'dap'", "did you mean 'dip'?"),
            (
                "portfolio.cash > 3",
                0,
                "the portfolio has no 'cash'",
                "write portfolio.invested, equity, cash or exposure",
            ),
            ("close[-1] > 3", 6, "nothing can name a later bar", "write a number of bars ago: [1]"),
            (
                "close[1.5] > 3",
                6,
                "the number of bars ago is no whole number",
                "write, for example, close[3]",
            ),
            (
                "close[open] > 3",
                6,
                "the number of bars ago is no whole number",
                "write, for example, close[3]",
            ),
            ("close[20000] > 3", 6, "20000 bars ago is more than 10000", "write a smaller number"),
            ("sma() > 3", 0, "sma needs its period", "write sma(close, period)"),
            ("sma(close, 20, 3) > 3", 15, "too many values for sma", "write sma(close, period)"),
            ("sma(close, open) > 3", 11, "the period of sma is no fixed number", "write sma(close, period)"),
            ("sma(close, 0) > 3", 11, "the period of sma is 0, not from 1 to 10000", "write 20"),
            ("sma(close, 2.5) > 3", 11, "the period of sma is 2.5, no whole number", "write 2"),
            ("atr(close, 14) > 3", 11, "too many values for atr", "write atr(period)"),
            (
                "macd(26, 12, 9) > 3",
                0,
                "the fast average of macd is not shorter than the slow one",
                "write fast: 12, slow: 26",
            ),
            ("min(close) > 3", 0, "min takes 2 to 16 values, not 1", "write min(close, open)"),
            ("3 crosses above 4", 0, "two constants never cross", "name a series on one side"),
            ("close >", 7, "something is missing after '>'", "write a value, for example close > 100"),
        ],
    )
    def test_place_and_cure(self, text, column, message, cure):
        (fault,) = faults_of(text, indicators=[FAST, BANDS, SPY_ONLY], orders=["dip"])
        assert fault == (when(0), message, cure, column)

    @pytest.mark.parametrize(
        "text",
        [
            "entry_price[1] > 3",
            "close crosses above entry_price",
            "sma(position, 3) > 1",
            "sma(close - entry_price, 3) > 1",
            "hour[1] > 3",
            "dip.limit[1] > 3",
        ],
    )
    def test_the_account_has_no_history(self, text):
        (fault,) = faults_of(text, orders=["dip"])
        assert fault.message.startswith("a word of the account stands inside")

    def test_all_unknown_names_of_a_text_are_told(self):
        assert [(f.column, f.message) for f in faults_of("clse > 3 and opne > 1")] == [
            (0, "unknown name 'clse'"),
            (13, "unknown name 'opne'"),
        ]

    def test_prices_of_two_symbols_added_inside_a_window(self):
        text = "zscore(SPY.close - 2 * QQQ.close, 20) > 2"
        (fault,) = faults_of(text)
        assert fault.message == "zscore over prices of several symbols added together would jump at a split"
        assert faults_of(text, prices="split_adjusted") == []
        assert faults_of("zscore(SPY.close / QQQ.close, 20) > 2") == []
        assert faults_of("(SPY.close - 2 * QQQ.close)[20] > 2") == []

    def test_an_indicator_made_of_itself(self):
        made = [indicator("a", "sma", of="b", period=2), indicator("b", "sma", of="a + 1", period=2)]
        (fault,) = faults_of("a > 1", indicators=made)
        assert fault.path == ("indicators", "b", "sma", "of")
        assert fault.message == "the indicator is made of itself: a -> b -> a"

    def test_a_long_chain_of_indicators(self):
        made = [indicator("i0", "sma", period=2)]
        made += [indicator(f"i{n}", "sma", of=f"i{n - 1}", period=2) for n in range(1, 400)]
        found = faults_of("i399 > 1", indicators=made[::-1])
        assert found
        assert "built on one another" in found[0].message

    def test_a_fault_in_a_definition_is_told_once(self):
        made = [indicator("x", "sma", of="clse", period=2)]
        (fault,) = faults_of("x > 1", "SPY.x > 2", "x[1] > 3", indicators=made)
        assert (fault.path, fault.message) == (("indicators", "x", "sma", "of"), "unknown name 'clse'")

    def test_the_account_in_a_definition(self):
        (fault,) = faults_of(indicators=[indicator("x", "sma", of="close - entry_price", period=2)])
        assert fault.path == ("indicators", "x", "sma", "of")

    @pytest.mark.parametrize(
        ("timeframe", "resolution", "message"),
        [
            (90 * 10**9, "1m", "the timeframe is no multiple of SPY's bars of 1m"),
            (MINUTE, "1h", "the timeframe is no multiple of SPY's bars of 1h"),
            (2 * DAY, "1m", "a timeframe longer than a session"),
            (5 * MINUTE, "1m", None),
            (HOUR, "1m", None),
            (DAY, "1h", None),
            (DAY, "1d", None),
        ],
    )
    def test_timeframes(self, timeframe, resolution, message):
        found = faults_of(
            indicators=[indicator("x", "ema", period=3, timeframe=timeframe)], resolution=resolution
        )
        assert [(f.path[-1], f.message) for f in found] == ([("timeframe", message)] if message else [])

    def test_a_timeframe_is_measured_against_every_symbol(self):
        made = [indicator("x", "ema", period=3, timeframe=5 * MINUTE)]
        assert faults_of(indicators=made, resolutions=(("QQQ", "1h"),))[0].message.endswith(
            "QQQ's bars of 1h"
        )
        spy = [indicator("x", "ema", period=3, timeframe=5 * MINUTE, symbol="SPY")]
        assert faults_of(indicators=spy, resolutions=(("QQQ", "1h"),)) == []

    def test_indicators_that_take_no_input(self):
        (fault,) = faults_of(indicators=[indicator("x", "atr", of="close", period=3)])
        assert fault.message == "atr takes no 'of'"

    def test_ten_thousand_parentheses(self):
        assert len(faults_of("(" * 10_000 + "close" + ")" * 10_000)) == 1


def test_every_word_and_kind_is_usable():
    conditions = []
    for name, entry in words.WORDS.items():
        conditions.append(name if entry.unit == words.TRUTH else f"{name} > 0")
        if entry.scope == "symbol":
            conditions.append(f"QQQ.{name}" if entry.unit == words.TRUTH else f"QQQ.{name} > 0")
    for name, entry in words.ORDER_WORDS.items():
        conditions.append(f"dip.{name}" if entry.unit == words.TRUTH else f"dip.{name} > 0")
    for kind in INDICATORS.values():
        assert kind.about
    made = [
        indicator(f"i_{k}", k, **{p.name: p.default or 5 for p in e.parameters})
        for k, e in INDICATORS.items()
    ]
    conditions += [f"i_{k} > 0" for k in INDICATORS] + [f"{s} > 0" for s in words.SERIES]
    conditions += ["shortable(100)", "QQQ.shortable(100)", "order_quantity(QQQ, -10%) < 0"]
    assert faults_of(*conditions, indicators=made, orders=["dip"]) == []


def test_codes_are_distinct():
    tables = (words.WORDS, words.ORDER_WORDS, words.ACCOUNT_FUNCTIONS)
    every = [w.code for table in tables for w in table.values()]
    assert len(set(every)) == len(every)
    ops = [
        words.CONSTANT,
        words.COLUMN,
        words.WORD,
        words.ORDER_WORD,
        words.ACCOUNT_CALL,
        *words.OPERATIONS.values(),
    ]
    assert len(set(ops)) == len(ops)
    assert {DIVIDE, GREATER} <= set(ops)


PARTS = st.sampled_from(
    [
        "close",
        "open",
        "volume",
        "fast",
        "bands.upper",
        "SPY.close",
        "QQQ.position",
        "equity",
        "entry_price",
        "dip.open",
        "year",
        "3",
        "0",
        "25%",
        "$share",
        "(",
        ")",
        "[1]",
        "[2]",
        "+",
        "-",
        "*",
        "/",
        "mod",
        "<",
        ">",
        "==",
        "crosses_above",
        "and",
        "or",
        "not",
        "sma(close,3)",
        "ema(5)",
        "atr(2)",
        "max(close,open)",
        "macd().signal",
    ]
)


@settings(max_examples=400, deadline=None)
@given(st.lists(PARTS, min_size=1, max_size=14))
def test_any_sentence_compiles_or_has_faults(parts):
    text = " ".join(parts).replace("crosses_above", "crosses above")
    spec = strategy(text, indicators=[FAST, BANDS], orders=["dip"])
    program, faults = compile_program(spec)
    assert bool(faults) != (when(0) in program.spans)
    for fault in faults:
        assert fault.cure
        assert 0 <= fault.column <= len(text)


def test_rules_without_texts():
    program = compiled()
    assert (program.nodes, program.code, program.spans) == ((), (), {})
    assert rule(0).when is None
