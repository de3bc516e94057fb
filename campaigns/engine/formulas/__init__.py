"""Formulas: what a value is worth, worked out from the order and the customer.

nodes       the parts of a formula
grammar     how one is written
parsing     text to parts, with limits on size
evaluation  parts to a number, given what the operands are worth

Source: rules specification, "Formula language".
"""
