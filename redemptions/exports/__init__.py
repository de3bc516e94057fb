"""What can be exported: the kinds of rows, their fields, orders and filters.

A kind of rows is one ``Catalogue``, listed in ``redemptions.exports.registry``.
"""
