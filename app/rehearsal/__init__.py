"""A made-up month of arrivals, honest and fraudulent, to try the rules that judge them.

It is played through the services that real phones reach, with real codes and a moved clock.
"""
