"""What differs today from LEAN's figures, and why. `test_golden` fails when an entry matches again."""

HASH = "OrderListHash"

# case -> figure -> why it is not LEAN's
DIFFERS: dict[str, dict[str, str]] = {
    "dividend_raw_daily": {
        "Alpha": "-0.01549993 rounds to -0.015, LEAN has -0.016: one sample of the risk-free rate would do it"
    },
    "equity_margin_call": dict.fromkeys(
        ("Sharpe Ratio", "Information Ratio", "Treynor Ratio"),
        "the last digits of a figure of sixteen digits (a mean daily return of 16 %, to the power 252)",
    ),
}

# case -> what LEAN's algorithm asserts of its run and ours does not show; test_facts holds each to fail
FACTS: dict[str, str] = {}
