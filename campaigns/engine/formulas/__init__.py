"""Formulas: what a value is worth, worked out from the order and the customer.

catalogue   the names that a formula may use
nodes       the parts of a formula
parsing     text to parts, with limits on size
checking    what is refused when a formula is saved
evaluation  parts to a number, given what the operands are worth

Source: rules specification, "Formula language".
"""
