"""What the shop does for a person: plain functions of (shop, transaction, …). Nothing here awaits anything."""
