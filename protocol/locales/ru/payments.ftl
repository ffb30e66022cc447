# Paying: packages, orders, rails, receipts, statements.
