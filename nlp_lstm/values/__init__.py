"""Values that stand for themselves: times, dates, amounts, numbers, ways to reach somebody."""
