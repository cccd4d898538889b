"""Words that may make a time limit, as plain lower-case letters (see spelling.plain)."""

UNTIL = frozenset(
    {
        *("for", "until", "untill", "unitl", "utnil", "untli", "till", "til", "within"),
        *("max", "maximum", "expire", "expires", "expiring"),
    }
)
"""A limit follows these when a number, a unit or a day comes soon behind them."""

NUMBERS = frozenset(
    {
        *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
        *("eighteen", "nineteen", "twenty", "thirty", "forty", "fifty", "sixty", "seventy"),
        *("eighty", "ninety", "hundred", "dozen"),
    }
)

AMOUNTS = frozenset({"couple", "few", "several", "half"})
"""Numbers only where a unit follows: `a few days`, but `for a few repositories`."""

UNITS = frozenset(
    {
        *("minute", "minutes", "mins", "hour", "hours", "hr", "hrs", "day", "days"),
        *("week", "weeks", "wk", "wks", "weekend", "weekends", "fortnight", "fortnights"),
        *("month", "months", "quarter", "quarters", "year", "years", "yr", "yrs"),
    }
)

SHORT_UNITS = frozenset({"h", "d", "w", "m", "y", "min", "mo", "s", "sec", "secs", "seconds"})
"""Units only directly behind a number in digits."""

BETWEEN = frozenset(
    {"of", "a", "an", "more", "full", "whole", "working", "business", "calendar", "extra"}
)
"""What may stand between a number and its unit."""

BY_DAYS = frozenset(
    {
        *("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"),
        *("tonight", "tomorrow", "tomorow", "tommorow", "tommorrow", "noon", "midnight"),
        *("eod", "eow", "eom", "eoq", "eoy"),
    }
)
"""A limit also behind `by`. No month is: `requested by Jan`."""

DAYS = BY_DAYS | frozenset(
    {
        *("mon", "tue", "tues", "wed", "thu", "thur", "thurs", "fri", "sat", "sun"),
        *("mondays", "tuesdays", "wednesdays", "thursdays", "fridays", "saturdays", "sundays"),
        *("january", "february", "march", "april", "june", "july", "august", "september"),
        *("october", "november", "december", "jan", "feb", "mar", "apr", "jun", "jul", "aug"),
        *("sep", "sept", "oct", "nov", "dec", "today", "now", "moment"),
        *("q1", "q2", "q3", "q4"),
    }
)
"""Days, months and times without a number. May is a month only behind MONTH_FOLLOWS."""

MONTH_FOLLOWS = frozenset({*UNTIL, "end", "mid", "early", "late", "next"})
"""Before `may` these tell the month from the verb."""

STRETCHES = frozenset(
    {"end", "start", "beginning", "middle", "rest", "remainder", "duration", "course"}
)
"""Parts of a time: `until the end of the month`."""

POINTING = frozenset({"this", "that", "no"})
"""Behind these `one` is no number."""
