"""What must not be lost: tables, the store and its writer, and plain functions of a transaction."""
