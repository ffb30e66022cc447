"""Money as the shop sees it: orders, refunds, the statement, tokens given away. The rails are next door."""
